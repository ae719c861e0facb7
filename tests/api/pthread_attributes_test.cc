// SPDX-License-Identifier: MIT
//
// What pthreads can be asked and told of threads that thr_create made:
// attributes, name, processors, scheduling, clock, concurrency.

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <time.h>

#include <cstring>
#include <string>

#include "support/fixture.h"
#include "support/pthreads.h"

namespace lt {
namespace {

constexpr pthread_t kNobody = 1'000'000;

class PthreadAttributesTest : public ApiTest {
 protected:
  // The thread has no kernel thread of its own.
  bool Unbound() const {
    return GetParam() == Kind::kUnbound && ModelName() != "one-to-one";
  }

  // Runs `body` with the id of a thread that waits meanwhile.
  void WithThread(const std::function<void(pthread_t)>& body) {
    Gate go;
    std::atomic<bool> begun{false};
    const thread_t id = Spawn([&] {
      begun = true;
      go.Wait();
    });
    EXPECT_TRUE(Eventually([&] { return begun.load(); }));
    body(AsHandle(id));
    go.Open();
    Join(id);
  }
};

LT_OVER_KINDS(PthreadAttributesTest);

// The stack that pthread_getattr_np() and thr_stksegment() tell of.
void CompareStacks(const pthread_attr_t& attr, const stack_t& segment) {
  void* low = nullptr;
  size_t bytes = 0;
  EXPECT_EQ(pthread_attr_getstack(&attr, &low, &bytes), 0);
  EXPECT_EQ(static_cast<char*>(low) + bytes, segment.ss_sp);
  EXPECT_EQ(bytes, segment.ss_size);
}

TEST_P(PthreadAttributesTest, TheStackIsTheThreads) {
  Join(Spawn([] {
    pthread_attr_t attr;
    stack_t segment;
    ASSERT_EQ(pthread_getattr_np(pthread_self(), &attr), 0);
    ASSERT_EQ(thr_stksegment(&segment), 0);
    CompareStacks(attr, segment);
    int state = -1;
    EXPECT_EQ(pthread_attr_getdetachstate(&attr, &state), 0);
    EXPECT_EQ(state, PTHREAD_CREATE_JOINABLE);
    pthread_attr_destroy(&attr);
  }));
}

TEST_P(PthreadAttributesTest, OthersMayAsk) {
  WithThread([&](pthread_t thread) {
    pthread_attr_t attr;
    ASSERT_EQ(pthread_getattr_np(thread, &attr), 0);
    void* low = nullptr;
    size_t bytes = 0;
    EXPECT_EQ(pthread_attr_getstack(&attr, &low, &bytes), 0);
    EXPECT_NE(low, nullptr);
    EXPECT_GE(bytes, size_t{2} << 20);
    int scope = -1;
    EXPECT_EQ(pthread_attr_getscope(&attr, &scope), 0);
    EXPECT_EQ(scope, Unbound() ? PTHREAD_SCOPE_PROCESS : PTHREAD_SCOPE_SYSTEM);
    pthread_attr_destroy(&attr);
    EXPECT_EQ(pthread_getattr_np(kNobody, &attr), ESRCH);
  });
}

TEST_P(PthreadAttributesTest, MainHasAStack) {
  pthread_attr_t attr;
  ASSERT_EQ(pthread_getattr_np(pthread_self(), &attr), 0);
  void* low = nullptr;
  size_t bytes = 0;
  EXPECT_EQ(pthread_attr_getstack(&attr, &low, &bytes), 0);
  EXPECT_GT(reinterpret_cast<void*>(&attr), low);
  EXPECT_LT(reinterpret_cast<char*>(&attr), static_cast<char*>(low) + bytes);
  pthread_attr_destroy(&attr);
}

TEST_P(PthreadAttributesTest, NamesAreThoseOfTheLibrary) {
  WithThread([](pthread_t thread) {
    EXPECT_EQ(pthread_setname_np(thread, "worker"), 0);
    char name[32] = "";
    EXPECT_EQ(pthread_getname_np(thread, name, sizeof name), 0);
    EXPECT_STREQ(name, "worker");
    EXPECT_EQ(thr_getname(static_cast<thread_t>(thread), name, sizeof name), 0);
    EXPECT_STREQ(name, "worker");
    EXPECT_EQ(thr_setname(static_cast<thread_t>(thread),
                          "a name of more than 16 bytes"),
              0);
    EXPECT_EQ(pthread_getname_np(thread, name, 16), 0);
    EXPECT_STREQ(name, "a name of more ");
  });
}

TEST_P(PthreadAttributesTest, ErrorsOfNames) {
  WithThread([](pthread_t thread) {
    char name[16];
    EXPECT_EQ(pthread_setname_np(thread, "sixteen bytes ..."), ERANGE);
    EXPECT_EQ(pthread_getname_np(thread, name, 15), ERANGE);
  });
  char name[16];
  EXPECT_EQ(pthread_setname_np(kNobody, "nobody"), ESRCH);
  EXPECT_EQ(pthread_getname_np(kNobody, name, sizeof name), ESRCH);
}

TEST_P(PthreadAttributesTest, ProcessorsOfTheCaller) {
  Join(Spawn([] {
    cpu_set_t mine;
    cpu_set_t expected;
    CPU_ZERO(&mine);
    ASSERT_EQ(sched_getaffinity(0, sizeof expected, &expected), 0);
    EXPECT_EQ(pthread_getaffinity_np(pthread_self(), sizeof mine, &mine), 0);
    EXPECT_TRUE(CPU_EQUAL(&mine, &expected));
    EXPECT_EQ(pthread_setaffinity_np(pthread_self(), sizeof mine, &mine), 0);
    CPU_ZERO(&mine);
    errno = 0;
    EXPECT_EQ(pthread_setaffinity_np(pthread_self(), sizeof mine, &mine),
              EINVAL);
    EXPECT_EQ(errno, 0);
  }));
}

TEST_P(PthreadAttributesTest, ProcessorsOfOthers) {
  WithThread([&](pthread_t thread) {
    cpu_set_t set;
    EXPECT_EQ(pthread_getaffinity_np(thread, sizeof set, &set),
              Unbound() ? ENOTSUP : 0);
    ASSERT_EQ(sched_getaffinity(0, sizeof set, &set), 0);
    EXPECT_EQ(pthread_setaffinity_np(thread, sizeof set, &set),
              Unbound() ? ENOTSUP : 0);
    EXPECT_EQ(pthread_getaffinity_np(kNobody, sizeof set, &set), ESRCH);
    EXPECT_EQ(pthread_setaffinity_np(kNobody, sizeof set, &set), ESRCH);
  });
}

TEST_P(PthreadAttributesTest, TheClockOfTheCaller) {
  Join(Spawn([] {
    clockid_t clock;
    timespec time;
    ASSERT_EQ(pthread_getcpuclockid(pthread_self(), &clock), 0);
    EXPECT_EQ(clock_gettime(clock, &time), 0);
  }));
}

TEST_P(PthreadAttributesTest, TheClockOfOthers) {
  WithThread([&](pthread_t thread) {
    clockid_t clock;
    EXPECT_EQ(pthread_getcpuclockid(thread, &clock), Unbound() ? ENOENT : 0);
    EXPECT_EQ(pthread_getcpuclockid(kNobody, &clock), ESRCH);
  });
}

TEST_P(PthreadAttributesTest, SchedulingOfTheUnbound) {
  if (!Unbound()) GTEST_SKIP() << "the kernel's matter";
  WithThread([](pthread_t thread) {
    const auto id = static_cast<thread_t>(thread);
    sched_param param{};
    int policy = -1;
    param.sched_priority = 9;
    EXPECT_EQ(pthread_setschedparam(thread, SCHED_OTHER, &param), 0);
    int priority = -1;
    EXPECT_EQ(thr_getprio(id, &priority), 0);
    EXPECT_EQ(priority, 9);
    EXPECT_EQ(pthread_setschedprio(thread, 11), 0);
    EXPECT_EQ(pthread_getschedparam(thread, &policy, &param), 0);
    EXPECT_EQ(policy, SCHED_OTHER);
    EXPECT_EQ(param.sched_priority, 11);
    EXPECT_EQ(pthread_setschedprio(thread, 128), EINVAL);
    EXPECT_EQ(pthread_setschedprio(thread, -1), EINVAL);
    EXPECT_EQ(pthread_setschedparam(thread, SCHED_FIFO, &param), ENOTSUP);
    EXPECT_EQ(pthread_setschedparam(thread, 77, &param), EINVAL);
  });
}

TEST_P(PthreadAttributesTest, SchedulingOfTheBound) {
  if (Unbound()) GTEST_SKIP() << "the library's matter";
  WithThread([](pthread_t thread) {
    sched_param param{};
    int policy = -1;
    EXPECT_EQ(pthread_getschedparam(thread, &policy, &param), 0);
    EXPECT_EQ(policy, SCHED_OTHER);
    EXPECT_EQ(param.sched_priority, 0);
    EXPECT_EQ(pthread_setschedparam(thread, SCHED_OTHER, &param), 0);
    EXPECT_EQ(pthread_setschedparam(thread, 77, &param), EINVAL);
    EXPECT_EQ(pthread_setschedprio(thread, 0), 0);
  });
}

TEST_P(PthreadAttributesTest, SchedulingOfNobody) {
  sched_param param{};
  int policy;
  EXPECT_EQ(pthread_getschedparam(kNobody, &policy, &param), ESRCH);
  EXPECT_EQ(pthread_setschedparam(kNobody, SCHED_OTHER, &param), ESRCH);
  EXPECT_EQ(pthread_setschedprio(kNobody, 0), ESRCH);
}

TEST_P(PthreadAttributesTest, ConcurrencyIsANumberOfItsOwn) {
  EXPECT_EQ(pthread_getconcurrency(), 0);
  EXPECT_EQ(pthread_setconcurrency(7), 0);
  EXPECT_EQ(pthread_getconcurrency(), 7);
  EXPECT_EQ(thr_getconcurrency(), 1);
  EXPECT_EQ(pthread_setconcurrency(-1), EINVAL);
  EXPECT_EQ(pthread_setconcurrency(65537), EAGAIN);
  EXPECT_EQ(pthread_getconcurrency(), 7);
  EXPECT_EQ(pthread_setconcurrency(0), 0);
  EXPECT_EQ(pthread_getconcurrency(), 0);
}

}  // namespace
}  // namespace lt
