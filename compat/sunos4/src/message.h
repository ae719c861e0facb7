// SPDX-License-Identifier: MIT
//
// Messages: a sender waits until the receiver has answered.
//
// INV-ME1: a peer whose message is kSent is in the queue of its receiver, and a
//   thread among them is blocked in kSend until the answer.

#ifndef LIBLWP_MESSAGE_H_
#define LIBLWP_MESSAGE_H_

#include "pod.h"

namespace lwp4 {

// Of a thread that dies: who sent to it, or waits for its message, is told; its
// own message is withdrawn.
void EndMessages(Lwp& thread);

}  // namespace lwp4

#endif  // LIBLWP_MESSAGE_H_
