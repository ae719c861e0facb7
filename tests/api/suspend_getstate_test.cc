// SPDX-License-Identifier: MIT
//
// thr_getstate(3): registers and stack of a thread that is stopped, which is
// what collectors that scan stacks need.

#include <errno.h>
#include <sys/ucontext.h>

#include <cstdint>

#include "support/fixture.h"
#include "support/signals.h"

namespace lt {
namespace {

using GetstateTest = SignalTest;
LT_OVER_KINDS(GetstateTest);

// What thr_getstate() told.
struct State {
  explicit State(thread_t id) {
    error = thr_getstate(id, &flag, &lwp, &stack, registers);
  }
  uintptr_t High() const { return reinterpret_cast<uintptr_t>(stack.ss_sp); }
  uintptr_t Low() const { return High() - stack.ss_size; }
  bool OnStack(uintptr_t address) const {
    return address >= Low() && address < High();
  }

  int error = -1;
  int flag = -1;
  int lwp = -1;
  stack_t stack{};
  gregset_t registers{};
};

// Where a thread is stopped: it keeps its segment, and where its frame lies.
struct Target {
  void Note() {
    EXPECT_EQ(thr_stksegment(&segment), 0);
    int local = 0;
    frame = reinterpret_cast<uintptr_t>(&local);
    noted = true;
  }
  stack_t segment{};
  uintptr_t frame = 0;
  std::atomic<bool> noted{false};
  std::atomic<bool> stop{false};
};

void ExpectStateOf(thread_t id, const Target& target) {
  const State state(id);
  EXPECT_EQ(state.error, 0);
  EXPECT_EQ(state.flag, TRS_NONVOLATILE);
  EXPECT_EQ(state.stack.ss_sp, target.segment.ss_sp);
  EXPECT_EQ(state.stack.ss_size, target.segment.ss_size);
  EXPECT_TRUE(state.OnStack(target.frame));
#if defined(__x86_64__)
  const auto sp = static_cast<uintptr_t>(state.registers[REG_RSP]);
  EXPECT_TRUE(state.OnStack(sp));
  // Everything of the caller of the stopped code lies above.
  EXPECT_LT(sp, target.frame + 4096);
#endif
}

TEST_P(GetstateTest, OfAThreadThatWasStoppedInComputation) {
  Target target;
  const thread_t id = Spawn([&] {
    target.Note();
    while (!target.stop) {
    }
  });
  EXPECT_TRUE(Eventually([&] { return target.noted.load(); }));
  EXPECT_EQ(thr_suspend(id), 0);
  ExpectStateOf(id, target);
  EXPECT_EQ(thr_continue(id), 0);
  target.stop = true;
  Join(id);
}

TEST_P(GetstateTest, OfAThreadThatWasStoppedInAWait) {
  Target target;
  sema_t s = DEFAULTSEMA;
  const thread_t id = Spawn([&] {
    target.Note();
    EXPECT_EQ(sema_wait(&s), 0);
  });
  EXPECT_TRUE(Quiesce());
  EXPECT_EQ(thr_suspend(id), 0);
  ExpectStateOf(id, target);
  EXPECT_EQ(thr_continue(id), 0);
  EXPECT_EQ(sema_post(&s), 0);
  Join(id);
}

TEST_P(GetstateTest, OfAThreadThatStoppedItself) {
  Target target;
  const thread_t id = Spawn([&] {
    target.Note();
    EXPECT_EQ(thr_suspend(thr_self()), 0);
  });
  EXPECT_TRUE(Quiesce());
  ExpectStateOf(id, target);
  EXPECT_EQ(thr_continue(id), 0);
  Join(id);
}

TEST_P(GetstateTest, OfAMutatorThatWasStopped) {
  Target target;
  const thread_t id = Spawn([&] {
    EXPECT_EQ(thr_setmutator(0, 1), 0);
    target.Note();
    while (!target.stop) {
    }
    EXPECT_EQ(thr_setmutator(0, 0), 0);
  });
  EXPECT_TRUE(Eventually([&] { return target.noted.load(); }));
  EXPECT_EQ(thr_suspend_mutator(id), 0);
  ExpectStateOf(id, target);
  EXPECT_EQ(thr_continue_mutator(id), 0);
  target.stop = true;
  Join(id);
}

TEST_P(GetstateTest, OfMain) {
  Target target;
  target.Note();
  const thread_t main = thr_self();
  const thread_t id = Spawn([&] {
    EXPECT_EQ(thr_suspend(main), 0);
    ExpectStateOf(main, target);
    EXPECT_EQ(thr_continue(main), 0);
  });
  Join(id);
}

TEST_P(GetstateTest, NothingNeedBeAskedFor) {
  Target target;
  const thread_t id = Spawn([&] {
    target.Note();
    EXPECT_EQ(thr_suspend(thr_self()), 0);
  });
  EXPECT_TRUE(Quiesce());
  gregset_t registers;
  EXPECT_EQ(thr_getstate(id, nullptr, nullptr, nullptr, registers), 0);
  EXPECT_EQ(thr_continue(id), 0);
  Join(id);
}

TEST_P(GetstateTest, AThreadThatRunsIsEinval) {
  Target target;
  const thread_t id = Spawn([&] {
    target.Note();
    while (!target.stop) {
    }
  });
  EXPECT_TRUE(Eventually([&] { return target.noted.load(); }));
  const State of_other(id);
  EXPECT_EQ(of_other.error, EINVAL);
  EXPECT_EQ(of_other.flag, TRS_INVALID);
  const State of_self(0);
  EXPECT_EQ(of_self.error, EINVAL);
  EXPECT_EQ(of_self.flag, TRS_INVALID);
  target.stop = true;
  Join(id);
}

TEST_P(GetstateTest, UnknownThreadsAreNotFound) {
  const State state(kNobody);
  EXPECT_EQ(state.error, ESRCH);
  EXPECT_EQ(state.flag, TRS_INVALID);
}

TEST_P(GetstateTest, SetstateIsEinval) {
  Target target;
  const thread_t id = Spawn([&] {
    target.Note();
    while (!target.stop) {
    }
  });
  EXPECT_TRUE(Eventually([&] { return target.noted.load(); }));
  State state(id);
  EXPECT_EQ(thr_setstate(id, TRS_NONVOLATILE, state.registers), EINVAL);
  EXPECT_EQ(thr_suspend(id), 0);
  EXPECT_EQ(thr_setstate(id, TRS_INVALID, state.registers), EINVAL);
  EXPECT_EQ(thr_setstate(id, TRS_VALID, state.registers), EINVAL);
  EXPECT_EQ(thr_continue(id), 0);
  target.stop = true;
  Join(id);
}

}  // namespace
}  // namespace lt
