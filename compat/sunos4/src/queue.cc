// SPDX-License-Identifier: MIT

#include "queue.h"

#include "pod.h"

namespace lwp4 {
void Queue::PushBack(Lwp& thread) {
  InsertInline(thread, nullptr);
}

void Queue::PushFront(Lwp& thread) {
  InsertInline(thread, first);
}

void Queue::PushByPriority(Lwp& thread) {
  Lwp* next = nullptr;
  for (Lwp* at = last; at != nullptr && at->priority < thread.priority;
       at = at->queue_prev) {
    next = at;
  }
  InsertInline(thread, next);
}

void Queue::Remove(Lwp& thread) {
  RemoveInline(thread);
}

int Queue::Enumerate(Handle* vec, int most) const {
  if (vec == nullptr) most = 0;
  int count = 0;
  for (Lwp* at = first; at != nullptr; at = at->queue_next) {
    if (count < most) vec[count] = at->handle();
    ++count;
  }
  return count;
}

}  // namespace lwp4
