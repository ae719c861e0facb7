// SPDX-License-Identifier: MIT

#include "sched/inherit.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <new>

#include "base/panic.h"
#include "lwp/kernel_thread.h"
#include "sched/critical.h"
#include "sched/dispatch.h"
#include "sched/kernel_boost.h"
#include "sched/sleepq.h"

namespace lt {

constinit SpinLock g_priority_lock;
std::atomic<int> g_protocol_threads{0};

namespace {

// Counts the forks that led to this process: an owner whose epoch is another
// one did not come along.
std::atomic<uint32_t> g_epoch{1};

int EffectivePriority(const Thread& thread) {
  return thread.priority.load(std::memory_order_relaxed);
}

// Sleepers in order; of the real-time class before all others.
int Rank(const Thread& thread) {
  return HasKernelThread(thread) && thread.kernel_priority.real_time()
             ? kPriorities + thread.kernel_priority.priority
             : EffectivePriority(thread);
}

int HighestCeiling(const Thread& thread) {
  if (thread.ceilings == nullptr) return -1;
  for (int word = kPriorities / 64 - 1; word >= 0; --word) {
    const uint64_t bits = thread.ceilings->held[word];
    if (bits != 0) return word * 64 + 63 - __builtin_clzll(bits);
  }
  return -1;
}

int LowestCeiling(const Thread& thread) {
  if (thread.ceilings == nullptr) return kPriorities;
  for (int word = 0; word < kPriorities / 64; ++word) {
    const uint64_t bits = thread.ceilings->held[word];
    if (bits != 0) return word * 64 + __builtin_ctzll(bits);
  }
  return kPriorities;
}

Thread* FindDonor(const Thread& donee, const void* address) {
  Thread* donor = donee.donors;
  while (donor != nullptr && donor->protocol_wait != address) {
    donor = donor->donor_next;
  }
  return donor;
}

void AddDonor(Thread& donee, Thread& donor) {
  LT_DCHECK(donor.donee == nullptr);
  donor.donee = &donee;
  donor.donor_next = donee.donors;
  donee.donors = &donor;
}

void RemoveDonor(Thread& donor) {
  Thread** link = &donor.donee->donors;
  while (*link != &donor) link = &(*link)->donor_next;
  *link = donor.donor_next;
  donor.donor_next = nullptr;
  donor.donee = nullptr;
}

// INV-PR3, for a first sleeper on `address`, or who is about to be one.
void Lend(Thread& donee, const void* address, Thread& first) {
  Thread* donor = FindDonor(donee, address);
  if (donor != nullptr) {
    if (Rank(*donor) >= Rank(first)) return;
    RemoveDonor(*donor);
  }
  AddDonor(donee, first);
}

// What the donors of a thread ask for.
struct Demand {
  int priority = 0;
  KernelPriority kernel;
};

Demand DemandOf(const Thread& donee) {
  Demand demand;
  for (const Thread* donor = donee.donors; donor != nullptr;
       donor = donor->donor_next) {
    int priority = EffectivePriority(*donor);
    if (HasKernelThread(*donor) && donor->kernel_priority.real_time()) {
      if (!HasKernelThread(donee)) priority = kPriorities - 1;
      if (donor->kernel_priority.priority > demand.kernel.priority) {
        demand.kernel = donor->kernel_priority;
      }
    }
    demand.priority = std::max(demand.priority, priority);
  }
  return demand;
}

// INV-PR1 for this thread.  True when it ranks differently now.
bool Recompute(Thread& thread) {
  const Demand demand = DemandOf(thread);
  const int ceiling = HighestCeiling(thread);
  const int priority =
      std::max({AssignedPriority(thread), ceiling, demand.priority});
  const int before = thread.priority.exchange(
      static_cast<unsigned char>(priority), std::memory_order_relaxed);
  const bool boosted = BoostKernelThread(thread, demand.kernel, ceiling);
  if (before == priority) return boosted;
  if (InPool(thread)) Requeue(thread, before);
  return true;
}

// Puts a sleeper where it now belongs; the first one then, or null.
Thread* Reposition(Thread& thread)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_priority_lock) {
  const void* address = thread.protocol_wait;
  SleepBucket& bucket = BucketOf(address);
  SpinLockHolder hold(bucket.lock);
  if (thread.queue != nullptr) {
    bucket.Remove(thread);
    bucket.Insert(thread, address, ProtocolWaitKey(thread));
  }
  return bucket.First(address);
}

// The living owner of the mutex that the thread waits for, if that inherits.
Thread* DoneeOf(const Thread& waiter)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_priority_lock) {
  if (waiter.protocol_owner == nullptr) return nullptr;
  // Acquire: pairs with the release of who took the mutex.
  Thread* owner =
      LivingOwner(waiter.protocol_owner->load(std::memory_order_acquire));
  return owner == &waiter ? nullptr : owner;  // a deadlock with itself
}

}  // namespace

void InitPriority(Thread& thread, int priority) {
  const auto value = static_cast<unsigned char>(priority);
  thread.assigned.store(value, std::memory_order_relaxed);
  thread.priority.store(value, std::memory_order_relaxed);
}

int PriorityForNew(Thread& self) {
  // A ceiling is seldom there, and then the thread itself has put it there.
  if (ABSL_PREDICT_TRUE(self.ceilings == nullptr)) {
    return AssignedPriority(self);
  }
  SpinLockHolder hold(g_priority_lock);
  return std::max(AssignedPriority(self), HighestCeiling(self));
}

int AssignPriority(Thread& thread, int priority) {
  SpinLockHolder hold(g_priority_lock);
  if (priority > LowestCeiling(thread)) return EPERM;
  thread.assigned.store(static_cast<unsigned char>(priority),
                        std::memory_order_relaxed);
  UpdatePriority(thread);
  return 0;
}

void NoteProtocol(Thread& self) {
  if (self.protocol_epoch.load(std::memory_order_relaxed) == 0) {
    g_protocol_threads.fetch_add(1, std::memory_order_relaxed);
  }
  // Release: pairs with LivingOwner().
  self.protocol_epoch.store(g_epoch.load(std::memory_order_relaxed),
                            std::memory_order_release);
}

void EndProtocols(Thread& self) {
  // Only the thread itself ever sets it.
  if (self.protocol_epoch.load(std::memory_order_relaxed) == 0) return;
  Ceilings* ceilings;
  {
    SpinLockHolder hold(g_priority_lock);
    while (self.donors != nullptr) RemoveDonor(*self.donors);
    ceilings = self.ceilings;
    self.ceilings = nullptr;
    UpdatePriority(self);
    self.protocol_epoch.store(0, std::memory_order_relaxed);
    g_protocol_threads.fetch_sub(1, std::memory_order_relaxed);
  }
  std::free(ceilings);
}

void ForgetProtocols(Thread& self) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  new (&g_priority_lock) SpinLock();
  const uint32_t epoch = g_epoch.load(std::memory_order_relaxed) + 1;
  g_epoch.store(epoch, std::memory_order_relaxed);
  g_protocol_threads.store(0, std::memory_order_relaxed);
  if (self.protocol_epoch.load(std::memory_order_relaxed) == 0) return;
  self.protocol_epoch.store(epoch, std::memory_order_relaxed);
  g_protocol_threads.store(1, std::memory_order_relaxed);
  self.protocol_wait = nullptr;
  self.protocol_owner = nullptr;
  self.donors = self.donee = self.donor_next = nullptr;
  ForkKernelBoost(self);
  UpdatePriority(self);
}

Thread* LivingOwner(OwnerTag tag) {
  if (tag == 0) return nullptr;
  auto* owner = const_cast<Thread*>(ThreadOfTag(tag));
  // Acquire: pairs with NoteProtocol().  The object may serve another thread by
  // now, whose tag is seen if its epoch is.
  const bool lives = owner->protocol_epoch.load(std::memory_order_acquire) ==
                         g_epoch.load(std::memory_order_relaxed) &&
                     __atomic_load_n(&owner->tag, __ATOMIC_RELAXED) == tag;
  return lives ? owner : nullptr;
}

void BeginProtocolWait(Thread& self, const void* address,
                       const std::atomic<OwnerTag>* owner) {
  self.protocol_wait = address;
  self.protocol_owner = owner;
  if (HasKernelThread(self)) self.kernel_priority = ReadKernelPriority(0);
  Thread* donee = DoneeOf(self);
  if (donee == nullptr) return;
  Lend(*donee, address, self);
  UpdatePriority(*donee);
}

int ProtocolWaitKey(const Thread& self) {
  return 2 * Rank(self);
}

void EndProtocolWait(Thread& self) {
  const void* address = self.protocol_wait;
  self.protocol_wait = nullptr;
  self.protocol_owner = nullptr;
  if (self.donee == nullptr) return;
  Thread& donee = *self.donee;
  RemoveDonor(self);
  SleepBucket& bucket = BucketOf(address);
  bucket.lock.Lock();
  Thread* first = bucket.First(address);
  bucket.lock.Unlock();
  // It cannot go: it would have to end its own wait under the lock.
  if (first != nullptr) AddDonor(donee, *first);
  UpdatePriority(donee);
}

Heir TakeHeir(Thread* from, const void* address) {
  Thread* donor = from == nullptr ? nullptr : FindDonor(*from, address);
  if (donor != nullptr) RemoveDonor(*donor);
  SleepBucket& bucket = BucketOf(address);
  bucket.lock.Lock();
  Thread* heir = bucket.TakeFirst(address);
  Thread* next = bucket.First(address);
  bucket.lock.Unlock();
  if (heir == nullptr) return {nullptr, false};
  heir->protocol_wait = nullptr;
  heir->protocol_owner = nullptr;
  if (next != nullptr && next->protocol_owner != nullptr) {
    AddDonor(*heir, *next);
  }
  return {heir, next != nullptr};
}

void UpdatePriority(Thread& thread) {
  Thread* at = &thread;
  bool changed = false;
  // Ends: a round through a cycle of owners can only go on raising, or
  // lowering, what has a bound.
  while (at != nullptr && Recompute(*at)) {
    changed = true;
    if (at->protocol_wait == nullptr) break;
    Thread* first = Reposition(*at);
    Thread* donee = DoneeOf(*at);
    if (donee != nullptr && first != nullptr) {
      Lend(*donee, at->protocol_wait, *first);
    }
    at = donee;
  }
  // Somebody may be due now, or have to give way.
  if (changed) PreemptForPriority();
}

bool ReserveCeilings(Thread& self) {
  if (self.ceilings != nullptr) return true;
  auto* made = static_cast<Ceilings*>(std::calloc(1, sizeof(Ceilings)));
  if (made == nullptr) return false;
  {
    Critical critical(self);
    SpinLockHolder hold(g_priority_lock);
    // A handler of a signal may have come in between.
    if (self.ceilings == nullptr) std::swap(self.ceilings, made);
  }
  std::free(made);
  return true;
}

int MayTakeCeiling(Thread& self, int ceiling) {
  if (HasKernelThread(self)) {
    const int answer = RaiseToCeiling(self, ceiling);
    if (answer >= 0) return answer;
  }
  return AssignedPriority(self) > ceiling ? EINVAL : 0;
}

void AddCeiling(Thread& thread, int ceiling) {
  Ceilings& all = *thread.ceilings;
  if (all.count[ceiling]++ == 0) {
    all.held[ceiling / 64] |= uint64_t{1} << (ceiling % 64);
  }
}

void DropCeiling(Thread& thread, int ceiling) {
  if (thread.ceilings == nullptr) return;
  Ceilings& all = *thread.ceilings;
  if (all.count[ceiling] != 0 && --all.count[ceiling] == 0) {
    all.held[ceiling / 64] &= ~(uint64_t{1} << (ceiling % 64));
  }
}

}  // namespace lt
