// SPDX-License-Identifier: MIT
//
// Intrusive queues.  The members of an object name its links, so that one
// object can be in several queues at once and queueing never allocates.

#ifndef LIBTHREAD_BASE_LIST_H_
#define LIBTHREAD_BASE_LIST_H_

#include <cstddef>

namespace lt {

// Singly linked, first in first out; also serves as a stack.
template <typename T, T* T::*Next>
class Fifo {
 public:
  bool empty() const { return head_ == nullptr; }
  T* front() const { return head_; }
  void PushBack(T* item) {
    item->*Next = nullptr;
    if (head_ == nullptr) {
      head_ = item;
    } else {
      tail_->*Next = item;
    }
    tail_ = item;
  }
  void PushFront(T* item) {
    item->*Next = head_;
    if (head_ == nullptr) tail_ = item;
    head_ = item;
  }
  T* PopFront() {
    T* item = head_;
    if (item != nullptr) head_ = item->*Next;
    return item;
  }
  // Takes `item` out of the middle; false when it is not here.  Linear.
  bool Remove(T* item) {
    T* before = nullptr;
    for (T* at = head_; at != nullptr; before = at, at = at->*Next) {
      if (at != item) continue;
      (before == nullptr ? head_ : before->*Next) = item->*Next;
      if (tail_ == item) tail_ = before;
      return true;
    }
    return false;
  }

 private:
  T* head_ = nullptr;
  T* tail_ = nullptr;  // meaningless while empty
};

// Doubly linked; removal from the middle in constant time.
template <typename T, T* T::*Next, T* T::*Prev>
class List {
 public:
  bool empty() const { return head_ == nullptr; }
  T* front() const { return head_; }
  T* back() const { return tail_; }
  void PushBack(T* item) { InsertAfter(tail_, item); }
  // Inserts behind `position`, or in front of all when it is null.
  void InsertAfter(T* position, T* item) {
    item->*Prev = position;
    item->*Next = position == nullptr ? head_ : position->*Next;
    Link(item->*Next, Prev, tail_) = item;
    Link(item->*Prev, Next, head_) = item;
  }
  void Remove(T* item) {
    Link(item->*Next, Prev, tail_) = item->*Prev;
    Link(item->*Prev, Next, head_) = item->*Next;
    item->*Next = item->*Prev = nullptr;
  }
  T* PopFront() {
    T* item = head_;
    if (item != nullptr) Remove(item);
    return item;
  }

 private:
  static T*& Link(T* neighbour, T* T::*member, T*& end) {
    return neighbour == nullptr ? end : neighbour->*member;
  }

  T* head_ = nullptr;
  T* tail_ = nullptr;
};

}  // namespace lt

#endif  // LIBTHREAD_BASE_LIST_H_
