// SPDX-License-Identifier: MIT
//
// The environment variables, read once at start-up.  A bad value is told in
// one line on standard error, and the default holds.

#ifndef LIBTHREAD_BASE_CONFIG_H_
#define LIBTHREAD_BASE_CONFIG_H_

#include <cstdint>

namespace lt {

enum class Model : unsigned char { kTwoLevel, kOneToOne, kManyToOne };

// Of queue_fifo: each wakeup goes to who has waited longest.
inline constexpr int kAlwaysFifo = 8;

struct Config {
  Model model = Model::kTwoLevel;   // LIBTHREAD_MODEL
  int concurrency = 1;              // LIBTHREAD_CONCURRENCY, LWPs
  int processors = 1;               // that this process may use
  int max_lwps = 8192;              // LIBTHREAD_MAX_LWPS
  int64_t lwp_age_s = 300;          // LIBTHREAD_LWP_AGE, 0: never
  int64_t quantum_ns = 10'000'000;  // LIBTHREAD_QUANTUM, 0: no time slices
  bool pthreads_unbound = false;    // LIBTHREAD_PTHREADS
  bool poller = false;              // LIBTHREAD_POLLER
  bool print_config = false;        // LIBTHREAD_PRINT_CONFIG
  bool stats = false;               // LIBTHREAD_STATS
  bool lock_stats = false;          // LIBTHREAD_LOCK_STATS
  int report_signal = 0;            // LIBTHREAD_REPORT, 0: none

  // The switches of Solaris: _THREAD_... or, older, LIBTHREAD_...
  int adaptive_spin = 1000;      // ADAPTIVE_SPIN, see spin.h
  int queue_spin = 10'000;       // QUEUE_SPIN, see spin.h
  int max_spinners = 100;        // MAX_SPINNERS, on one mutex at a time
  int queue_fifo = kAlwaysFifo;  // QUEUE_FIFO, see SleepBucket::TakeNext()
  int stack_cache = -1;          // STACK_CACHE, stacks; -1: cache.h says
  bool cond_wait_defer = false;  // COND_WAIT_DEFER, see CondWait()
  bool async_safe = false;       // ASYNC_SAFE, see Relock()
  bool misaligned = false;       // LOCKS_MISALIGNED, see Misaligned()
  int error_detection = 0;       // ERROR_DETECTION, 1: reports, 2: and aborts

  const char* fallback = nullptr;  // why another model than asked for runs
};

// Valid after ReadConfig(); written by nobody afterwards but the start-up code,
// which may fall back to one-to-one.
extern Config g_config;

// Once, when libc knows the environment.
void ReadConfig();
const char* ModelName(Model model);

}  // namespace lt

#endif  // LIBTHREAD_BASE_CONFIG_H_
