// SPDX-License-Identifier: MIT
//
// The shared objects of the stress test, its actors and its watchdog.

#include "stress/world.h"

#include <poll.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <thread>

// Exported for other libraries, in no header.
extern "C" int __nthreads(void);  // NOLINT(bugprone-reserved-identifier)

namespace lt::stress {

World world;

namespace {

constexpr int kMutexTypes[] = {LOCK_NORMAL, LOCK_ERRORCHECK, LOCK_RECURSIVE,
                               LOCK_RECURSIVE | LOCK_ERRORCHECK};

extern "C" void FreeBox(void* box) {
  delete static_cast<int64_t*>(box);
  --world.boxes;
}

Activity* TakeActivity() {
  for (Activity& activity : world.activities) {
    if (!activity.used.exchange(true)) return &activity;
  }
  Fail(__FILE__, __LINE__, "more threads than lines in the report");
}

void Report(const char* why) {
  dprintf(STDERR_FILENO,
          "%s after %lu operations; stage: %s; %d workers, %d children, %ld of "
          "%ld joined\n",
          why, static_cast<unsigned long>(world.operations.load()),
          world.stage.load(), world.live_workers.load(),
          world.live_children.load(), static_cast<long>(world.joined.load()),
          static_cast<long>(world.joinable_made.load()));
  for (const Activity& activity : world.activities) {
    if (!activity.used) continue;
    const char* doing = activity.doing;
    dprintf(STDERR_FILENO, "  thread %u: %s, operation %lu\n",
            activity.id.load(), doing == nullptr ? "starting" : doing,
            static_cast<unsigned long>(activity.operations.load()));
  }
}

}  // namespace

Actor::Actor(uint64_t seed) : random_(seed), activity_(TakeActivity()) {
  activity_->doing = nullptr;
  activity_->operations = 0;
  activity_->id = thr_self();
}

Actor::~Actor() {
  activity_->used = false;
}

void Actor::Begin(const char* what) {
  activity_->doing = what;
  ++activity_->operations;
  ++world.operations;
}

void Dawdle(Random& random) {
  switch (random.Below(12)) {
    case 0:
    case 1:
    case 2:
      thr_yield();
      break;
    case 3: {
      const timespec pause{0, random.Below(200'000)};
      nanosleep(&pause, nullptr);
      break;
    }
    case 4:
      // Without libc between: the library cannot see it.
      syscall(SYS_poll, nullptr, 0, 1);
      break;
    default:
      break;
  }
}

void InitWorld() {
  size_t i = 0;
  for (GuardedCounter& counter : world.counters) {
    counter.type = kMutexTypes[i++ % std::size(kMutexTypes)];
    LT_REQUIRE(
        mutex_init(&counter.mutex, USYNC_THREAD | counter.type, nullptr) == 0);
  }
  for (Room& room : world.rooms) {
    LT_REQUIRE(sema_init(&room.seats, Room::kSeats, USYNC_THREAD, nullptr) ==
               0);
  }
  for (thread_key_t& key : world.keys) {
    LT_REQUIRE(thr_keycreate(&key, FreeBox) == 0);
  }
  LT_REQUIRE(sema_init(&world.children, World::kMostChildren, USYNC_THREAD,
                       nullptr) == 0);
}

void CheckWorld() {
  for (GuardedCounter& counter : world.counters) {
    LT_REQUIRE(mutex_trylock(&counter.mutex) == 0);
    LT_REQUIRE(counter.owner == 0);
    LT_REQUIRE(counter.value == counter.added);
    LT_REQUIRE(mutex_unlock(&counter.mutex) == 0);
  }
  for (const Buffer& buffer : world.buffers) {
    LT_REQUIRE(buffer.put - buffer.taken == buffer.level);
  }
  for (Twins& twins : world.twins) {
    LT_REQUIRE(twins.first == twins.second);
    LT_REQUIRE(rw_trywrlock(&twins.lock) == 0);
    LT_REQUIRE(rw_unlock(&twins.lock) == 0);
  }
  for (Room& room : world.rooms) {
    LT_REQUIRE(room.inside == 0);
    for (int i = 0; i < Room::kSeats; ++i) {
      LT_REQUIRE(sema_trywait(&room.seats) == 0);
    }
    LT_REQUIRE(sema_trywait(&room.seats) == EBUSY);
  }
  LT_REQUIRE(world.live_workers == 0);
  LT_REQUIRE(world.joined == world.joinable_made);
  // Detached threads may be on their last steps when the last join returns.
  Await([] { return world.boxes == 0 && world.live_children == 0; });
  Await([] { return __nthreads() == 2; });  // main and the watchdog
  LT_REQUIRE(thr_getconcurrency() == 1);
  LT_REQUIRE(thr_join(0, nullptr, nullptr) == EDEADLK);
}

void* BalanceBuffers(void*) {
  while (world.live_workers > 0 || world.live_children > 0) {
    for (Buffer& buffer : world.buffers) {
      LT_REQUIRE(mutex_lock(&buffer.mutex) == 0);
      if (buffer.level < Buffer::kRoom / 2) {
        ++buffer.level;
        ++buffer.put;
        LT_REQUIRE(cond_signal(&buffer.not_empty) == 0);
      } else if (buffer.level > Buffer::kRoom / 2) {
        --buffer.level;
        ++buffer.taken;
        LT_REQUIRE(cond_signal(&buffer.not_full) == 0);
      }
      ++buffer.round;
      LT_REQUIRE(cond_broadcast(&buffer.next_round) == 0);
      LT_REQUIRE(mutex_unlock(&buffer.mutex) == 0);
    }
    const timespec pause{0, 500'000};
    nanosleep(&pause, nullptr);
  }
  return nullptr;
}

namespace {

struct Limits {
  int64_t patience_ns;
  int64_t limit_ns;
};
Limits limits;

void* Watch(void*) {
  const int64_t start_ns = NowNs();
  int64_t last_progress_ns = start_ns;
  uint64_t seen = 0;
  for (;;) {
    const timespec pause{0, 200'000'000};
    nanosleep(&pause, nullptr);
    const int64_t now_ns = NowNs();
    if (world.operations != seen) {
      seen = world.operations;
      last_progress_ns = now_ns;
    }
    const char* why = nullptr;
    if (now_ns - last_progress_ns > limits.patience_ns) {
      why = "no operation ended any more";
    } else if (now_ns - start_ns > limits.limit_ns) {
      why = "the test did not end in time";
    }
    if (why != nullptr) {
      Report(why);
      _exit(97);
    }
  }
}

}  // namespace

// A bound thread, which waits for nobody: it must run however broken the rest
// is.  A daemon, which those that join any thread do not wait for.
void StartWatchdog(int patience_s, int limit_s) {
  constexpr int64_t kNsPerSecond = 1'000'000'000;
  limits = {patience_s * kNsPerSecond, limit_s * kNsPerSecond};
  lt::MustCreate(Watch, nullptr, THR_BOUND | THR_DAEMON);
}

}  // namespace lt::stress
