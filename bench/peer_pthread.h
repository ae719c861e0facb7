// SPDX-License-Identifier: MIT
//
// glibc's pthreads.

#ifndef LIBTHREAD_BENCH_PEER_PTHREAD_H_
#define LIBTHREAD_BENCH_PEER_PTHREAD_H_

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>

#include "peer.h"

namespace bench {

struct Peer {
  static constexpr const char* kName = "pthread";
  static constexpr bool kHasRwLock = true;

  static void Start(int) {
    pthread_attr_init(&SmallAttributes());
    pthread_attr_setstacksize(&SmallAttributes(), kSmallStack);
  }
  static void Stop() {}

  using Thread = pthread_t;

  static bool Spawn(Thread* thread, Entry entry, void* arg,
                    size_t stack_bytes = kUsualStack) {
    return pthread_create(
               thread,
               stack_bytes == kUsualStack ? nullptr : &SmallAttributes(), entry,
               arg) == 0;
  }
  static void Join(Thread& thread) {
    Check(pthread_join(thread, nullptr) == 0, "pthread_join");
  }
  static void Yield() { sched_yield(); }
  static void Sleep(long us) {
    const timespec delay = {0, us * 1000};
    nanosleep(&delay, nullptr);
  }

  class Mutex {
   public:
    void Lock() { pthread_mutex_lock(&mutex_); }
    void Unlock() { pthread_mutex_unlock(&mutex_); }

   private:
    pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
  };

  class Sema {
   public:
    Sema() { sem_init(&sem_, 0, 0); }
    void Wait() {
      while (sem_wait(&sem_) != 0) {
      }
    }
    void Post() { sem_post(&sem_); }

   private:
    sem_t sem_;
  };

  class SharedMutex {
   public:
    SharedMutex() {
      pthread_mutexattr_t attributes;
      pthread_mutexattr_init(&attributes);
      pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
      Check(pthread_mutex_init(&mutex_, &attributes) == 0, "mutex_init");
      pthread_mutexattr_destroy(&attributes);
    }
    void Lock() { pthread_mutex_lock(&mutex_); }
    void Unlock() { pthread_mutex_unlock(&mutex_); }

   private:
    pthread_mutex_t mutex_;
  };

  class SharedSema {
   public:
    SharedSema() { Check(sem_init(&sem_, 1, 0) == 0, "sem_init"); }
    void Wait() {
      while (sem_wait(&sem_) != 0) {
      }
    }
    void Post() { sem_post(&sem_); }

   private:
    sem_t sem_;
  };

  class Cond {
   public:
    void Signal() { pthread_cond_signal(&cond_); }

   private:
    pthread_cond_t cond_ = PTHREAD_COND_INITIALIZER;
  };

  class RwLock {
   public:
    void RdLock() { pthread_rwlock_rdlock(&lock_); }
    void Unlock() { pthread_rwlock_unlock(&lock_); }

   private:
    pthread_rwlock_t lock_ = PTHREAD_RWLOCK_INITIALIZER;
  };

  class Key {
   public:
    Key() { Check(pthread_key_create(&key_, nullptr) == 0, "key_create"); }
    void Set(void* value) { pthread_setspecific(key_, value); }
    void* Get() { return pthread_getspecific(key_); }

   private:
    pthread_key_t key_;
  };

 private:
  static pthread_attr_t& SmallAttributes() {
    static pthread_attr_t attributes;
    return attributes;
  }
};

}  // namespace bench

#endif  // LIBTHREAD_BENCH_PEER_PTHREAD_H_
