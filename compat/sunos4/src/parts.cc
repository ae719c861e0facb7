// SPDX-License-Identifier: MIT

#include "parts.h"

#include "agents.h"
#include "exception.h"

namespace lwp4 {
namespace {

void OnDeath(Lwp& thread) {
  DropExceptions(thread);
  DropContexts(thread);
  DropJump(thread);
  DropWaiting(thread);
  ThreadDied(thread);
}

void OnSwitch(Lwp* before, Lwp& next) {
  if (before != nullptr) CheckStack(*before);
  SwitchContexts(before, next);
}

void OnFork(Lwp& self) {
  ForgetAgents(self);
}

}  // namespace

void AwaitDeaths() {
  hooks.dying = OnDeath;
  hooks.forked = OnFork;
}

void AwaitSwitches() {
  AwaitDeaths();
  hooks.switching = OnSwitch;
}

}  // namespace lwp4
