// SPDX-License-Identifier: MIT
//
// What the parts that a pod can do without want to hear of it (parts.cc).

#ifndef LIBLWP_PARTS_H_
#define LIBLWP_PARTS_H_

#include "pod.h"

namespace lwp4 {

// Deaths and forks, from now on.
void AwaitDeaths();
// Switches as well.
void AwaitSwitches();

// ---- Each part's share; by who has the baton ----

// Special contexts (contexts.cc).
void SwitchContexts(Lwp* before, Lwp& next);
void DropContexts(Lwp& thread);

// Limits of stacks (stack_check.cc).
void CheckStack(Lwp& before);

// Registers that were set (registers.cc).
void DropJump(Lwp& thread);

// A wait for descriptors (descriptors.cc).
void DropWaiting(Lwp& thread);

}  // namespace lwp4

#endif  // LIBLWP_PARTS_H_
