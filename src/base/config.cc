// SPDX-License-Identifier: MIT

#include "base/config.h"

#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <initializer_list>

#include "base/panic.h"
#include "base/signal_set.h"
#include "base/watch.h"

namespace lt {

constinit Config g_config;
constinit uint8_t g_watch = 0;

namespace {

constexpr int kMostLwps = 65536;
constexpr int64_t kLongestAge = 86400;

// Value of a variable that is set and not empty, else null.
const char* Value(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && value[0] != '\0' ? value : nullptr;
}

// One line whatever the value holds.
void ComplainValue(const char* name, const char* value, const char* allowed) {
  char shown[100];
  size_t length = 0;
  for (; value[length] != '\0' && length < sizeof shown - 1; ++length) {
    const auto c = static_cast<unsigned char>(value[length]);
    shown[length] = c < ' ' || c == 0x7f ? '?' : value[length];
  }
  shown[length] = '\0';
  Complain("%s=%s is not %s; the default is used", name, shown, allowed);
}

template <typename Int>
void ReadNumber(const char* name, int64_t low, int64_t high,
                const char* allowed, Int& result) {
  const char* value = Value(name);
  if (value == nullptr) return;
  char* end;
  const long long number = std::strtoll(value, &end, 10);
  // strtoll takes blanks and signs that a number here does not have.
  const bool digits = value[0] >= '0' && value[0] <= '9' && *end == '\0';
  if (!digits || number < low || number > high) {
    ComplainValue(name, value, allowed);
    return;
  }
  result = static_cast<Int>(number);
}

void ReadSwitch(const char* name, bool& result) {
  int number = result ? 1 : 0;
  ReadNumber(name, 0, 1, "0 or 1", number);
  result = number != 0;
}

// Milliseconds, or with the suffix microseconds.
void ReadQuantum() {
  constexpr const char* kName = "LIBTHREAD_QUANTUM";
  constexpr const char* kAllowed = "0 to 10000 (ms), or 50us to 10000000us";
  constexpr int64_t kLongestUs = 10'000'000;
  constexpr int64_t kShortestUs = 50;
  const char* value = Value(kName);
  if (value == nullptr) return;
  char* end;
  const long long number = std::strtoll(value, &end, 10);
  const bool digits = value[0] >= '0' && value[0] <= '9';
  const bool micro = std::strcmp(end, "us") == 0;
  const bool known = micro || *end == '\0';
  const bool fits = micro ? number >= kShortestUs && number <= kLongestUs
                          : number >= 0 && number <= kLongestUs / 1000;
  if (!digits || !known || !fits) {
    ComplainValue(kName, value, kAllowed);
    return;
  }
  g_config.quantum_ns = number * (micro ? 1'000 : 1'000'000);
}

void ReadModel() {
  constexpr const char* kName = "LIBTHREAD_MODEL";
  const char* value = Value(kName);
  if (value == nullptr) return;
  for (Model model : {Model::kTwoLevel, Model::kOneToOne, Model::kManyToOne}) {
    if (std::strcmp(value, ModelName(model)) == 0) {
      g_config.model = model;
      return;
    }
  }
  ComplainValue(kName, value, "two-level, one-to-one or many-to-one");
}

void ReadPthreads() {
  constexpr const char* kName = "LIBTHREAD_PTHREADS";
  const char* value = Value(kName);
  if (value == nullptr || std::strcmp(value, "bound") == 0) return;
  if (std::strcmp(value, "unbound") == 0) {
    g_config.pthreads_unbound = true;
  } else {
    ComplainValue(kName, value, "bound or unbound");
  }
}

// The number of a signal that can be caught and is not a fault's; 0 for others.
int SignalNamed(const char* text) {
  constexpr int kMostDigits = 2;
  constexpr int kNamed = 32;  // those with a name are below
  constexpr uint64_t kOthers =
      kFaults | SignalBit(SIGKILL) | SignalBit(SIGSTOP) | SignalBit(SIGABRT) |
      SignalBit(kFirstLibcSignal) | SignalBit(kLastLibcSignal);
  int signal = 0;
  if (text[0] >= '0' && text[0] <= '9') {
    char* end;
    const unsigned long number = std::strtoul(text, &end, 10);
    if (*end == '\0' && end - text <= kMostDigits) {
      signal = static_cast<int>(number);
    }
  } else {
    if (std::strncmp(text, "SIG", 3) == 0) text += 3;
    for (int i = 1; i < kNamed; ++i) {
      const char* name = sigabbrev_np(i);
      if (name != nullptr && std::strcmp(text, name) == 0) signal = i;
    }
  }
  const bool known = signal > 0 && signal < kSignals - 1;
  return known && (SignalBit(signal) & kOthers) == 0 ? signal : 0;
}

void ReadReportSignal() {
  constexpr const char* kName = "LIBTHREAD_REPORT";
  const char* value = Value(kName);
  if (value == nullptr) return;
  g_config.report_signal = SignalNamed(value);
  if (g_config.report_signal == 0) {
    ComplainValue(kName, value, "the name or number of a signal to catch");
  }
}

int ProcessorsAllowed() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
  const long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? static_cast<int>(online) : 1;
}

void ReadConcurrency() {
  constexpr const char* kName = "LIBTHREAD_CONCURRENCY";
  g_config.processors = ProcessorsAllowed();
  g_config.concurrency = g_config.processors;
  const char* value = Value(kName);
  if (value != nullptr && std::strcmp(value, "auto") != 0) {
    ReadNumber(kName, 1, kMostLwps, "auto or 1 to 65536", g_config.concurrency);
  }
}

// A switch of Solaris: both its names, the newer one before the other.
template <typename Int>
void ReadSolaris(const char* name, const char* old_name, int64_t high,
                 const char* allowed, Int& result) {
  int64_t number = result;
  ReadNumber(Value(name) != nullptr ? name : old_name, 0, high, allowed,
             number);
  result = static_cast<Int>(number);
}

void ReadSolarisSwitches() {
  constexpr int kMostSpins = 1'000'000;
  constexpr const char* kSpins = "0 to 1000000";
  constexpr const char* kSwitch = "0 or 1";
  ReadSolaris("_THREAD_ADAPTIVE_SPIN", "LIBTHREAD_ADAPTIVE_SPIN", kMostSpins,
              kSpins, g_config.adaptive_spin);
  ReadSolaris("_THREAD_QUEUE_SPIN", "LIBTHREAD_QUEUE_SPIN", kMostSpins, kSpins,
              g_config.queue_spin);
  ReadSolaris("_THREAD_MAX_SPINNERS", "LIBTHREAD_MAX_SPINNERS", 255, "0 to 255",
              g_config.max_spinners);
  ReadSolaris("_THREAD_QUEUE_FIFO", "LIBTHREAD_QUEUE_FIFO", kAlwaysFifo,
              "0 to 8", g_config.queue_fifo);
  ReadSolaris("_THREAD_STACK_CACHE", "LIBTHREAD_STACK_CACHE", 10'000,
              "0 to 10000", g_config.stack_cache);
  ReadSolaris("_THREAD_COND_WAIT_DEFER", "LIBTHREAD_COND_WAIT_DEFER", 1,
              kSwitch, g_config.cond_wait_defer);
  ReadSolaris("_THREAD_ASYNC_SAFE", "LIBTHREAD_ASYNC_SAFE", 1, kSwitch,
              g_config.async_safe);
  ReadSolaris("_THREAD_LOCKS_MISALIGNED", "LIBTHREAD_LOCKS_MISALIGNED", 1,
              kSwitch, g_config.misaligned);
  ReadSolaris("_THREAD_ERROR_DETECTION", "LIBTHREAD_ERROR_DETECTION", 2,
              "0, 1 or 2", g_config.error_detection);
  // There are no doors, so no threads are reserved for them.
  bool door_noreserve = false;
  ReadSolaris("_THREAD_DOOR_NORESERVE", "LIBTHREAD_DOOR_NORESERVE", 1, kSwitch,
              door_noreserve);
}

}  // namespace

const char* ModelName(Model model) {
  switch (model) {
    case Model::kTwoLevel:
      return "two-level";
    case Model::kOneToOne:
      return "one-to-one";
    case Model::kManyToOne:
      return "many-to-one";
  }
  return "?";
}

void ReadConfig() {
  ReadModel();
  ReadConcurrency();
  ReadNumber("LIBTHREAD_MAX_LWPS", 1, kMostLwps, "1 to 65536",
             g_config.max_lwps);
  ReadNumber("LIBTHREAD_LWP_AGE", 0, kLongestAge, "0 to 86400 (s)",
             g_config.lwp_age_s);
  ReadQuantum();
  ReadPthreads();
  ReadSwitch("LIBTHREAD_POLLER", g_config.poller);
  ReadSwitch("LIBTHREAD_PRINT_CONFIG", g_config.print_config);
  ReadSwitch("LIBTHREAD_STATS", g_config.stats);
  ReadSolarisSwitches();
  ReadReportSignal();
  ReadSwitch("LIBTHREAD_LOCK_STATS", g_config.lock_stats);
  if (g_config.error_detection != 0) g_watch |= kWatchMistakes;
  if (g_config.lock_stats) g_watch |= kWatchUse;
}

}  // namespace lt
