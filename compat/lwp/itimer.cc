// SPDX-License-Identifier: MIT
//
// setitimer() and getitimer() of programs that include this library's
// <sys/time.h>: timers of the calling LWP, but for ITIMER_REAL.

#include <sys/time.h>

#include "api/entry.h"
#include "base/syscall.h"
#include "compat/lwp/user_memory.h"
#include "lwp/interval_timers.h"
#include "sched/critical.h"

namespace lt {
namespace {

constexpr int kRealProfile = 3;  // ITIMER_REALPROF
constexpr long kMicroseconds = 1'000'000;

bool TimerOf(int which, IntervalTimer& timer) {
  switch (which) {
    case ITIMER_VIRTUAL:
      timer = IntervalTimer::kVirtual;
      return true;
    case ITIMER_PROF:
      timer = IntervalTimer::kProfile;
      return true;
    case kRealProfile:
      timer = IntervalTimer::kReal;
      return true;
    default:
      return false;
  }
}

bool IsTime(const timeval& time) {
  return time.tv_sec >= 0 && time.tv_usec >= 0 && time.tv_usec < kMicroseconds;
}

timespec Nanoseconds(const timeval& time) {
  return {time.tv_sec, time.tv_usec * 1000};
}

// Rounded up: a timer that runs has time left.
timeval Microseconds(const timespec& time) {
  const long micros = (time.tv_nsec + 999) / 1000;
  return micros < kMicroseconds ? timeval{time.tv_sec, micros}
                                : timeval{time.tv_sec + 1, 0};
}

int Tell(itimerval* place, const itimerspec& time) {
  return CopyOut(place, itimerval{Microseconds(time.it_interval),
                                  Microseconds(time.it_value)});
}

int Set(IntervalTimer timer, const itimerval* time, itimerval* before) {
  Critical critical(Self());
  itimerval wanted = {};  // null: stop
  if (time != nullptr) {
    if (const int error = CopyIn(&wanted, time, sizeof wanted)) return error;
  }
  if (!IsTime(wanted.it_value) || !IsTime(wanted.it_interval)) return EINVAL;
  const itimerspec spec = {Nanoseconds(wanted.it_interval),
                           Nanoseconds(wanted.it_value)};
  itimerspec was;
  const int error = SetIntervalTimer(timer, spec, was);
  return error != 0 ? error : Tell(before, was);
}

int Get(IntervalTimer timer, itimerval* place) {
  Critical critical(Self());
  itimerspec now;
  const int error = GetIntervalTimer(timer, now);
  if (error != 0) return error;
  const itimerval told = {Microseconds(now.it_interval),
                          Microseconds(now.it_value)};
  return CopyOut(place, &told, sizeof told);
}

int Libcs(long result) {
  return SystemResult(result < 0 ? static_cast<int>(-result) : 0);
}

}  // namespace
}  // namespace lt

LT_EXPORT_WEAK int __lwp_setitimer(int which, const itimerval* time,
                                   itimerval* before) {
  lt::IntervalTimer timer;
  if (!lt::TimerOf(which, timer)) {
    return lt::Libcs(lt::RawSyscall(SYS_setitimer, which,
                                    reinterpret_cast<long>(time),
                                    reinterpret_cast<long>(before)));
  }
  return lt::SystemResult(lt::Set(timer, time, before));
}

LT_EXPORT_WEAK int __lwp_getitimer(int which, itimerval* place) {
  lt::IntervalTimer timer;
  if (!lt::TimerOf(which, timer)) {
    return lt::Libcs(
        lt::RawSyscall(SYS_getitimer, which, reinterpret_cast<long>(place)));
  }
  return lt::SystemResult(lt::Get(timer, place));
}
