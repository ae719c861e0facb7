// SPDX-License-Identifier: MIT
//
// thr_setmutator(3): the calls of garbage collectors.  Mutators are stopped for
// a reason of their own, beside that of thr_suspend().

#include <errno.h>

#include <vector>

#include "support/fixture.h"
#include "support/signals.h"

namespace lt {
namespace {

// A thread that counts, and a mutator if it says so itself.
class Worker {
 public:
  void Run(bool mutator) {
    if (mutator) {
      EXPECT_EQ(thr_setmutator(0, 1), 0);
    }
    while (!stop_) count_ = count_ + 1;
    if (mutator) {
      EXPECT_EQ(thr_setmutator(0, 0), 0);
    }
  }
  void Stop() { stop_ = true; }
  ::testing::AssertionResult Runs() const {
    const uint64_t before = count_;
    return Eventually([&] { return count_ != before; });
  }
  // Not while the caller sleeps for some time.
  bool IsStopped() const {
    const uint64_t before = count_;
    const timespec_t pause = Interval(2);
    nanosleep(&pause, nullptr);
    thr_yield();
    return count_ == before;
  }

 private:
  std::atomic<bool> stop_{false};
  std::atomic<uint64_t> count_{0};
};

class MutatorTest : public SignalTest {
 protected:
  thread_t Start(Worker& worker, bool mutator) const {
    const thread_t id = Spawn([&worker, mutator] { worker.Run(mutator); });
    EXPECT_TRUE(worker.Runs());
    return id;
  }
};

LT_OVER_KINDS(MutatorTest);

TEST_P(MutatorTest, UnknownThreadsAreNotFound) {
  EXPECT_EQ(thr_setmutator(kNobody, 1), ESRCH);
  EXPECT_EQ(thr_suspend_mutator(kNobody), ESRCH);
  EXPECT_EQ(thr_continue_mutator(kNobody), ESRCH);
  EXPECT_EQ(thr_wait_mutator(kNobody, 0), ESRCH);
  EXPECT_EQ(thr_wait_mutator(kNobody, 1), ESRCH);
}

TEST_P(MutatorTest, OthersAreNoMutators) {
  Worker worker;
  const thread_t id = Start(worker, false);
  EXPECT_EQ(thr_suspend_mutator(id), EINVAL);
  EXPECT_EQ(thr_continue_mutator(id), EINVAL);
  EXPECT_EQ(thr_wait_mutator(id, 0), EINVAL);
  EXPECT_EQ(thr_wait_mutator(id, 1), EINVAL);
  EXPECT_EQ(thr_suspend_mutator(0), EINVAL);
  EXPECT_TRUE(worker.Runs());
  worker.Stop();
  Join(id);
}

TEST_P(MutatorTest, SetsTheCallerAtWill) {
  InThread([] {
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(thr_setmutator(0, 1), 0);
      EXPECT_EQ(thr_setmutator(thr_self(), 1), 0);
      EXPECT_EQ(thr_continue_mutator(thr_self()), 0);
      EXPECT_EQ(thr_setmutator(thr_self(), 0), 0);
      EXPECT_EQ(thr_continue_mutator(thr_self()), EINVAL);
    }
  });
}

TEST_P(MutatorTest, SetsAnotherOnlyWhileItIsStopped) {
  Worker worker;
  const thread_t id = Start(worker, false);
  EXPECT_EQ(thr_setmutator(id, 1), EINVAL);
  EXPECT_EQ(thr_suspend(id), 0);
  EXPECT_EQ(thr_setmutator(id, 1), 0);
  EXPECT_EQ(thr_continue(id), 0);
  EXPECT_TRUE(worker.Runs());
  EXPECT_EQ(thr_suspend_mutator(id), 0);
  EXPECT_TRUE(worker.IsStopped());
  EXPECT_EQ(thr_continue_mutator(id), 0);
  // The other way while it runs, too.
  EXPECT_EQ(thr_setmutator(id, 0), 0);
  EXPECT_EQ(thr_suspend_mutator(id), EINVAL);
  EXPECT_TRUE(worker.Runs());
  worker.Stop();
  Join(id);
}

TEST_P(MutatorTest, StopsAndContinuesOne) {
  Worker worker;
  const thread_t id = Start(worker, true);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(thr_wait_mutator(id, 1), EWOULDBLOCK);
    EXPECT_EQ(thr_suspend_mutator(id), 0);
    EXPECT_TRUE(worker.IsStopped());
    EXPECT_EQ(thr_wait_mutator(id, 1), 0);
    EXPECT_EQ(thr_wait_mutator(id, 0), 0);
    EXPECT_EQ(thr_continue_mutator(id), 0);
    EXPECT_TRUE(worker.Runs());
  }
  worker.Stop();
  Join(id);
}

TEST_P(MutatorTest, AMutatorStopsItself) {
  std::atomic<bool> passed{false};
  const thread_t id = Spawn([&] {
    EXPECT_EQ(thr_setmutator(0, 1), 0);
    EXPECT_EQ(thr_suspend_mutator(0), 0);
    passed = true;
    EXPECT_EQ(thr_setmutator(0, 0), 0);
  });
  EXPECT_TRUE(Eventually([&] { return thr_wait_mutator(id, 1) == 0; }));
  EXPECT_FALSE(passed);
  EXPECT_EQ(thr_continue_mutator(id), 0);
  Join(id);
  EXPECT_TRUE(passed);
}

TEST_P(MutatorTest, WaitsUntilItIsStopped) {
  Worker worker;
  const thread_t id = Start(worker, true);
  std::atomic<bool> waited{false};
  const thread_t waiter = Spawn([&] {
    EXPECT_EQ(thr_wait_mutator(id, 0), 0);
    waited = true;
  });
  for (int i = 0; i < 5; ++i) thr_yield();
  EXPECT_FALSE(waited);
  EXPECT_EQ(thr_suspend_mutator(id), 0);
  Join(waiter);
  EXPECT_TRUE(waited);
  EXPECT_EQ(thr_continue_mutator(id), 0);
  worker.Stop();
  Join(id);
}

// A thread runs only when no reason to stop is left.
TEST_P(MutatorTest, TheReasonsAreIndependent) {
  Worker worker;
  const thread_t id = Start(worker, true);
  for (const bool mutator_first : {true, false}) {
    SCOPED_TRACE(mutator_first);
    EXPECT_EQ(thr_suspend_mutator(id), 0);
    EXPECT_EQ(thr_suspend(id), 0);
    if (mutator_first) {
      EXPECT_EQ(thr_continue_mutator(id), 0);
    } else {
      EXPECT_EQ(thr_continue(id), 0);
    }
    EXPECT_TRUE(worker.IsStopped());
    if (mutator_first) {
      EXPECT_EQ(thr_continue(id), 0);
    } else {
      EXPECT_EQ(thr_continue_mutator(id), 0);
    }
    EXPECT_TRUE(worker.Runs());
  }
  worker.Stop();
  Join(id);
}

TEST_P(MutatorTest, StopsAllMutatorsAndNobodyElse) {
  constexpr size_t kMutators = 4;
  std::vector<Worker> mutators(kMutators);
  Worker other;
  std::vector<thread_t> ids;
  for (Worker& mutator : mutators) ids.push_back(Start(mutator, true));
  ids.push_back(Start(other, false));
  EXPECT_EQ(thr_continue_allmutators(), EINVAL);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(thr_suspend_allmutators(), 0);
    for (Worker& mutator : mutators) EXPECT_TRUE(mutator.IsStopped());
    EXPECT_TRUE(other.Runs());
    EXPECT_EQ(thr_suspend_allmutators(), EINVAL);
    EXPECT_EQ(thr_continue_allmutators(), 0);
    EXPECT_EQ(thr_continue_allmutators(), EINVAL);
    for (Worker& mutator : mutators) EXPECT_TRUE(mutator.Runs());
  }
  for (Worker& mutator : mutators) mutator.Stop();
  other.Stop();
  for (const thread_t id : ids) Join(id);
}

// The caller goes on, though it is one of them.
TEST_P(MutatorTest, StopsAllButTheCaller) {
  Worker worker;
  const thread_t id = Start(worker, true);
  EXPECT_EQ(thr_setmutator(0, 1), 0);
  EXPECT_EQ(thr_suspend_allmutators(), 0);
  EXPECT_TRUE(worker.IsStopped());
  EXPECT_EQ(thr_continue_allmutators(), 0);
  EXPECT_EQ(thr_setmutator(0, 0), 0);
  EXPECT_TRUE(worker.Runs());
  worker.Stop();
  Join(id);
}

// While the barrier is up nobody becomes a mutator.
TEST_P(MutatorTest, TheBarrierHoldsCandidatesBack) {
  std::atomic<int> through{0};
  std::atomic<int> started{0};
  thr_mutators_barrier(1);
  std::vector<thread_t> ids;
  for (int i = 0; i < 3; ++i) {
    ids.push_back(Spawn([&] {
      ++started;
      EXPECT_EQ(thr_setmutator(0, 1), 0);
      ++through;
      EXPECT_EQ(thr_setmutator(0, 0), 0);
    }));
  }
  EXPECT_TRUE(Eventually([&] { return started == 3; }));
  EXPECT_TRUE(Quiesce());
  EXPECT_EQ(through, 0);
  thr_mutators_barrier(0);
  for (const thread_t id : ids) Join(id);
  EXPECT_EQ(through, 3);
}

TEST_P(MutatorTest, TheBarrierIsRaisedByOneAtATime) {
  std::atomic<bool> raised{false};
  thr_mutators_barrier(1);
  const thread_t id = Spawn([&] {
    thr_mutators_barrier(1);
    raised = true;
    thr_mutators_barrier(0);
  });
  EXPECT_TRUE(Quiesce());
  EXPECT_FALSE(raised);
  thr_mutators_barrier(0);
  Join(id);
  EXPECT_TRUE(raised);
}

}  // namespace
}  // namespace lt
