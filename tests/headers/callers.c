/* SPDX-License-Identifier: MIT */
/*
 * Ways in which programs write objects and calls, for C and C++ of any age,
 * without a warning.  Compiled only; initialisers.c looks at the values.
 */
#include <stddef.h>
#include <synch.h>
#include <thread.h>

/* Zero-filled, in full, in part. */
mutex_t zero_mutex = {0};
cond_t zero_cond = {0};
sema_t zero_sema = {0};
lwp_sema_t zero_lwp_sema = {0};
rwlock_t zero_rwlock = {0};
mutex_t part_mutex = {0, 0, 0};
cond_t part_cond = {0, 0, 0};
sema_t counted_sema = {5};

/* Inside a structure, an array, an array of structures. */
struct queue {
  mutex_t lock;
  int length;
  cond_t not_empty, not_full;
  sema_t slots;
  rwlock_t names;
  char pad[64 - sizeof(mutex_t)];
};
struct queue queues[2] = {
    {DEFAULTMUTEX, 0, DEFAULTCV, SHAREDCV, DEFAULTSEMA, DEFAULTRWLOCK, {0}},
    {SHAREDMUTEX, 0, DEFAULTCV, DEFAULTCV, SHAREDSEMA, SHAREDRWLOCK, {0}},
};
static mutex_t lock_table[3] = {RECURSIVEMUTEX, ERRORCHECKMUTEX,
                                RECURSIVE_ERRORCHECKMUTEX};
static const mutex_t fresh = DEFAULTMUTEX;

thread_key_t key = THR_ONCE_KEY;
thread_t ids[8];

void* worker(void* argument);
void consumer(struct queue* q);
int count_of(sema_t* s);
int all_held(struct queue* q);

void* worker(void* argument) {
  struct timestruc until;
  timestruc_t span;
  hrtime_t start = gethrtime();
  struct queue* q = (struct queue*)argument;

  q->lock = fresh;
  *q = queues[0];
  until.tv_sec = 0;
  until.tv_nsec = (long)(start % 1000);
  span = until;
  (void)mutex_lock(&q->lock);
  while (q->length == 0) {
    if (cond_timedwait(&q->not_empty, &q->lock, &until) != 0) break;
    if (cond_reltimedwait(&q->not_empty, &q->lock, &span) != 0) break;
  }
  (void)mutex_unlock(&q->lock);
  (void)mutex_trylock(&lock_table[thr_self() % 3]);
  thr_exit((void*)0); /* no return: nothing may be said about a missing value */
}

void consumer(struct queue* q) {
  thread_t id;
  void* status;
  size_t bytes = THR_MIN_STACK + 4096;
  long flags = THR_BOUND | THR_NEW_LWP | THR_DETACHED | THR_SUSPENDED;

  if (thr_create(NULL, bytes, worker, q, flags, &id) == 0) ids[id % 8] = id;
  (void)thr_create(0, 0, worker, 0, 0, 0);
  while (thr_join(0, 0, 0) == 0) continue;
  (void)thr_join(id, &id, &status);
}

int count_of(sema_t* s) {
  return s->count > 0;
}

int all_held(struct queue* q) {
  return MUTEX_HELD(&q->lock) && !RW_LOCK_HELD(&q->names) &&
         RW_READ_HELD(&q->names) == RW_WRITE_HELD(&q->names) &&
         SEMA_HELD(&q->slots);
}

/* The "is threading on" test of libraries. */
int threaded(void);
int threaded(void) {
  return thr_main() != -1;
}
