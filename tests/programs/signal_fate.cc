// SPDX-License-Identifier: MIT
//
// Signals that end or stop the process, sent to one thread or caused by one.

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <iterator>

#include "programs/check.h"

namespace {

sema_t never = DEFAULTSEMA;

extern "C" void* Park(void*) {
  while (sema_wait(&never) == EINTR) {
  }
  return nullptr;
}

extern "C" void* Spin(void*) {
  for (;;) {
  }
}

// The default action of a directed signal is the process's.
int KillParked() {
  const thread_t id = lt::MustCreate(Park, nullptr);
  for (int i = 0; i < 10; ++i) thr_yield();
  LT_REQUIRE(thr_kill(id, SIGTERM) == 0);
  Park(nullptr);
  return 1;
}

int KillRunning() {
  const thread_t id = lt::MustCreate(Spin, nullptr);
  LT_REQUIRE(thr_kill(id, SIGTERM) == 0);
  Park(nullptr);
  return 1;
}

// To the process, while the only threads that do not block it are parked.
int KillProcess() {
  sigset_t set;
  lt::MustCreate(Park, nullptr);
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  LT_REQUIRE(thr_sigsetmask(SIG_BLOCK, &set, nullptr) == 0);
  LT_REQUIRE(kill(getpid(), SIGTERM) == 0);
  Park(nullptr);
  return 1;
}

std::atomic<thread_t> faulted{0};
char* page;

extern "C" void Repair(int, siginfo_t* info, void*) {
  faulted = thr_self();
  LT_REQUIRE(info->si_addr == page);
  LT_REQUIRE(mprotect(page, 4096, PROT_READ | PROT_WRITE) == 0);
}

extern "C" void* Touch(void*) {
  LT_REQUIRE(mprotect(page, 4096, PROT_NONE) == 0);
  *static_cast<volatile char*>(page) = 1;
  LT_REQUIRE(faulted == thr_self());
  return nullptr;
}

// A handler of the program for SIGSEGV runs on the thread that faulted.
int RepairFault() {
  page = static_cast<char*>(
      mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  LT_REQUIRE(page != MAP_FAILED);
  struct sigaction action {};
  action.sa_sigaction = Repair;
  action.sa_flags = SA_SIGINFO;
  LT_REQUIRE(sigaction(SIGSEGV, &action, nullptr) == 0);
  for (const long flags : {0, THR_BOUND}) {
    for (int i = 0; i < 20; ++i) {
      lt::MustJoin(lt::MustCreate(Touch, nullptr, flags));
    }
  }
  Touch(nullptr);
  puts("done");
  return 0;
}

// A fault that the thread blocks ends the process all the same.
extern "C" void* Fault(void*) {
  sigset_t full;
  sigfillset(&full);
  LT_REQUIRE(thr_sigsetmask(SIG_SETMASK, &full, nullptr) == 0);
  *static_cast<volatile char*>(page) = 1;
  return nullptr;
}

int BlockedFault() {
  page = static_cast<char*>(
      mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  LT_REQUIRE(page != MAP_FAILED);
  lt::MustJoin(lt::MustCreate(Fault, nullptr));
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  constexpr lt::Case kCases[] = {
      {"kill_parked", KillParked},     {"kill_running", KillRunning},
      {"kill_process", KillProcess},   {"repair_fault", RepairFault},
      {"blocked_fault", BlockedFault},
  };
  return lt::RunCase(argc, argv, kCases, std::size(kCases));
}
