// SPDX-License-Identifier: MIT
//
// LWPs that are made, waited for, stopped and signalled from everywhere at
// once.

#include <array>
#include <memory>
#include <random>
#include <vector>

#include "support/raw_lwps.h"

namespace lt {
namespace {

class LwpStressTest : public SignalTest {};
LT_OVER_KINDS(LwpStressTest);

TEST_P(LwpStressTest, EachLwpIsWaitedForOnce) {
  constexpr int kMakers = 3;
  constexpr int kEach = 40;
  const ScopedAction action(SIGUSR1);
  // The last numbers, to be stopped, continued and signalled.
  std::array<std::atomic<lwpid_t>, 8> recent{};
  std::atomic<int> ran{0};
  std::atomic<int> waited{0};
  std::atomic<bool> over{false};
  std::array<std::unique_ptr<Lwp>, kMakers * kEach> lwps;

  const auto make = [&](int maker) {
    for (int i = 0; i < kEach; ++i) {
      const int index = maker * kEach + i;
      lwps[index] = std::make_unique<Lwp>([&, index] {
        ++ran;
        for (int k = 0; k < index % 5; ++k) LetOthersRun();
        if (index % 3 == 0) _lwp_exit();
        if (index % 3 == 1) thr_exit(nullptr);
      });
      ASSERT_EQ(lwps[index]->Create(index % 4 == 0 ? LWP_SUSPENDED : 0), 0);
      const lwpid_t id = lwps[index]->id();
      recent[index % recent.size()] = id;
      if (index % 4 == 0) {
        EXPECT_EQ(_lwp_continue(id), 0);
      }
      // Some are waited for here, the others by whoever waits for any.
      if (index % 2 == 0) {
        const int error = index % 8 == 0 ? thr_join(id, nullptr, nullptr)
                                         : _lwp_wait(id, nullptr);
        if (error == 0) ++waited;
        // It may have been interrupted, or have come second.
        EXPECT_TRUE(error == 0 || error == ESRCH || error == EINTR) << error;
      }
    }
  };
  const auto disturb = [&](unsigned seed) {
    std::minstd_rand random(seed);
    while (!over) {
      const lwpid_t id = recent[random() % recent.size()];
      if (id != 0) {
        switch (random() % 3) {
          case 0:
            if (_lwp_suspend(id) == 0) {
              EXPECT_LE(_lwp_continue(id), ESRCH);
            }
            break;
          case 1:
            static_cast<void>(_lwp_kill(id, SIGUSR1));
            break;
          default:
            static_cast<void>(_lwp_kill(id, 0));
        }
      }
      LetOthersRun();
    }
  };

  std::vector<thread_t> makers;
  std::vector<thread_t> others;
  for (int i = 0; i < kMakers; ++i) {
    makers.push_back(Spawn([&, i] { make(i); }));
  }
  for (unsigned i = 0; i < 2; ++i) {
    others.push_back(Spawn([&, i] { disturb(7 + i); }));
  }
  others.push_back(Spawn([&] {
    while (waited < kMakers * kEach) {
      const int error = _lwp_wait(0, nullptr);
      if (error == 0) ++waited;
      if (error == EDEADLK) LetOthersRun();
    }
  }));
  for (const thread_t id : makers) Join(id);
  EXPECT_TRUE(Eventually([&] { return waited == kMakers * kEach; }));
  over = true;
  for (const thread_t id : others) Join(id);
  EXPECT_EQ(ran, kMakers * kEach);
  EXPECT_EQ(_lwp_wait(0, nullptr), EDEADLK);
}

// Threads of the pool and bound ones stopped by the numbers of whatever LWPs
// there are, and continued by the same.
TEST_P(LwpStressTest, StopsByNumberLoseNobody) {
  std::atomic<bool> over{false};
  std::vector<thread_t> workers;
  std::array<std::atomic<int>, 4> turns{};
  for (size_t i = 0; i < turns.size(); ++i) {
    workers.push_back(Spawn([&, i] {
      while (!over) {
        ++turns[i];
        LetOthersRun();
      }
    }));
  }
  ForeignThread stopper([&] {
    std::minstd_rand random(3);
    const lwpid_t own = _lwp_self();
    for (int i = 0; i < 300; ++i) {
      const auto number = static_cast<lwpid_t>(random() % 12 + 1);
      if (number == own) continue;
      if (_lwp_suspend(number) == 0) {
        const int error = _lwp_continue(number);
        EXPECT_TRUE(error == 0 || error == ESRCH) << error;
      }
    }
    // Nobody stands.
    for (auto& count : turns) {
      const int before = count;
      EXPECT_TRUE(Eventually([&] { return count != before; }));
    }
    over = true;
  });
  stopper.Join();
  for (const thread_t id : workers) Join(id);
}

}  // namespace
}  // namespace lt
