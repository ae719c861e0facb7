// SPDX-License-Identifier: MIT
//
// The environment variables, read once at start-up.  A bad value is told in
// one line on standard error, and the default holds.

#ifndef LIBTHREAD_BASE_CONFIG_H_
#define LIBTHREAD_BASE_CONFIG_H_

#include <cstdint>

namespace lt {

enum class Model : unsigned char { kTwoLevel, kOneToOne, kManyToOne };

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
  const char* fallback = nullptr;   // why another model than asked for runs
};

// Valid after ReadConfig(); written by nobody afterwards but the start-up code,
// which may fall back to one-to-one.
extern Config g_config;

void ReadConfig();
const char* ModelName(Model model);

}  // namespace lt

#endif  // LIBTHREAD_BASE_CONFIG_H_
