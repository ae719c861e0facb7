// SPDX-License-Identifier: MIT
//
// thr_exit(3): the status, and what runs on the way out and in which order.
// The exit of main and of the last thread end in tests/programs, and so does
// pthread_cleanup_push() in C, which is another mechanism than the one here.

#include <errno.h>
#include <pthread.h>
#include <ucontext.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "support/fixture.h"

// Exported for other libraries, in no header.
extern "C" void _thr_exit(void*);  // NOLINT(bugprone-reserved-identifier)

namespace lt {
namespace {

using ThreadExitTest = ApiTest;
LT_OVER_KINDS(ThreadExitTest);

void* AsStatus(intptr_t value) {
  return reinterpret_cast<void*>(value);
}

void* StatusOf(thread_t id) {
  void* status = AsStatus(-99);
  EXPECT_EQ(thr_join(id, nullptr, &status), 0);
  return status;
}

// What ran, in order; one thread writes it and its joiner reads it.
using Log = std::vector<std::string>;

class Note {
 public:
  Note(Log& log, std::string text) : log_(log), text_(std::move(text)) {}
  Note(const Note&) = delete;
  Note& operator=(const Note&) = delete;
  ~Note() { log_.push_back(text_); }

 private:
  Log& log_;
  std::string text_;
};

Log* tsd_log = nullptr;

extern "C" void NoteTsd(void* value) {
  tsd_log->push_back(static_cast<const char*>(value));
}

extern "C" void NoteCleanup(void* log) {
  static_cast<Log*>(log)->push_back("cleanup");
}

TEST_P(ThreadExitTest, TheStatusReachesTheJoiner) {
  for (const intptr_t value :
       {intptr_t{0}, intptr_t{7}, intptr_t{-1}, intptr_t{INTPTR_MIN}}) {
    EXPECT_EQ(StatusOf(Spawn([value] { thr_exit(AsStatus(value)); })),
              AsStatus(value));
  }
}

TEST_P(ThreadExitTest, NothingAfterTheCallRuns) {
  std::atomic<bool> ran_on{false};
  Join(Spawn([&] {
    thr_exit(nullptr);
    ran_on = true;
  }));
  EXPECT_FALSE(ran_on);
}

[[gnu::noinline]] void ExitBelow(Log& log, int depth) {
  const Note note(log, "frame " + std::to_string(depth));
  // Through a pointer: the compiler takes a recursion without a return for a
  // mistake.
  void (*volatile leave)(void*) = thr_exit;
  if (depth == 0) leave(AsStatus(3));
  if (depth > 0) ExitBelow(log, depth - 1);
  log.push_back("returned");
}

TEST_P(ThreadExitTest, NestedFramesAreUnwoundFromTheInside) {
  Log log;
  EXPECT_EQ(StatusOf(Spawn([&] { ExitBelow(log, 3); })), AsStatus(3));
  EXPECT_EQ(log, (Log{"frame 0", "frame 1", "frame 2", "frame 3"}));
}

TEST_P(ThreadExitTest, CleanupHandlersAndDestructorsRunLastInFirstOut) {
  Log log;
  Join(Spawn([&] {
    const Note outer(log, "outer");
    pthread_cleanup_push(NoteCleanup, &log);
    const Note inner(log, "inner");
    pthread_cleanup_push(NoteCleanup, &log);
    thr_exit(nullptr);
    pthread_cleanup_pop(0);
    pthread_cleanup_pop(0);
  }));
  EXPECT_EQ(log, (Log{"cleanup", "inner", "cleanup", "outer"}));
}

TEST_P(ThreadExitTest, KeysFollowTheFramesAndThreadLocalsTheKeys) {
  thread_key_t key = 0;
  ASSERT_EQ(thr_keycreate(&key, NoteTsd), 0);
  Log log;
  tsd_log = &log;
  char value[] = "key";
  Join(Spawn([&] {
    thread_local const Note of_the_thread(log, "thread_local");
    (void)of_the_thread;
    EXPECT_EQ(thr_setspecific(key, value), 0);
    const Note frame(log, "frame");
    thr_exit(nullptr);
  }));
  EXPECT_EQ(log, (Log{"frame", "key", "thread_local"}));
}

TEST_P(ThreadExitTest, ReturningRunsThemToo) {
  thread_key_t key = 0;
  ASSERT_EQ(thr_keycreate(&key, NoteTsd), 0);
  Log log;
  tsd_log = &log;
  char value[] = "key";
  Join(Spawn([&] {
    thread_local const Note of_the_thread(log, "thread_local");
    (void)of_the_thread;
    EXPECT_EQ(thr_setspecific(key, value), 0);
  }));
  EXPECT_EQ(log, (Log{"key", "thread_local"}));
}

TEST_P(ThreadExitTest, ACleanupHandlerMayUseTheLibrary) {
  mutex_t mutex = DEFAULTMUTEX;
  int guarded = 0;
  struct Context {
    mutex_t* mutex;
    int* guarded;
  } context{&mutex, &guarded};
  constexpr int kThreads = 8;
  RunThreads(kThreads, [&](int) {
    pthread_cleanup_push(
        [](void* arg) {
          auto* c = static_cast<Context*>(arg);
          ++*c->guarded;
          EXPECT_EQ(mutex_unlock(c->mutex), 0);
        },
        &context);
    EXPECT_EQ(mutex_lock(&mutex), 0);
    thr_yield();
    thr_exit(nullptr);
    pthread_cleanup_pop(0);
  });
  EXPECT_EQ(guarded, kThreads);
  EXPECT_EQ(mutex_trylock(&mutex), 0);
  EXPECT_EQ(mutex_unlock(&mutex), 0);
}

TEST_P(ThreadExitTest, AMutexHeldAtTheExitStaysLocked) {
  mutex_t mutex = DEFAULTMUTEX;
  Join(Spawn([&] {
    EXPECT_EQ(mutex_lock(&mutex), 0);
    thr_exit(nullptr);
  }));
  EXPECT_EQ(mutex_trylock(&mutex), EBUSY);
  EXPECT_EQ(mutex_destroy(&mutex), 0);
}

// Programs of the time handed back automatic variables; the joiner read them.
extern "C" void* ExitWithAnAutomaticVariable(void*) {
  volatile int64_t mine[4] = {11, 22, 33, 44};
  thr_exit(const_cast<int64_t*>(mine));
  return nullptr;
}

TEST_P(ThreadExitTest, TheStatusMayPointIntoTheStackUntilTheJoin) {
  for (int i = 0; i < 50; ++i) {
    thread_t id = 0;
    ASSERT_EQ(Create(ExitWithAnAutomaticVariable, nullptr, 0, &id), 0);
    const auto* theirs = static_cast<const int64_t*>(StatusOf(id));
    ASSERT_NE(theirs, nullptr);
    EXPECT_EQ(theirs[0] + theirs[1] + theirs[2] + theirs[3], 110);
  }
}

TEST_P(ThreadExitTest, TheStatusOfADetachedThreadIsIgnored) {
  std::atomic<bool> ran{false};
  Spawn(
      [&] {
        ran = true;
        thr_exit(AsStatus(1));
      },
      THR_DETACHED);
  EXPECT_TRUE(Eventually([&] { return ran.load(); }));
}

TEST_P(ThreadExitTest, ManyThreadsExitFromDeepFramesAtOnce) {
  constexpr int kThreads = 100;
  std::vector<Log> logs(kThreads);
  RunThreads(kThreads, [&](int i) {
    thr_yield();
    ExitBelow(logs[static_cast<size_t>(i)], 40);
  });
  for (const Log& log : logs) {
    ASSERT_EQ(log.size(), 41U);
    EXPECT_EQ(log.front(), "frame 0");
    EXPECT_EQ(log.back(), "frame 40");
  }
}

TEST_P(ThreadExitTest, ThePrivateAliasIsTheSameCall) {
  EXPECT_EQ(StatusOf(Spawn([] { _thr_exit(AsStatus(8)); })), AsStatus(8));
}

char g_other_stack[64 * 1024];
std::atomic<char*> g_destructor_frame{nullptr};

// Whoever swapped to a stack of the program and ends there leaves it at once:
// the destructors run elsewhere.
TEST_P(ThreadExitTest, AStackOfTheProgramIsLeft) {
  static thread_key_t key = THR_ONCE_KEY;
  ASSERT_EQ(thr_keycreate_once(&key,
                               [](void*) {
                                 g_destructor_frame = static_cast<char*>(
                                     __builtin_frame_address(0));
                               }),
            0);
  g_destructor_frame = nullptr;
  Join(Spawn([] {
    EXPECT_EQ(thr_setspecific(key, g_other_stack), 0);
    ucontext_t here;
    ucontext_t there;
    ASSERT_EQ(getcontext(&there), 0);
    there.uc_stack.ss_sp = g_other_stack;
    there.uc_stack.ss_size = sizeof g_other_stack;
    there.uc_link = nullptr;
    makecontext(
        &there, [] { thr_exit(nullptr); }, 0);
    swapcontext(&here, &there);
  }));
  char* const frame = g_destructor_frame;
  EXPECT_NE(frame, nullptr);
  EXPECT_TRUE(frame < g_other_stack ||
              frame >= g_other_stack + sizeof g_other_stack);
}

}  // namespace
}  // namespace lt
