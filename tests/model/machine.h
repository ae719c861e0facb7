// SPDX-License-Identifier: MIT
//
// The machine of the model checker: Relacy's atomics with the interface of
// std::atomic, a futex, and variables that two threads must not use at once.
//
// How a model shares its code with the library.  An algorithm that touches
// atomics is a template over a machine: the library's is in base/machine.h, and
// in sync/machine.h for what sleeps and wakes besides.  A model instantiates
// the same template with the machine below, or that of sleepers.h, runs it in a
// few threads, and says what must hold: Require(), Plain, and that no thread
// waits for ever.  Relacy then runs every order of the threads' steps, and lets
// each load that may do so by C++'s memory model return an older value.
//
// To show that a model can see a mistake, each has cases in which one order
// (acquire, release) of one function is dropped, or one step is not what it
// should be (Weakening); the model must fail then, in the way that the case
// names.  The library's code is not changed for that: the machine does it.
//
// To add a model: the template; a file here with a struct that derives from
// rl::test_suite (threads, before(), thread(), after()); one case that Holds(),
// one for each ordering that the algorithm needs (FailsAs()).
//
// What Relacy cannot see, and a model therefore does not tell: a load that
// returns a value from the future (load buffering), values older than the last
// two, that a thread's own later store ends what it released before (C++20),
// and, in a bounded search, more preemptions than the bound.

#ifndef LIBTHREAD_TESTS_MODEL_MACHINE_H_
#define LIBTHREAD_TESTS_MODEL_MACHINE_H_

#include <cstring>

#include "base/clock.h"
#include "relacy.h"

namespace lt::model {

// ---- What is weakened ----

enum class Part {
  kNothing,
  kAcquire,     // the acquire half of each operation becomes relaxed
  kRelease,     // the release half
  kTotalOrder,  // sequentially consistent ones become acquire and release
  kEffect,      // it changes nothing
  kOneStep,     // an exchange becomes a load and, one step later, a store
  kStep,        // a step of the machine or the model: `where` names it
};

struct Weakening {
  const char* where = "";  // the function; or two, with a comma between
  Part part = Part::kNothing;
};

// The one of the run; set before it begins.
inline Weakening g_weakening;

inline bool Weakened(Part part, const char* function) {
  if (g_weakening.part != part) return false;
  const size_t length = std::strlen(function);
  const char* comma = std::strchr(g_weakening.where, ',');
  const size_t first = comma == nullptr
                           ? std::strlen(g_weakening.where)
                           : static_cast<size_t>(comma - g_weakening.where);
  return (length == first &&
          std::memcmp(function, g_weakening.where, length) == 0) ||
         (comma != nullptr && std::strcmp(function, comma + 1) == 0);
}

// Whether the step of that name is weakened.
inline bool Weakened(const char* step) {
  return Weakened(Part::kStep, step);
}

inline std::memory_order Weaken(std::memory_order order, const char* function) {
  using enum std::memory_order;
  if (g_weakening.part == Part::kNothing || order == relaxed) return order;
  if (Weakened(Part::kAcquire, function)) {
    return order == acquire ? relaxed : order == acq_rel ? release : order;
  }
  if (Weakened(Part::kRelease, function)) {
    return order == release ? relaxed : order == acq_rel ? acquire : order;
  }
  if (Weakened(Part::kTotalOrder, function) && order == seq_cst) return acq_rel;
  return order;
}

// ---- Places in the code, for Relacy's report ----

struct Place {
  // Where it is called, as a default argument: where its caller is called.
  static constexpr Place Here(const char* function = __builtin_FUNCTION(),
                              const char* file = __builtin_FILE(),
                              unsigned line = __builtin_LINE()) {
    return {function, file, line};
  }
  rl::debug_info info() const { return {function, file, line}; }

  const char* function;
  const char* file;
  unsigned line;
};

// Ends the run as failed unless `condition` holds.
inline void Require(bool condition, const char* what,
                    Place place = Place::Here()) {
  if (condition) return;
  rl::ctx().fail_test(what, rl::test_result_user_assert_failed, place.info());
}

// No other thread takes a step meanwhile.
class NoSwitch {
 public:
  NoSwitch() { rl::ctx().disable_preemption(); }
  ~NoSwitch() { rl::ctx().enable_preemption(); }
  NoSwitch(const NoSwitch&) = delete;
  NoSwitch& operator=(const NoSwitch&) = delete;
};

// ---- Atomics ----

template <typename T>
class Atomic {
 public:
  // As a constructor's stores are: before all that others do.
  Atomic(T value = T()) : atomic_(value) {}
  Atomic(const Atomic&) = delete;
  Atomic& operator=(const Atomic&) = delete;

  T load(std::memory_order order, Place place = Place::Here()) const {
    return atomic_.load(LoadOrder(order, place), place.info());
  }
  void store(T value, std::memory_order order, Place place = Place::Here()) {
    atomic_.store(value, StoreOrder(order, place), place.info());
  }
  T exchange(T value, std::memory_order order, Place place = Place::Here()) {
    if (Weakened(Part::kOneStep, place.function)) {
      const T before = load(order, place);
      store(value, order, place);
      return before;
    }
    return atomic_.exchange(value, Order(order, place), place.info());
  }
  T fetch_add(T value, std::memory_order order, Place place = Place::Here()) {
    if (Weakened(Part::kOneStep, place.function)) {
      const T before = load(order, place);
      if (value != 0) store(before + value, order, place);
      return before;
    }
    return atomic_.fetch_add(value, Order(order, place), place.info());
  }
  T fetch_sub(T value, std::memory_order order, Place place = Place::Here()) {
    if (Weakened(Part::kEffect, place.function)) return load(order, place);
    return atomic_.fetch_sub(value, Order(order, place), place.info());
  }
  T fetch_or(T value, std::memory_order order, Place place = Place::Here()) {
    if (Weakened(Part::kEffect, place.function)) return load(order, place);
    return atomic_.fetch_or(value, Order(order, place), place.info());
  }
  T fetch_and(T value, std::memory_order order, Place place = Place::Here()) {
    return atomic_.fetch_and(value, Order(order, place), place.info());
  }

  bool compare_exchange_strong(T& expected, T value, std::memory_order order,
                               std::memory_order failure,
                               Place place = Place::Here()) {
    if (Weakened(Part::kOneStep, place.function)) {
      return CompareAndStore(expected, value, order, place);
    }
    return atomic_.compare_exchange_strong(
        expected, value, Order(order, place), place.info(),
        FailureOrder(order, failure, place), place.info());
  }
  bool compare_exchange_strong(T& expected, T value, std::memory_order order,
                               Place place = Place::Here()) {
    return compare_exchange_strong(expected, value, order, order, place);
  }
  // Fails now and then for no reason.
  bool compare_exchange_weak(T& expected, T value, std::memory_order order,
                             std::memory_order failure,
                             Place place = Place::Here()) {
    if (Weakened(Part::kOneStep, place.function)) {
      return CompareAndStore(expected, value, order, place);
    }
    return atomic_.compare_exchange_weak(
        expected, value, Order(order, place), place.info(),
        FailureOrder(order, failure, place), place.info());
  }

  // The newest value; no step of a thread, and no order.
  T Newest() const { return atomic_.debug_value(); }

 private:
  bool CompareAndStore(T& expected, T value, std::memory_order order,
                       const Place& place) {
    const T before = load(order, place);
    const bool equal = before == expected;
    expected = before;
    if (equal) store(value, order, place);
    return equal;
  }

  static rl::memory_order Order(std::memory_order order, const Place& place) {
    switch (Weaken(order, place.function)) {
      case std::memory_order_relaxed:
        return rl::mo_relaxed;
      case std::memory_order_consume:
      case std::memory_order_acquire:
        return rl::mo_acquire;
      case std::memory_order_release:
        return rl::mo_release;
      case std::memory_order_acq_rel:
        return rl::mo_acq_rel;
      case std::memory_order_seq_cst:
        break;
    }
    return rl::mo_seq_cst;
  }
  static rl::memory_order LoadOrder(std::memory_order order,
                                    const Place& place) {
    const rl::memory_order how = Order(order, place);
    return how == rl::mo_acq_rel   ? rl::mo_acquire
           : how == rl::mo_release ? rl::mo_relaxed
                                   : how;
  }
  static rl::memory_order StoreOrder(std::memory_order order,
                                     const Place& place) {
    const rl::memory_order how = Order(order, place);
    return how == rl::mo_acq_rel   ? rl::mo_release
           : how == rl::mo_acquire ? rl::mo_relaxed
                                   : how;
  }
  // Relacy wants a failure that is ordered no more than success.
  static rl::memory_order FailureOrder(std::memory_order order,
                                       std::memory_order failure,
                                       const Place& place) {
    const rl::memory_order success = Order(order, place);
    if (success == rl::mo_relaxed || success == rl::mo_release) {
      return rl::mo_relaxed;
    }
    return LoadOrder(failure, place);
  }

  rl::atomic<T> atomic_;
};

// A variable that is not atomic: two threads that use it without an order
// between them end the run.
template <typename T>
class Plain {
 public:
  Plain(T value = T()) : var_(value) {}
  T Get(Place place = Place::Here()) const { return var_(place.info()).load(); }
  void Set(T value, Place place = Place::Here()) {
    var_(place.info()).store(value);
  }

 private:
  rl::var<T> var_;
};

// ---- Waiting ----

// Threads of the model that wait for something, first come first served.  It
// orders no memory, as the kernel's promise about futexes does not.
class Waiters {
 public:
  // False when the time was up.  No step of others comes before.
  bool Wait(bool timed, const Place& place) {
    waiting_[count_++] = rl::thread_index();
    const rl::unpark_reason reason =
        rl::ctx().park_current_thread(timed, false, false, place.info());
    if (reason == rl::unpark_reason_normal) return true;
    Remove(rl::thread_index());
    return false;
  }
  void WakeFirst(const Place& place) {
    if (count_ == 0) return;
    const unsigned thread = waiting_[0];
    Remove(thread);
    rl::ctx().unpark_thread(static_cast<int>(thread), false, place.info());
  }

 private:
  static constexpr int kMost = 4;

  void Remove(unsigned thread) {
    int to = 0;
    for (int from = 0; from < count_; ++from) {
      if (waiting_[from] != thread) waiting_[to++] = waiting_[from];
    }
    count_ = to;
  }

  unsigned waiting_[kMost] = {};
  int count_ = 0;
};

// An atomic that threads can sleep on.
template <typename T>
class FutexAtomic : public Atomic<T> {
 public:
  using Atomic<T>::Atomic;
  mutable Waiters waiters;
};

struct Machine {
  // Words of 32 bits may be futexes.
  template <typename T>
  using Atomic = std::conditional_t<std::is_same_v<T, uint32_t>, FutexAtomic<T>,
                                    model::Atomic<T>>;

  static int FutexWait(const FutexAtomic<uint32_t>& word, uint32_t expected,
                       Deadline deadline, Place place = Place::Here()) {
    rl::ctx().sched();
    // The kernel looks at the word when it has entered the sleeper.
    if (word.Newest() != expected && !Weakened("futex compares")) return 0;
    return word.waiters.Wait(!deadline.never(), place) ? 0 : ETIME;
  }
  static void FutexWake(const FutexAtomic<uint32_t>& word, int count,
                        Place place = Place::Here()) {
    rl::ctx().sched();
    for (int i = 0; i < count; ++i) word.waiters.WakeFirst(place);
  }

  // Without membarrier in the kernel the algorithms take another way.
  static inline bool no_membarrier = false;
  static bool NoMembarrier() { return no_membarrier; }
  static bool MembarrierAll(Place place = Place::Here()) {
    rl::ctx().sched();
    if (no_membarrier || Weakened("membarrier")) return false;
    rl::systemwide_fence(place.info());
    return true;
  }
};

}  // namespace lt::model

#endif  // LIBTHREAD_TESTS_MODEL_MACHINE_H_
