// SPDX-License-Identifier: MIT
//
// Boost.Fiber.  One LWP: its default scheduler.  More: work stealing over that
// many kernel threads.  Stacks come from a pool (one LWP) or from malloc; with
// small stacks each has a guard page, as the workload asks.

#ifndef LIBTHREAD_BENCH_PEER_FIBER_H_
#define LIBTHREAD_BENCH_PEER_FIBER_H_

#include <sys/mman.h>

#include <boost/fiber/all.hpp>
#include <new>
#include <thread>
#include <vector>

#include "peer.h"

namespace bench {

// Boost's protected_fixedsize_stack ignores a failing mprotect in release
// builds and goes on without a guard; this one refuses.
class GuardedStack {
 public:
  boost::context::stack_context allocate() {
    void* base = mmap(nullptr, kSmallStack + kGuard, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (base == MAP_FAILED) throw std::bad_alloc();
    if (mprotect(base, kGuard, PROT_NONE) != 0) {
      munmap(base, kSmallStack + kGuard);
      throw std::bad_alloc();
    }
    boost::context::stack_context stack;
    stack.size = kSmallStack + kGuard;
    stack.sp = static_cast<char*>(base) + stack.size;
    return stack;
  }
  void deallocate(boost::context::stack_context& stack) noexcept {
    munmap(static_cast<char*>(stack.sp) - stack.size, stack.size);
  }

 private:
  static constexpr size_t kGuard = 4096;
};

struct Peer {
  static constexpr const char* kName = "fiber";
  static constexpr bool kHasRwLock = false;

  static void Start(int lwps) {
    State& state = TheState();
    state.lwps = lwps;
    if (lwps == 1) return;
    for (int i = 1; i < lwps; ++i) {
      state.workers.emplace_back([lwps] {
        UseStealing(lwps);
        TheState().stop.Wait();
      });
    }
    UseStealing(lwps);
  }
  static void Stop() {
    State& state = TheState();
    for (size_t i = 0; i < state.workers.size(); ++i) state.stop.Post();
    for (std::thread& worker : state.workers) worker.join();
  }

  using Thread = boost::fibers::fiber;

  static bool Spawn(Thread* thread, Entry entry, void* arg,
                    size_t stack_bytes = kUsualStack) {
    State& state = TheState();
    try {
      if (stack_bytes != kUsualStack) {
        *thread = Thread(std::allocator_arg, state.guarded, entry, arg);
      } else if (state.lwps == 1) {
        *thread = Thread(std::allocator_arg, state.pooled, entry, arg);
      } else {
        *thread = Thread(std::allocator_arg, state.plain, entry, arg);
      }
    } catch (const std::bad_alloc&) {
      return false;
    }
    return true;
  }
  static void Join(Thread& thread) { thread.join(); }
  static void Yield() { boost::this_fiber::yield(); }
  static void Sleep(long us) {
    boost::this_fiber::sleep_for(std::chrono::microseconds(us));
  }

  class Mutex {
   public:
    void Lock() { mutex_.lock(); }
    void Unlock() { mutex_.unlock(); }

   private:
    boost::fibers::mutex mutex_;
  };

  // Boost.Fiber has no semaphore.  This one uses the queue that its own mutex
  // is made of; from its mutex and condition variable it is slower by half.
  class Sema {
   public:
    void Wait() {
      boost::fibers::detail::spinlock_lock lock(lock_);
      while (count_ == 0) {
        waiters_.suspend_and_wait(lock, boost::fibers::context::active());
        lock.lock();
      }
      --count_;
    }
    void Post() {
      boost::fibers::detail::spinlock_lock lock(lock_);
      ++count_;
      waiters_.notify_one();
    }

   private:
    boost::fibers::detail::spinlock lock_;
    boost::fibers::wait_queue waiters_;
    long count_ = 0;
  };

  class Cond {
   public:
    void Signal() { cond_.notify_one(); }

   private:
    boost::fibers::condition_variable cond_;
  };

  class Key {
   public:
    Key() : pointer_([](char*) {}) {}
    void Set(void* value) { pointer_.reset(static_cast<char*>(value)); }
    void* Get() { return pointer_.get(); }

   private:
    boost::fibers::fiber_specific_ptr<char> pointer_;
  };

 private:
  static constexpr size_t kStackBytes = 65536;

  struct State {
    int lwps = 1;
    boost::fibers::pooled_fixedsize_stack pooled{kStackBytes};
    boost::fibers::fixedsize_stack plain{kStackBytes};
    GuardedStack guarded;
    std::vector<std::thread> workers;
    Sema stop;
  };
  static State& TheState() {
    static State state;
    return state;
  }
  static void UseStealing(int lwps) {
    boost::fibers::use_scheduling_algorithm<boost::fibers::algo::work_stealing>(
        static_cast<uint32_t>(lwps));
  }
};

}  // namespace bench

#endif  // LIBTHREAD_BENCH_PEER_FIBER_H_
