/* SPDX-License-Identifier: MIT */
/*
 * readers_writers - many readers and a few writers share one small record.
 *
 * The record is an account: the balance, and the number of the deposits that
 * made it.  Every deposit has the same size, so a reader can tell whether it
 * saw the two fields together: balance == deposits * DEPOSIT.  A writer often
 * steps aside between the two assignments; only the lock hides that state.
 *
 * Shows: rwlock_init, rw_rdlock, rw_wrlock, rw_tryrdlock, rw_trywrlock,
 * rw_unlock, rwlock_destroy; thr_create, thr_yield, thr_join of any thread,
 * thr_setconcurrency, gethrtime.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thread.h>
#include <synch.h>

#define NREADERS	8
#define NWRITERS	3
#define READS		400	/* of each reader */
#define WRITES		100	/* of each writer */
#define DEPOSIT		7

struct account {
	rwlock_t	lock;
	long		balance;
	long		deposits;
};

static struct account account;

/* Statistics, under their own lock */
static mutex_t stat_lock = DEFAULTMUTEX;
static long reads_done, torn_reads;

static void
check(int err, char *what)
{
	if (err != 0) {
		(void) fprintf(stderr, "readers_writers: %s: %s\n", what,
		    strerror(err));
		exit(1);
	}
}

static void *
reader(void *arg)
{
	long	balance, bad = 0;
	int	i;

	for (i = 0; i < READS; i++) {
		check(rw_rdlock(&account.lock), "rw_rdlock");
		balance = account.balance;
		if (i % 16 == 0)
			thr_yield();	/* a long look */
		if (balance != account.deposits * DEPOSIT)
			bad++;
		check(rw_unlock(&account.lock), "rw_unlock");
		if (i % 8 == 0)
			thr_yield();
	}

	(void) mutex_lock(&stat_lock);
	reads_done += READS;
	torn_reads += bad;
	(void) mutex_unlock(&stat_lock);
	return (NULL);
}

static void *
writer(void *arg)
{
	int	i;

	for (i = 0; i < WRITES; i++) {
		check(rw_wrlock(&account.lock), "rw_wrlock");
		account.balance += DEPOSIT;
		if (i % 2 == 0)
			thr_yield();	/* nobody may see this state */
		account.deposits++;
		check(rw_unlock(&account.lock), "rw_unlock");
		if (i % 4 == 0)
			thr_yield();
	}
	return (NULL);
}

/*
 * One reader keeps no other reader out, but every writer.
 */
static void *
visitor(void *arg)
{
	int	*result = (int *)arg;

	result[0] = rw_tryrdlock(&account.lock);
	if (result[0] == 0)
		(void) rw_unlock(&account.lock);
	result[1] = rw_trywrlock(&account.lock);
	if (result[1] == 0)
		(void) rw_unlock(&account.lock);
	return (NULL);
}

int
main(int argc, char **argv)
{
	hrtime_t	start;
	thread_t	tid;
	int		result[2];
	int		i, joined = 0;

	check(rwlock_init(&account.lock, USYNC_THREAD, NULL), "rwlock_init");
	check(thr_setconcurrency(4), "thr_setconcurrency");

	check(rw_rdlock(&account.lock), "rw_rdlock");
	check(thr_create(NULL, NULL, visitor, result, NULL, &tid),
	    "thr_create");
	check(thr_join(tid, NULL, NULL), "thr_join");
	check(rw_unlock(&account.lock), "rw_unlock");
	if (result[0] != 0 || result[1] != EBUSY) {
		(void) fprintf(stderr, "readers_writers: beside a reader, "
		    "tryrdlock gave %d and trywrlock %d\n",
		    result[0], result[1]);
		exit(1);
	}

	start = gethrtime();
	for (i = 0; i < NREADERS; i++)
		check(thr_create(NULL, NULL, reader, NULL, NULL, NULL),
		    "thr_create");
	for (i = 0; i < NWRITERS; i++)
		check(thr_create(NULL, NULL, writer, NULL, NULL, NULL),
		    "thr_create");
	while (thr_join(NULL, NULL, NULL) == 0)
		joined++;

	(void) printf("%d readers, %d writers: %ld reads, %ld deposits, "
	    "balance %ld, %ld ms\n", NREADERS, NWRITERS, reads_done,
	    account.deposits, account.balance,
	    (long)((gethrtime() - start) / 1000000));

	if (joined != NREADERS + NWRITERS) {
		(void) fprintf(stderr, "readers_writers: %d threads joined\n",
		    joined);
		exit(1);
	}
	if (torn_reads != 0 || reads_done != (long)NREADERS * READS) {
		(void) fprintf(stderr, "readers_writers: %ld of %ld reads "
		    "saw half a deposit\n", torn_reads, reads_done);
		exit(1);
	}
	if (account.deposits != (long)NWRITERS * WRITES ||
	    account.balance != account.deposits * DEPOSIT) {
		(void) fprintf(stderr, "readers_writers: deposits got lost\n");
		exit(1);
	}
	(void) rwlock_destroy(&account.lock);
	(void) printf("readers_writers: ok\n");
	return (0);
}
