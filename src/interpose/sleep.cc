// SPDX-License-Identifier: MIT

#include "interpose/sleep.h"

#include <unistd.h>

#include <cerrno>

#include "api/entry.h"
#include "interpose/blocking.h"
#include "interpose/real.h"
#include "sched/critical.h"
#include "sched/sleepq.h"
#include "thread/cancel.h"

namespace lt {
namespace {

// On a thread that cannot park, or a clock that the library has no timers for.
int SleepInKernel(clockid_t clock, int flags, const timespec* request,
                  timespec* left) {
  Thread* self = Current();
  auto* real = LT_REAL(clock_nanosleep);
  if (self == nullptr || request == nullptr) {
    return real(clock, flags, request, left);
  }
  const Interruptions interruptions(*self);
  timespec now_left = *request;
  for (;;) {
    const timespec wanted = now_left;
    const int error = Announced(real, clock, flags, &wanted, &now_left);
    if (error == EINTR && !interruptions.HandlerRan()) continue;
    if (error == EINTR && left != nullptr && (flags & TIMER_ABSTIME) == 0) {
      *left = now_left;
    }
    return error;
  }
}

int SleepUntil(Thread& self, clockid_t clock, const timespec& time) {
  if (clock == CLOCK_MONOTONIC) {
    return ParkUntil(self, Deadline::AtMonotonic(time));
  }
  for (;;) {
    const int error = ParkUntil(self, Deadline::AtTimeOfDay(time));
    // The time of day may have been set back meanwhile.
    if (error != 0 || Deadline::AtTimeOfDay(time).Passed()) return error;
  }
}

}  // namespace

int ParkUntil(Thread& self, Deadline deadline) {
  const Interruptions interruptions(self);
  for (;;) {
    TestCancel(self);
    int result;
    {
      Critical critical(self);
      // Nobody else sleeps on an address inside the thread.
      const void* address = &self.timer;
      SleepBucket& bucket = AnnounceSleep(self, address);
      bucket.lock.Lock();
      result = SleepOn(self, bucket, address, WaitKey(self), deadline);
    }
    if (result == ETIME) return 0;
    // It was interrupted, and what asked for that has been attended to.
    if (interruptions.HandlerRan()) return EINTR;
  }
}

int SleepOnClock(clockid_t clock, int flags, const timespec* request,
                 timespec* left) {
  Thread* self = ParkableSelf();
  const bool known = clock == CLOCK_MONOTONIC || clock == CLOCK_REALTIME;
  if (self == nullptr || !known || request == nullptr ||
      !ValidTimespec(*request) || request->tv_sec < 0) {
    return SleepInKernel(clock, flags, request, left);
  }
  if ((flags & TIMER_ABSTIME) != 0) return SleepUntil(*self, clock, *request);
  const Deadline deadline = Deadline::After(*request);
  const int error = ParkUntil(*self, deadline);
  if (error == EINTR && left != nullptr) {
    *left = Deadline::AtNs(deadline.ns() - NowNs()).ToTimespec();
  }
  return error;
}

}  // namespace lt

LT_EXPORT int clock_nanosleep(clockid_t clock, int flags,
                              const timespec* request, timespec* left) {
  return lt::SleepOnClock(clock, flags, request, left);
}

LT_EXPORT int nanosleep(const timespec* request, timespec* left) {
  const int error = lt::SleepOnClock(CLOCK_REALTIME, 0, request, left);
  if (error == 0) return 0;
  errno = error;
  return -1;
}

LT_EXPORT unsigned sleep(unsigned seconds) {
  timespec left{static_cast<time_t>(seconds), 0};
  const int error = lt::SleepOnClock(CLOCK_REALTIME, 0, &left, &left);
  return error == EINTR ? static_cast<unsigned>(left.tv_sec) : 0;
}

LT_EXPORT int usleep(useconds_t microseconds) {
  constexpr useconds_t kSecond = 1'000'000;
  const timespec request{static_cast<time_t>(microseconds / kSecond),
                         static_cast<long>(microseconds % kSecond) * 1000};
  return nanosleep(&request, nullptr);
}
