// SPDX-License-Identifier: MIT
//
// Stress operations on mutexes, condition variables, readers/writer locks and
// semaphores.

#include <errno.h>
#include <sys/time.h>

#include <utility>

#include "stress/world.h"

namespace lt::stress {
namespace {

template <typename Array>
auto& AnyOf(Array& array, Random& random) {
  return array[static_cast<size_t>(
      random.Below(static_cast<int>(array.size())))];
}

timespec_t Short(Random& random) {
  timespec_t interval{};
  interval.tv_nsec = random.Below(2'000'000);
  return interval;
}

timespec_t AfterNow(const timespec_t& interval) {
  timespec_t when{};
  clock_gettime(CLOCK_REALTIME, &when);
  when.tv_nsec += interval.tv_nsec;
  if (when.tv_nsec >= 1'000'000'000) {
    when.tv_nsec -= 1'000'000'000;
    ++when.tv_sec;
  }
  return when;
}

int64_t AsNs(const timespec_t& interval) {
  return int64_t{interval.tv_sec} * 1'000'000'000 + interval.tv_nsec;
}

// With the mutex held, and nobody else inside.
void AddOne(GuardedCounter& counter, Random& random) {
  LT_REQUIRE(MUTEX_HELD(&counter.mutex));
  LT_REQUIRE(std::exchange(counter.owner, thr_self()) == 0);
  const int64_t before = counter.value;
  Dawdle(random);
  counter.value = before + 1;
  ++counter.added;
  LT_REQUIRE(std::exchange(counter.owner, 0) == thr_self());
}

// What the type of the mutex promises to its owner.
void Relock(GuardedCounter& counter) {
  if ((counter.type & LOCK_RECURSIVE) != 0) {
    LT_REQUIRE(mutex_lock(&counter.mutex) == 0);
    LT_REQUIRE(mutex_trylock(&counter.mutex) == 0);
    LT_REQUIRE(mutex_unlock(&counter.mutex) == 0);
    LT_REQUIRE(mutex_unlock(&counter.mutex) == 0);
  } else if (counter.type == LOCK_ERRORCHECK) {
    LT_REQUIRE(mutex_lock(&counter.mutex) == EDEADLK);
    LT_REQUIRE(mutex_trylock(&counter.mutex) == EBUSY);
  } else {
    LT_REQUIRE(mutex_trylock(&counter.mutex) == EBUSY);
  }
}

void Put(Buffer& buffer, Random& random) {
  LT_REQUIRE(mutex_lock(&buffer.mutex) == 0);
  while (buffer.level == Buffer::kRoom) {
    if (random.OneIn(3)) {
      const timespec_t interval = Short(random);
      const int error =
          cond_reltimedwait(&buffer.not_full, &buffer.mutex, &interval);
      LT_REQUIRE(error == 0 || error == ETIME);
    } else {
      LT_REQUIRE(cond_wait(&buffer.not_full, &buffer.mutex) == 0);
    }
  }
  ++buffer.level;
  ++buffer.put;
  LT_REQUIRE(buffer.level <= Buffer::kRoom);
  const bool early = random.OneIn(2);
  if (early) LT_REQUIRE(cond_signal(&buffer.not_empty) == 0);
  LT_REQUIRE(mutex_unlock(&buffer.mutex) == 0);
  if (!early) LT_REQUIRE(cond_signal(&buffer.not_empty) == 0);
}

void Take(Buffer& buffer, Random& random) {
  LT_REQUIRE(mutex_lock(&buffer.mutex) == 0);
  while (buffer.level == 0) {
    if (random.OneIn(3)) {
      const timespec_t when = AfterNow(Short(random));
      const int error = cond_timedwait(&buffer.not_empty, &buffer.mutex, &when);
      LT_REQUIRE(error == 0 || error == ETIME);
    } else {
      LT_REQUIRE(cond_wait(&buffer.not_empty, &buffer.mutex) == 0);
    }
  }
  --buffer.level;
  ++buffer.taken;
  LT_REQUIRE(buffer.level >= 0);
  LT_REQUIRE(cond_signal(&buffer.not_full) == 0);
  LT_REQUIRE(mutex_unlock(&buffer.mutex) == 0);
}

void AwaitNextRound(Buffer& buffer) {
  LT_REQUIRE(mutex_lock(&buffer.mutex) == 0);
  const uint64_t round = buffer.round;
  while (buffer.round == round) {
    LT_REQUIRE(cond_wait(&buffer.next_round, &buffer.mutex) == 0);
  }
  LT_REQUIRE(mutex_unlock(&buffer.mutex) == 0);
}

void Read(Twins& twins, Random& random) {
  LT_REQUIRE(RW_READ_HELD(&twins.lock));
  ++twins.readers;
  LT_REQUIRE(twins.writers == 0);
  const int64_t first = twins.first;
  Dawdle(random);
  LT_REQUIRE(twins.second == first);
  if (random.OneIn(4)) {
    // Who reads already is let in again, whoever waits.
    LT_REQUIRE(rw_rdlock(&twins.lock) == 0);
    LT_REQUIRE(rw_unlock(&twins.lock) == 0);
  }
  if (random.OneIn(8)) LT_REQUIRE(rw_wrlock(&twins.lock) == EDEADLK);
  LT_REQUIRE(twins.writers == 0);
  --twins.readers;
}

void Write(Twins& twins, Random& random) {
  LT_REQUIRE(RW_WRITE_HELD(&twins.lock));
  LT_REQUIRE(++twins.writers == 1);
  LT_REQUIRE(twins.readers == 0);
  ++twins.first;
  Dawdle(random);
  ++twins.second;
  if (random.OneIn(8)) {
    LT_REQUIRE(rw_rdlock(&twins.lock) == EDEADLK);
    LT_REQUIRE(rw_tryrdlock(&twins.lock) == EBUSY);
  }
  LT_REQUIRE(twins.readers == 0);
  LT_REQUIRE(--twins.writers == 0);
}

}  // namespace

void UseMutex(Actor& actor) {
  Random& random = actor.random();
  GuardedCounter& counter = AnyOf(world.counters, random);
  if ((counter.type & LOCK_ERRORCHECK) != 0 && random.OneIn(8)) {
    LT_REQUIRE(mutex_unlock(&counter.mutex) == EPERM);
  }
  if (random.OneIn(4)) {
    const int error = mutex_trylock(&counter.mutex);
    LT_REQUIRE(error == 0 || error == EBUSY);
    if (error != 0) return;
  } else {
    LT_REQUIRE(mutex_lock(&counter.mutex) == 0);
  }
  AddOne(counter, random);
  if (random.OneIn(4)) Relock(counter);
  LT_REQUIRE(mutex_unlock(&counter.mutex) == 0);
}

void UseTwoMutexes(Actor& actor) {
  Random& random = actor.random();
  GuardedCounter* lower = &AnyOf(world.counters, random);
  GuardedCounter* upper = &AnyOf(world.counters, random);
  if (lower == upper) return;
  if (upper < lower) std::swap(lower, upper);
  LT_REQUIRE(mutex_lock(&lower->mutex) == 0);
  AddOne(*lower, random);
  LT_REQUIRE(mutex_lock(&upper->mutex) == 0);
  AddOne(*upper, random);
  if (random.OneIn(2)) std::swap(lower, upper);
  LT_REQUIRE(mutex_unlock(&lower->mutex) == 0);
  LT_REQUIRE(mutex_unlock(&upper->mutex) == 0);
}

void UseBuffer(Actor& actor) {
  Random& random = actor.random();
  Buffer& buffer = AnyOf(world.buffers, random);
  switch (random.Below(5)) {
    case 0:
    case 1:
      return Put(buffer, random);
    case 2:
    case 3:
      return Take(buffer, random);
    default:
      return AwaitNextRound(buffer);
  }
}

void UseRwlock(Actor& actor) {
  Random& random = actor.random();
  Twins& twins = AnyOf(world.twins, random);
  const bool writes = random.OneIn(4);
  if (random.OneIn(4)) {
    const int error =
        writes ? rw_trywrlock(&twins.lock) : rw_tryrdlock(&twins.lock);
    LT_REQUIRE(error == 0 || error == EBUSY);
    if (error != 0) return;
  } else {
    LT_REQUIRE((writes ? rw_wrlock(&twins.lock) : rw_rdlock(&twins.lock)) == 0);
  }
  if (writes) {
    Write(twins, random);
  } else {
    Read(twins, random);
  }
  LT_REQUIRE(rw_unlock(&twins.lock) == 0);
}

void UseSemaphore(Actor& actor) {
  Random& random = actor.random();
  Room& room = AnyOf(world.rooms, random);
  int error = 0;
  switch (random.Below(4)) {
    case 0:
      error = sema_trywait(&room.seats);
      LT_REQUIRE(error == 0 || error == EBUSY);
      break;
    case 1: {
      const timespec_t interval = Short(random);
      error = sema_reltimedwait(&room.seats, &interval);
      LT_REQUIRE(error == 0 || error == ETIME);
      break;
    }
    case 2: {
      const timespec_t when = AfterNow(Short(random));
      error = sema_timedwait(&room.seats, &when);
      LT_REQUIRE(error == 0 || error == ETIME);
      break;
    }
    default:
      LT_REQUIRE(sema_wait(&room.seats) == 0);
      break;
  }
  if (error != 0) return;
  LT_REQUIRE(++room.inside <= Room::kSeats);
  Dawdle(random);
  --room.inside;
  LT_REQUIRE(sema_post(&room.seats) == 0);
}

// Nobody ends these waits but the clock.
void UseTimedWaits(Actor& actor) {
  Random& random = actor.random();
  const timespec_t interval = Short(random);
  const int64_t start_ns = NowNs();
  if (random.OneIn(2)) {
    mutex_t mutex = DEFAULTMUTEX;
    cond_t cond = DEFAULTCV;
    LT_REQUIRE(mutex_lock(&mutex) == 0);
    int error = 0;
    while (error == 0) error = cond_reltimedwait(&cond, &mutex, &interval);
    LT_REQUIRE(error == ETIME);
    LT_REQUIRE(MUTEX_HELD(&mutex));
    LT_REQUIRE(mutex_unlock(&mutex) == 0);
  } else {
    sema_t sema = DEFAULTSEMA;
    LT_REQUIRE(sema_reltimedwait(&sema, &interval) == ETIME);
  }
  LT_REQUIRE(NowNs() - start_ns >= AsNs(interval));
}

}  // namespace lt::stress
