// SPDX-License-Identifier: MIT

#include "thread/wait_graph.h"

#include <sys/mman.h>

#include <new>

#include "base/clock.h"
#include "base/syscall.h"
#include "sched/critical.h"
#include "thread/wait_node.h"
#include "thread/wait_report.h"

namespace lt {

SpinLock g_wait_lock;

namespace {

constexpr int kBucketsLog = 12;
constexpr size_t kChunkBytes = 64 * 1024;

Hold* g_buckets[1 << kBucketsLog] ABSL_GUARDED_BY(g_wait_lock);
Hold* g_free ABSL_GUARDED_BY(g_wait_lock) = nullptr;
char* g_chunk ABSL_GUARDED_BY(g_wait_lock) = nullptr;
char* g_chunk_end ABSL_GUARDED_BY(g_wait_lock) = nullptr;

// Memory that is never given back; null when there is none left.  May unlock
// in between.
void* Carve(size_t bytes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_wait_lock) {
  if (static_cast<size_t>(g_chunk_end - g_chunk) < bytes) {
    g_wait_lock.Unlock();
    const long chunk =
        RawSyscall(SYS_mmap, 0, kChunkBytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    g_wait_lock.Lock();
    if (chunk < 0 && chunk > -4096) return nullptr;
    g_chunk = reinterpret_cast<char*>(chunk);
    g_chunk_end = g_chunk + kChunkBytes;
  }
  void* memory = g_chunk;
  g_chunk += (bytes + 15) / 16 * 16;
  return memory;
}

WaitNode* NodeOf(Thread& self) ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_wait_lock) {
  if (self.wait_node == nullptr) {
    void* memory = Carve(sizeof(WaitNode));
    if (memory != nullptr) self.wait_node = new (memory) WaitNode{&self};
  }
  return self.wait_node;
}

void Remove(Hold& hold) ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_wait_lock) {
  Hold** link = &HoldsNear(hold.object);
  while (*link != &hold) link = &(*link)->next;
  *link = hold.next;
  link = &hold.node->holds;
  while (*link != &hold) link = &(*link)->next_of_node;
  *link = hold.next_of_node;
  hold.next = g_free;
  g_free = &hold;
}

// What is noted of an object that another thread cannot hold beside the caller,
// which has it: memory that was given free and serves another object.
void RemoveStale(const void* object, const WaitNode* keep, bool reader)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_wait_lock) {
  for (Hold *at = HoldsNear(object), *next; at != nullptr; at = next) {
    next = at->next;
    if (at->object == object && at->node != keep &&
        !(reader && at->kind.way == HoldKind::kReader)) {
      Remove(*at);
    }
  }
}

// Notes the wait; true when it closes a circle.
bool NoteWait(Thread& self, const WaitNote& wait, const Backtrace& backtrace,
              bool again) {
  Critical critical(self);
  SpinLockHolder hold(g_wait_lock);
  WaitNode* node = NodeOf(self);
  if (node == nullptr) return false;
  node->wait = wait;
  node->handlers = HandlersRun(self);
  if (!again) node->reported = false;
  node->target = nullptr;
  node->backtrace = backtrace;
  return ClosesNewCircle(*node);
}

bool Watching() {
  return (g_watch & kWatchMistakes) != 0;
}

void Begin(Thread& self, const WaitNote& wait, bool again) {
  Backtrace backtrace;
  TakeBacktrace(backtrace);
  if (NoteWait(self, wait, backtrace, again)) ReportDeadlock(self);
}

}  // namespace

Hold*& HoldsNear(const void* object) {
  constexpr uint64_t kGolden = 0x9e3779b97f4a7c15;
  return g_buckets[(reinterpret_cast<uintptr_t>(object) * kGolden) >>
                   (64 - kBucketsLog)];
}

Hold* FindNoted(const void* object, const WaitNode* node) {
  for (Hold* at = HoldsNear(object); at != nullptr; at = at->next) {
    if (at->object == object && (node == nullptr || at->node == node)) {
      return at;
    }
  }
  return nullptr;
}

void BeginWait(Thread& self, const WaitNote& wait) {
  if (Watching()) Begin(self, wait, false);
}

void WaitAgain(Thread& self, const WaitNote& wait) {
  const WaitNode* node = self.wait_node;
  if (!Watching()) return;
  // Its own node: nobody else writes these.
  if (node != nullptr && node->handlers == HandlersRun(self) &&
      node->wait.kind == wait.kind && node->wait.object == wait.object) {
    return;
  }
  Begin(self, wait, true);
}

void EndWait(Thread& self) {
  if (!Watching()) return;
  Critical critical(self);
  SpinLockHolder hold(g_wait_lock);
  if (self.wait_node != nullptr) self.wait_node->wait = {};
}

void NoteHold(Thread& self, const void* object, HoldKind kind, uint32_t times) {
  const int64_t now_ns = (g_watch & kWatchUse) != 0 ? NowNs() : 0;
  Critical critical(self);
  SpinLockHolder lock(g_wait_lock);
  WaitNode* node = NodeOf(self);
  if (node == nullptr) return;
  RemoveStale(object, node, kind.way == HoldKind::kReader);
  if (Hold* hold = FindNoted(object, node)) {
    if (hold->kind == kind) {
      hold->times += times;
      return;
    }
    Remove(*hold);  // left over, as above
  }
  Hold* hold = g_free;
  if (hold != nullptr) {
    g_free = hold->next;
  } else {
    hold = static_cast<Hold*>(Carve(sizeof(Hold)));
    if (hold == nullptr) return;
  }
  Hold*& bucket = HoldsNear(object);
  *hold = {object, node, kind, times, now_ns, bucket, node->holds};
  bucket = node->holds = hold;
}

Dropped EndHold(const Thread* holder, const void* object, bool all) {
  Critical critical(*Current());
  SpinLockHolder lock(g_wait_lock);
  if (holder != nullptr && holder->wait_node == nullptr) return {};
  Hold* hold =
      FindNoted(object, holder == nullptr ? nullptr : holder->wait_node);
  if (hold == nullptr) return {};
  const uint32_t times = hold->times;
  if (!all && times > 1) {
    --hold->times;
    return {times, 0};
  }
  const int64_t since_ns = hold->since_ns;
  Remove(*hold);
  return {times, since_ns};
}

uint32_t HolderOf(const void* object) {
  Critical critical(*Current());
  SpinLockHolder lock(g_wait_lock);
  for (Hold* at = HoldsNear(object); at != nullptr; at = at->next) {
    if (at->object == object && at->kind.way != HoldKind::kReader) {
      return at->node->thread->id;
    }
  }
  return 0;
}

void ForgetHolds(const void* object) {
  Critical critical(*Current());
  SpinLockHolder lock(g_wait_lock);
  RemoveStale(object, nullptr, false);
}

void EndWatched(Thread& self) {
  Critical critical(self);
  for (;;) {
    const void* object;
    HoldKind kind;
    {
      SpinLockHolder lock(g_wait_lock);
      WaitNode* node = self.wait_node;
      if (node == nullptr) return;
      node->wait = {};
      if (node->holds == nullptr) return;
      object = node->holds->object;
      kind = node->holds->kind;
      Remove(*node->holds);
    }
    if (Watching() && !kind.robust) {
      const bool mutex = kind.way == HoldKind::kMutex;
      ReportMistake(self, {"thread", "it ends and holds a lock",
                           mutex ? "mutex" : "rwlock", object, 0});
    }
  }
}

void LockWaitGraph() ABSL_NO_THREAD_SAFETY_ANALYSIS {
  g_wait_lock.Lock();
}

void UnlockWaitGraph() ABSL_NO_THREAD_SAFETY_ANALYSIS {
  g_wait_lock.Unlock();
}

void ForgetOtherWaits(Thread& self) {
  SpinLockHolder lock(g_wait_lock);
  for (Hold*& bucket : g_buckets) {
    if (bucket != nullptr) bucket = nullptr;
  }
  if (self.wait_node == nullptr) return;
  // What it holds of locks between processes is the parent's.
  Hold* kept = nullptr;
  for (Hold *at = self.wait_node->holds, *next; at != nullptr; at = next) {
    next = at->next_of_node;
    if (at->kind.shared) continue;
    Hold*& bucket = HoldsNear(at->object);
    at->next = bucket;
    bucket = at;
    at->next_of_node = kept;
    kept = at;
  }
  self.wait_node->holds = kept;
}

}  // namespace lt
