// SPDX-License-Identifier: MIT
//
// atomic_ops(3) and membar_ops(3), used by threads at the same time.

#include <atomic.h>

#include "support/fixture.h"

namespace lt {
namespace {

// The function behind a name: not what is compiled in place.
template <typename F>
F* Outside(F* function) {
  F* volatile out = function;
  return out;
}

class AtomicThreadsTest : public ApiTest {};
LT_OVER_KINDS(AtomicThreadsTest);

constexpr int kThreads = 4;
constexpr int kRounds = 20000;

// Counters of all sizes, side by side in one word: no count gets lost.
TEST_P(AtomicThreadsTest, NoCountGetsLost) {
  struct alignas(8) {
    unsigned char bytes[2] = {};
    unsigned short half = 0;
    unsigned int word = 0;
    unsigned long longs[2] = {};
    char* pointer = nullptr;
    unsigned long by_cas = 0;
  } t;
  RunThreads(kThreads, [&](int i) {
    for (int n = 0; n < kRounds; ++n) {
      atomic_inc_uchar(&t.bytes[0]);
      atomic_dec_8(&t.bytes[1]);
      atomic_add_short(&t.half, i % 2 == 0 ? 3 : -1);
      atomic_inc_uint_nv(&t.word);
      Outside(atomic_add_long)(&t.longs[0], 2);
      atomic_dec_ulong(&t.longs[1]);
      atomic_inc_ptr(&t.pointer);
      unsigned long seen = t.by_cas;
      for (;;) {
        const unsigned long was = atomic_cas_ulong(&t.by_cas, seen, seen + 1);
        if (was == seen) break;
        seen = was;
      }
    }
  });
  constexpr unsigned long kAll = kThreads * kRounds;
  EXPECT_EQ(t.bytes[0], static_cast<unsigned char>(kAll));
  EXPECT_EQ(t.bytes[1], static_cast<unsigned char>(-kAll));
  EXPECT_EQ(t.half, static_cast<unsigned short>(kAll));
  EXPECT_EQ(t.word, kAll);
  EXPECT_EQ(t.longs[0], 2 * kAll);
  EXPECT_EQ(t.longs[1], -kAll);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(t.pointer), kAll);
  EXPECT_EQ(t.by_cas, kAll);
}

// Each bit is one thread's: nobody's change undoes another's.
TEST_P(AtomicThreadsTest, BitsOfOneWordAreApart) {
  unsigned char word = 0;
  RunThreads(kThreads, [&](int i) {
    const auto mine = static_cast<unsigned char>(1 << i);
    for (int n = 0; n < kRounds; ++n) {
      if ((atomic_or_uchar_nv(&word, mine) & mine) == 0) ADD_FAILURE();
      if ((atomic_and_uchar_nv(&word, static_cast<unsigned char>(~mine)) &
           mine) != 0) {
        ADD_FAILURE();
      }
    }
    atomic_or_8(&word, mine);
  });
  EXPECT_EQ(word, (1 << kThreads) - 1);
}

// Two locks made of these operations and barriers: what they guard is whole.
TEST_P(AtomicThreadsTest, LocksMadeOfThemExclude) {
  unsigned long bit_lock = 0;
  unsigned int swap_lock = 0;
  volatile int by_bit = 0;
  volatile int by_swap = 0;
  RunThreads(kThreads, [&](int) {
    for (int n = 0; n < kRounds / 10; ++n) {
      while (atomic_set_long_excl(&bit_lock, 5) != 0) thr_yield();
      by_bit = by_bit + 1;
      if (atomic_clear_long_excl(&bit_lock, 5) != 0) ADD_FAILURE();
      while (atomic_swap_uint(&swap_lock, 1) != 0) thr_yield();
      membar_enter();
      by_swap = by_swap + 1;
      membar_exit();
      *const_cast<volatile unsigned int*>(&swap_lock) = 0;
    }
  });
  EXPECT_EQ(by_bit, kThreads * kRounds / 10);
  EXPECT_EQ(by_swap, kThreads * kRounds / 10);
}

// A value is never older than the number that announces it.
TEST_P(AtomicThreadsTest, ProducerAndConsumerBarriersKeepOrder) {
  volatile int value = 0;
  volatile int announced = 0;
  const auto consumer = Spawn([&] {
    int seen = 0;
    while (seen < kRounds) {
      seen = announced;
      membar_consumer();
      if (value < seen) {
        ADD_FAILURE() << value << " of " << seen;
        return;
      }
      if (seen < kRounds) LetOthersRun();
    }
  });
  const auto producer = Spawn([&] {
    for (int n = 1; n <= kRounds; ++n) {
      value = n;
      n % 2 == 0 ? membar_producer() : Outside(membar_producer)();
      announced = n;
    }
  });
  Join(producer);
  Join(consumer);
}

// Of two threads that each store and then look, one sees the other's store:
// both membar_enter and every operation keep a load behind a store.
TEST_P(AtomicThreadsTest, AStoreIsSeenBeforeALaterLoad) {
  for (const bool barrier : {true, false}) {
    unsigned int flag[2] = {};
    unsigned int saw[2] = {};
    unsigned int met[3] = {};
    // Both have come here in round `n`.
    const auto meet = [](unsigned int& counter, unsigned int n) {
      atomic_inc_uint(&counter);
      while (static_cast<volatile unsigned int&>(counter) < 2 * n) {
        LetOthersRun();
      }
    };
    RunThreads(2, [&](int i) {
      volatile unsigned int* flags = flag;
      for (unsigned int n = 1; n <= 1000; ++n) {
        meet(met[0], n);
        if (barrier) {
          flags[i] = n;
          membar_enter();
        } else {
          atomic_swap_uint(&flag[i], n);
        }
        saw[i] = flags[1 - i];
        meet(met[1], n);
        if (saw[0] != n && saw[1] != n) ADD_FAILURE() << "round " << n;
        meet(met[2], n);
      }
    });
  }
}

}  // namespace
}  // namespace lt
