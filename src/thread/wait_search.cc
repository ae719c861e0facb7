// SPDX-License-Identifier: MIT
//
// The search for circles in the wait graph.

#include <atomic>

#include "sched/critical.h"
#include "sched/sleepq.h"
#include "thread/wait_graph.h"
#include "thread/wait_node.h"
#include "thread/wait_report.h"

namespace lt {
namespace {

uint32_t g_search ABSL_GUARDED_BY(g_wait_lock) = 0;
uint32_t g_round ABSL_GUARDED_BY(g_wait_lock) = 0;

// A search in breadth for the way back to where it began.
class Search {
 public:
  // `strict`: also of the first thread it is asked whether it is joining.
  Search(WaitNode& start, bool strict)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_wait_lock)
      : start_(start), strict_(strict) {
    start.search = ++g_search;
    start.search_from = nullptr;
    start.search_next = nullptr;
    tail_ = &start;
  }

  // The thread that waits for the first one; from there search_from leads back
  // to the first.  Null: there is no circle.
  WaitNode* Run() ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_wait_lock) {
    for (WaitNode* at = &start_; at != nullptr && last_ == nullptr;
         at = at->search_next) {
      Follow(*at);
    }
    return last_;
  }

 private:
  void Visit(WaitNode& from, WaitNode* node)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_wait_lock) {
    if (node == nullptr || last_ != nullptr) return;
    if (node == &start_) {
      last_ = &from;
      return;
    }
    if (node->search == g_search) return;
    node->search = g_search;
    node->search_from = &from;
    node->search_next = nullptr;
    tail_->search_next = node;
    tail_ = node;
  }

  void Follow(WaitNode& node) ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_wait_lock) {
    const WaitNote& wait = node.wait;
    if (node.handlers != HandlersRun(*node.thread)) return;  // INV-WG2
    switch (wait.kind) {
      case WaitKind::kMutex:
      case WaitKind::kWrite:
        VisitHolders(node, true);
        break;
      case WaitKind::kRead:
        VisitHolders(node, false);
        VisitWritersBefore(node);
        break;
      case WaitKind::kJoin:
        VisitTarget(node);
        break;
      case WaitKind::kNone:
      case WaitKind::kCond:
      case WaitKind::kSema:
        break;
    }
  }

  void VisitHolders(WaitNode& node, bool readers)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_wait_lock) {
    const WaitNote& wait = node.wait;
    for (Hold* at = HoldsNear(wait.object); at != nullptr; at = at->next) {
      if (at->object != wait.object) continue;
      const bool reader = at->kind.way == HoldKind::kReader;
      if (reader ? !readers : !IsOwner(wait, *at)) continue;
      Visit(node, at->node);
    }
  }

  static bool IsOwner(const WaitNote& wait, const Hold& hold) {
    return wait.owner == nullptr ||
           wait.owner->load(std::memory_order_relaxed) ==
               hold.node->thread->tag;
  }

  // In its queue a reader has an even key, a writer an odd one.
  void VisitWritersBefore(WaitNode& node)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_wait_lock) {
    const Thread& reader = *node.thread;
    SleepBucket& bucket = BucketOf(node.wait.object);
    SpinLockHolder hold(bucket.lock);
    if (reader.bucket.load(std::memory_order_relaxed) != &bucket ||
        reader.queue == nullptr || reader.queue->address != node.wait.object) {
      return;
    }
    for (Thread* at = reader.queue->threads.front();
         at != nullptr && at->wait_key > reader.wait_key; at = at->sleep_next) {
      if ((at->wait_key & 1) != 0) Visit(node, at->wait_node);
    }
  }

  void VisitTarget(WaitNode& node) ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_wait_lock) {
    Thread* target = node.target;
    if (target == nullptr || target->wait_node == nullptr) return;
    // A thread that waits is alive and keeps its id; this one may be another.
    if (target->wait_node->wait.kind == WaitKind::kNone ||
        target->id != node.wait.id) {
      return;
    }
    if ((&node != &start_ || strict_) &&
        node.thread->joining.load(std::memory_order_seq_cst) != target) {
      return;
    }
    if (__atomic_load_n(&target->detached, __ATOMIC_RELAXED)) return;
    Visit(node, target->wait_node);
  }

  WaitNode& start_;
  const bool strict_;
  WaitNode* tail_;
  WaitNode* last_ = nullptr;
};

WaitView ViewOf(const WaitNode& node, const WaitNode* next)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_wait_lock) {
  WaitView view{node.thread->id, node.thread->kind, node.wait, 0,
                false,           node.backtrace};
  if (node.wait.kind == WaitKind::kJoin) {
    view.next_id = node.wait.id;
  } else if (next != nullptr) {
    view.next_id = next->thread->id;
    const Hold* hold = FindNoted(node.wait.object, next);
    view.behind = node.wait.kind == WaitKind::kRead &&
                  (hold == nullptr || hold->kind.way == HoldKind::kReader);
  } else if (node.wait.object != nullptr) {
    const Hold* hold = FindNoted(node.wait.object, nullptr);
    view.next_id = hold == nullptr ? 0 : hold->node->thread->id;
  }
  return view;
}

// Turns the way that a search found round: search_next leads along the circle.
void TurnRound(WaitNode& start, WaitNode* last)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_wait_lock) {
  WaitNode* next = &start;
  for (WaitNode* at = last; at != nullptr; at = at->search_from) {
    at->search_next = next;
    next = at;
  }
}

// True when some thread of the circle is new to reports, or to this round.
bool IsNews(const WaitNode& start, bool round)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_wait_lock) {
  const WaitNode* at = &start;
  do {
    if (round ? at->round != g_round : !at->reported) return true;
    at = at->search_next;
  } while (at != &start);
  return false;
}

// `round`: for a report on request, and not by the thread that joins.
bool FindsNews(WaitNode& start, bool round)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_wait_lock) {
  WaitNode* last = Search(start, round).Run();
  if (last == nullptr) return false;
  // A thread that waits for itself was told so as of a mistake.
  if (last == &start && !round) return false;
  TurnRound(start, last);
  return IsNews(start, round);
}

int Take(Thread& thread, WaitView* views, int room, bool round) {
  SpinLockHolder hold(g_wait_lock);
  WaitNode* start = thread.wait_node;
  if (start == nullptr || !FindsNews(*start, round)) return 0;
  int count = 0;
  WaitNode* at = start;
  do {
    if (count < room) views[count] = ViewOf(*at, at->search_next);
    ++count;
    (round ? at->round = g_round : at->reported = true);
    at = at->search_next;
  } while (at != start);
  return count;
}

}  // namespace

bool ClosesNewCircle(WaitNode& node) {
  return FindsNews(node, false);
}

void SearchAfterSleep(void* arg) {
  auto& thread = *static_cast<Thread*>(arg);
  bool found;
  {
    SpinLockHolder hold(g_wait_lock);
    WaitNode* node = thread.wait_node;
    found = node != nullptr && FindsNews(*node, false);
  }
  if (found) ReportDeadlock(thread);
}

bool JoinClosesCircle(Thread& self, Thread& target) {
  SpinLockHolder hold(g_wait_lock);
  WaitNode* node = self.wait_node;
  if (node == nullptr) return false;
  node->target = &target;
  return FindsNews(*node, false);
}

bool LookAtWait(const Thread& thread, uint32_t id, WaitView& view) {
  SpinLockHolder lock(g_wait_lock);
  const WaitNode* node = thread.wait_node;
  if (node == nullptr || thread.id != id ||
      node->wait.kind == WaitKind::kNone ||
      node->handlers != HandlersRun(thread)) {
    return false;
  }
  view = ViewOf(*node, nullptr);
  return true;
}

int TakeCircle(Thread& thread, WaitView* views, int room) {
  return Take(thread, views, room, false);
}

void BeginRound() {
  SpinLockHolder lock(g_wait_lock);
  ++g_round;
}

int TakeCircleOfRound(Thread& thread, WaitView* views, int room) {
  return Take(thread, views, room, true);
}

}  // namespace lt
