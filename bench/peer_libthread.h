// SPDX-License-Identifier: MIT
//
// libthread.  BENCH_BOUND chooses bound threads; the number of LWPs comes from
// LIBTHREAD_CONCURRENCY in the environment, which the library reads before
// main.

#ifndef LIBTHREAD_BENCH_PEER_LIBTHREAD_H_
#define LIBTHREAD_BENCH_PEER_LIBTHREAD_H_

#include <errno.h>
#include <synch.h>
#include <thread.h>

#include "peer.h"

#ifndef BENCH_BOUND
#define BENCH_BOUND 0
#endif

namespace bench {

struct Peer {
  static constexpr const char* kName =
      BENCH_BOUND ? "libthread-bound" : "libthread-unbound";
  static constexpr bool kHasRwLock = true;

  static void Start(int) {}
  static void Stop() {}

  using Thread = thread_t;

  static bool Spawn(Thread* thread, Entry entry, void* arg,
                    size_t stack_bytes = kUsualStack) {
    // The library's minimum is its notion of a small stack.
    const size_t size = stack_bytes == kUsualStack ? 0 : thr_min_stack();
    return thr_create(nullptr, size, entry, arg, BENCH_BOUND ? THR_BOUND : 0,
                      thread) == 0;
  }
  static void Join(Thread& thread) {
    Check(thr_join(thread, nullptr, nullptr) == 0, "thr_join");
  }
  static void Yield() { thr_yield(); }
  static void Sleep(long us) {
    mutex_t mutex = {};
    cond_t cond = {};
    timespec_t delay;
    delay.tv_sec = 0;
    delay.tv_nsec = us * 1000;
    mutex_lock(&mutex);
    while (cond_reltimedwait(&cond, &mutex, &delay) != ETIME) {
    }
    mutex_unlock(&mutex);
  }

  class Mutex {
   public:
    void Lock() { mutex_lock(&mutex_); }
    void Unlock() { mutex_unlock(&mutex_); }

   private:
    mutex_t mutex_ = {};
  };

  class Sema {
   public:
    void Wait() { sema_wait(&sema_); }
    void Post() { sema_post(&sema_); }

   private:
    sema_t sema_ = {};
  };

  class SharedMutex {
   public:
    SharedMutex() {
      Check(mutex_init(&mutex_, USYNC_PROCESS, nullptr) == 0, "mutex_init");
    }
    void Lock() { mutex_lock(&mutex_); }
    void Unlock() { mutex_unlock(&mutex_); }

   private:
    mutex_t mutex_;
  };

  class SharedSema {
   public:
    SharedSema() {
      Check(sema_init(&sema_, 0, USYNC_PROCESS, nullptr) == 0, "sema_init");
    }
    void Wait() { sema_wait(&sema_); }
    void Post() { sema_post(&sema_); }

   private:
    sema_t sema_;
  };

  class Cond {
   public:
    void Signal() { cond_signal(&cond_); }

   private:
    cond_t cond_ = {};
  };

  class RwLock {
   public:
    void RdLock() { rw_rdlock(&lock_); }
    void Unlock() { rw_unlock(&lock_); }

   private:
    rwlock_t lock_ = {};
  };

  class Key {
   public:
    Key() { Check(thr_keycreate(&key_, nullptr) == 0, "thr_keycreate"); }
    void Set(void* value) { thr_setspecific(key_, value); }
    void* Get() {
      void* value;
      thr_getspecific(key_, &value);
      return value;
    }

   private:
    thread_key_t key_ = 0;
  };
};

}  // namespace bench

#endif  // LIBTHREAD_BENCH_PEER_LIBTHREAD_H_
