// SPDX-License-Identifier: MIT
//
// Queues of threads.  A thread is in one at most.

#ifndef LIBLWP_QUEUE_H_
#define LIBLWP_QUEUE_H_

namespace lwp4 {

struct Lwp;

struct Queue {
  Lwp* first = nullptr;
  Lwp* last = nullptr;

  bool empty() const { return first == nullptr; }
  void PushBack(Lwp& thread);
  void PushFront(Lwp& thread);
  // Behind those of its priority, before those of lower ones.
  void PushByPriority(Lwp& thread);
  void Remove(Lwp& thread);
  // Before `next`; null: at the end.  The two for the switch (ready.h).
  void InsertInline(Lwp& thread, Lwp* next);
  void RemoveInline(Lwp& thread);
  // Handles of its threads, as many as fit; returns how many they are.
  int Enumerate(struct Handle* vec, int most) const;
};

}  // namespace lwp4

#endif  // LIBLWP_QUEUE_H_
