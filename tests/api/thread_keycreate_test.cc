// SPDX-License-Identifier: MIT
//
// thr_keycreate(3): keys, values and destructors.  thr_keycreate_once is in
// thread_keycreate_once_test.cc.  Keys are never taken back, so that each case
// makes its own.

#include <errno.h>
#include <pthread.h>

#include <cstdint>
#include <vector>

#include "support/fixture.h"

// Exported for other libraries, in no header.  NOLINTBEGIN
extern "C" int _thr_keycreate(thread_key_t*, void (*)(void*));
extern "C" int _thr_setspecific(thread_key_t, void*);
extern "C" int _thr_getspecific(thread_key_t, void**);
// NOLINTEND

namespace lt {
namespace {

using ThreadKeycreateTest = ApiTest;
LT_OVER_KINDS(ThreadKeycreateTest);

constexpr thread_key_t kNeverMade = 100'000'000;

thread_key_t MakeKey(void (*destructor)(void*) = nullptr) {
  thread_key_t key = 0;
  EXPECT_EQ(thr_keycreate(&key, destructor), 0);
  return key;
}

void* Get(thread_key_t key) {
  int canary = 0;
  void* value = &canary;
  EXPECT_EQ(thr_getspecific(key, &value), 0);
  return value;
}

void* AsValue(uintptr_t value) {
  return reinterpret_cast<void*>(value);
}

TEST_P(ThreadKeycreateTest, KeysStartAtOneAndDiffer) {
  const thread_key_t first = MakeKey();
  const thread_key_t second = MakeKey();
  EXPECT_GE(first, 1U);
  EXPECT_GT(second, first);
  EXPECT_NE(second, THR_ONCE_KEY);
}

TEST_P(ThreadKeycreateTest, ANewKeyReadsNullInEveryThread) {
  thread_key_t key = 0;
  Gate made;
  Gate ready;
  const thread_t old = Spawn([&] {
    ready.Open();
    made.Wait();
    EXPECT_EQ(Get(key), nullptr);
  });
  ready.Wait();
  key = MakeKey();
  made.Open();
  EXPECT_EQ(Get(key), nullptr);
  Join(old);
  Join(Spawn([&] { EXPECT_EQ(Get(key), nullptr); }));
}

TEST_P(ThreadKeycreateTest, EachThreadHasItsOwnValue) {
  const thread_key_t key = MakeKey();
  ASSERT_EQ(thr_setspecific(key, AsValue(999)), 0);
  std::atomic<int> wrong{0};
  RunThreads(50, [&](int i) {
    const auto mine = static_cast<uintptr_t>(i) + 1;
    if (Get(key) != nullptr) ++wrong;
    EXPECT_EQ(thr_setspecific(key, AsValue(mine)), 0);
    for (int turn = 0; turn < 50; ++turn) {
      thr_yield();
      if (Get(key) != AsValue(mine)) ++wrong;
    }
  });
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(Get(key), AsValue(999));
}

TEST_P(ThreadKeycreateTest, TwoThousandKeysWork) {
  constexpr size_t kKeys = 2000;
  std::vector<thread_key_t> keys;
  for (size_t i = 0; i < kKeys; ++i) keys.push_back(MakeKey());
  RunThreads(4, [&](int thread) {
    const auto base = static_cast<uintptr_t>(thread) * kKeys + 1;
    for (size_t i = 0; i < kKeys; ++i) {
      EXPECT_EQ(Get(keys[i]), nullptr);
      ASSERT_EQ(thr_setspecific(keys[i], AsValue(base + i)), 0);
    }
    thr_yield();
    for (size_t i = 0; i < kKeys; ++i) {
      EXPECT_EQ(Get(keys[i]), AsValue(base + i));
    }
  });
}

TEST_P(ThreadKeycreateTest, AKeyOnlySetLateInAHighNumberWorks) {
  std::vector<thread_key_t> keys;
  for (int i = 0; i < 300; ++i) keys.push_back(MakeKey());
  Join(Spawn([&] {
    EXPECT_EQ(thr_setspecific(keys.back(), AsValue(1)), 0);
    EXPECT_EQ(Get(keys.back()), AsValue(1));
    EXPECT_EQ(Get(keys.front()), nullptr);
  }));
}

TEST_P(ThreadKeycreateTest, KeyZeroIsInvalid) {
  void* value = AsValue(1);
  EXPECT_EQ(thr_setspecific(0, AsValue(1)), EINVAL);
  EXPECT_EQ(thr_getspecific(0, &value), EINVAL);
}

TEST_P(ThreadKeycreateTest, AKeyNeverMadeCannotBeSet) {
  EXPECT_EQ(thr_setspecific(kNeverMade, AsValue(1)), EINVAL);
  EXPECT_EQ(thr_setspecific(THR_ONCE_KEY, AsValue(1)), EINVAL);
  EXPECT_EQ(thr_setspecific(MakeKey() + 1, AsValue(1)), EINVAL);
}

TEST_P(ThreadKeycreateTest, AKeyNeverMadeReadsNull) {
  EXPECT_EQ(Get(kNeverMade), nullptr);
  EXPECT_EQ(Get(THR_ONCE_KEY), nullptr);
  EXPECT_EQ(Get(MakeKey() + 1), nullptr);
}

std::atomic<int> destroyed{0};

extern "C" void CountDestruction(void*) {
  ++destroyed;
}

TEST_P(ThreadKeycreateTest, TheDestructorRunsAtExitForValuesThatAreSet) {
  const thread_key_t set = MakeKey(CountDestruction);
  const thread_key_t cleared = MakeKey(CountDestruction);
  MakeKey(CountDestruction);  // never set
  const thread_key_t bare = MakeKey();
  destroyed = 0;
  RunThreads(10, [&](int) {
    EXPECT_EQ(thr_setspecific(set, AsValue(1)), 0);
    EXPECT_EQ(thr_setspecific(cleared, AsValue(1)), 0);
    EXPECT_EQ(thr_setspecific(cleared, nullptr), 0);
    EXPECT_EQ(thr_setspecific(bare, AsValue(1)), 0);
  });
  EXPECT_EQ(destroyed, 10);
}

TEST_P(ThreadKeycreateTest, DestructorsHaveRunWhenTheJoinReturns) {
  const thread_key_t key = MakeKey(CountDestruction);
  for (int i = 0; i < 100; ++i) {
    destroyed = 0;
    Join(Spawn([&] { EXPECT_EQ(thr_setspecific(key, AsValue(1)), 0); }));
    ASSERT_EQ(destroyed, 1);
  }
}

// The state of the case whose destructor runs: one thread at a time.
struct DestructorCase {
  thread_key_t key = 0;
  thread_key_t other = 0;
  int runs = 0;
  int again = 0;
  void* value = nullptr;
  void* slot = nullptr;
  thread_t self = 0;
};
DestructorCase current;

extern "C" void RecordSlot(void* value) {
  ++current.runs;
  current.value = value;
  current.self = thr_self();
  current.slot = &current;
  EXPECT_EQ(thr_getspecific(current.key, &current.slot), 0);
}

TEST_P(ThreadKeycreateTest, TheDestructorGetsTheValueAndSeesNull) {
  current = DestructorCase{};
  current.key = MakeKey(RecordSlot);
  const thread_t id =
      Spawn([] { EXPECT_EQ(thr_setspecific(current.key, AsValue(123)), 0); });
  Join(id);
  EXPECT_EQ(current.runs, 1);
  EXPECT_EQ(current.value, AsValue(123));
  EXPECT_EQ(current.slot, nullptr);
  EXPECT_EQ(current.self, id);
}

extern "C" void SetAgain(void* value) {
  ++current.runs;
  if (current.runs <= current.again) {
    EXPECT_EQ(thr_setspecific(current.key, value), 0);
  }
}

TEST_P(ThreadKeycreateTest, DestructorsRunUntilNoValueIsLeft) {
  current = DestructorCase{};
  current.key = MakeKey(SetAgain);
  current.again = 100;  // many times the bound that POSIX allows
  Join(Spawn([] { EXPECT_EQ(thr_setspecific(current.key, AsValue(1)), 0); }));
  EXPECT_EQ(current.runs, 101);
}

extern "C" void SetOther(void*) {
  ++current.runs;
  EXPECT_EQ(thr_setspecific(current.other, AsValue(1)), 0);
}

TEST_P(ThreadKeycreateTest, AValueSetByAnotherKeysDestructorIsDestroyed) {
  for (const bool lower : {false, true}) {
    current = DestructorCase{};
    destroyed = 0;
    if (lower) current.other = MakeKey(CountDestruction);
    current.key = MakeKey(SetOther);
    if (!lower) current.other = MakeKey(CountDestruction);
    Join(Spawn([] { EXPECT_EQ(thr_setspecific(current.key, AsValue(1)), 0); }));
    EXPECT_EQ(current.runs, 1);
    EXPECT_EQ(destroyed, 1);
  }
}

extern "C" void YieldAndCount(void*) {
  thr_yield();
  ++destroyed;
}

TEST_P(ThreadKeycreateTest, ADestructorMayYieldAndUseLocks) {
  const thread_key_t key = MakeKey(YieldAndCount);
  destroyed = 0;
  RunThreads(20, [&](int i) {
    EXPECT_EQ(thr_setspecific(key, AsValue(static_cast<uintptr_t>(i) + 1)), 0);
  });
  EXPECT_EQ(destroyed, 20);
}

TEST_P(ThreadKeycreateTest, PthreadKeysAreSeparate) {
  pthread_key_t posix = 0;
  ASSERT_EQ(pthread_key_create(&posix, CountDestruction), 0);
  const thread_key_t ours = MakeKey(CountDestruction);
  destroyed = 0;
  RunThreads(5, [&](int) {
    EXPECT_EQ(pthread_setspecific(posix, AsValue(1)), 0);
    EXPECT_EQ(thr_setspecific(ours, AsValue(2)), 0);
    thr_yield();
    EXPECT_EQ(pthread_getspecific(posix), AsValue(1));
    EXPECT_EQ(Get(ours), AsValue(2));
  });
  EXPECT_EQ(destroyed, 10);
  EXPECT_EQ(pthread_key_delete(posix), 0);
}

TEST_P(ThreadKeycreateTest, ForeignThreadsHaveValuesAndDestructors) {
  const thread_key_t key = MakeKey(CountDestruction);
  destroyed = 0;
  ForeignThread([&] {
    EXPECT_EQ(Get(key), nullptr);
    EXPECT_EQ(thr_setspecific(key, AsValue(4)), 0);
    EXPECT_EQ(Get(key), AsValue(4));
  }).Join();
  EXPECT_TRUE(Eventually([] { return destroyed == 1; }));
}

TEST_P(ThreadKeycreateTest, KeysAreMadeByManyThreadsAtOnce) {
  std::vector<std::vector<thread_key_t>> made(8);
  RunThreads(8, [&](int i) {
    for (int n = 0; n < 50; ++n) {
      made[static_cast<size_t>(i)].push_back(MakeKey());
      if (n % 8 == 0) thr_yield();
    }
  });
  std::vector<bool> seen;
  for (const auto& keys : made) {
    for (const thread_key_t key : keys) {
      if (seen.size() <= key) seen.resize(key + 1);
      EXPECT_FALSE(seen[key]) << key;
      seen[key] = true;
    }
  }
}

TEST_P(ThreadKeycreateTest, ThePrivateAliasesAreTheSameCalls) {
  thread_key_t key = 0;
  ASSERT_EQ(_thr_keycreate(&key, nullptr), 0);
  EXPECT_EQ(_thr_setspecific(key, AsValue(6)), 0);
  void* value = nullptr;
  EXPECT_EQ(_thr_getspecific(key, &value), 0);
  EXPECT_EQ(value, AsValue(6));
  EXPECT_EQ(thr_setspecific(key, nullptr), 0);
}

}  // namespace
}  // namespace lt
