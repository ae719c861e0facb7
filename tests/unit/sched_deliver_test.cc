// SPDX-License-Identifier: MIT

#include <gtest/gtest.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <thread>

#include "base/signal_set.h"
#include "sched/deliver.h"

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

}  // namespace
}  // namespace lt
