// SPDX-License-Identifier: MIT
//
// A thread says that it is about to block its LWP.
//
// The LWP of an unbound thread is marked while the thread is in such a call:
// the watcher, which has seen it blocked there, need not ask the kernel again
// until the call is over.  The mark counts for the dispatch that the thread
// runs by. So when the thread leaves the LWP within the call, because a handler
// of the program parks it, or is unwound out of the call, the mark means
// nothing any more with the next dispatch, and nobody need take it back.

#ifndef LIBTHREAD_SCHED_ANNOUNCEMENT_H_
#define LIBTHREAD_SCHED_ANNOUNCEMENT_H_

#include "sched/pool.h"
#include "sched/thread.h"

namespace lt {

class Announcement {
 public:
  explicit Announcement(Thread* self) : self_(self) { Mark(true); }
  // On the LWP that the thread is on by now.
  ~Announcement() { Mark(false); }
  Announcement(const Announcement&) = delete;
  Announcement& operator=(const Announcement&) = delete;

 private:
  void Mark(bool enter) const {
    if (self_ == nullptr) return;
    if (self_->lwp == nullptr) {
      self_->in_call.store(enter, std::memory_order_relaxed);
    } else if (enter) {
      self_->lwp->EnterKernelCall();
    } else {
      self_->lwp->LeaveKernelCall();
    }
  }

  Thread* self_;
};

}  // namespace lt

#endif  // LIBTHREAD_SCHED_ANNOUNCEMENT_H_
