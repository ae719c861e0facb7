/* SPDX-License-Identifier: MIT */
/*
 * A layer in the manner of POSIX over monitors and conditions, as clients wrote
 * it: mutex, condition, semaphore, readers/writer lock.  0 or an error number.
 */
#ifndef LIBTHREAD_TESTS_SUNOS4_POSIX_LAYER_H_
#define LIBTHREAD_TESTS_SUNOS4_POSIX_LAYER_H_

#include <lwp/lwp.h>

typedef struct {
  mon_t monitor;
} px_mutex_t;

/* Bound to the mutex of its first wait: a cv_t has one monitor. */
typedef struct {
  cv_t condition;
  mon_t monitor;
  int bound;
} px_cond_t;

typedef struct {
  mon_t monitor;
  cv_t positive;
  int count;
} px_sem_t;

typedef struct {
  mon_t monitor;
  cv_t readable, writable;
  int readers;         /* that hold it */
  int writer;          /* 1 while one holds it */
  int writers_waiting; /* go before readers */
} px_rwlock_t;

int px_mutex_init(px_mutex_t* mutex);
int px_mutex_destroy(px_mutex_t* mutex);
int px_mutex_lock(px_mutex_t* mutex);
int px_mutex_trylock(px_mutex_t* mutex); /* EBUSY */
int px_mutex_unlock(px_mutex_t* mutex);  /* EPERM */

int px_cond_init(px_cond_t* cond);
int px_cond_destroy(px_cond_t* cond);
int px_cond_wait(px_cond_t* cond, px_mutex_t* mutex);
/* With the mutex or, as POSIX has it, without. */
int px_cond_signal(px_cond_t* cond);
int px_cond_broadcast(px_cond_t* cond);

int px_sem_init(px_sem_t* sem, int count);
int px_sem_destroy(px_sem_t* sem);
int px_sem_wait(px_sem_t* sem);
int px_sem_trywait(px_sem_t* sem); /* EAGAIN */
int px_sem_post(px_sem_t* sem);

int px_rwlock_init(px_rwlock_t* lock);
int px_rwlock_destroy(px_rwlock_t* lock);
int px_rwlock_rdlock(px_rwlock_t* lock);
int px_rwlock_wrlock(px_rwlock_t* lock);
int px_rwlock_unlock(px_rwlock_t* lock);

#endif
