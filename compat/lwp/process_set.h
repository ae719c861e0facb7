// SPDX-License-Identifier: MIT
//
// The LWPs that priocntl() and priocntlset() are about: those of a procset_t.

#ifndef LIBTHREAD_COMPAT_LWP_PROCESS_SET_H_
#define LIBTHREAD_COMPAT_LWP_PROCESS_SET_H_

#include <sys/procset.h>
#include <sys/types.h>

namespace lt {

// EINVAL: it names a kind of id that there is not, or an operation.
[[nodiscard]] int CheckProcessSet(const procset_t& set);

// Calls visit(context, process, tid) for each kernel thread in the set, in a
// critical section, and leaves the kernel's own out.  0, or an error number
// where processes cannot be looked at.
using VisitLwp = void (*)(void* context, pid_t process, pid_t tid);
[[nodiscard]] int VisitLwps(const procset_t& set, VisitLwp visit,
                            void* context);

// The same with visitor.Visit(process, tid).
template <typename Visitor>
[[nodiscard]] int VisitLwps(const procset_t& set, Visitor& visitor) {
  const VisitLwp visit = [](void* context, pid_t process, pid_t tid) {
    static_cast<Visitor*>(context)->Visit(process, tid);
  };
  return VisitLwps(set, visit, &visitor);
}

}  // namespace lt

#endif  // LIBTHREAD_COMPAT_LWP_PROCESS_SET_H_
