// SPDX-License-Identifier: MIT
//
// semaphore(3): who is woken, and that no unit is lost or made.

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <deque>
#include <vector>

#include "support/fixture.h"
#include "support/sync_objects.h"

namespace lt {
namespace {

class SemaOrderTest : public SyncTest {};

LT_OVER_KINDS(SemaOrderTest);

// The order in which threads came through.
class Order {
 public:
  void Add(int who) {
    EXPECT_EQ(mutex_lock(&mutex_), 0);
    order_.push_back(who);
    EXPECT_EQ(mutex_unlock(&mutex_), 0);
  }
  std::vector<int> Get() {
    EXPECT_EQ(mutex_lock(&mutex_), 0);
    std::vector<int> copy = order_;
    EXPECT_EQ(mutex_unlock(&mutex_), 0);
    return copy;
  }

 private:
  mutex_t mutex_ = DEFAULTMUTEX;
  std::vector<int> order_;
};

TEST_P(SemaOrderTest, FirstComeFirstServed) {
  constexpr int kWaiters = 12;
  sema_t s = DEFAULTSEMA;
  Order order;
  std::vector<thread_t> ids;
  std::vector<int> expected;
  for (int i = 0; i < kWaiters; ++i) {
    ids.push_back(Spawn([&, i] {
      EXPECT_EQ(sema_wait(&s), 0);
      order.Add(i);
    }));
    EXPECT_TRUE(Quiesce());  // it waits before the next one comes
    expected.push_back(i);
  }
  for (size_t i = 1; i <= kWaiters; ++i) {
    EXPECT_EQ(sema_post(&s), 0);
    EXPECT_TRUE(Eventually([&] { return order.Get().size() == i; }));
  }
  for (const thread_t id : ids) Join(id);
  EXPECT_EQ(order.Get(), expected);
}

TEST_P(SemaOrderTest, HigherPriorityFirst) {
  constexpr std::array<int, 6> kPriorities = {10, 30, 20, 30, 10, 20};
  sema_t s = DEFAULTSEMA;
  Order order;
  std::vector<thread_t> ids;
  for (size_t i = 0; i < kPriorities.size(); ++i) {
    ids.push_back(Spawn([&, i] {
      EXPECT_EQ(thr_setprio(thr_self(), kPriorities[i]), 0);
      EXPECT_EQ(sema_wait(&s), 0);
      order.Add(static_cast<int>(i));
    }));
    EXPECT_TRUE(Quiesce());
  }
  for (size_t i = 1; i <= kPriorities.size(); ++i) {
    EXPECT_EQ(sema_post(&s), 0);
    EXPECT_TRUE(Eventually([&] { return order.Get().size() == i; }));
  }
  for (const thread_t id : ids) Join(id);
  EXPECT_EQ(order.Get(), (std::vector<int>{1, 3, 2, 5, 0, 4}));
}

// As many units posted in a row as there are waiters: each gets one.
TEST_P(SemaOrderTest, PostsInARowWakeAsMany) {
  constexpr int kWaiters = 50;
  sema_t s = DEFAULTSEMA;
  std::vector<thread_t> ids;
  for (int i = 0; i < kWaiters; ++i) {
    ids.push_back(Spawn([&] { EXPECT_EQ(sema_wait(&s), 0); }));
  }
  EXPECT_TRUE(Quiesce());
  for (int i = 0; i < kWaiters; ++i) EXPECT_EQ(sema_post(&s), 0);
  for (const thread_t id : ids) Join(id);
  EXPECT_EQ(sema_trywait(&s), EBUSY);
}

// A unit goes round a ring of threads.
TEST_P(SemaOrderTest, HandOverInARing) {
  constexpr size_t kThreads = 100;
  constexpr int kLaps = 50;
  std::vector<sema_t> semas(kThreads);
  for (sema_t& s : semas) ASSERT_EQ(sema_init(&s, 0, USYNC_THREAD, nullptr), 0);
  size_t steps = 0;
  std::vector<thread_t> ids;
  for (size_t i = 0; i < kThreads; ++i) {
    ids.push_back(Spawn([&, i] {
      for (int lap = 0; lap < kLaps; ++lap) {
        EXPECT_EQ(sema_wait(&semas[i]), 0);
        EXPECT_EQ(steps % kThreads, i);
        ++steps;
        EXPECT_EQ(sema_post(&semas[(i + 1) % kThreads]), 0);
      }
    }));
  }
  EXPECT_EQ(sema_post(&semas[0]), 0);
  for (const thread_t id : ids) Join(id);
  EXPECT_EQ(steps, kThreads * kLaps);
  EXPECT_EQ(sema_trywait(&semas[0]), 0);
}

// INV-SE2: a mark that sleepers left behind goes with the next post, and units
// are counted again.
TEST_P(SemaOrderTest, PostsAfterATimeoutAreCounted) {
  constexpr unsigned kUnits = 3;
  sema_t fresh = DEFAULTSEMA;
  sema_t s = DEFAULTSEMA;
  Join(Spawn([&] {
    timespec_t shortly = {0, 1'000'000};
    EXPECT_EQ(sema_reltimedwait(&s, &shortly), ETIME);
  }));
  EXPECT_EQ(s.count, 0U);
  EXPECT_EQ(sema_trywait(&s), EBUSY);
  for (unsigned i = 1; i <= kUnits; ++i) {
    EXPECT_EQ(sema_post(&s), 0);
    EXPECT_EQ(s.count, i);
  }
  for (unsigned i = 0; i < kUnits; ++i) EXPECT_EQ(sema_wait(&s), 0);
  EXPECT_EQ(sema_trywait(&s), EBUSY);
  EXPECT_EQ(memcmp(&s, &fresh, sizeof s), 0);
}

// Who takes the unit may destroy the semaphore, and unmap it, at once: the
// poster does not touch it any more.
TEST_P(SemaOrderTest, TheOneWhoIsWokenMayUnmapIt) {
  constexpr int kRounds = 2000;
  const auto page_bytes = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  sema_t asked = DEFAULTSEMA;
  sema_t* shown = nullptr;
  const thread_t poster = Spawn([&] {
    for (int i = 0; i < kRounds; ++i) {
      EXPECT_EQ(sema_wait(&asked), 0);
      EXPECT_EQ(sema_post(shown), 0);
    }
  });
  for (int i = 0; i < kRounds; ++i) {
    void* page = mmap(nullptr, page_bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(page, MAP_FAILED);
    shown = static_cast<sema_t*>(page);
    EXPECT_EQ(sema_post(&asked), 0);
    if (i % 2 == 0) {
      EXPECT_EQ(sema_wait(shown), 0);
    } else {
      while (sema_trywait(shown) != 0) thr_yield();
    }
    EXPECT_EQ(munmap(page, page_bytes), 0);
  }
  Join(poster);
}

// A semaphore with n units lets at most n threads in, and exactly n can meet.
TEST_P(SemaOrderTest, LimitsHowManyAreInside) {
  constexpr unsigned kUnits = 3;
  constexpr int kThreads = 9;
  sema_t s;
  ASSERT_EQ(sema_init(&s, kUnits, USYNC_THREAD, nullptr), 0);
  std::atomic<unsigned> inside{0};
  RunThreads(kThreads, [&](int) {
    for (int i = 0; i < 2000; ++i) {
      EXPECT_EQ(sema_wait(&s), 0);
      EXPECT_LE(++inside, kUnits);
      if (i % 16 == 0) thr_yield();
      --inside;
      EXPECT_EQ(sema_post(&s), 0);
    }
  });
  EXPECT_EQ(s.count, kUnits);
}

// Units that came in equal units that went out plus what is left, whatever
// happens to waiters whose time runs out meanwhile.
TEST_P(SemaOrderTest, NoUnitIsLostToATimeout) {
  constexpr int kTimedWaiters = 4;
  constexpr int kPosts = 3000;
  sema_t s = DEFAULTSEMA;
  std::atomic<bool> stop{false};
  std::atomic<int> taken{0};
  std::vector<thread_t> ids;
  for (int i = 0; i < kTimedWaiters; ++i) {
    ids.push_back(Spawn([&, i] {
      timespec_t wait{};
      wait.tv_nsec = 10'000 + 20'000 * i;
      while (!stop.load()) {
        const int error = sema_reltimedwait(&s, &wait);
        EXPECT_TRUE(error == 0 || error == ETIME) << error;
        if (error == 0) ++taken;
      }
    }));
  }
  for (int i = 0; i < kPosts; ++i) {
    EXPECT_EQ(sema_post(&s), 0);
    thr_yield();
  }
  EXPECT_TRUE(Eventually([&] { return taken.load() == kPosts; }));
  stop = true;
  for (const thread_t id : ids) Join(id);
  EXPECT_EQ(taken.load(), kPosts);
  EXPECT_EQ(sema_trywait(&s), EBUSY);
}

// The unit that a thread with a short time leaves goes to the one that waits
// without a limit: nobody posts a second time for it.
TEST_P(SemaOrderTest, TimeoutDoesNotSwallowTheWakeup) {
  constexpr int kRounds = 500;
  sema_t s = DEFAULTSEMA;
  sema_t go = DEFAULTSEMA;
  std::atomic<int> finished{0};
  std::atomic<int> timed_takes{0};
  const thread_t timed = Spawn([&] {
    for (int i = 0; i < kRounds; ++i) {
      EXPECT_EQ(sema_wait(&go), 0);
      timespec_t wait{};
      wait.tv_nsec = 1000 * (i % 100);
      const int error = sema_reltimedwait(&s, &wait);
      EXPECT_TRUE(error == 0 || error == ETIME) << error;
      if (error == 0) {
        ++timed_takes;
        EXPECT_EQ(sema_post(&s), 0);  // hands it on
      }
      ++finished;
    }
  });
  const thread_t patient = Spawn([&] {
    for (int i = 0; i < kRounds; ++i) {
      EXPECT_EQ(sema_wait(&s), 0);
      ++finished;
    }
  });
  for (int i = 1; i <= kRounds; ++i) {
    EXPECT_EQ(sema_post(&go), 0);
    thr_yield();
    EXPECT_EQ(sema_post(&s), 0);
    ASSERT_TRUE(Eventually([&] { return finished.load() == 2 * i; }));
  }
  Join(timed);
  Join(patient);
  EXPECT_EQ(sema_trywait(&s), EBUSY);
}

TEST_P(SemaOrderTest, BoundedBufferOfSemaphores) {
  constexpr int kPairs = 3;
  constexpr long kItems = 3000;
  constexpr unsigned kCapacity = 4;
  sema_t free_slots;
  sema_t items;
  mutex_t m = DEFAULTMUTEX;
  ASSERT_EQ(sema_init(&free_slots, kCapacity, USYNC_THREAD, nullptr), 0);
  ASSERT_EQ(sema_init(&items, 0, USYNC_THREAD, nullptr), 0);
  std::deque<long> buffer;
  std::atomic<long> sum{0};
  RunThreads(2 * kPairs, [&](int index) {
    const bool producer = index % 2 == 0;
    for (long i = 1; i <= kItems; ++i) {
      EXPECT_EQ(sema_wait(producer ? &free_slots : &items), 0);
      EXPECT_EQ(mutex_lock(&m), 0);
      if (producer) {
        buffer.push_back(i);
      } else {
        sum += buffer.front();
        buffer.pop_front();
      }
      EXPECT_LE(buffer.size(), kCapacity);
      EXPECT_EQ(mutex_unlock(&m), 0);
      EXPECT_EQ(sema_post(producer ? &items : &free_slots), 0);
    }
  });
  EXPECT_EQ(sum.load(), kPairs * kItems * (kItems + 1) / 2);
  EXPECT_EQ(free_slots.count, kCapacity);
  EXPECT_EQ(items.count, 0U);
}

// Posts come from the other kind of thread than the waits.
class SemaMixedKindsTest : public ModelTest {};

TEST_F(SemaMixedKindsTest, PingPongBetweenBoundAndUnbound) {
  constexpr int kTurns = 3000;
  sema_t ping = DEFAULTSEMA;
  sema_t pong = DEFAULTSEMA;
  int turns = 0;
  const auto play = [&](sema_t* mine, sema_t* other, int first) {
    for (int i = 0; i < kTurns; ++i) {
      EXPECT_EQ(sema_wait(mine), 0);
      EXPECT_EQ(turns, 2 * i + first);
      ++turns;
      EXPECT_EQ(sema_post(other), 0);
    }
  };
  const thread_t bound =
      SpawnWithFlags([&] { play(&ping, &pong, 0); }, THR_BOUND);
  const thread_t unbound = SpawnWithFlags([&] { play(&pong, &ping, 1); }, 0);
  EXPECT_EQ(sema_post(&ping), 0);
  Join(bound);
  Join(unbound);
  EXPECT_EQ(turns, 2 * kTurns);
}

}  // namespace
}  // namespace lt
