// SPDX-License-Identifier: MIT
// Thread_Manager.h - makes threads, by ones and by groups, and waits for them;
// and the class of those that want a queue and threads of their own.

#ifndef FRAMEWORK_THREAD_MANAGER_H
#define FRAMEWORK_THREAD_MANAGER_H

#include "Synch.h"

extern "C" {
typedef void *(*THR_FUNC)(void *);
}

class Thread_Manager {
public:
	enum { MAX_THREADS = 64 };
	enum State { IDLE, SUSPENDED, RUNNING, TERMINATED };

	Thread_Manager();

	int spawn(THR_FUNC func, void *arg, long flags, int grp_id);
	int spawn_n(int n, THR_FUNC func, void *arg, long flags, int grp_id);
	int resume_grp(int grp_id);
	int count(State state);
	int wait();		// for all but daemons; how many they were

private:
	struct Descriptor {
		thread_t id;
		int	 grp_id;
		State	 state;
		THR_FUNC func;
		void	*arg;
		Thread_Manager *manager;
	};
	// Tells the manager, by its destructor, that its thread ends.
	struct Exit_Hook {
		Exit_Hook() : descriptor(0) { }
		~Exit_Hook();
		Descriptor *descriptor;
	};
	friend struct Exit_Hook;
	friend void *thread_manager_run(void *);

	Mutex	lock_;		// protects the table
	Descriptor table_[MAX_THREADS];
	int	used_;
	TSS<Exit_Hook> hook_;
};

// A queue of numbers and, in a class derived from it, what is done with them.
class Task {
public:
	Task(Thread_Manager &manager, int high_water);
	virtual ~Task() { }

	int activate(long flags, int n_threads, int grp_id);
	void put(long message);		// waits while the queue is full
	virtual void svc() = 0;		// what each thread runs

	static void *svc_run(void *);	// its first function

protected:
	long get();			// waits while the queue is empty

private:
	enum { SIZE = 32 };
	Thread_Manager &manager_;
	Mutex	lock_;
	Condition not_empty_, not_full_;
	long	queue_[SIZE];
	int	head_, length_, high_water_;
};

#endif
