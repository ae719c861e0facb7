// SPDX-License-Identifier: MIT
//
// State Threads: cooperative threads on one LWP.  Nothing here is preempted, so
// plain counters suffice.  It has no yield; st_usleep(0) is the nearest call.
// Its stacks have no guard pages in the packaged build.

#ifndef LIBTHREAD_BENCH_PEER_ST_H_
#define LIBTHREAD_BENCH_PEER_ST_H_

#include <st.h>

#include "peer.h"

namespace bench {

struct Peer {
  static constexpr const char* kName = "st";
  static constexpr bool kHasRwLock = false;

  static void Start(int lwps) {
    Check(lwps == 1, "State Threads run on one LWP only");
    st_set_eventsys(ST_EVENTSYS_ALT);  // epoll
    Check(st_init() == 0, "st_init");
  }
  static void Stop() {}

  using Thread = st_thread_t;

  static bool Spawn(Thread* thread, Entry entry, void* arg,
                    size_t stack_bytes = kUsualStack) {
    *thread = st_thread_create(entry, arg, 1, static_cast<int>(stack_bytes));
    return *thread != nullptr;
  }
  static void Join(Thread& thread) {
    Check(st_thread_join(thread, nullptr) == 0, "st_thread_join");
  }
  static void Yield() { st_usleep(0); }
  static void Sleep(long us) { st_usleep(static_cast<st_utime_t>(us)); }

  class Mutex {
   public:
    void Lock() { st_mutex_lock(mutex_); }
    void Unlock() { st_mutex_unlock(mutex_); }

   private:
    st_mutex_t mutex_ = st_mutex_new();
  };

  class Sema {
   public:
    void Wait() {
      while (count_ == 0) st_cond_wait(cond_);
      --count_;
    }
    void Post() {
      ++count_;
      st_cond_signal(cond_);
    }

   private:
    st_cond_t cond_ = st_cond_new();
    long count_ = 0;
  };

  class Cond {
   public:
    void Signal() { st_cond_signal(cond_); }

   private:
    st_cond_t cond_ = st_cond_new();
  };

  class Key {
   public:
    Key() { Check(st_key_create(&key_, nullptr) == 0, "st_key_create"); }
    void Set(void* value) { st_thread_setspecific(key_, value); }
    void* Get() { return st_thread_getspecific(key_); }

   private:
    int key_;
  };
};

}  // namespace bench

#endif  // LIBTHREAD_BENCH_PEER_ST_H_
