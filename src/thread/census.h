// SPDX-License-Identifier: MIT
//
// How many threads there are, and how many of them wait in thr_join.
//
// "Counted" threads are those that keep the process alive: all but daemons and
// adopted ones.  Two counts, because a thread stops to keep the process alive
// before its destructors run, but others may join it only afterwards:
//   running  counted threads that have not begun to exit
//   present  counted threads that are not yet zombies or gone; packed into one
//            word with the number of counted threads that wait in thr_join, so
//            that both are read at one instant (INV-CE1: "all present threads
//            are joiners" is then really a deadlock of joins).

#ifndef LIBTHREAD_THREAD_CENSUS_H_
#define LIBTHREAD_THREAD_CENSUS_H_

#include <atomic>
#include <cstdint>

namespace lt {

class Census {
 public:
  void AddCounted() {
    running_.fetch_add(1, std::memory_order_relaxed);
    word_.fetch_add(kPresent, std::memory_order_seq_cst);
  }
  // A counted thread begins to exit.  True for the last one.
  bool BeginExit() {
    return running_.fetch_sub(1, std::memory_order_acq_rel) == 1;
  }
  // A thread is gone; `released` counted joiners get on.
  void End(bool daemon, int released) {
    threads.fetch_sub(1, std::memory_order_relaxed);
    const uint64_t present = daemon ? 0 : kPresent;
    word_.fetch_sub(present + released, std::memory_order_seq_cst);
  }
  void BeginJoin() { word_.fetch_add(1, std::memory_order_seq_cst); }
  void EndJoin(int joiners = 1) {
    word_.fetch_sub(joiners, std::memory_order_seq_cst);
  }
  bool AllJoin() const {
    const uint64_t word = word_.load(std::memory_order_seq_cst);
    return word >> 32 == (word & 0xffffffff);
  }

  // All threads of the program, zombies not among them; for __nthreads().
  std::atomic<int> threads{0};

 private:
  static constexpr uint64_t kPresent = uint64_t{1} << 32;
  std::atomic<uint32_t> running_{0};
  std::atomic<uint64_t> word_{0};
};

extern Census g_census;

}  // namespace lt

#endif  // LIBTHREAD_THREAD_CENSUS_H_
