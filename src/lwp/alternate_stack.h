// SPDX-License-Identifier: MIT
//
// An alternate signal stack for each LWP, so that the overflow of a thread's
// stack can be reported: the handler cannot run on the stack that is full.

#ifndef LIBTHREAD_LWP_ALTERNATE_STACK_H_
#define LIBTHREAD_LWP_ALTERNATE_STACK_H_

#include <csignal>

namespace lt {

// For the calling kernel thread, unless the program gave it one.  It lives as
// long as the process; LWPs that end leave theirs to later ones.
void InstallAlternateStack();

// Before the calling kernel thread ends.
void RemoveAlternateStack();

// In the child of a fork: there are none but the caller's.
void ForgetAlternateStacks();

// The calling kernel thread runs on its signal stack just now.
bool OnAlternateStack();

// The signal stack of the calling kernel thread is the library's.
bool IsLibrarysStack(const stack_t& stack);

}  // namespace lt

#endif  // LIBTHREAD_LWP_ALTERNATE_STACK_H_
