// SPDX-License-Identifier: MIT

#include "sched/lwp_numbers.h"

#include <climits>
#include <new>

#include "sched/pool.h"

namespace lt {
namespace {

constexpr uint32_t kBuckets = 4096;

struct Bucket {
  SpinLock lock;
  LwpEntry* first ABSL_GUARDED_BY(lock) = nullptr;
};
constinit Bucket g_buckets[kBuckets];

Bucket& BucketOf(uint32_t number) {
  return g_buckets[number % kBuckets];
}

LwpEntry* Find(const Bucket& bucket, uint32_t number)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(bucket.lock) {
  LwpEntry* entry = bucket.first;
  while (entry != nullptr &&
         entry->number.load(std::memory_order_relaxed) != number) {
    entry = entry->next;
  }
  return entry;
}

void Insert(Bucket& bucket, LwpEntry& entry, uint32_t number)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(bucket.lock) {
  entry.number.store(number, std::memory_order_relaxed);
  entry.next = bucket.first;
  bucket.first = &entry;
}

void Unlink(Bucket& bucket, LwpEntry& entry)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(bucket.lock) {
  LwpEntry** link = &bucket.first;
  while (*link != &entry) link = &(*link)->next;
  *link = entry.next;
  entry.number.store(0, std::memory_order_relaxed);
}

}  // namespace

uint32_t NextLwpNumber(uint32_t least) {
  static constinit std::atomic<uint32_t> last{1};
  // Relaxed: only uniqueness matters.
  uint32_t before = last.load(std::memory_order_relaxed);
  uint32_t next;
  do {
    next = before >= INT_MAX ? 2 : before + 1;
    if (next < least) next = least;
  } while (
      !last.compare_exchange_weak(before, next, std::memory_order_relaxed));
  return next;
}

bool TryEnterLwp(LwpEntry& entry, uint32_t number) {
  Bucket& bucket = BucketOf(number);
  SpinLockHolder hold(bucket.lock);
  if (Find(bucket, number) != nullptr) return false;
  Insert(bucket, entry, number);
  return true;
}

void EnterLwp(LwpEntry& entry) {
  while (!TryEnterLwp(entry, NextLwpNumber())) {
  }
}

void RemoveLwp(LwpEntry& entry) {
  const uint32_t number = entry.number.load(std::memory_order_relaxed);
  if (number == 0) return;
  Bucket& bucket = BucketOf(number);
  SpinLockHolder hold(bucket.lock);
  Unlink(bucket, entry);
}

void MoveLwpNumber(LwpEntry& from, LwpEntry& to) {
  const uint32_t number = from.number.load(std::memory_order_relaxed);
  Bucket& bucket = BucketOf(number);
  SpinLockHolder hold(bucket.lock);
  Unlink(bucket, from);
  Insert(bucket, to, number);
  to.private_data = from.private_data;
}

pid_t KernelIdOf(const LwpEntry& entry) {
  return entry.lwp != nullptr
             ? entry.lwp->tid.load(std::memory_order_acquire)
             : entry.thread->kernel_tid.load(std::memory_order_acquire);
}

LwpHold::LwpHold(uint32_t number) : lock_(BucketOf(number).lock) {
  lock_.Lock();
  entry_ = Find(BucketOf(number), number);
}

LwpHold::~LwpHold() {
  lock_.Unlock();
}

void ForgetLwpNumbers() ABSL_NO_THREAD_SAFETY_ANALYSIS {
  for (Bucket& bucket : g_buckets) {
    // A look does not copy the page that the parent shares.
    if (bucket.first != nullptr || bucket.lock.IsHeld()) {
      new (&bucket) Bucket();
    }
  }
}

}  // namespace lt
