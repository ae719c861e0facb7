// SPDX-License-Identifier: MIT
//
// The helper: a bound thread that sees when time passes and when descriptors
// are ready, and makes the pod notice (helper.cc).

#ifndef LIBLWP_HELPER_H_
#define LIBLWP_HELPER_H_

#include "pod.h"

namespace lwp4 {

// Something that has happened.  Posted from any thread; `take` is called once
// for each post by who has the baton, in the order of posting, in a thread of
// the pod or the helper.  It makes threads ready by Unblock() and
// SendMessage().  An event is posted again only after it was taken.
struct Event {
  void (*take)(Event& self) = nullptr;
  Event* next = nullptr;
};

// Only by the helper, from Source::ready.
void PostEvent(Event& event);

// A descriptor that the helper looks at.
struct Source {
  int fd = -1;
  short wanted = 0;  // POLLIN and the like
  // Called by the helper, without the baton, each time that poll(2) gives
  // something for the descriptor.  Must not touch the pod; posts events. False:
  // it is to be looked at no more, until AddSource().
  bool (*ready)(Source& self, short got) = nullptr;
  Source* next = nullptr;  // the helper's
  bool added = false;
};

// By who has the baton.  False: there are a thousand, or no helper could be
// made.
[[nodiscard]] bool AddSource(Source& source);
// After it returns `ready` is not running and will not be called.
void RemoveSource(Source& source);

// The helper runs from now on; idempotent.  False: it could not be made.
[[nodiscard]] bool AwaitsTime();

// The first deadline has changed to this.
void WakeHelperFor(Nanoseconds deadline);

// Takes all events and timers that are due.  By who has the baton.
void TakeEvents();

// In the child of a fork: there is none.
void ForgetHelper();

}  // namespace lwp4

#endif  // LIBLWP_HELPER_H_
