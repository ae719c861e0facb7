// SPDX-License-Identifier: MIT
//
// Points in time.  Inside the library every deadline is an absolute number of
// nanoseconds on CLOCK_MONOTONIC; absolute times of day are converted once, at
// the entry of the call.

#ifndef LIBTHREAD_BASE_CLOCK_H_
#define LIBTHREAD_BASE_CLOCK_H_

#include <time.h>

#include <cstdint>

namespace lt {

inline constexpr int64_t kNsPerSecond = 1'000'000'000;

inline int64_t NowNs(clockid_t clock = CLOCK_MONOTONIC) {
  timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec * kNsPerSecond + now.tv_nsec;
}

class Deadline {
 public:
  static constexpr Deadline Never() { return Deadline(INT64_MAX); }
  static constexpr Deadline AtNs(int64_t ns) { return Deadline(ns); }

  // `interval` from now.  Intervals past the clock's range mean "never".
  static Deadline After(const timespec& interval) {
    return Saturated(NowNs(), interval);
  }

  // CLOCK_MONOTONIC's `time`.
  static Deadline AtMonotonic(const timespec& time) {
    return Saturated(0, time);
  }

  // The time of day `time`: as far from now as CLOCK_REALTIME says it is.
  static Deadline AtTimeOfDay(const timespec& time) {
    timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    timespec distance{time.tv_sec < 0 ? -now.tv_sec : time.tv_sec - now.tv_sec,
                      time.tv_nsec - now.tv_nsec};
    return Saturated(NowNs(), distance);
  }

  constexpr bool never() const { return ns_ == INT64_MAX; }
  constexpr int64_t ns() const { return ns_; }
  bool Passed() const { return !never() && NowNs() >= ns_; }
  timespec ToTimespec() const {
    const int64_t ns = ns_ < 0 ? 0 : ns_;
    return {ns / kNsPerSecond, ns % kNsPerSecond};
  }

 private:
  explicit constexpr Deadline(int64_t ns) : ns_(ns) {}
  static Deadline Saturated(int64_t from_ns, const timespec& distance) {
    constexpr int64_t kLongest = INT64_MAX / kNsPerSecond / 4;
    if (distance.tv_sec > kLongest) return Never();
    if (distance.tv_sec < -kLongest) return AtNs(0);
    return AtNs(from_ns + distance.tv_sec * kNsPerSecond + distance.tv_nsec);
  }

  int64_t ns_;
};

// A timespec that the timed calls accept: nanoseconds in [0, 1e9).
inline bool ValidTimespec(const timespec& t) {
  return t.tv_nsec >= 0 && t.tv_nsec < kNsPerSecond;
}

}  // namespace lt

#endif  // LIBTHREAD_BASE_CLOCK_H_
