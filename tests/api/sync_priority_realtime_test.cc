// SPDX-License-Identifier: MIT
//
// Mutexes of the priority protocols and the kernel's real-time class, in
// mutex_init(3): bound threads that ask for it.
//
// Each test is a child process whose threads of that class only ever wait, so
// that a failure leaves nobody behind who would not give up a processor.

#include <errno.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

#include "support/fixture.h"
#include "support/priorities.h"

namespace lt {
namespace {

struct Class {
  int policy;
  int priority;
  bool operator==(const Class&) const = default;
};

std::ostream& operator<<(std::ostream& out, Class shown) {
  return out << "policy " << shown.policy << " priority " << shown.priority;
}

Class ClassOf(pid_t tid) {
  sched_param param = {};
  const int policy = sched_getscheduler(tid);
  EXPECT_EQ(sched_getparam(tid, &param), 0);
  return {policy, param.sched_priority};
}

bool Set(pid_t tid, Class wanted) {
  sched_param param = {};
  param.sched_priority = wanted.priority;
  return sched_setscheduler(tid, wanted.policy, &param) == 0;
}
constexpr Class kOrdinary = {SCHED_OTHER, 0};

// A bound thread that does what it is told; it goes by its kernel thread.
class Actor {
 public:
  explicit Actor(long flags = THR_BOUND)
      : id_(SpawnWithFlags([this] { Run(); }, flags)) {
    EXPECT_TRUE(Eventually([this] { return tid_ != 0; }));
  }
  ~Actor() {
    Finish();
    end_ = true;
    EXPECT_EQ(sema_post(&told_), 0);
    Join(id_);
  }
  thread_t id() const { return id_; }
  Class now() const { return ClassOf(tid_); }
  void Become(Class wanted) { EXPECT_TRUE(Set(tid_, wanted)); }
  void Begin(std::function<void()> act) {
    Finish();
    act_ = std::move(act);
    done_ = false;
    EXPECT_EQ(sema_post(&told_), 0);
  }
  void Finish() {
    EXPECT_TRUE(Eventually([this] { return done_.load(); }));
  }
  void Do(std::function<void()> act) {
    Begin(std::move(act));
    Finish();
  }
  void Lock(mutex_t& m, int result = 0) {
    Do([&m, result] { EXPECT_EQ(mutex_lock(&m), result); });
  }
  void Unlock(mutex_t& m) {
    Do([&m] { EXPECT_EQ(mutex_unlock(&m), 0); });
  }
  void WaitFor(mutex_t& m) {
    Begin([&m] { EXPECT_EQ(mutex_lock(&m), 0); });
    EXPECT_TRUE(Quiesce());
    EXPECT_FALSE(done_);
  }

 private:
  void Run() {
    tid_ = static_cast<pid_t>(syscall(SYS_gettid));
    for (;;) {
      EXPECT_EQ(sema_wait(&told_), 0);
      if (end_) return;
      act_();
      done_ = true;
    }
  }

  std::atomic<pid_t> tid_{0};
  sema_t told_ = DEFAULTSEMA;
  std::function<void()> act_;
  std::atomic<bool> done_{true};
  std::atomic<bool> end_{false};
  thread_t id_;
};

class RealtimeTest : public ModelTest {
 protected:
  // Runs `body` in a child, which ends after a minute at the latest, and adds
  // its failures to this test's.
  static void InChild(const std::function<void()>& body) {
    if (!Permitted()) {
      GTEST_SKIP() << "the kernel does not permit SCHED_FIFO here";
    }
    std::fflush(nullptr);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      alarm(60);
      body();
      _exit(HasFailure() ? 1 : 0);
    }
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }

  // Gives up the right to raise priorities, for good.
  static void DropRights() {
    const rlimit none = {0, 0};
    ASSERT_EQ(setrlimit(RLIMIT_RTPRIO, &none), 0);
    constexpr uid_t kNobody = 65534;
    if (geteuid() != 0) return;
    ASSERT_EQ(setresuid(kNobody, kNobody, kNobody), 0);
  }

 private:
  static bool Permitted() {
    const Class before = ClassOf(0);
    const bool permitted = Set(0, {SCHED_FIFO, 60});  // above all asked for
    if (permitted) {
      EXPECT_TRUE(Set(0, before));
    }
    return permitted;
  }
};

TEST_F(RealtimeTest, AnOwnerGetsTheClassOfItsWaiter) {
  InChild([] {
    for (const int policy : {SCHED_FIFO, SCHED_RR}) {
      ProtocolMutex m;
      Actor owner;
      Actor waiter;
      Actor better;
      waiter.Become({policy, 20});
      better.Become({SCHED_FIFO, 30});
      owner.Lock(m);
      EXPECT_EQ(owner.now(), kOrdinary);
      waiter.WaitFor(m);
      EXPECT_EQ(owner.now(), (Class{policy, 20}));
      better.WaitFor(m);
      EXPECT_EQ(owner.now(), (Class{SCHED_FIFO, 30}));
      owner.Unlock(m);
      EXPECT_EQ(owner.now(), kOrdinary);
      better.Finish();
      EXPECT_EQ(better.now(), (Class{SCHED_FIFO, 30}));
      better.Unlock(m);
      waiter.Finish();
      waiter.Unlock(m);
      EXPECT_EQ(waiter.now(), (Class{policy, 20}));
    }
  });
}

TEST_F(RealtimeTest, TheRealTimeClassIsServedFirst) {
  InChild([] {
    ProtocolMutex m;
    Actor owner;
    Actor ordinary;
    Actor real_time;
    EXPECT_EQ(thr_setprio(ordinary.id(), kHighest), 0);
    real_time.Become({SCHED_FIFO, 1});
    owner.Lock(m);
    ordinary.WaitFor(m);
    real_time.WaitFor(m);
    owner.Unlock(m);
    real_time.Finish();
    EXPECT_TRUE(Quiesce());
    EXPECT_EQ(real_time.now(), (Class{SCHED_FIFO, 1}));
    real_time.Unlock(m);
    ordinary.Finish();
    ordinary.Unlock(m);
    EXPECT_EQ(ordinary.now(), kOrdinary);
  });
}

TEST_F(RealtimeTest, ThroughAChain) {
  InChild([] {
    ProtocolMutex m[2];
    Actor first;
    Actor second;
    Actor waiter;
    second.Become({SCHED_RR, 5});
    waiter.Become({SCHED_FIFO, 40});
    first.Lock(m[0]);
    second.Lock(m[1]);
    second.WaitFor(m[0]);
    EXPECT_EQ(first.now(), (Class{SCHED_RR, 5}));
    waiter.WaitFor(m[1]);
    EXPECT_EQ(second.now(), (Class{SCHED_FIFO, 40}));
    EXPECT_EQ(first.now(), (Class{SCHED_FIFO, 40}));
    first.Unlock(m[0]);
    EXPECT_EQ(first.now(), kOrdinary);
    second.Finish();
    second.Unlock(m[1]);
    EXPECT_EQ(second.now(), (Class{SCHED_RR, 5}));
    waiter.Finish();
    waiter.Unlock(m[1]);
    second.Unlock(m[0]);
  });
}

// Above the waiter already, or told otherwise by the program meanwhile.
TEST_F(RealtimeTest, WhatTheProgramSetsHolds) {
  InChild([] {
    ProtocolMutex m;
    Actor owner;
    Actor waiter;
    waiter.Become({SCHED_FIFO, 20});
    owner.Become({SCHED_RR, 50});
    owner.Lock(m);
    waiter.WaitFor(m);
    EXPECT_EQ(owner.now(), (Class{SCHED_RR, 50}));
    owner.Unlock(m);
    EXPECT_EQ(owner.now(), (Class{SCHED_RR, 50}));
    waiter.Finish();
    waiter.Unlock(m);

    owner.Become(kOrdinary);
    owner.Lock(m);
    waiter.WaitFor(m);
    EXPECT_EQ(owner.now(), (Class{SCHED_FIFO, 20}));
    owner.Become({SCHED_RR, 3});
    owner.Unlock(m);
    EXPECT_EQ(owner.now(), (Class{SCHED_RR, 3}));
    waiter.Finish();
    waiter.Unlock(m);
  });
}

// An unbound owner has no kernel thread to raise; it is the first to run.
TEST_F(RealtimeTest, AnUnboundOwnerIsNotTheKernelsBusiness) {
  InChild([] {
    ProtocolMutex m;
    Actor owner(0);
    Actor waiter;
    waiter.Become({SCHED_FIFO, 20});
    owner.Lock(m);
    waiter.WaitFor(m);
    EXPECT_EQ(owner.now(), ModelName() == "one-to-one" ? (Class{SCHED_FIFO, 20})
                                                       : kOrdinary);
    owner.Unlock(m);
    waiter.Finish();
    waiter.Unlock(m);
    EXPECT_EQ(owner.now(), kOrdinary);
  });
}

// The lock works without.
TEST_F(RealtimeTest, InheritanceThatIsNotPermitted) {
  InChild([] {
    ProtocolMutex m;
    Actor owner;
    Actor waiter;
    waiter.Become({SCHED_FIFO, 20});
    DropRights();
    owner.Lock(m);
    waiter.WaitFor(m);
    EXPECT_EQ(owner.now(), kOrdinary);
    owner.Unlock(m);
    waiter.Finish();
    waiter.Unlock(m);
  });
}

TEST_F(RealtimeTest, ACeilingRaisesAThreadOfTheClass) {
  InChild([] {
    ProtocolMutex low(LOCK_PRIO_PROTECT, 30);
    ProtocolMutex high(LOCK_PRIO_PROTECT, 40);
    Actor owner;
    owner.Become({SCHED_RR, 20});
    owner.Lock(low);
    EXPECT_EQ(owner.now(), (Class{SCHED_RR, 30}));
    owner.Lock(high);
    EXPECT_EQ(owner.now(), (Class{SCHED_RR, 40}));
    owner.Unlock(low);
    EXPECT_EQ(owner.now(), (Class{SCHED_RR, 40}));
    owner.Unlock(high);
    EXPECT_EQ(owner.now(), (Class{SCHED_RR, 20}));
    owner.Do([&] { EXPECT_EQ(mutex_trylock(&low), 0); });
    EXPECT_EQ(owner.now(), (Class{SCHED_RR, 30}));
    Actor other;
    other.Become({SCHED_FIFO, 10});
    other.Do([&] { EXPECT_EQ(mutex_trylock(&low), EBUSY); });
    EXPECT_EQ(other.now(), (Class{SCHED_FIFO, 10}));
    other.WaitFor(low);
    owner.Unlock(low);
    EXPECT_EQ(owner.now(), (Class{SCHED_RR, 20}));
    other.Finish();
    EXPECT_EQ(other.now(), (Class{SCHED_FIFO, 30}));
    other.Unlock(low);
    EXPECT_EQ(other.now(), (Class{SCHED_FIFO, 10}));
  });
}

TEST_F(RealtimeTest, ACeilingIsAKernelPriorityThen) {
  InChild([] {
    ProtocolMutex m(LOCK_PRIO_PROTECT, 30);
    ProtocolMutex beyond(LOCK_PRIO_PROTECT, 100);
    ProtocolMutex none(LOCK_PRIO_PROTECT, 0);
    Actor actor;
    // The library's priority is not what counts.
    EXPECT_EQ(thr_setprio(actor.id(), 31), 0);
    actor.Lock(m, EINVAL);
    actor.Become({SCHED_FIFO, 30});
    actor.Lock(m);
    EXPECT_EQ(actor.now(), (Class{SCHED_FIFO, 30}));
    actor.Unlock(m);
    actor.Become({SCHED_FIFO, 31});
    actor.Lock(m, EINVAL);
    actor.Do([&] { EXPECT_EQ(mutex_trylock(&m), EINVAL); });
    actor.Lock(beyond, EINVAL);
    actor.Lock(none, EINVAL);
    EXPECT_EQ(actor.now(), (Class{SCHED_FIFO, 31}));
  });
}

TEST_F(RealtimeTest, ACeilingThatIsNotPermitted) {
  InChild([] {
    ProtocolMutex m(LOCK_PRIO_PROTECT, 30);
    ProtocolMutex same(LOCK_PRIO_PROTECT, 10);
    Actor actor;
    actor.Become({SCHED_FIFO, 10});
    DropRights();
    actor.Lock(m, EPERM);
    actor.Do([&] { EXPECT_EQ(mutex_trylock(&m), EPERM); });
    EXPECT_EQ(actor.now(), (Class{SCHED_FIFO, 10}));
    actor.Lock(same);
    actor.Unlock(same);
    EXPECT_EQ(actor.now(), (Class{SCHED_FIFO, 10}));
    EXPECT_EQ(mutex_lock(&m), 0);  // an ordinary thread may
    EXPECT_EQ(mutex_unlock(&m), 0);
  });
}

TEST_F(RealtimeTest, AWaitOnAConditionVariableGivesItBack) {
  InChild([] {
    ProtocolMutex m(LOCK_PRIO_PROTECT, 30);
    cond_t c = DEFAULTCV;
    Actor actor;
    actor.Become({SCHED_FIFO, 10});
    actor.Lock(m);
    actor.Begin([&] { EXPECT_EQ(cond_wait(&c, &m), 0); });
    EXPECT_TRUE(Quiesce());
    EXPECT_EQ(actor.now(), (Class{SCHED_FIFO, 10}));
    EXPECT_EQ(cond_signal(&c), 0);
    actor.Finish();
    EXPECT_EQ(actor.now(), (Class{SCHED_FIFO, 30}));
    actor.Unlock(m);
    EXPECT_EQ(actor.now(), (Class{SCHED_FIFO, 10}));
  });
}

// The child of a fork has its copy of the boosted kernel thread.
TEST_F(RealtimeTest, AChildGivesBackWhatItInherited) {
  InChild([] {
    ProtocolMutex m;
    Actor owner;
    Actor waiter;
    waiter.Become({SCHED_FIFO, 20});
    owner.Lock(m);
    waiter.WaitFor(m);
    owner.Do([&] {
      EXPECT_EQ(ClassOf(0), (Class{SCHED_FIFO, 20}));
      const pid_t child = fork();
      if (child == 0) _exit(ClassOf(0) == kOrdinary ? 0 : 1);
      int status = -1;
      EXPECT_EQ(waitpid(child, &status, 0), child);
      EXPECT_EQ(status, 0);
    });
    EXPECT_EQ(owner.now(), (Class{SCHED_FIFO, 20}));
    owner.Unlock(m);
    waiter.Finish();
    waiter.Unlock(m);
  });
}

}  // namespace
}  // namespace lt
