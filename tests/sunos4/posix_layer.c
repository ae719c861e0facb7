/* SPDX-License-Identifier: MIT */
/* See posix_layer.h. */

#include "posix_layer.h"

#include <errno.h>

static int as_errno(int result)
{
	if (result != -1)
		return 0;
	switch (lwp_geterr()) {
	case LE_INUSE:
		return EBUSY;
	case LE_NOROOM:
		return ENOMEM;
	case LE_INVALIDARG:
	case LE_NOTOWNED:
		return EPERM;
	default:
		return EINVAL;
	}
}

int px_mutex_init(px_mutex_t *mutex)
{
	return as_errno(mon_create(&mutex->monitor));
}

int px_mutex_destroy(px_mutex_t *mutex)
{
	return as_errno(mon_destroy(mutex->monitor));
}

int px_mutex_lock(px_mutex_t *mutex)
{
	return as_errno(mon_enter(mutex->monitor));
}

/* A monitor lets its owner in again; a mutex does not. */
int px_mutex_trylock(px_mutex_t *mutex)
{
	int level = mon_cond_enter(mutex->monitor);

	if (level > 0) {
		mon_exit(mutex->monitor);
		return EBUSY;
	}
	return as_errno(level);
}

int px_mutex_unlock(px_mutex_t *mutex)
{
	return as_errno(mon_exit(mutex->monitor));
}

int px_cond_init(px_cond_t *cond)
{
	cond->bound = 0;
	return 0;
}

int px_cond_destroy(px_cond_t *cond)
{
	return cond->bound ? as_errno(cv_destroy(cond->condition)) : 0;
}

int px_cond_wait(px_cond_t *cond, px_mutex_t *mutex)
{
	if (!cond->bound) {
		if (cv_create(&cond->condition, mutex->monitor) == -1)
			return as_errno(-1);
		cond->monitor = mutex->monitor;
		cond->bound = 1;
	}
	return as_errno(cv_wait(cond->condition));
}

static int wake(px_cond_t *cond, int (*how)(cv_t))
{
	int result;

	if (!cond->bound)
		return 0;	/* nobody has ever waited */
	if (how(cond->condition) == 0)
		return 0;
	if (lwp_geterr() != LE_NOTOWNED)
		return as_errno(-1);
	if (mon_enter(cond->monitor) == -1)
		return as_errno(-1);
	result = as_errno(how(cond->condition));
	mon_exit(cond->monitor);
	return result;
}

int px_cond_signal(px_cond_t *cond)
{
	return wake(cond, cv_notify);
}

int px_cond_broadcast(px_cond_t *cond)
{
	return wake(cond, cv_broadcast);
}

int px_sem_init(px_sem_t *sem, int count)
{
	sem->count = count;
	if (mon_create(&sem->monitor) == -1)
		return as_errno(-1);
	return as_errno(cv_create(&sem->positive, sem->monitor));
}

int px_sem_destroy(px_sem_t *sem)
{
	return as_errno(mon_destroy(sem->monitor));	/* and the condition */
}

int px_sem_wait(px_sem_t *sem)
{
	mon_enter(sem->monitor);
	while (sem->count == 0)
		cv_wait(sem->positive);
	sem->count--;
	mon_exit(sem->monitor);
	return 0;
}

int px_sem_trywait(px_sem_t *sem)
{
	int result = EAGAIN;

	mon_enter(sem->monitor);
	if (sem->count > 0) {
		sem->count--;
		result = 0;
	}
	mon_exit(sem->monitor);
	return result;
}

int px_sem_post(px_sem_t *sem)
{
	mon_enter(sem->monitor);
	sem->count++;
	cv_notify(sem->positive);
	mon_exit(sem->monitor);
	return 0;
}

int px_rwlock_init(px_rwlock_t *lock)
{
	lock->readers = lock->writer = lock->writers_waiting = 0;
	if (mon_create(&lock->monitor) == -1)
		return as_errno(-1);
	if (cv_create(&lock->readable, lock->monitor) == -1)
		return as_errno(-1);
	return as_errno(cv_create(&lock->writable, lock->monitor));
}

int px_rwlock_destroy(px_rwlock_t *lock)
{
	return as_errno(mon_destroy(lock->monitor));
}

int px_rwlock_rdlock(px_rwlock_t *lock)
{
	mon_enter(lock->monitor);
	while (lock->writer || lock->writers_waiting > 0)
		cv_wait(lock->readable);
	lock->readers++;
	mon_exit(lock->monitor);
	return 0;
}

int px_rwlock_wrlock(px_rwlock_t *lock)
{
	mon_enter(lock->monitor);
	lock->writers_waiting++;
	while (lock->writer || lock->readers > 0)
		cv_wait(lock->writable);
	lock->writers_waiting--;
	lock->writer = 1;
	mon_exit(lock->monitor);
	return 0;
}

int px_rwlock_unlock(px_rwlock_t *lock)
{
	mon_enter(lock->monitor);
	if (lock->writer)
		lock->writer = 0;
	else if (lock->readers > 0)
		lock->readers--;
	else {
		mon_exit(lock->monitor);
		return EPERM;
	}
	if (lock->writers_waiting > 0)
		cv_notify(lock->writable);
	else
		cv_broadcast(lock->readable);
	mon_exit(lock->monitor);
	return 0;
}
