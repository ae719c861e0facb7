// SPDX-License-Identifier: MIT
//
// Local run queues: INV-RQ1.  One order is out of the checker's reach: that
// TryPush() acquires head_ keeps a slot from being written before the thief's
// read of it, which would be a load from the future.

#include "sched/run_queue.h"

#include "check.h"

namespace lt::model {
namespace {

// What a run queue holds: who takes it runs it, from the context saved in it.
struct Task {
  Plain<int> context{0};
  int runs = 0;

  void Make() { context.Set(1); }
  void Run() {
    Require(context.Get() == 1, "the context was saved");
    ++runs;
    Require(runs == 1, "it runs once");
  }
};

constexpr uint32_t kRoom = 2;
using Queue = BasicLocalQueue<Machine, Task, kRoom>;
// The smallest ring, which goes round at once.
using Single = BasicLocalQueue<Machine, Task, 1>;

void RunIfAny(Task* task) {
  if (task != nullptr) task->Run();
}

// What is left at the end runs too, and then nothing is lost.
template <typename Queue, uint32_t count>
void RunTheRest(Queue& queue, Task (&tasks)[count]) {
  while (Task* task = queue.Pop()) task->Run();
  RunIfAny(queue.TakeLast());
  for (const Task& task : tasks) Require(task.runs == 1, "none is lost");
}

// The owner appends and takes; another takes half.
struct Steal : rl::test_suite<Steal, 2> {
  Queue queue;
  Task tasks[2];

  void thread(unsigned index) {
    if (index == 0) {
      for (Task& task : tasks) {
        task.Make();
        Require(queue.TryPush(&task), "there is room");
      }
      RunIfAny(queue.Pop());
    } else {
      Task* stolen[kRoom];
      const uint32_t count = queue.TakeHalf(stolen, kRoom);
      for (uint32_t i = 0; i < count; ++i) stolen[i]->Run();
    }
  }
  void after() { RunTheRest(queue, tasks); }
};

// The ring goes round while another takes from it.
template <typename Queue>
struct Round : rl::test_suite<Round<Queue>, 2> {
  Queue queue;
  Task tasks[Queue::kRoom + 1];

  void thread(unsigned index) {
    if (index == 0) {
      for (Task& task : tasks) {
        task.Make();
        while (!queue.TryPush(&task)) RunIfAny(queue.Pop());
      }
    } else {
      Task* stolen[Queue::kRoom];
      const uint32_t count = queue.TakeHalf(stolen, Queue::kRoom);
      for (uint32_t i = 0; i < count; ++i) stolen[i]->Run();
    }
  }
  void after() { RunTheRest(queue, tasks); }
};

// Two take from a third.
struct Thieves : rl::test_suite<Thieves, 3> {
  Queue queue;
  Task tasks[2];

  void thread(unsigned index) {
    if (index == 0) {
      for (Task& task : tasks) {
        task.Make();
        Require(queue.TryPush(&task), "there is room");
      }
    } else if (index == 1) {
      RunIfAny(queue.Pop());
    } else {
      Task* stolen[kRoom];
      const uint32_t count = queue.TakeHalf(stolen, kRoom);
      for (uint32_t i = 0; i < count; ++i) stolen[i]->Run();
    }
  }
  void after() { RunTheRest(queue, tasks); }
};

// As Ready() hands over: the one made ready last into the slot, the one that
// was there into the ring.  Others take from both.
struct HandOff : rl::test_suite<HandOff, 2> {
  Queue queue;
  Task tasks[2];

  void thread(unsigned index) {
    if (index == 0) {
      for (Task& task : tasks) {
        task.Make();
        Task* displaced = queue.PutLast(&task);
        if (displaced != nullptr) {
          Require(queue.TryPush(displaced), "there is room");
        }
      }
      RunIfAny(queue.TakeLast());
    } else {
      RunIfAny(queue.TakeLast());
      RunIfAny(queue.Pop());
    }
  }
  void after() { RunTheRest(queue, tasks); }
};

TEST(RunQueue, StealingHolds) {
  EXPECT_TRUE(Holds<Steal>(kAll));
}
TEST(RunQueue, GoingRoundHolds) {
  EXPECT_TRUE(Holds<Round<Single>>(kAll));
}
TEST(RunQueue, GoingRoundTwoHolds) {
  EXPECT_TRUE(Holds<Round<Queue>>(5));
}
TEST(RunQueue, TwoThievesHold) {
  EXPECT_TRUE(Holds<Thieves>(5));
}
TEST(RunQueue, HandingOffHolds) {
  EXPECT_TRUE(Holds<HandOff>(kAll));
}

TEST(RunQueue, FailsWithoutReleaseInTryPush) {
  EXPECT_TRUE(FailsAs<Steal>(rl::test_result_data_race, "TryPush",
                             Part::kRelease, kAll));
}
TEST(RunQueue, FailsWithoutAcquireInTakeHalf) {
  EXPECT_TRUE(FailsAs<Steal>(rl::test_result_data_race, "TakeHalf",
                             Part::kAcquire, kAll));
}
TEST(RunQueue, FailsWithoutAcquireInPop) {
  EXPECT_TRUE(
      FailsAs<Thieves>(rl::test_result_data_race, "Pop", Part::kAcquire, 3));
}
TEST(RunQueue, FailsWithoutReleaseInPutLast) {
  EXPECT_TRUE(FailsAs<HandOff>(rl::test_result_data_race, "PutLast",
                               Part::kRelease, kAll));
}
TEST(RunQueue, FailsWithoutAcquireInTakeLast) {
  EXPECT_TRUE(FailsAs<HandOff>(rl::test_result_data_race, "TakeLast",
                               Part::kAcquire, kAll));
}
TEST(RunQueue, FailsWhenPopIsNotOneStep) {
  EXPECT_TRUE(FailsAs<Thieves>(rl::test_result_user_assert_failed, "Pop",
                               Part::kOneStep, 3));
}
TEST(RunQueue, FailsWhenTakeHalfIsNotOneStep) {
  EXPECT_TRUE(FailsAs<Steal>(rl::test_result_user_assert_failed, "TakeHalf",
                             Part::kOneStep, kAll));
}
TEST(RunQueue, FailsWhenTakeLastIsNotOneStep) {
  EXPECT_TRUE(FailsAs<HandOff>(rl::test_result_user_assert_failed, "TakeLast",
                               Part::kOneStep, kAll));
}
TEST(RunQueue, FailsWhenPutLastIsNotOneStep) {
  EXPECT_TRUE(FailsAs<HandOff>(rl::test_result_user_assert_failed, "PutLast",
                               Part::kOneStep, kAll));
}

}  // namespace
}  // namespace lt::model
