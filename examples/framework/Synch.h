// SPDX-License-Identifier: MIT
// Synch.h - wrappers of the locks, guards, and thread-specific pointers.

#ifndef FRAMEWORK_SYNCH_H
#define FRAMEWORK_SYNCH_H

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <thread.h>
#include <synch.h>

class Condition;

class Mutex {
	friend class Condition;
public:
	Mutex(int type = USYNC_THREAD) { ::mutex_init(&lock_, type, 0); }
	~Mutex() { assert(!MUTEX_HELD(&lock_)); ::mutex_destroy(&lock_); }

	int acquire() { return ::mutex_lock(&lock_); }
	int tryacquire() { return ::mutex_trylock(&lock_); }
	int release() { assert(held()); return ::mutex_unlock(&lock_); }
	int held() { return MUTEX_HELD(&lock_); }

private:
	mutex_t	lock_;

	Mutex(const Mutex &);			// not there
	void operator=(const Mutex &);
};

class RW_Mutex {
public:
	RW_Mutex() { ::rwlock_init(&lock_, USYNC_THREAD, 0); }
	~RW_Mutex() { assert(!RW_LOCK_HELD(&lock_)); ::rwlock_destroy(&lock_); }

	int acquire_read() { return ::rw_rdlock(&lock_); }
	int acquire_write() { return ::rw_wrlock(&lock_); }
	int release() { assert(held()); return ::rw_unlock(&lock_); }
	int held() { return RW_LOCK_HELD(&lock_); }
	int held_read() { return RW_READ_HELD(&lock_); }
	int held_write() { return RW_WRITE_HELD(&lock_); }

private:
	rwlock_t lock_;

	RW_Mutex(const RW_Mutex &);
	void operator=(const RW_Mutex &);
};

template <class LOCK>
class Guard {
public:
	Guard(LOCK &lock) : lock_(lock) { lock_.acquire(); }
	~Guard() { lock_.release(); }
private:
	LOCK	&lock_;
};

template <class LOCK>
class Read_Guard {
public:
	Read_Guard(LOCK &lock) : lock_(lock) { lock_.acquire_read(); }
	~Read_Guard() { lock_.release(); }
private:
	LOCK	&lock_;
};

template <class LOCK>
class Write_Guard {
public:
	Write_Guard(LOCK &lock) : lock_(lock) { lock_.acquire_write(); }
	~Write_Guard() { lock_.release(); }
private:
	LOCK	&lock_;
};

class Condition {
public:
	Condition(Mutex &m) : mutex_(m) { ::cond_init(&cond_, USYNC_THREAD, 0); }
	~Condition() { ::cond_destroy(&cond_); }

	int wait()
	{
		assert(mutex_.held());
		int err = ::cond_wait(&cond_, &mutex_.lock_);
		assert(mutex_.held());
		return err;
	}
	int signal() { return ::cond_signal(&cond_); }
	int broadcast() { return ::cond_broadcast(&cond_); }

private:
	cond_t	cond_;
	Mutex	&mutex_;
};

// A pointer that leads each thread to an object of its own, which is made when
// the thread first uses it and deleted when the thread ends.
template <class TYPE>
class TSS {
public:
	TSS() : once_(0), key_(0) { }

	TYPE *operator->()
	{
		if (once_ == 0) {		// double check
			Guard<Mutex> guard(lock_);
			if (once_ == 0) {
				if (::thr_keycreate(&key_, cleanup) != 0)
					return 0;
				once_ = 1;
			}
		}
		void	*object = 0;
		if (::thr_getspecific(key_, &object) != 0)
			return 0;
		if (object == 0) {
			object = new TYPE;
			::thr_setspecific(key_, object);
		}
		return static_cast<TYPE *>(object);
	}

private:
	static void cleanup(void *object) { delete static_cast<TYPE *>(object); }

	Mutex	lock_;
	volatile int once_;
	thread_key_t key_;
};

#endif
