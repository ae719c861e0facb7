// SPDX-License-Identifier: MIT
//
// Tests of what concerns a whole process (its processors, its priorities, its
// rights) run in a child of their own.

#ifndef LIBTHREAD_TESTS_SUPPORT_CHILD_H_
#define LIBTHREAD_TESTS_SUPPORT_CHILD_H_

#include <errno.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <functional>
#include <vector>

namespace lt {

// Runs `body` in a child, which ends after a minute at the latest; its failures
// are this test's.
inline void InChild(const std::function<void()>& body) {
  std::fflush(nullptr);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    alarm(60);
    body();
    std::fflush(nullptr);
    _exit(testing::Test::HasFailure() ? 1 : 0);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

// A process that does nothing until the end of this object.
class OtherProcess {
 public:
  explicit OtherProcess(bool own_group = false) : id_(fork()) {
    if (id_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      for (;;) pause();
    }
    EXPECT_GT(id_, 0);
    if (own_group) {
      EXPECT_EQ(setpgid(id_, id_), 0);
    }
  }
  OtherProcess(const OtherProcess&) = delete;
  OtherProcess& operator=(const OtherProcess&) = delete;
  ~OtherProcess() { End(); }
  pid_t id() const { return id_; }
  void End() {
    if (ended_) return;
    ended_ = true;
    EXPECT_EQ(kill(id_, SIGKILL), 0);
    EXPECT_EQ(waitpid(id_, nullptr, 0), id_);
  }

 private:
  pid_t id_;
  bool ended_ = false;
};

// Gives up all privileges of the calling process, for good.
inline void BecomeNobody() {
  constexpr uid_t kNobody = 65534;
  const rlimit none = {0, 0};
  ASSERT_EQ(setrlimit(RLIMIT_RTPRIO, &none), 0);
  ASSERT_EQ(setrlimit(RLIMIT_NICE, &none), 0);
  if (geteuid() != 0) return;
  ASSERT_EQ(setresuid(kNobody, kNobody, kNobody), 0);
}

// The call gave -1 and this error number.
inline ::testing::AssertionResult Fails(int error, long result) {
  if (result == -1 && errno == error) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << result << ", errno " << errno;
}

// An address that is none.
template <typename T>
T* Nowhere() {
  return reinterpret_cast<T*>(8);
}

// The processors of a kernel thread's affinity mask.
inline std::vector<int> ProcessorsOf(pid_t tid) {
  cpu_set_t set;
  CPU_ZERO(&set);
  EXPECT_EQ(sched_getaffinity(tid, sizeof set, &set), 0);
  std::vector<int> result;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &set)) result.push_back(cpu);
  }
  return result;
}

}  // namespace lt

#endif  // LIBTHREAD_TESTS_SUPPORT_CHILD_H_
