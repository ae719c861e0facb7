// SPDX-License-Identifier: MIT
//
// The pod in the child of a fork: the caller is all that is left of it.

#ifndef LIBLWP_FORK_H_
#define LIBLWP_FORK_H_

namespace lwp4 {

// Once, when there is a pod.
void WatchForks();

}  // namespace lwp4

#endif  // LIBLWP_FORK_H_
