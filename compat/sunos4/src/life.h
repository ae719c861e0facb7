// SPDX-License-Identifier: MIT
//
// How the pod and its threads begin and end.

#ifndef LIBLWP_LIFE_H_
#define LIBLWP_LIFE_H_

#include "pod.h"

namespace lwp4 {

// Makes the pod with the caller as its first thread.  False: there is one
// already, or it has ended.
bool StartPod();

// A libthread thread for a new thread of the pod, which begins when it is first
// dispatched.  False: none could be made.
[[nodiscard]] bool MakeCarrier(Lwp& thread);

// Nobody is left who could go on: only servers that wait.
inline bool PodHasEnded() {
  return pod.clients == 0 && pod.servers_active == 0;
}

// The caller, which has the baton, was killed or given other registers while it
// was away.
void Divert(Lwp& self);

// Releases, wakes and tells whoever is concerned by the end of a thread.  By
// who has the baton.
void Bury(Lwp& thread);

// In the child of a fork.
void ForgetOthers(Lwp* self);

}  // namespace lwp4

#endif  // LIBLWP_LIFE_H_
