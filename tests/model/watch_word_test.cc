// SPDX-License-Identifier: MIT
//
// Lazy waking: INV-WA1, with run queues as they are.

#include "sched/watch_word.h"

#include "check.h"
#include "sched/run_queue.h"

namespace lt::model {
namespace {

struct Task {
  Plain<int> context{0};
};
using Queue = BasicLocalQueue<Machine, Task, 2>;

// One makes threads ready and never looks for one; the watcher, which parks
// when there is none, finds each.
template <bool membarrier, int count>
struct Work : rl::test_suite<Work<membarrier, count>, 2> {
  BasicWatchWord<Machine> word;
  Queue queue;
  Task tasks[count];

  Work() { Machine::no_membarrier = !membarrier; }

  void thread(unsigned index) {
    if (index == 0) {
      for (Task& task : tasks) {
        task.context.Set(1);
        Require(queue.TryPush(&task), "there is room");
        word.NoteWork();
      }
    } else {
      for (int found = 0; found < count;) {
        if (Task* task = queue.Pop()) {
          Require(task->context.Get() == 1, "the context was saved");
          ++found;
        } else {
          word.Sleep(Deadline::Never(), true,
                     [this] { return queue.Size() != 0; });
        }
      }
    }
  }
};

// Two make threads ready.
struct TwoMakers : rl::test_suite<TwoMakers, 3> {
  BasicWatchWord<Machine> word;
  Atomic<int> ready[2];

  TwoMakers() { Machine::no_membarrier = false; }

  bool Both() {
    return ready[0].load(std::memory_order_acquire) != 0 &&
           ready[1].load(std::memory_order_acquire) != 0;
  }
  void thread(unsigned index) {
    if (index == 2) {
      while (!Both()) {
        word.Sleep(Deadline::Never(), true, [this] { return Both(); });
      }
    } else {
      ready[index].store(1, std::memory_order_release);
      word.NoteWork();
    }
  }
};

// A kick, for a timer, ends a sleep that does not look for work.
struct Kicked : rl::test_suite<Kicked, 2> {
  BasicWatchWord<Machine> word;
  Plain<int> timer{0};
  Atomic<int> timers{0};

  void thread(unsigned index) {
    if (index == 0) {
      timer.Set(1);
      timers.store(1, std::memory_order_release);
      word.Kick();
    } else {
      while (timers.load(std::memory_order_acquire) == 0) {
        word.Sleep(Deadline::Never(), false, [] { return false; });
      }
      Require(timer.Get() == 1, "the timer is there");
    }
  }
};

using WithBarrier = Work<true, 1>;
using WithoutBarrier = Work<false, 1>;

TEST(LazyWake, Holds) {
  EXPECT_TRUE(Holds<WithBarrier>(kAll));
}
TEST(LazyWake, TwiceHolds) {
  EXPECT_TRUE((Holds<Work<true, 2>>(3)));
}
TEST(LazyWake, WithoutMembarrierHolds) {
  EXPECT_TRUE(Holds<WithoutBarrier>(kAll));
}
TEST(LazyWake, TwoMakersHold) {
  EXPECT_TRUE(Holds<TwoMakers>(4));
}
TEST(LazyWake, AKickHolds) {
  EXPECT_TRUE(Holds<Kicked>(kAll));
}

TEST(LazyWake, FailsWithoutTheBarrier) {
  EXPECT_TRUE(FailsAs<WithBarrier>(rl::test_result_deadlock, "membarrier",
                                   Part::kStep, kAll));
}
// Where there is none, the look at the word must have its place in the word's
// order.
TEST(LazyWake, WithoutMembarrierFailsWithALoad) {
  EXPECT_TRUE(FailsAs<WithoutBarrier>(rl::test_result_deadlock, "NoteWork",
                                      Part::kOneStep, kAll));
}
TEST(LazyWake, FailsWhenSleepDoesNotCompare) {
  EXPECT_TRUE(FailsAs<Kicked>(rl::test_result_deadlock, "futex compares",
                              Part::kStep, kAll));
}

}  // namespace
}  // namespace lt::model
