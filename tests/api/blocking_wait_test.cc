// SPDX-License-Identifier: MIT
//
// Calls that wait for processes, messages and System V semaphores.

#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/wait.h>

#include <cstdlib>
#include <cstring>

#include "support/blocking.h"

namespace lt {
namespace {

using BlockingWaitTest = ApiTest;
LT_OVER_KINDS(BlockingWaitTest);

// A process that lives until the pipe is closed, and ends with `status`.  vfork
// would share the descriptors, so the shell does it.
pid_t StartChild(TestPipe& pipe, int status) {
  const std::string command = "read x <&" + std::to_string(pipe.out) +
                              "; exit " + std::to_string(status);
  fcntl(pipe.out, F_SETFD, 0);
  const pid_t child = vfork();
  if (child == 0) {
    execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
    _exit(127);
  }
  EXPECT_GT(child, 0);
  return child;
}

TEST_P(BlockingWaitTest, ChildrenAreWaitedFor) {
  Join(Spawn([] {
    int status = 0;
    rusage usage = {};
    siginfo_t info = {};
    const std::function<pid_t(pid_t)> calls[] = {
        [&](pid_t) { return wait(&status); },
        [&](pid_t child) { return waitpid(child, &status, 0); },
        [&](pid_t) { return wait3(&status, 0, &usage); },
        [&](pid_t child) { return wait4(child, &status, 0, &usage); },
        [&](pid_t child) {
          EXPECT_EQ(waitid(P_PID, static_cast<id_t>(child), &info, WEXITED), 0);
          EXPECT_EQ(info.si_code, CLD_EXITED);
          status = W_EXITCODE(info.si_status, 0);
          return info.si_pid;
        },
    };
    for (const auto& call : calls) {
      SCOPED_TRACE(&call - calls);
      TestPipe pipe;
      const pid_t child = StartChild(pipe, 5);
      EXPECT_EQ(waitpid(child, &status, WNOHANG), 0);
      {
        const WhenAsleep ender([&] { pipe.in = Descriptor(); });
        EXPECT_EQ(call(child), child);
      }
      EXPECT_TRUE(WIFEXITED(status));
      EXPECT_EQ(WEXITSTATUS(status), 5);
    }
    EXPECT_FAILS(wait(&status), ECHILD);
    EXPECT_FAILS(waitpid(-1, &status, 0), ECHILD);
    EXPECT_FAILS(wait3(&status, 0, nullptr), ECHILD);
    EXPECT_FAILS(wait4(-1, &status, 0, nullptr), ECHILD);
    EXPECT_FAILS(waitid(P_ALL, 0, &info, WEXITED), ECHILD);
  }));
}

TEST_P(BlockingWaitTest, SystemRunsACommand) {
  Join(Spawn([] {
    const int status = system("exit 3");
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 3);
    EXPECT_NE(system(nullptr), 0);
  }));
}

TEST_P(BlockingWaitTest, MessagesAreWaitedFor) {
  Join(Spawn([] {
    const int queue = msgget(IPC_PRIVATE, 0600);
    ASSERT_GE(queue, 0);
    struct Message {
      long type;
      char text[8];
    } message = {1, "abc"}, got = {};
    {
      const WhenAsleep sender(
          [&] { EXPECT_EQ(msgsnd(queue, &message, 4, 0), 0); });
      EXPECT_EQ(msgrcv(queue, &got, sizeof got.text, 0, 0), 4);
      EXPECT_STREQ(got.text, "abc");
    }
    EXPECT_FAILS(msgrcv(queue, &got, sizeof got.text, 0, IPC_NOWAIT), ENOMSG);
    {
      const WhenAsleep remover(
          [&] { EXPECT_EQ(msgctl(queue, IPC_RMID, nullptr), 0); });
      EXPECT_FAILS(msgrcv(queue, &got, sizeof got.text, 0, 0), EIDRM);
    }
    EXPECT_FAILS(msgsnd(queue, &message, 4, 0), EINVAL);
  }));
}

TEST_P(BlockingWaitTest, SemaphoresAreWaitedFor) {
  Join(Spawn([] {
    const int set = semget(IPC_PRIVATE, 1, 0600);
    ASSERT_GE(set, 0);
    sembuf up = {0, 1, 0};
    sembuf down = {0, -1, 0};
    {
      const WhenAsleep poster([&] { EXPECT_EQ(semop(set, &up, 1), 0); });
      EXPECT_EQ(semop(set, &down, 1), 0);
    }
    {
      const timespec minute = {60, 0};
      const WhenAsleep poster([&] { EXPECT_EQ(semop(set, &up, 1), 0); });
      EXPECT_EQ(semtimedop(set, &down, 1, &minute), 0);
    }
    const timespec soon = {0, 10'000'000};
    EXPECT_FAILS(semtimedop(set, &down, 1, &soon), EAGAIN);
    {
      const WhenAsleep remover([&] { EXPECT_EQ(semctl(set, 0, IPC_RMID), 0); });
      EXPECT_FAILS(semop(set, &down, 1), EIDRM);
    }
  }));
}

}  // namespace
}  // namespace lt
