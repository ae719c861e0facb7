// SPDX-License-Identifier: MIT
//
// Running a model: all orders of its threads' steps, or all with at most so
// many preemptions.

#ifndef LIBTHREAD_TESTS_MODEL_CHECK_H_
#define LIBTHREAD_TESTS_MODEL_CHECK_H_

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "machine.h"

namespace lt::model {

// Every order of steps: for what has few.
inline constexpr unsigned kAll = ~0u;

// Runs `Suite` until Relacy finds what fails, or nothing is left to try; with a
// history of the run that failed, once more.  (Relacy's own rl::simulate() has
// code for each of its ways to search: three times the time to compile it.)
template <typename Suite>
void Search(rl::test_params& params, rl::test_result_e expected) {
  using Scheduler = rl::context_bound_scheduler<Suite::params::thread_count>;
  rl::ostringstream state;
  const auto result = rl::run_test<Suite, Scheduler>(params, state, false);
  if (result == rl::test_result_success || result == expected) return;
  params.initial_state = state.str();
  params.collect_history = true;
  rl::run_test<Suite, Scheduler>(params, state, true);
}

// What Relacy found.  `preemptions`: kAll, or the most that a run has; switches
// from a thread that waits do not count.
template <typename Suite>
testing::AssertionResult Run(unsigned preemptions, Weakening weakening,
                             rl::test_result_e expected) {
  rl::ostringstream report;
  rl::ostringstream progress;
  rl::test_params params;
  params.search_type = rl::sched_bound;
  params.context_bound = preemptions;
  params.output_stream = &report;
  params.progress_stream = &progress;
  g_weakening = weakening;
  const auto begin = std::chrono::steady_clock::now();
  Search<Suite>(params, expected);
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - begin;
  std::cout << rl::test_result_str(params.test_result) << " after "
            << params.stop_iteration << " runs, " << took.count() << " s"
            << std::endl;
  if (params.test_result == expected) return testing::AssertionSuccess();
  return testing::AssertionFailure()
         << "expected " << rl::test_result_str(expected) << "\n"
         << report.str().c_str();
}

template <typename Suite>
testing::AssertionResult Holds(unsigned preemptions) {
  return Run<Suite>(preemptions, {}, rl::test_result_success);
}

// Without `part` of what the function `where` does.
template <typename Suite>
testing::AssertionResult FailsAs(rl::test_result_e expected, const char* where,
                                 Part part, unsigned preemptions) {
  return Run<Suite>(preemptions, {where, part}, expected);
}

}  // namespace lt::model

#endif  // LIBTHREAD_TESTS_MODEL_CHECK_H_
