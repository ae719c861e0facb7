// SPDX-License-Identifier: MIT
//
// What the kernel lets the caller do.

#ifndef LIBTHREAD_COMPAT_LWP_PRIVILEGES_H_
#define LIBTHREAD_COMPAT_LWP_PRIVILEGES_H_

namespace lt {

// CAP_SYS_NICE: to raise priorities, and what else takes a privilege in
// scheduling.
bool MaySchedule();

}  // namespace lt

#endif  // LIBTHREAD_COMPAT_LWP_PRIVILEGES_H_
