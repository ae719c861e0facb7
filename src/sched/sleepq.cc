// SPDX-License-Identifier: MIT

#include "sched/sleepq.h"

#include <cerrno>
#include <new>

#include "base/panic.h"
#include "sched/dispatch.h"
#include "sched/watcher.h"

namespace lt {
namespace {

constexpr int kBucketsLog = 12;
constinit SleepBucket g_buckets[1 << kBucketsLog];

SleepQueue* Find(SleepBucket& bucket, const void* address)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(bucket.lock) {
  SleepQueue* queue = bucket.queues;
  while (queue != nullptr && queue->address != address) queue = queue->next;
  return queue;
}

void FinishSleep(Departure& departure) {
  // Copies first: once the bucket is unlocked the sleeper may run again, and
  // the departure lies in its frame.
  auto* bucket = static_cast<SleepBucket*>(departure.arg);
  void (*after)(void*) = departure.after;
  void* after_arg = departure.after_arg;
  bucket->lock.AssertHeld();
  bucket->lock.Unlock();
  if (after != nullptr) after(after_arg);
}

// A bound or foreign thread waits in its own parker.
void WaitInKernel(Thread& self, SleepBucket& bucket, Deadline deadline) {
  if (self.parker.Wait(deadline)) return;
  bool mine;
  {
    SpinLockHolder hold(bucket.lock);
    // INV-SQ2: somebody may have taken us out since.  A thread that was moved
    // on to another queue is in another bucket and goes on waiting.
    mine = self.bucket.load(std::memory_order_relaxed) == &bucket;
    if (mine) {
      bucket.Remove(self);
      self.wait_result = ETIME;
    }
  }
  if (!mine) self.parker.Wait(Deadline::Never());
}

}  // namespace

SleepBucket& BucketOf(const void* address) {
  // Neighbours in memory are neighbours in the table: who goes through an array
  // of objects goes through memory in order.  The upper bits keep objects at
  // the same place of many pages apart.
  const auto bits = reinterpret_cast<uintptr_t>(address);
  constexpr uint64_t kGolden = 0x9e3779b97f4a7c15;
  const uint64_t upper = ((bits >> 12) * kGolden) >> (64 - kBucketsLog);
  return g_buckets[((bits >> 4) ^ upper) & ((1 << kBucketsLog) - 1)];
}

Thread* SleepBucket::First(const void* address) {
  SleepQueue* queue = Find(*this, address);
  return queue == nullptr ? nullptr : queue->threads.front();
}

Thread* SleepBucket::TakeFirst(const void* address) {
  Thread* thread = First(address);
  if (thread != nullptr) Remove(*thread);
  return thread;
}

void SleepBucket::Remove(Thread& thread) {
  SleepQueue* queue = thread.queue;
  queue->threads.Remove(&thread);
  if (queue->spares != nullptr) {
    thread.spare = queue->spares;
    queue->spares = thread.spare->next;
  } else {
    LT_DCHECK(queue->threads.empty());
    SleepQueue** link = &queues;
    while (*link != queue) link = &(*link)->next;
    *link = queue->next;
    thread.spare = queue;
  }
  thread.queue = nullptr;
  thread.bucket.store(nullptr, std::memory_order_relaxed);
}

void SleepBucket::Insert(Thread& thread, const void* address, int key) {
  thread.wait_key = key;
  SleepQueue* queue = Find(*this, address);
  SleepQueue* spare = thread.spare;
  if (spare == nullptr) spare = new (thread.first_spare) SleepQueue;
  thread.spare = nullptr;
  if (queue == nullptr) {
    queue = spare;
    queue->address = address;
    queue->spares = nullptr;
    queue->threads = {};
    queue->next = queues;
    queues = queue;
  } else {
    spare->next = queue->spares;
    queue->spares = spare;
  }
  Thread* position = queue->threads.back();
  while (position != nullptr && position->wait_key < key) {
    position = position->sleep_prev;
  }
  queue->threads.InsertAfter(position, &thread);
  thread.queue = queue;
  thread.bucket.store(this, std::memory_order_relaxed);
}

LT_NO_CANARY int SleepOn(Thread& self, SleepBucket& bucket, const void* address,
                         int key, Deadline deadline, AfterSleep after) {
  self.wait_result = 0;
  self.wait_timed = !deadline.never();
  // Only the thread itself counts its waits; atomic for the watcher's look.
  self.wait_count.store(self.wait_count.load(std::memory_order_relaxed) + 1,
                        std::memory_order_relaxed);
  bucket.Insert(self, address, key);
  self.state.store(State::kSleeping, std::memory_order_relaxed);
  if (!InPool(self)) {
    self.parker.Reset();
    bucket.lock.Unlock();
    if (after.run != nullptr) after.run(after.arg);
    WaitInKernel(self, bucket, deadline);
    self.state.store(State::kRunning, std::memory_order_relaxed);
    return self.wait_result;
  }
  if (self.wait_timed && ArmTimer(self, deadline)) NoteTimer();
  Departure departure{&self, FinishSleep, &bucket, after.run, after.arg};
  bucket.lock.HandOn();
  Park(self, departure);
  if (self.wait_timed) CancelTimer(self);
  return self.wait_result;
}

void WakeTimedOut(Thread& thread, uint32_t wait_count) {
  // The thread may have been woken, and even sleep elsewhere, since the timer
  // was taken: the bucket is read without its lock and checked under it.
  SleepBucket* bucket = thread.bucket.load(std::memory_order_relaxed);
  if (bucket == nullptr) return;
  {
    SpinLockHolder hold(bucket->lock);
    if (thread.bucket.load(std::memory_order_relaxed) != bucket ||
        thread.wait_count.load(std::memory_order_relaxed) != wait_count) {
      return;
    }
    bucket->Remove(thread);
    thread.wait_result = ETIME;
  }
  Ready(thread);
}

}  // namespace lt
