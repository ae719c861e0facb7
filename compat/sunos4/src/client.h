// SPDX-License-Identifier: MIT
//
// What of libthread and libc is not in their headers.

#ifndef LIBLWP_CLIENT_H_
#define LIBLWP_CLIENT_H_

#include <synch.h>

extern "C" {
// Of libthread: sema_post(next), and then sema_wait(own), which waits.
int _thr_handoff(sema_t* next, sema_t* own);
// See SetClientHooks().
void _thr_client(void (*main_ended)(int), void (*stopped)(void*, int));
}

namespace lwp4 {

// libthread calls `main_ended` with the status that main has returned, or 0
// after thr_exit, in the thread that ran main; `stopped` in the handler of the
// signal that stops a thread, with the interrupted context and 1 before it
// stops, and 0 when it goes on.
void SetClientHooks(void (*main_ended)(int status),
                    void (*stopped)(void* context, int begins));

// libc's exit(3), which the library replaces.
[[noreturn]] void RealExit(int status);

}  // namespace lwp4

#endif  // LIBLWP_CLIENT_H_
