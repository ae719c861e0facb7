// SPDX-License-Identifier: MIT
//
// Effective priorities under random use of mutexes of the priority protocols.

#include <memory>
#include <random>
#include <vector>

#include "unit/actors.h"

namespace lt {
namespace {

// Random threads, priorities and mutexes, always locked in ascending order, and
// somebody who sets priorities.  In the end everybody has what was assigned.
struct Crowd {
  static constexpr int kThreads = 12;
  static constexpr int kMutexes = 5;
  static constexpr int kRounds = 400;
  // Assigned priorities stay below all ceilings.
  static constexpr int kCeiling = 64;

  std::vector<std::unique_ptr<TestMutex>> mutexes;
  std::atomic<int> inside[kMutexes] = {};
  std::atomic<int> clashes{0};
  std::atomic<int> wrong{0};
  std::atomic<int> ended{0};
  std::atomic<bool> measured{false};
};

struct Member {
  Crowd* crowd;
  unsigned seed;
  std::atomic<thread_t> id{0};
};

void* RunMember(void* arg) {
  auto& member = *static_cast<Member*>(arg);
  Crowd& crowd = *member.crowd;
  member.id = thr_self();
  std::minstd_rand random(member.seed);
  for (int round = 0; round < Crowd::kRounds; ++round) {
    bool held[Crowd::kMutexes] = {};
    for (int i = 0; i < Crowd::kMutexes; ++i) {
      if (random() % 3 != 0) continue;
      mutex_t* m = crowd.mutexes[i].get();
      const bool tries = random() % 4 == 0;
      const int error = tries ? mutex_trylock(m) : mutex_lock(m);
      if (error != 0 && !(tries && error == EBUSY)) ++crowd.wrong;
      if (error != 0) continue;
      held[i] = true;
      if (crowd.inside[i].fetch_add(1) != 0) ++crowd.clashes;
    }
    if (random() % 4 == 0) thr_yield();
    const unsigned first = random();
    for (int k = 0; k < Crowd::kMutexes; ++k) {
      const int i = static_cast<int>((first + k) % Crowd::kMutexes);
      if (!held[i]) continue;
      crowd.inside[i].fetch_sub(1);
      if (mutex_unlock(crowd.mutexes[i].get()) != 0) ++crowd.wrong;
    }
  }
  ++crowd.ended;
  while (!crowd.measured) {
    const timespec pause{0, 200'000};
    nanosleep(&pause, nullptr);
  }
  return nullptr;
}

TEST(InheritStressTest, EverybodyEndsWithWhatWasAssigned) {
  const auto seed = static_cast<unsigned>(time(nullptr));
  SCOPED_TRACE(seed);
  std::minstd_rand random(seed);
  Crowd crowd;
  for (int i = 0; i < Crowd::kMutexes; ++i) {
    crowd.mutexes.push_back(std::make_unique<TestMutex>(
        i % 2 == 0 ? LOCK_PRIO_INHERIT : LOCK_PRIO_PROTECT,
        Crowd::kCeiling + i));
  }
  std::vector<std::unique_ptr<Member>> members;
  std::vector<pthread_t> foreign;
  for (int i = 0; i < Crowd::kThreads; ++i) {
    members.push_back(std::make_unique<Member>(&crowd, random()));
    if (i % 4 == 3) {
      foreign.push_back({});
      ASSERT_EQ(pthread_create(&foreign.back(), nullptr, RunMember,
                               members.back().get()),
                0);
    } else {
      ASSERT_EQ(thr_create(nullptr, 0, RunMember, members.back().get(),
                           i % 4 == 2 ? THR_BOUND : 0, nullptr),
                0);
    }
  }
  while (crowd.ended != Crowd::kThreads) {
    const thread_t id = members[random() % Crowd::kThreads]->id;
    if (id != 0) {
      EXPECT_EQ(thr_setprio(id, static_cast<int>(random() % Crowd::kCeiling)),
                0);
    }
    const timespec pause{0, 50'000};
    nanosleep(&pause, nullptr);
  }
  EXPECT_EQ(crowd.clashes, 0);
  EXPECT_EQ(crowd.wrong, 0);
  for (const auto& member : members) {
    int assigned = -1;
    EXPECT_EQ(thr_getprio(member->id, &assigned), 0);
    EXPECT_EQ(Effective(member->id), assigned);
    const Thread& thread = Object(member->id);
    Critical critical(Self());
    SpinLockHolder hold(g_priority_lock);
    EXPECT_EQ(thread.donors, nullptr);
    EXPECT_EQ(thread.donee, nullptr);
    EXPECT_EQ(thread.protocol_wait, nullptr);
  }
  crowd.measured = true;
  for (const pthread_t each : foreign) {
    EXPECT_EQ(pthread_join(each, nullptr), 0);
  }
  for (int i = 0; i < Crowd::kThreads; ++i) {
    if (i % 4 != 3) {
      EXPECT_EQ(thr_join(members[i]->id, nullptr, nullptr), 0);
    }
  }
}

}  // namespace
}  // namespace lt
