// SPDX-License-Identifier: MIT

#include "queue.h"

#include "pod.h"

namespace lwp4 {
namespace {

// Before `next`; null: at the end.
void Insert(Queue& queue, Lwp& thread, Lwp* next) {
  Lwp* prev = next != nullptr ? next->queue_prev : queue.last;
  thread.queue = &queue;
  thread.queue_next = next;
  thread.queue_prev = prev;
  (prev != nullptr ? prev->queue_next : queue.first) = &thread;
  (next != nullptr ? next->queue_prev : queue.last) = &thread;
}

}  // namespace

void Queue::PushBack(Lwp& thread) {
  Insert(*this, thread, nullptr);
}

void Queue::PushFront(Lwp& thread) {
  Insert(*this, thread, first);
}

void Queue::PushByPriority(Lwp& thread) {
  Lwp* next = nullptr;
  for (Lwp* at = last; at != nullptr && at->priority < thread.priority;
       at = at->queue_prev) {
    next = at;
  }
  Insert(*this, thread, next);
}

void Queue::Remove(Lwp& thread) {
  Lwp* next = thread.queue_next;
  Lwp* prev = thread.queue_prev;
  (prev != nullptr ? prev->queue_next : first) = next;
  (next != nullptr ? next->queue_prev : last) = prev;
  thread.queue = nullptr;
  thread.queue_next = nullptr;
  thread.queue_prev = nullptr;
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
