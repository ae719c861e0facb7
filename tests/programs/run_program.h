// SPDX-License-Identifier: MIT
//
// Runs a program of this folder as a child process and tells how it ended.
// The tests that use it are not linked with libthread: the process that watches
// must not depend on what it watches.

#ifndef LIBTHREAD_TESTS_PROGRAMS_RUN_PROGRAM_H_
#define LIBTHREAD_TESTS_PROGRAMS_RUN_PROGRAM_H_

#include <gtest/gtest.h>

#include <map>
#include <ostream>
#include <string>
#include <vector>

namespace lt {

struct ProgramResult {
  int status = -1;  // exit status, -1 when a signal ended it
  int signal = 0;   // that signal
  bool timed_out = false;
  std::string out;
  std::string err;

  // All lines of stderr, and those that hold `text`.
  std::vector<std::string> ErrLines() const;
  std::vector<std::string> ErrLinesWith(const std::string& text) const;
  // The number after `name`= in stdout; fails the test when there is none.
  double Value(const std::string& name) const;
};

std::ostream& operator<<(std::ostream& out, const ProgramResult& result);

using Environment = std::map<std::string, std::string>;

// Runs `program` (a name in this folder) with `arguments`.  Its environment is
// ours without any LIBTHREAD_ or _THREAD_ variable, and with `environment`.
// Past `limit_s` seconds it is killed and `timed_out` is set.
ProgramResult RunProgram(const std::string& program,
                         const std::vector<std::string>& arguments,
                         const Environment& environment, int limit_s = 60);

// Sends `signal` once the program has written `text`, after the step before.
struct Step {
  std::string text;
  int signal;
};

// The same, with steps taken in order while the program runs.
ProgramResult RunProgramInSteps(const std::string& program,
                                const std::vector<std::string>& arguments,
                                const Environment& environment,
                                const std::vector<Step>& steps,
                                int limit_s = 60);

// The models that this build can run: all three, or one-to-one alone where a
// sanitizer cannot follow the two-level switch.
std::vector<std::string> Models();

// A test over Models(), whose parameter is the model.
class ProgramTest : public ::testing::TestWithParam<std::string> {
 protected:
  static ProgramResult Run(const std::string& program,
                           const std::vector<std::string>& arguments = {},
                           Environment environment = {}, int limit_s = 60) {
    environment.emplace("LIBTHREAD_MODEL", GetParam());
    return RunProgram(program, arguments, environment, limit_s);
  }
};

// The same with the kind of its threads: the program is told "bound", or not.
class KindedProgramTest
    : public ::testing::TestWithParam<std::tuple<std::string, bool>> {
 protected:
  static std::vector<std::string> Arguments(const std::string& name) {
    std::vector<std::string> arguments = {name};
    if (std::get<1>(GetParam())) arguments.push_back("bound");
    return arguments;
  }
  static Environment With(Environment environment) {
    environment.emplace("LIBTHREAD_MODEL", std::get<0>(GetParam()));
    return environment;
  }
};

// "two_level_bound".
std::string KindTestName(
    const ::testing::TestParamInfo<KindedProgramTest::ParamType>& info);

// "two_level" for "two-level".
std::string ModelTestName(const ::testing::TestParamInfo<std::string>& info);

// Ended by itself with `status`, and said nothing on stderr.
::testing::AssertionResult EndedWith(int status, const ProgramResult& result);

}  // namespace lt

// Runs the cases of `Suite` over the models.  At namespace scope.
#define LT_OVER_MODELS(Suite)                                                  \
  INSTANTIATE_TEST_SUITE_P(Models, Suite, ::testing::ValuesIn(::lt::Models()), \
                           ::lt::ModelTestName)

// Over models and kinds.
#define LT_OVER_MODELS_AND_KINDS(Suite)                       \
  INSTANTIATE_TEST_SUITE_P(                                   \
      Threads, Suite,                                         \
      ::testing::Combine(::testing::ValuesIn(::lt::Models()), \
                         ::testing::Bool()),                  \
      ::lt::KindTestName)

#endif  // LIBTHREAD_TESTS_PROGRAMS_RUN_PROGRAM_H_
