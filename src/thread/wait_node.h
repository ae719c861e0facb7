// SPDX-License-Identifier: MIT
//
// The insides of the wait graph (wait_graph.h), for the two files that make it.

#ifndef LIBTHREAD_THREAD_WAIT_NODE_H_
#define LIBTHREAD_THREAD_WAIT_NODE_H_

#include "thread/wait_graph.h"

namespace lt {

struct Hold {
  const void* object;
  WaitNode* node;
  HoldKind kind;
  uint32_t times;
  int64_t since_ns;
  Hold* next;          // in the bucket of the object, or among the free ones
  Hold* next_of_node;  // what the same thread holds
};

struct WaitNode {
  Thread* thread;
  WaitNote wait = {};
  Thread* target = nullptr;  // of thr_join, once it was found
  uint32_t handlers = 0;     // that had run when the wait was noted
  bool reported = false;     // in a circle that was
  uint32_t round = 0;        // of reports on request
  uint32_t search = 0;       // that came by here last
  WaitNode* search_next = nullptr;
  WaitNode* search_from = nullptr;
  Hold* holds = nullptr;
  Backtrace backtrace = {};
};

extern SpinLock g_wait_lock;  // rank 2

// The first hold in the bucket of an object; others may be among those behind.
Hold*& HoldsNear(const void* object) ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_wait_lock);
// That of the object, by the thread of `node` or, null, by anybody; or null.
Hold* FindNoted(const void* object, const WaitNode* node)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_wait_lock);

// True when the wait that was just noted closes a circle that is not reported
// yet.
bool ClosesNewCircle(WaitNode& node) ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_wait_lock);

}  // namespace lt

#endif  // LIBTHREAD_THREAD_WAIT_NODE_H_
