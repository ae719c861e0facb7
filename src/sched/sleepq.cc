// SPDX-License-Identifier: MIT

#include "sched/sleepq.h"

#include <cerrno>
#include <new>

#include "base/config.h"
#include "base/panic.h"
#include "sched/critical.h"
#include "sched/dispatch.h"
#include "sched/fork.h"
#include "sched/stop.h"
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

// Takes the thread out of whatever queue it is in; false when it is in none.
bool Withdraw(Thread& thread, int result) {
  for (;;) {
    // Sequentially consistent: INV-SQ3.
    SleepBucket* bucket = thread.bucket.load(std::memory_order_seq_cst);
    if (bucket == nullptr) return false;
    SpinLockHolder hold(bucket->lock);
    if (thread.bucket.load(std::memory_order_relaxed) != bucket) continue;
    if (thread.queue == nullptr) return false;
    bucket->Remove(thread);
    thread.wait_result = result;
    return true;
  }
}

// A bound or foreign thread waits in its own parker, which also gets a token
// when a signal was deferred.
__attribute__((noinline)) void WaitInKernel(Thread& self, Deadline deadline) {
  NoteRegisters(self);
  while (self.state.load(std::memory_order_acquire) == State::kSleeping) {
    const bool token = self.parker.Wait(deadline);
    if (token && !IsInterrupted(self)) continue;
    // INV-SQ2: somebody may have taken it out since; then it waits for that.
    if (Withdraw(self, token ? EINTR : ETIME)) break;
    deadline = Deadline::Never();
  }
  self.wait_sp = nullptr;
}

}  // namespace

void ForgetSleepers() ABSL_NO_THREAD_SAFETY_ANALYSIS {
  // Most are empty: a look does not copy the page that the parent shares.
  for (SleepBucket& bucket : g_buckets) {
    if (bucket.queues != nullptr || bucket.lock.IsHeld()) {
      new (&bucket) SleepBucket();
    }
  }
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

Thread* SleepBucket::Next(const void* address) {
  Thread* next = First(address);
  if (ABSL_PREDICT_TRUE(g_config.queue_fifo == kAlwaysFifo) ||
      next == nullptr) {
    return next;
  }
  // The first ones are spread evenly over each eight.
  const auto fifo = static_cast<uint32_t>(g_config.queue_fifo);
  const uint32_t turn = choices++ % kAlwaysFifo;
  if ((turn + 1) * fifo / kAlwaysFifo != turn * fifo / kAlwaysFifo) return next;
  while (next->sleep_next != nullptr &&
         next->sleep_next->wait_key == next->wait_key) {
    next = next->sleep_next;
  }
  return next;
}

Thread* SleepBucket::TakeNext(const void* address) {
  Thread* thread = Next(address);
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

int SleepOnLwp(Thread& self, SleepBucket& bucket, Deadline deadline,
               AfterSleep after) {
  bucket.lock.Unlock();
  if (after.run != nullptr) after.run(after.arg);
  WaitInKernel(self, deadline);
  self.state.store(State::kRunning, std::memory_order_relaxed);
  return self.wait_result;
}

void WakeAll(SleepBucket& bucket, const void* address) {
  Fifo<Thread, &Thread::next> woken;
  while (Thread* thread = bucket.TakeFirst(address)) woken.PushBack(thread);
  bucket.lock.Unlock();
  while (Thread* thread = woken.PopFront()) Ready(*thread);
}

void InterruptSleep(Thread& thread) {
  if (Withdraw(thread, EINTR)) Ready(thread);
}

void WakeTimedOut(Thread& thread, uint32_t wait_count) {
  // The thread may have been woken, and even sleep elsewhere, since the timer
  // was taken: the bucket is read without its lock and checked under it.
  SleepBucket* bucket = thread.bucket.load(std::memory_order_relaxed);
  if (bucket == nullptr) return;
  {
    SpinLockHolder hold(bucket->lock);
    if (thread.bucket.load(std::memory_order_relaxed) != bucket ||
        thread.queue == nullptr ||
        thread.wait_count.load(std::memory_order_relaxed) != wait_count) {
      return;
    }
    bucket->Remove(thread);
    thread.wait_result = ETIME;
  }
  Ready(thread);
}

}  // namespace lt
