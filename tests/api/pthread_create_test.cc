// SPDX-License-Identifier: MIT
//
// pthread_create(3) beside the library: each pthread of the program is a thread
// with an id from the start, whatever LIBTHREAD_PTHREADS makes of it.

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <vector>

#include "support/fixture.h"
#include "support/pthreads.h"

namespace lt {
namespace {

class PthreadCreateTest : public ModelTest {
 protected:
  void SetUp() override {
    LT_NEEDS_KNOWN_PTHREADS();
    ModelTest::SetUp();
  }
  void TearDown() override {
    if (kPthreadsAreKnown) ModelTest::TearDown();
  }
};

extern "C" void* ReturnArgument(void* arg) {
  return arg;
}

extern "C" void* StoreIds(void* arg) {
  auto& ids = *static_cast<std::pair<thread_t, pthread_t>*>(arg);
  ids = {thr_self(), pthread_self()};
  return nullptr;
}

// Joins `thread`, whichever way, and returns its status.
void* StatusOf(pthread_t thread) {
  void* status = nullptr;
  EXPECT_EQ(pthread_join(thread, &status), 0);
  return status;
}

TEST_F(PthreadCreateTest, TheStatusGoesToPthreadJoin) {
  EXPECT_EQ(StatusOf(MustCreatePthread(ReturnArgument, AsPointer(7))),
            AsPointer(7));
}

TEST_F(PthreadCreateTest, ThrJoinTakesItById) {
  std::pair<thread_t, pthread_t> ids{0, 0};
  Gate done;
  const pthread_t thread = SpawnPthread([&] {
    StoreIds(&ids);
    done.Open();
  });
  done.Wait();
  EXPECT_NE(ids.first, 0U);
  EXPECT_TRUE(pthread_equal(ids.second, thread) != 0);
  thread_t departed = 0;
  EXPECT_EQ(thr_join(ids.first, &departed, nullptr), 0);
  EXPECT_EQ(departed, ids.first);
  EXPECT_EQ(thr_join(ids.first, nullptr, nullptr), ESRCH);
}

TEST_F(PthreadCreateTest, ThrJoinOfAnyTakesItWithItsStatus) {
  MustCreatePthread(ReturnArgument, AsPointer(9));
  thread_t departed = 0;
  void* status = nullptr;
  EXPECT_EQ(thr_join(0, &departed, &status), 0);
  EXPECT_NE(departed, 0U);
  EXPECT_EQ(status, AsPointer(9));
  EXPECT_EQ(thr_join(0, nullptr, nullptr), EDEADLK);
}

TEST_F(PthreadCreateTest, ItCountsBeforeItRuns) {
  const int before = LiveThreads();
  Gate go;
  const pthread_t thread = SpawnPthread([&] { go.Wait(); });
  EXPECT_EQ(LiveThreads(), before + 1);
  go.Open();
  StatusOf(thread);
}

TEST_F(PthreadCreateTest, ManyAtATimeAndOneAfterAnother) {
  for (int round = 0; round < 20; ++round) {
    std::vector<pthread_t> threads;
    for (intptr_t i = 0; i < 10; ++i) {
      threads.push_back(MustCreatePthread(ReturnArgument, AsPointer(i)));
    }
    for (intptr_t i = 0; i < 10; ++i) {
      EXPECT_EQ(StatusOf(threads[static_cast<size_t>(i)]), AsPointer(i));
    }
  }
}

TEST_F(PthreadCreateTest, ADetachedOneCannotBeJoined) {
  Attributes attributes;
  ASSERT_EQ(
      pthread_attr_setdetachstate(attributes.get(), PTHREAD_CREATE_DETACHED),
      0);
  // Its end is nobody's to see: what it uses is its own.
  const auto go = std::make_shared<Gate>();
  const auto id = std::make_shared<std::atomic<thread_t>>(0);
  const pthread_t thread = SpawnPthread(
      [go, id] {
        *id = thr_self();
        go->Wait();
      },
      attributes.get());
  ASSERT_TRUE(Eventually([&] { return *id != 0U; }));
  EXPECT_EQ(pthread_join(thread, nullptr), EINVAL);
  EXPECT_EQ(pthread_tryjoin_np(thread, nullptr), EINVAL);
  EXPECT_EQ(pthread_detach(thread), EINVAL);
  EXPECT_EQ(thr_join(*id, nullptr, nullptr), ESRCH);
  pthread_attr_t told;
  int state = -1;
  ASSERT_EQ(pthread_getattr_np(thread, &told), 0);
  EXPECT_EQ(pthread_attr_getdetachstate(&told, &state), 0);
  EXPECT_EQ(state, PTHREAD_CREATE_DETACHED);
  pthread_attr_destroy(&told);
  go->Open();
}

TEST_F(PthreadCreateTest, TheStackHasTheSizeAskedFor) {
  constexpr size_t kBytes = size_t{3} << 20;
  Attributes attributes;
  ASSERT_EQ(pthread_attr_setstacksize(attributes.get(), kBytes), 0);
  size_t told = 0;
  const pthread_t thread = SpawnPthread(
      [&] {
        volatile char deep[kBytes - 200 * 1024];
        deep[0] = 1;  // its far end is there
        pthread_attr_t mine;
        void* low = nullptr;
        EXPECT_EQ(pthread_getattr_np(pthread_self(), &mine), 0);
        EXPECT_EQ(pthread_attr_getstack(&mine, &low, &told), 0);
        pthread_attr_destroy(&mine);
        const auto here = reinterpret_cast<uintptr_t>(&deep[0]);
        EXPECT_GT(here, reinterpret_cast<uintptr_t>(low));
        EXPECT_LT(here, reinterpret_cast<uintptr_t>(low) + told);
      },
      attributes.get());
  StatusOf(thread);
  EXPECT_GE(told, kBytes);
}

TEST_F(PthreadCreateTest, ItRunsOnTheStackOfTheCaller) {
  constexpr size_t kBytes = 256 * 1024;
  void* stack = nullptr;
  ASSERT_EQ(posix_memalign(&stack, 4096, kBytes), 0);
  Attributes attributes;
  ASSERT_EQ(pthread_attr_setstack(attributes.get(), stack, kBytes), 0);
  uintptr_t there = 0;
  const pthread_t thread = SpawnPthread(
      [&] {
        int local = 0;
        there = reinterpret_cast<uintptr_t>(&local);
      },
      attributes.get());
  StatusOf(thread);
  EXPECT_GE(there, reinterpret_cast<uintptr_t>(stack));
  EXPECT_LT(there, reinterpret_cast<uintptr_t>(stack) + kBytes);
  std::free(stack);
}

TEST_F(PthreadCreateTest, AStackThatCannotBeGetsEagain) {
  Attributes attributes;
  ASSERT_EQ(pthread_attr_setstacksize(attributes.get(), size_t{1} << 60), 0);
  pthread_t thread;
  const int before = LiveThreads();
  EXPECT_EQ(pthread_create(&thread, attributes.get(), ReturnArgument, nullptr),
            EAGAIN);
  EXPECT_EQ(LiveThreads(), before);
}

TEST_F(PthreadCreateTest, ScopesAreTakenAndTold) {
  Attributes attributes;
  int scope = -1;
  EXPECT_EQ(pthread_attr_getscope(attributes.get(), &scope), 0);
  EXPECT_EQ(scope, PTHREAD_SCOPE_SYSTEM);
  for (const int asked : {PTHREAD_SCOPE_PROCESS, PTHREAD_SCOPE_SYSTEM}) {
    EXPECT_EQ(pthread_attr_setscope(attributes.get(), asked), 0);
    EXPECT_EQ(pthread_attr_getscope(attributes.get(), &scope), 0);
    EXPECT_EQ(scope, asked);
  }
  EXPECT_EQ(pthread_attr_setscope(attributes.get(), 17), EINVAL);
}

// An initialised object forgets the scope that was in its memory.
TEST_F(PthreadCreateTest, InitialisingForgetsTheScope) {
  pthread_attr_t attr;
  int scope = -1;
  ASSERT_EQ(pthread_attr_init(&attr), 0);
  ASSERT_EQ(pthread_attr_setscope(&attr, PTHREAD_SCOPE_PROCESS), 0);
  ASSERT_EQ(pthread_attr_destroy(&attr), 0);
  ASSERT_EQ(pthread_attr_init(&attr), 0);
  EXPECT_EQ(pthread_attr_getscope(&attr, &scope), 0);
  EXPECT_EQ(scope, PTHREAD_SCOPE_SYSTEM);
  pthread_attr_destroy(&attr);
}

// Whether a pthread made with `attr` has a kernel thread of its own.
bool HasKernelThread(const pthread_attr_t* attr) {
  Gate go;
  const pthread_t thread = SpawnPthread([&] { go.Wait(); }, attr);
  clockid_t clock;
  const int error = pthread_getcpuclockid(thread, &clock);
  EXPECT_TRUE(error == 0 || error == ENOENT) << error;
  go.Open();
  StatusOf(thread);
  return error == 0;
}

TEST_F(PthreadCreateTest, TheKindIsAsAskedFor) {
  EXPECT_EQ(HasKernelThread(nullptr), !UnboundPthreads());
  Attributes process;
  ASSERT_EQ(pthread_attr_setscope(process.get(), PTHREAD_SCOPE_PROCESS), 0);
  EXPECT_EQ(HasKernelThread(process.get()), !UnboundPthreads());
  Attributes system;
  ASSERT_EQ(pthread_attr_setscope(system.get(), PTHREAD_SCOPE_SYSTEM), 0);
  EXPECT_TRUE(HasKernelThread(system.get()));
}

TEST_F(PthreadCreateTest, WhatOnlyAKernelThreadHasMakesOne) {
  cpu_set_t processors;
  ASSERT_EQ(sched_getaffinity(0, sizeof processors, &processors), 0);
  Attributes placed;
  ASSERT_EQ(
      pthread_attr_setaffinity_np(placed.get(), sizeof processors, &processors),
      0);
  EXPECT_TRUE(HasKernelThread(placed.get()));
  sigset_t mask;
  sigemptyset(&mask);
  Attributes masked;
  ASSERT_EQ(pthread_attr_setsigmask_np(masked.get(), &mask), 0);
  EXPECT_TRUE(HasKernelThread(masked.get()));
}

TEST_F(PthreadCreateTest, ItInheritsThePriority) {
  ASSERT_EQ(thr_setprio(thr_self(), 5), 0);
  int priority = -1;
  const pthread_t thread =
      SpawnPthread([&] { EXPECT_EQ(thr_getprio(thr_self(), &priority), 0); });
  StatusOf(thread);
  ASSERT_EQ(thr_setprio(thr_self(), 0), 0);
  EXPECT_EQ(priority, 5);
}

}  // namespace
}  // namespace lt
