// SPDX-License-Identifier: MIT

#include "thread/registry.h"

#include <sys/mman.h>

#include <cerrno>
#include <climits>

#include "base/panic.h"
#include "base/syscall.h"

namespace lt {
namespace {

// One bucket a thread up to a million of them.  Address space only: ids wander
// through the table, and what they never reached is never committed.
constexpr uint32_t kBuckets = 1u << 20;
constexpr uint32_t kMainId = 1;

RegistryBucket* g_buckets;
std::atomic<uint64_t> g_last_id{kMainId};

uint32_t IdAt(uint64_t count) {
  return kMainId + 1 + (count - kMainId) % (INT_MAX - kMainId);
}

uint32_t NextId() {
  // Relaxed: only uniqueness matters; use of an id is checked under its lock.
  return IdAt(g_last_id.fetch_add(1, std::memory_order_relaxed));
}

}  // namespace

bool TryRegister(Thread& thread, uint32_t id) {
  RegistryBucket& bucket = RegistryBucketOf(id);
  SpinLockHolder hold(bucket.lock);
  if (bucket.Find(id) != nullptr) return false;
  thread.id = id;
  thread.tag = MakeTag(thread);
  thread.registry_next = bucket.first;
  bucket.first = &thread;
  return true;
}

void Unregister(Thread& thread) {
  RegistryBucket& bucket = RegistryBucketOf(thread.id);
  SpinLockHolder hold(bucket.lock);
  bucket.Remove(thread);
}

uint32_t ReserveId(uint32_t least) {
  uint64_t count = g_last_id.load(std::memory_order_relaxed);
  uint32_t id;
  uint32_t skipped;
  do {
    id = IdAt(count);
    skipped = id < least ? least - id : 0;
  } while (!g_last_id.compare_exchange_weak(count, count + skipped + 1,
                                            std::memory_order_relaxed));
  return id + skipped;
}

int StartRegistry() {
  const long result = RawSyscall(
      SYS_mmap, 0, kBuckets * sizeof(RegistryBucket), PROT_READ | PROT_WRITE,
      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (result < 0 && result > -4096) return ENOMEM;
  g_buckets = reinterpret_cast<RegistryBucket*>(result);
  return 0;
}

RegistryBucket& RegistryBucketOf(uint32_t id) {
  return g_buckets[id % kBuckets];
}

void RegistryBucket::Remove(Thread& thread) {
  Thread** link = &first;
  while (*link != &thread) link = &(*link)->registry_next;
  *link = thread.registry_next;
  thread.registry_next = nullptr;
}

void Register(Thread& thread) {
  while (!TryRegister(thread, NextId())) {
  }
}

void ForgetOtherIds(Thread& self) {
  // Pages of zeroes: empty buckets, locks that are free.
  RawSyscall(SYS_madvise, reinterpret_cast<long>(g_buckets),
             kBuckets * sizeof(RegistryBucket), MADV_DONTNEED);
  if (!TryRegister(self, self.id)) Panic("an id in an empty registry");
}

uint64_t ThreadsMade() {
  return g_last_id.load(std::memory_order_relaxed);
}

void RegisterMain(Thread& thread) {
  if (!TryRegister(thread, kMainId)) Panic("thread 1 is there already");
}

}  // namespace lt
