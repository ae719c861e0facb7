// SPDX-License-Identifier: MIT
//
// Which processors the kernel threads of this process are bound to: one of
// them (processor_bind), or a processor set (pset_bind).
//
// The kernel's affinity masks are the truth, so that what the kernel does with
// them (new kernel threads, fork, exec) and what the program sets by itself
// need no book-keeping:
//
// INV-BD1: processor sets are disjoint.  The home of a kernel thread is the set
//   that its mask lies in; it is PS_NONE, all processors that the process
//   started with and that are in no set, if there is no such set.
// INV-BD2: the mask of a kernel thread that is bound to no processor is all of
//   its home, unless the program chose another part of it.
// INV-BD3: no kernel thread may use a processor of a set that is not its home,
//   unless the program said so to the kernel behind this library's back.
// INV-BD4: a kernel thread is bound to a processor if its mask has only that
//   one.  Where its home has no other, the mask does not tell: then it is bound
//   if processor_bind() has marked it, which a kernel thread that it makes is
//   not.
//
// One lock (rank 0) guards the sets and marks.  It is held over system calls,
// and over fork: the child has both.

#ifndef LIBTHREAD_COMPAT_LWP_BINDINGS_H_
#define LIBTHREAD_COMPAT_LWP_BINDINGS_H_

#include <sys/types.h>

#include "base/spinlock.h"
#include "compat/lwp/processors.h"
#include "sched/critical.h"

namespace lt {

extern SpinLock g_binding_lock;

// A critical section with the lock, in which it is known which processors run.
class ABSL_SCOPED_LOCKABLE BindingSection {
 public:
  BindingSection() ABSL_EXCLUSIVE_LOCK_FUNCTION(g_binding_lock);
  ~BindingSection() ABSL_UNLOCK_FUNCTION();
  BindingSection(const BindingSection&) = delete;
  BindingSection& operator=(const BindingSection&) = delete;

 private:
  Critical critical_;
};

inline constexpr int kMostSets = 256;  // numbers 1 to this
inline constexpr int kNoSet = 0;       // PS_NONE

struct Binding {
  CpuMask mask;
  CpuMask all;  // of its home
  int home = kNoSet;
  int processor = -1;  // that it is bound to
};
// Of a kernel thread of the process, 0 for the caller.
[[nodiscard]] int ReadBinding(pid_t tid, Binding& binding)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_binding_lock);
// Binds it to a processor of its home, or to none (-1).  Adds to `changes` if
// its mask is another one now.
[[nodiscard]] int BindToProcessor(pid_t tid, const Binding& binding,
                                  int processor, int& changes)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_binding_lock);

// The same with a mask; what the kernel makes of it (it has taken a processor
// away) is no change the next time.
[[nodiscard]] int ChangeMask(pid_t tid, const CpuMask& mask, int& changes);

bool IsSet(int set) ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_binding_lock);
// The processors of a set, or of none, that run.
CpuMask ProcessorsOf(int set) ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_binding_lock);
int SetOf(int processor) ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_binding_lock);
unsigned& AttributesOf(int set) ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_binding_lock);

// An empty one, or 0: there are too many.
int MakeSet() ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_binding_lock);
// What is bound to it is not any more.
void EndSet(int set) ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_binding_lock);
// Moves a processor from its set to another one; EBUSY: an LWP needs it there.
[[nodiscard]] int AssignProcessor(int processor, int set)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_binding_lock);

}  // namespace lt

#endif  // LIBTHREAD_COMPAT_LWP_BINDINGS_H_
