// SPDX-License-Identifier: MIT

#include "support/sync_objects.h"

#include <vector>

namespace lt {

void SyncTest::ExpectTimeoutsSwallowNoSignal(cond_t& c, mutex_t& m,
                                             int timed_waiters,
                                             int signals) const {
  bool stop = false;
  int tokens = 0;
  int taken = 0;
  std::vector<thread_t> timed;
  for (int i = 0; i < timed_waiters; ++i) {
    timed.push_back(Spawn([&, i] {
      timespec_t wait{};
      wait.tv_nsec = 20'000 + 30'000 * i;
      EXPECT_EQ(mutex_lock(&m), 0);
      while (!stop) {
        const int error = cond_reltimedwait(&c, &m, &wait);
        EXPECT_TRUE(error == 0 || error == ETIME) << error;
        if (error == 0) {
          EXPECT_EQ(cond_signal(&c), 0);
        }
      }
      EXPECT_EQ(mutex_unlock(&m), 0);
    }));
  }
  const thread_t patient = Spawn([&] {
    EXPECT_EQ(mutex_lock(&m), 0);
    while (taken < signals) {
      while (tokens == 0) EXPECT_EQ(cond_wait(&c, &m), 0);
      --tokens;
      ++taken;
    }
    EXPECT_EQ(mutex_unlock(&m), 0);
  });
  for (int i = 1; i <= signals; ++i) {
    EXPECT_EQ(mutex_lock(&m), 0);
    ++tokens;
    if (i % 2 == 0) {
      EXPECT_EQ(cond_signal(&c), 0);
    }
    EXPECT_EQ(mutex_unlock(&m), 0);
    if (i % 2 != 0) {
      EXPECT_EQ(cond_signal(&c), 0);
    }
    ASSERT_TRUE(EventuallyLocked(&m, [&] { return taken == i; }))
        << "signal " << i << " was lost";
  }
  EXPECT_EQ(mutex_lock(&m), 0);
  stop = true;
  EXPECT_EQ(mutex_unlock(&m), 0);
  for (const thread_t id : timed) Join(id);
  Join(patient);
}

}  // namespace lt
