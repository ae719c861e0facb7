// SPDX-License-Identifier: MIT
//
// Agents: what happens outside of the pod, as messages to a thread.
//
// All but Capture() by who has the baton.

#ifndef LIBLWP_AGENTS_H_
#define LIBLWP_AGENTS_H_

#include <csignal>
#include <cstdint>

#include "pod.h"

namespace lwp4 {

inline constexpr int kLastRites = 32;  // the event of deaths; no signal of ours
inline constexpr int kAgentMemory = 256;  // most events not answered

// ---- What has happened (agent_events.cc) ----

// Signals, as the handler of their agents notes them.
struct Capture {
  int signal;
  int code;
  char* address;
  Handle victim;  // ran then
};

// Makes the handler's pipe, and the helper look at it.  False: no room.
[[nodiscard]] bool StartCapture();
// The next one that is there.
[[nodiscard]] bool NextCapture(Capture& capture);
// The handler of signals that have agents.
void CaptureSignal(int signal, siginfo_t* info, void* context);
// In the child of a fork: the pipe is the parent's.
void StopCapture();

// ---- Who is told (agents.cc) ----

// Called for what StartCapture() awaits.
void TakeCaptures();

bool HasAgent(int event);
// Every agent for LASTRITES but its own hears of the thread's death; its own
// agents are gone then.
void ThreadDied(Lwp& thread);
// In the child of a fork, which has none.
void ForgetAgents(Lwp& self);

// ---- Traps (traps.cc) ----

bool IsTrapped(int event);

}  // namespace lwp4

#endif  // LIBLWP_AGENTS_H_
