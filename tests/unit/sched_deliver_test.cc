// SPDX-License-Identifier: MIT

#include <gtest/gtest.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <cstring>
#include <thread>

#include "base/signal_set.h"
#include "sched/deliver.h"
#include "sched/thread.h"

namespace lt {
namespace {

// Signals that kill(2) sent, too, which the kernel lets only the process's
// first kernel thread send with what it told of them.
TEST(DeliverTest, AnyKernelThreadGivesASignalBack) {
  sigset_t set;
  sigset_t before;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  ASSERT_EQ(pthread_sigmask(SIG_BLOCK, &set, &before), 0);
  for (const int code : {SI_USER, SI_QUEUE, SI_KERNEL}) {
    siginfo_t info = {};
    info.si_signo = SIGUSR2;
    info.si_code = code;
    info.si_pid = getpid();
    std::thread([&] { RepostToProcess(info); }).join();
    siginfo_t got = {};
    const timespec now = {};
    EXPECT_EQ(sigtimedwait(&set, &got, &now), SIGUSR2) << code;
  }
  EXPECT_EQ(pthread_sigmask(SIG_SETMASK, &before, nullptr), 0);
}

// One that came in the last critical section of a thread's life.
TEST(DeliverTest, ASignalOfAnEndingThreadEndsWithIt) {
  sigset_t set;
  sigset_t before;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  ASSERT_EQ(pthread_sigmask(SIG_BLOCK, &set, &before), 0);
  for (const int code : {SI_TKILL, SI_USER}) {
    siginfo_t info = {};
    info.si_signo = SIGUSR2;
    info.si_code = code;
    Thread ending;  // on no LWP of the pool
    ending.deferred.signal = SIGUSR2;
    memcpy(ending.deferred.info, &info, sizeof ending.deferred.info);
    ReturnSignals(ending);
    const timespec now = {};
    EXPECT_EQ(sigtimedwait(&set, nullptr, &now),
              code == SI_USER ? SIGUSR2 : -1);
  }
  EXPECT_EQ(pthread_sigmask(SIG_SETMASK, &before, nullptr), 0);
}

}  // namespace
}  // namespace lt
