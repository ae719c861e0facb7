// SPDX-License-Identifier: MIT
//
// framework - a framework of C++ classes around the calls, and a user of it.
//
// A pipe of two tasks, each with a queue and threads of its own: the first one
// throws, and catches, what is no prime, the second one sums the others up in
// numbers that belong to each thread.  The threads of the first are bound or
// get the pool another LWP; those of the second are made suspended.  A daemon
// looks at the sums while they grow.
//
// Shows: classes that own a mutex_t, rwlock_t and cond_t, guards, MUTEX_HELD,
// RW_READ_HELD, RW_WRITE_HELD and RW_LOCK_HELD in assertions, thread-specific
// pointers, THR_BOUND, THR_NEW_LWP, THR_SUSPENDED, THR_DAEMON, thr_continue,
// thr_join of any thread, exceptions in threads.

#include <stdio.h>
#include <stdlib.h>
#include "Thread_Manager.h"

static const long LIMIT = 2000;
static const int SIEVES = 2, NEW_LWP_SIEVES = 2, ADDERS = 3;
enum { SIEVE_GRP, ADDER_GRP, WATCH_GRP };

static void fail(const char *what)
{
	fprintf(stderr, "framework: thread %d: %s\n", int(thr_self()), what);
	exit(1);
}

static void check(int err, const char *what)
{
	if (err != 0) {
		errno = err;
		perror("framework");
		fail(what);
	}
}

// What all threads have found together.
class Totals {
public:
	Totals() : sum_(0), primes_(0) { }
	void add(long sum, int primes)
	{
		Write_Guard<RW_Mutex> guard(lock_);
		assert(lock_.held_write() && !lock_.held_read());
		sum_ += sum;
		primes_ += primes;
	}
	void get(long &sum, int &primes)
	{
		Read_Guard<RW_Mutex> guard(lock_);
		assert(lock_.held_read() && !lock_.held_write());
		sum = sum_;
		primes = primes_;
	}
private:
	RW_Mutex lock_;
	long	sum_;
	int	primes_;
};

static Totals totals;

// Of one thread; what it has not told yet, it tells at its end.
class Tally {
public:
	Tally() : sum_(0), primes_(0) { }
	~Tally() { totals.add(sum_, primes_); }
	void add(long prime)
	{
		sum_ += prime;
		if (++primes_ == 10) {
			totals.add(sum_, primes_);
			sum_ = 0;
			primes_ = 0;
		}
	}
private:
	long	sum_;
	int	primes_;
};

class Adder : public Task {
public:
	Adder(Thread_Manager &m) : Task(m, 8) { }
	virtual void svc()
	{
		long n;
		while ((n = get()) != 0)
			tally_->add(n);
	}
private:
	TSS<Tally> tally_;
};

class Sieve : public Task {
public:
	Sieve(Thread_Manager &m, Task &next) : Task(m, 4), next_(next),
	    refused_(0) { }
	virtual void svc()
	{
		long n;
		while ((n = get()) != 0) {
			try {
				test(n);
				next_.put(n);
			} catch (Divisor &d) {
				Guard<Mutex> guard(lock_);
				if (n % d.value != 0 || lock_.tryacquire() != EBUSY)
					fail("wrong divisor");
				refused_++;
			}
		}
	}
	int refused() { return refused_; }
private:
	struct Divisor {
		Divisor(long v) : value(v) { }
		long	value;
	};
	static void test(long n)
	{
		for (long d = 2; d * d <= n; d++)
			if (n % d == 0)
				throw Divisor(d);
	}
	Task	&next_;
	Mutex	lock_;
	int	refused_;
};

extern "C" void *watch(void *)
{
	long	sum, last = 0;
	int	primes;
	for (;;) {
		totals.get(sum, primes);
		if (sum < last)
			fail("the sum has become smaller");
		last = sum;
		thr_yield();
	}
	return 0;	// not reached
}

int main()
{
	Thread_Manager manager;
	Adder	adder(manager);
	Sieve	sieve(manager, adder);
	long	sum = 0, found;
	int	primes = 0, found_primes;

	check(manager.spawn(watch, 0, THR_DAEMON | THR_BOUND, WATCH_GRP),
	    "spawn");
	check(adder.activate(THR_SUSPENDED, ADDERS, ADDER_GRP), "activate");
	check(sieve.activate(THR_BOUND, SIEVES, SIEVE_GRP), "activate");
	check(sieve.activate(THR_NEW_LWP, NEW_LWP_SIEVES, SIEVE_GRP),
	    "activate");
	if (manager.count(Thread_Manager::SUSPENDED) != ADDERS)
		fail("not suspended");
	check(manager.resume_grp(ADDER_GRP), "resume_grp");

	int i;
	for (i = 2; i <= LIMIT; i++)
		sieve.put(i);
	for (i = 0; i < SIEVES + NEW_LWP_SIEVES; i++)
		sieve.put(0);

	// The sieves are done before the adders are told; both are joined below.
	while (manager.count(Thread_Manager::TERMINATED) <
	    SIEVES + NEW_LWP_SIEVES)
		thr_yield();
	for (i = 0; i < ADDERS; i++)
		adder.put(0);
	int joined = manager.wait();

	for (i = 2; i <= LIMIT; i++) {
		int d = 2;
		while (d * d <= i && i % d != 0)
			d++;
		if (d * d > i) {
			sum += i;
			primes++;
		}
	}
	totals.get(found, found_primes);
	printf("%d primes up to %ld, sum %ld; %d numbers refused\n",
	    found_primes, LIMIT, found, sieve.refused());
	if (joined != SIEVES + NEW_LWP_SIEVES + ADDERS ||
	    manager.count(Thread_Manager::RUNNING) != 1 ||
	    found != sum || found_primes != primes ||
	    sieve.refused() != LIMIT - 1 - primes) {
		fprintf(stderr, "framework: %d threads joined, sum %ld, "
		    "%d primes expected\n", joined, sum, primes);
		return 1;
	}
	printf("framework: ok\n");
	return 0;
}
