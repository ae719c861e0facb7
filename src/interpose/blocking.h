// SPDX-License-Identifier: MIT
//
// Calls that block their LWP.
//
// EINTR: the library interrupts kernel threads for its own purposes.  A call
// that fails with EINTR although no handler of the program has run goes on.

#ifndef LIBTHREAD_INTERPOSE_BLOCKING_H_
#define LIBTHREAD_INTERPOSE_BLOCKING_H_

#include <cerrno>
#include <cstdint>

#include "absl/base/optimization.h"
#include "base/clock.h"
#include "sched/announcement.h"
#include "sched/thread.h"

namespace lt {

// Calls what blocks the LWP and reports errors by its result.
template <typename Call, typename... Args>
inline auto Announced(Call&& call, Args... args) {
  const Announcement announcement(Current());
  return call(args...);
}

// Tells EINTR that is the program's from EINTR that is the library's.
class Interruptions {
 public:
  explicit Interruptions(const Thread& self)
      : self_(self), before_(Count()), others_before_(Others()) {}
  bool HandlerRan() const { return Count() != before_; }
  // One without SA_RESTART.
  bool EndingHandlerRan() const { return Others() != others_before_; }

 private:
  // Relaxed: only the thread itself counts.
  uint32_t Count() const {
    return self_.handlers_run.load(std::memory_order_relaxed);
  }
  uint32_t Others() const {
    return Count() - self_.handlers_restarting.load(std::memory_order_relaxed);
  }

  const Thread& self_;
  uint32_t before_;
  uint32_t others_before_;
};

// Calls what blocks the LWP and reports errors by -1 and `errno`.  When it goes
// on after an interruption, `call` is called again.
template <typename Call, typename... Args>
inline auto Blocking(Call&& call, Args... args) {
  Thread* self = Current();
  if (self == nullptr) return call(args...);
  const int saved_errno = errno;
  const Interruptions interruptions(*self);
  for (;;) {
    const auto result = Announced(call, args...);
    if (ABSL_PREDICT_TRUE(result != -1) || errno != EINTR ||
        interruptions.HandlerRan()) {
      return result;
    }
    errno = saved_errno;
  }
}

// A relative timeout of a call that may have to go on.
class Countdown {
 public:
  // Null: none.  What is no interval is left to libc to refuse.
  explicit Countdown(const timespec* timeout) : given_(timeout) {
    if (timeout != nullptr && ValidTimespec(*timeout) && timeout->tv_sec >= 0) {
      deadline_ = Deadline::After(*timeout);
    }
  }

  // What is left of it: at first all.
  const timespec* Left() {
    if (!used_ || deadline_.never()) {
      used_ = true;
      return given_;
    }
    const int64_t left_ns = deadline_.ns() - NowNs();
    left_ = Deadline::AtNs(left_ns).ToTimespec();
    return &left_;
  }

 private:
  const timespec* given_;
  Deadline deadline_ = Deadline::Never();
  bool used_ = false;
  timespec left_ = {};
};

// The same for timeouts in milliseconds; negative: none.
class MillisecondCountdown {
 public:
  explicit MillisecondCountdown(int timeout) : timeout_(timeout) {
    if (timeout > 0) deadline_ = Deadline::AtNs(NowNs() + timeout * kNsPerMs);
  }

  int Left() const {
    if (deadline_.never()) return timeout_;
    const int64_t left_ns = deadline_.ns() - NowNs();
    return left_ns <= 0 ? 0
                        : static_cast<int>((left_ns + kNsPerMs - 1) / kNsPerMs);
  }

 private:
  static constexpr int64_t kNsPerMs = 1'000'000;
  int timeout_;
  Deadline deadline_ = Deadline::Never();
};

}  // namespace lt

#endif  // LIBTHREAD_INTERPOSE_BLOCKING_H_
