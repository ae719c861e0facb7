// SPDX-License-Identifier: MIT
//
// GNU Pth: cooperative threads on one LWP.  Its scheduler looks at every
// waiting thread on each pass, so its times grow with the number of threads.
// Stacks have a guard word, not a guard page.

#ifndef LIBTHREAD_BENCH_PEER_PTH_H_
#define LIBTHREAD_BENCH_PEER_PTH_H_

#include <pth.h>

#include "peer.h"

namespace bench {

struct Peer {
  static constexpr const char* kName = "pth";
  static constexpr bool kHasRwLock = true;

  static void Start(int lwps) {
    Check(lwps == 1, "GNU Pth runs on one LWP only");
    Check(pth_init() != 0, "pth_init");
    SmallAttributes() = pth_attr_new();
    pth_attr_set(SmallAttributes(), PTH_ATTR_STACK_SIZE,
                 static_cast<unsigned int>(kSmallStack));
  }
  static void Stop() {}

  using Thread = pth_t;

  static bool Spawn(Thread* thread, Entry entry, void* arg,
                    size_t stack_bytes = kUsualStack) {
    *thread = pth_spawn(
        stack_bytes == kUsualStack ? PTH_ATTR_DEFAULT : SmallAttributes(),
        entry, arg);
    return *thread != nullptr;
  }
  static void Join(Thread& thread) {
    Check(pth_join(thread, nullptr) != 0, "pth_join");
  }
  static void Yield() { pth_yield(nullptr); }
  static void Sleep(long us) { pth_nap(pth_time(0, us)); }

  class Mutex {
   public:
    void Lock() { pth_mutex_acquire(&mutex_, 0, nullptr); }
    void Unlock() { pth_mutex_release(&mutex_); }

   private:
    pth_mutex_t mutex_ = PTH_MUTEX_INIT;
  };

  class Sema {
   public:
    void Wait() {
      pth_mutex_acquire(&mutex_, 0, nullptr);
      while (count_ == 0) pth_cond_await(&cond_, &mutex_, nullptr);
      --count_;
      pth_mutex_release(&mutex_);
    }
    void Post() {
      pth_mutex_acquire(&mutex_, 0, nullptr);
      ++count_;
      pth_cond_notify(&cond_, 0);
      pth_mutex_release(&mutex_);
    }

   private:
    pth_mutex_t mutex_ = PTH_MUTEX_INIT;
    pth_cond_t cond_ = PTH_COND_INIT;
    long count_ = 0;
  };

  class Cond {
   public:
    void Signal() { pth_cond_notify(&cond_, 0); }

   private:
    pth_cond_t cond_ = PTH_COND_INIT;
  };

  class RwLock {
   public:
    void RdLock() { pth_rwlock_acquire(&lock_, PTH_RWLOCK_RD, 0, nullptr); }
    void Unlock() { pth_rwlock_release(&lock_); }

   private:
    pth_rwlock_t lock_ = PTH_RWLOCK_INIT;
  };

  class Key {
   public:
    Key() { Check(pth_key_create(&key_, nullptr) != 0, "pth_key_create"); }
    void Set(void* value) { pth_key_setdata(key_, value); }
    void* Get() { return pth_key_getdata(key_); }

   private:
    pth_key_t key_;
  };

 private:
  static pth_attr_t& SmallAttributes() {
    static pth_attr_t attributes;
    return attributes;
  }
};

}  // namespace bench

#endif  // LIBTHREAD_BENCH_PEER_PTH_H_
