// SPDX-License-Identifier: MIT
//
// What the switches of Solaris change (_THREAD_...): each case prints what the
// test compares.

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <iterator>
#include <vector>

#include "programs/check.h"

namespace {

int64_t ProcessorTimeNs() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

// --- ADAPTIVE_SPIN, QUEUE_SPIN, MAX_SPINNERS ---

mutex_t spun_for = DEFAULTMUTEX;
std::atomic<bool> held{false};
std::atomic<bool> wanted{false};

// Sleeps with the mutex, but not in a way that the library could know.
extern "C" void* HoldALittle(void*) {
  constexpr timespec kMoment{0, 20'000'000};
  LT_REQUIRE(mutex_lock(&spun_for) == 0);
  held = true;
  lt::Await([] { return wanted.load(); });
  syscall(SYS_nanosleep, &kMoment, nullptr);
  LT_REQUIRE(mutex_unlock(&spun_for) == 0);
  return nullptr;
}

// The least processor time that waiting for the mutex took.
extern "C" void* MeasureWaits(void*) {
  constexpr int kRounds = 10;
  int64_t least = INT64_MAX;
  for (int i = 0; i < kRounds; ++i) {
    held = wanted = false;
    const thread_t holder = lt::MustCreate(HoldALittle, nullptr, THR_BOUND);
    lt::Await([] { return held.load(); });
    wanted = true;
    const int64_t before = ProcessorTimeNs();
    LT_REQUIRE(mutex_lock(&spun_for) == 0);
    least = std::min(least, ProcessorTimeNs() - before);
    LT_REQUIRE(mutex_unlock(&spun_for) == 0);
    lt::MustJoin(holder);
  }
  printf("ns=%ld\n", static_cast<long>(least));
  return nullptr;
}

int Spin() {
  lt::MustJoin(lt::MustCreate(MeasureWaits, nullptr, THR_BOUND));
  return 0;
}

int SpinShared() {
  LT_REQUIRE(mutex_init(&spun_for, USYNC_PROCESS, nullptr) == 0);
  return Spin();
}

// --- STACK_CACHE ---

constexpr int kStacks = 100;
constexpr size_t kTouchedBytes = 256 << 10;
std::atomic<int> touched{0};
std::atomic<bool> may_end{false};

extern "C" void* ReturnAtOnce(void*) {
  return nullptr;
}

extern "C" void* TouchStack(void*) {
  volatile char room[kTouchedBytes];
  for (size_t i = 0; i < sizeof room; i += 1024) room[i] = 1;
  ++touched;
  lt::Await([] { return may_end.load(); });
  return nullptr;
}

// How much more memory is resident after threads that used their stacks ended.
int KeepStacks(long flags) {
  std::vector<thread_t> ids;
  lt::MustJoin(lt::MustCreate(ReturnAtOnce, nullptr, flags));
  const auto before = static_cast<int64_t>(lt::ResidentBytes());
  for (int i = 0; i < kStacks; ++i) {
    ids.push_back(lt::MustCreate(TouchStack, nullptr, flags));
  }
  lt::Await([] { return touched == kStacks; });
  may_end = true;
  for (const thread_t id : ids) lt::MustJoin(id);
  // The last pages go when the last thread is put away.
  lt::MustJoin(lt::MustCreate(ReturnAtOnce, nullptr, flags));
  const auto after = static_cast<int64_t>(lt::ResidentBytes());
  printf("stacks=%ld\n",
         static_cast<long>((after - before) /
                           static_cast<int64_t>(kTouchedBytes)));
  return 0;
}

int Stacks() {
  return KeepStacks(0);
}
int BoundStacks() {
  return KeepStacks(THR_BOUND);
}

// --- COND_WAIT_DEFER ---

mutex_t waited_with = DEFAULTMUTEX;
cond_t waited_for = DEFAULTCV;
std::atomic<bool> waiting{false};
std::atomic<int> handled{0};
std::atomic<int> held_in_handler{-1};
int wait_result = -1;

extern "C" void NoteMutex(int) {
  held_in_handler = MUTEX_HELD(&waited_with);
  ++handled;
}

extern "C" void* WaitForSignal(void*) {
  LT_REQUIRE(mutex_lock(&waited_with) == 0);
  waiting = true;
  wait_result = cond_wait(&waited_for, &waited_with);
  LT_REQUIRE(MUTEX_HELD(&waited_with));
  LT_REQUIRE(mutex_unlock(&waited_with) == 0);
  return nullptr;
}

// A signal comes to a thread in cond_wait while this one holds the mutex.
int InterruptWait(int type, long flags) {
  constexpr int64_t kLongEnoughNs = 100'000'000;
  struct sigaction action {};
  action.sa_handler = NoteMutex;
  LT_REQUIRE(sigaction(SIGUSR1, &action, nullptr) == 0);
  LT_REQUIRE(mutex_init(&waited_with, type, nullptr) == 0);
  LT_REQUIRE(cond_init(&waited_for, type, nullptr) == 0);
  const thread_t id = lt::MustCreate(WaitForSignal, nullptr, flags);
  lt::Await([] { return waiting.load(); });
  LT_REQUIRE(mutex_lock(&waited_with) == 0);
  LT_REQUIRE(thr_kill(id, SIGUSR1) == 0);
  const char* variable = getenv("_THREAD_COND_WAIT_DEFER");
  const int64_t end = lt::NowNs() + kLongEnoughNs;
  const bool deferred = variable != nullptr && strcmp(variable, "1") == 0;
  lt::Await([&] { return deferred ? lt::NowNs() > end : handled > 0; });
  const int handled_meanwhile = handled;
  LT_REQUIRE(mutex_unlock(&waited_with) == 0);
  lt::MustJoin(id);
  printf("meanwhile=%d in_all=%d held=%d result=%s\n", handled_meanwhile,
         handled.load(), held_in_handler.load(), strerrorname_np(wait_result));
  return 0;
}

int CondPrivate() {
  return InterruptWait(USYNC_THREAD, 0);
}
int CondBound() {
  return InterruptWait(USYNC_THREAD, THR_BOUND);
}
int CondShared() {
  return InterruptWait(USYNC_PROCESS, 0);
}

// --- ASYNC_SAFE ---

mutex_t locked_twice = DEFAULTMUTEX;

extern "C" void UnlockIt(int) {
  ++handled;
  LT_REQUIRE(mutex_unlock(&locked_twice) == 0);
}

// Locks a mutex that it holds, in a process without another thread; the handler
// of a signal gives it free.
int LockTwice() {
  constexpr itimerval kSoon{{0, 0}, {0, 50'000}};
  constexpr itimerval kNever{};
  struct sigaction action {};
  action.sa_handler = UnlockIt;
  LT_REQUIRE(sigaction(SIGALRM, &action, nullptr) == 0);
  LT_REQUIRE(mutex_lock(&locked_twice) == 0);
  LT_REQUIRE(setitimer(ITIMER_REAL, &kSoon, nullptr) == 0);
  const int result = mutex_lock(&locked_twice);
  const int handled_meanwhile = handled;
  LT_REQUIRE(setitimer(ITIMER_REAL, &kNever, nullptr) == 0);
  printf("result=%d handled=%d\n", result, handled_meanwhile);
  return 0;
}

// --- LOCKS_MISALIGNED ---

// Objects that begin at an address that is no multiple of 8, and lie across
// cache lines.
constexpr size_t kOffsets[] = {4, 60, 52, 44, 36, 28, 20, 12};
constexpr int kLockers = 4;
constexpr int kTurns = 500;

alignas(64) char misaligned_memory[256];
template <typename T>
T* At(size_t offset) {
  return reinterpret_cast<T*>(misaligned_memory + offset);
}

struct Contest {
  void (*enter)(size_t offset);
  void (*leave)(size_t offset);
  size_t offset;
  int count;  // guarded by the object
};

extern "C" void* Compete(void* arg) {
  auto& contest = *static_cast<Contest*>(arg);
  for (int i = 0; i < kTurns; ++i) {
    contest.enter(contest.offset);
    const int seen = contest.count;
    if (i % 8 == 0) thr_yield();
    contest.count = seen + 1;
    contest.leave(contest.offset);
  }
  return nullptr;
}

bool CountsRight(Contest contest) {
  std::vector<thread_t> ids;
  for (int i = 0; i < kLockers; ++i) {
    ids.push_back(
        lt::MustCreate(Compete, &contest, i % 2 == 0 ? 0 : THR_BOUND));
  }
  for (const thread_t id : ids) lt::MustJoin(id);
  return contest.count == kLockers * kTurns;
}

mutex_t turn_mutex = DEFAULTMUTEX;

int Misaligned() {
  int refused = 0;
  bool right = true;
  for (const size_t offset : kOffsets) {
    const auto init = [&](int error) {
      LT_REQUIRE(error == 0 || error == EINVAL);
      refused += error == EINVAL ? 1 : 0;
      return error == 0;
    };
    right &= !init(mutex_init(At<mutex_t>(offset), USYNC_THREAD, nullptr)) ||
             CountsRight({[](size_t o) { mutex_lock(At<mutex_t>(o)); },
                          [](size_t o) { mutex_unlock(At<mutex_t>(o)); },
                          offset, 0});
    right &=
        !init(sema_init(At<sema_t>(offset), 1, USYNC_THREAD, nullptr)) ||
        CountsRight({[](size_t o) { sema_wait(At<sema_t>(o)); },
                     [](size_t o) { sema_post(At<sema_t>(o)); }, offset, 0});
    right &=
        !init(rwlock_init(At<rwlock_t>(offset), USYNC_THREAD, nullptr)) ||
        CountsRight({[](size_t o) { rw_wrlock(At<rwlock_t>(o)); },
                     [](size_t o) { rw_unlock(At<rwlock_t>(o)); }, offset, 0});
    right &= !init(mutex_init(At<mutex_t>(offset), USYNC_PROCESS, nullptr)) ||
             CountsRight({[](size_t o) { mutex_lock(At<mutex_t>(o)); },
                          [](size_t o) { mutex_unlock(At<mutex_t>(o)); },
                          offset, 0});
    right &=
        !init(cond_init(At<cond_t>(offset), USYNC_THREAD, nullptr)) ||
        CountsRight({[](size_t) { mutex_lock(&turn_mutex); },
                     [](size_t o) {
                       cond_signal(At<cond_t>(o));
                       timespec_t shortly = {0, 1000};
                       cond_reltimedwait(At<cond_t>(o), &turn_mutex, &shortly);
                       mutex_unlock(&turn_mutex);
                     },
                     offset, 0});
  }
  printf("refused=%d right=%d\n", refused, right ? 1 : 0);
  return 0;
}

constexpr lt::Case kCases[] = {
    {"spin", Spin},
    {"spin_shared", SpinShared},
    {"stacks", Stacks},
    {"bound_stacks", BoundStacks},
    {"cond", CondPrivate},
    {"cond_bound", CondBound},
    {"cond_shared", CondShared},
    {"lock_twice", LockTwice},
    {"misaligned", Misaligned},
};

}  // namespace

int main(int argc, char** argv) {
  return lt::RunCase(argc, argv, kCases, std::size(kCases));
}
