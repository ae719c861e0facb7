// SPDX-License-Identifier: MIT
//
// fork(2) by whatever name it is called: the C library calls these handlers
// around it, inside of those of the program (pthread_atfork).

#ifndef LIBTHREAD_PROCESS_FORK_H_
#define LIBTHREAD_PROCESS_FORK_H_

namespace lt {

// Registers the handlers; before the program registers its own.
void WatchForks();

}  // namespace lt

#endif  // LIBTHREAD_PROCESS_FORK_H_
