/* SPDX-License-Identifier: MIT */
/*
 * db_mutex - do the mutexes of a database hold what they promise?
 *
 * usage: db_mutex [processes]           (4 when nothing is said)
 *
 * The region is a file that several processes map.  Its mutexes are made in
 * the two ways that databases use: copied from an initialised one, and by
 * mutex_init().  Each process has some threads.  A thread takes a mutex of the
 * region, writes its name into the owner field, gives others a chance, and
 * looks whether the field is still its own.  A readers/writer lock guards two
 * numbers that are always the same, and a semaphore limits how many threads
 * are "in the pool" at a time.
 *
 * One process more kills itself while it holds the robust mutex and has made
 * half of a change.  Whoever takes that mutex next learns it (EOWNERDEAD),
 * mends the record and says so: mutex_consistent().
 *
 * Shows: mutex_t, cond_t, rwlock_t and sema_t with USYNC_PROCESS in mapped
 * memory, SHAREDMUTEX and SHAREDCV copied by assignment, objects of zeros,
 * robust mutexes, fork1, thr_create in the children.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>
#include <thread.h>
#include <synch.h>

#define MAXPROCS	16
#define THREADS		3
#define MUTEXES		4
#define ROUNDS		200
#define IN_POOL		2

#ifndef LOCK_ROBUST		/* Solaris 8 and before */
#define LOCK_ROBUST	USYNC_PROCESS_ROBUST
#endif

struct record {
	mutex_t	mutex;
	long	owner;		/* pid and thread of the holder */
	long	count;
};

struct region {
	struct record record[MUTEXES];
	mutex_t	start_lock;
	cond_t	start;		/* all workers wait for it */
	int	started, ready;
	rwlock_t rwlock;
	long	left, right;	/* always the same */
	sema_t	pool;
	mutex_t	robust;
	long	first, second;	/* always the same, but after a crash */
	int	crashes;	/* under robust, as those two */
};

struct region *region;
mutex_t	shared = SHAREDMUTEX;	/* to copy from */
cond_t	shared_cv = SHAREDCV;
mutex_t	local;			/* zeros: a private mutex */
int	done;			/* threads of this process; under local */

void
check(err, what)
	int	err;
	char	*what;
{
	if (err != 0) {
		fprintf(stderr, "db_mutex: process %d thread %d: %s: %s\n",
		    (int)getpid(), thr_self(), what, strerror(err));
		exit(1);
	}
}

void
create_region()
{
	char	name[] = "/tmp/db_mutexXXXXXX";
	int	fd, i;

	if ((fd = mkstemp(name)) < 0)
		check(errno, name);
	unlink(name);
	if (ftruncate(fd, sizeof (struct region)) < 0)
		check(errno, "ftruncate");
	region = (struct region *)mmap(NULL, sizeof (struct region),
	    PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (region == (struct region *)MAP_FAILED)
		check(errno, "mmap");
	close(fd);

	for (i = 0; i < MUTEXES; i++)
		if (i % 2 == 0)
			region->record[i].mutex = shared;
		else
			check(mutex_init(&region->record[i].mutex,
			    USYNC_PROCESS, NULL), "mutex_init");
	region->start_lock = shared;
	region->start = shared_cv;
	check(rwlock_init(&region->rwlock, USYNC_PROCESS, NULL),
	    "rwlock_init");
	check(sema_init(&region->pool, IN_POOL, USYNC_PROCESS, NULL),
	    "sema_init");
	check(mutex_init(&region->robust, USYNC_PROCESS | LOCK_ROBUST, NULL),
	    "mutex_init, robust");
}

void
lock_robust()
{
	int	err = mutex_lock(&region->robust);

	if (err == EOWNERDEAD) {
		region->crashes++;
		region->second = region->first;
		err = mutex_consistent(&region->robust);
	}
	check(err, "robust mutex");
	if (region->first != region->second)
		check(EINVAL, "half of a change");
}

void
count_twice()
{
	lock_robust();
	region->first++;
	thr_yield();
	region->second++;
	check(mutex_unlock(&region->robust), "mutex_unlock, robust");
}

void *
worker(arg)
	void	*arg;
{
	long	self = (long)getpid() * 1000 + thr_self();
	struct record *r;
	int	i;

	check(mutex_lock(&region->start_lock), "mutex_lock");
	region->ready++;
	check(cond_broadcast(&region->start), "cond_broadcast");
	while (!region->started)
		cond_wait(&region->start, &region->start_lock);
	check(mutex_unlock(&region->start_lock), "mutex_unlock");

	for (i = 0; i < ROUNDS; i++) {
		r = &region->record[(i + self) % MUTEXES];
		check(mutex_lock(&r->mutex), "mutex_lock");
		if (r->owner != 0)
			check(EBUSY, "a mutex with two holders");
		r->owner = self;
		thr_yield();
		if (r->owner != self)
			check(EBUSY, "a mutex that somebody else took");
		r->owner = 0;
		r->count++;
		check(mutex_unlock(&r->mutex), "mutex_unlock");

		if (i % 10 == 0) {
			check(rw_wrlock(&region->rwlock), "rw_wrlock");
			region->left++;
			thr_yield();
			region->right++;
		} else {
			check(rw_rdlock(&region->rwlock), "rw_rdlock");
			if (region->left != region->right)
				check(EINVAL, "reader beside a writer");
		}
		check(rw_unlock(&region->rwlock), "rw_unlock");

		while (sema_wait(&region->pool) == EINTR)
			;
		if (region->pool.count >= IN_POOL)
			check(EINVAL, "count of the semaphore");
		check(sema_post(&region->pool), "sema_post");

		if (i % 20 == 0)
			count_twice();
	}
	check(mutex_lock(&local), "mutex_lock, local");
	done++;
	check(mutex_unlock(&local), "mutex_unlock, local");
	return (NULL);
}

/* A process of its own. */
void
database_user()
{
	int	i;

	for (i = 0; i < THREADS; i++)
		check(thr_create(NULL, NULL, worker, NULL, NULL, NULL),
		    "thr_create");
	while (thr_join(NULL, NULL, NULL) == 0)
		;
	exit(done == THREADS ? 0 : 1);
}

void
victim()
{
	lock_robust();
	region->first++;
	kill(getpid(), SIGKILL);
	pause();
}

int
main(argc, argv)
	int	argc;
	char	**argv;
{
	int	procs = argc > 1 ? atoi(argv[1]) : 4;
	int	i, status, killed = 0, good = 0;
	long	total = 0, threads;
	pid_t	pid;

	if (procs < 1 || procs > MAXPROCS) {
		fprintf(stderr, "usage: db_mutex [processes]\n");
		exit(1);
	}
	threads = (long)procs * THREADS;
	create_region();
	fflush(stdout);
	for (i = 0; i <= procs; i++) {
		if ((pid = fork1()) < 0)
			check(errno, "fork1");
		if (pid == 0 && i == 0)
			victim();
		if (pid == 0)
			database_user();
	}
	check(mutex_lock(&region->start_lock), "mutex_lock");
	while (region->ready < threads)
		cond_wait(&region->start, &region->start_lock);
	region->started = 1;
	check(cond_broadcast(&region->start), "cond_broadcast");
	check(mutex_unlock(&region->start_lock), "mutex_unlock");

	while (wait(&status) > 0)
		if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
			killed++;
		else if (status == 0)
			good++;
	count_twice();		/* in case nobody came after the victim */

	for (i = 0; i < MUTEXES; i++)
		total += region->record[i].count;
	printf("%d processes: %ld locks, %ld writes, %ld robust, %d crash\n",
	    procs, total, region->left, region->first, region->crashes);
	/* the victim's half of a change was completed, and counts */
	if (good != procs || killed != 1 || region->crashes != 1 ||
	    total != threads * ROUNDS || region->left != region->right ||
	    region->left != threads * (ROUNDS / 10) ||
	    region->first != threads * (ROUNDS / 20) + 2 ||
	    region->pool.count != IN_POOL) {
		fprintf(stderr, "db_mutex: wrong; %d good, %d killed\n", good,
		    killed);
		exit(1);
	}
	printf("db_mutex: ok\n");
	return (0);
}
