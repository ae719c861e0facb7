// SPDX-License-Identifier: MIT

#include "timers.h"

#include <sys/time.h>

#include <cstdlib>

#include "helper.h"
#include "variables.h"

namespace lwp4 {
namespace {

Lwp** g_heap = nullptr;
int g_room = 0;
int g_count = 0;

// The first deadline, for the helper.
std::atomic<Nanoseconds> g_earliest{kNever};

void Put(Lwp* thread, int slot) {
  g_heap[slot] = thread;
  thread->timer_slot = slot;
}

// Moves the thread of a slot to where it belongs.
void Settle(int slot) {
  Lwp* thread = g_heap[slot];
  for (int above; slot > 0; slot = above) {
    above = (slot - 1) / 2;
    if (g_heap[above]->deadline <= thread->deadline) break;
    Put(g_heap[above], slot);
  }
  for (;;) {
    int below = 2 * slot + 1;
    if (below >= g_count) break;
    if (below + 1 < g_count &&
        g_heap[below + 1]->deadline < g_heap[below]->deadline) {
      ++below;
    }
    if (thread->deadline <= g_heap[below]->deadline) break;
    Put(g_heap[below], slot);
    slot = below;
  }
  Put(thread, slot);
}

void PublishEarliest() {
  const Nanoseconds earliest = g_count == 0 ? kNever : g_heap[0]->deadline;
  if (g_earliest.load(std::memory_order_relaxed) == earliest) return;
  // Sequentially consistent: WakeHelper() looks for what it waits.
  g_earliest.store(earliest, std::memory_order_seq_cst);
  WakeHelperFor(earliest);
}

void Take(Lwp& thread) {
  const int slot = thread.timer_slot;
  thread.timer_slot = -1;
  --g_count;
  if (slot == g_count) return;
  Put(g_heap[g_count], slot);
  Settle(slot);
}

}  // namespace

bool ReserveTimers(int threads) {
  if (threads <= g_room) return true;
  const int room = threads < 32 ? 64 : 2 * threads;
  auto* heap = static_cast<Lwp**>(std::realloc(g_heap, room * sizeof *g_heap));
  if (heap == nullptr) return false;
  g_heap = heap;
  g_room = room;
  return true;
}

void AddTimer(Lwp& thread, Nanoseconds deadline) {
  thread.deadline = deadline;
  Put(&thread, g_count++);
  Settle(thread.timer_slot);
  PublishEarliest();
}

void RemoveTimer(Lwp& thread) {
  Take(thread);
  PublishEarliest();
}

void TakeTimers() {
  if (g_count == 0) return;
  const Nanoseconds now = Now();
  while (g_count > 0 && g_heap[0]->deadline <= now) {
    Lwp& thread = *g_heap[0];
    Take(thread);
    Unblock(thread, thread.wait == Wait::kSleep ? kNoError : kTimeout);
  }
  PublishEarliest();
}

Nanoseconds EarliestTimer() {
  return g_earliest.load(std::memory_order_seq_cst);
}

Limit ToDeadline(const timeval* limit, Nanoseconds& deadline) {
  constexpr Nanoseconds kMicrosecond = 1000;
  constexpr Nanoseconds kSecond = 1000000000;
  deadline = kNever;
  if (limit == nullptr) return Limit::kForever;
  if (limit == __Poll) return Limit::kPoll;
  if (limit->tv_sec < 0 || limit->tv_usec < 0 || limit->tv_usec >= 1000000) {
    return Limit::kInvalid;
  }
  if (limit->tv_sec == 0 && limit->tv_usec == 0) return Limit::kPoll;
  const Nanoseconds now = Now();
  if (limit->tv_sec < (kNever - now) / kSecond - 1) {
    deadline = now + limit->tv_sec * kSecond + limit->tv_usec * kMicrosecond;
  }
  return Limit::kTime;
}

void ForgetTimers() {
  for (int i = 0; i < g_count; ++i) g_heap[i]->timer_slot = -1;
  g_count = 0;
  g_earliest.store(kNever, std::memory_order_relaxed);
}

}  // namespace lwp4
