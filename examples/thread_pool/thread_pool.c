/* SPDX-License-Identifier: MIT */
/*
 * thread_pool - a server with a pool of workers.
 *
 * An acceptor puts connections into a queue, workers take them out.  A worker
 * that finds nothing to do for a while leaves, as long as enough are left.  A
 * semaphore keeps the acceptor from taking more than the queue can hold.  All
 * signals are blocked in all threads but one, which does nothing but wait for
 * them: SIGHUP is counted, SIGCLD tells of clients, SIGTERM ends the server.
 *
 * The acceptor cannot be told to stop while it sleeps in accept().  So it gets
 * a signal, by thr_kill(), whose handler calls thr_exit().  The signal is
 * blocked but for the call of accept(): it cannot come at a wrong time.  The
 * acceptor is bound, since it sleeps in the kernel all the time.
 *
 * Clients are processes of their own, made before there are threads.
 *
 * Shows: cond_timedwait and ETIME, sema_init, thr_sigsetmask, sigwait, sigset,
 * thr_kill, thr_exit in a handler, THR_BOUND, THR_DAEMON, thr_join.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <thread.h>
#include <synch.h>

#define CLIENTS		3	/* processes */
#define REQUESTS	30	/* of each, a connection for each */
#define QUEUE		4
#define FIRST_WORKERS	5
#define MIN_WORKERS	2
#define STOP		SIGUSR1

int	listener;
struct sockaddr_in address;

mutex_t	lock = DEFAULTMUTEX;
cond_t	work = DEFAULTCV;	/* the queue is not empty, or closing */
cond_t	change = DEFAULTCV;	/* of the other numbers here */
int	queue[QUEUE], head, tail;
int	workers, left_idle, served, hangups, clients = CLIENTS, closing;
sema_t	room;			/* free places in the queue */

void
check(err, what)
	int	err;
	char	*what;
{
	if (err != 0) {
		fprintf(stderr, "thread_pool: thread %d: %s: %s\n", thr_self(),
		    what, strerror(err));
		exit(1);
	}
}

/* Answers a number with its square. */
void
serve(fd)
	int	fd;
{
	int	n;

	if (read(fd, &n, sizeof (n)) != sizeof (n))
		check(errno, "read");
	n *= n;
	if (write(fd, &n, sizeof (n)) != sizeof (n))
		check(errno, "write");
	close(fd);
}

void *
worker(arg)
	void	*arg;
{
	timestruc_t until;
	int	fd, err;

	check(mutex_lock(&lock), "mutex_lock");
	for (;;) {
		until.tv_sec = time(NULL) + 1;
		until.tv_nsec = 0;
		while (head == tail && !closing) {
			err = cond_timedwait(&work, &lock, &until);
			if (err == ETIME && workers > MIN_WORKERS &&
			    head == tail) {
				left_idle++;
				goto leave;
			}
			if (err == ETIME) {
				until.tv_sec = time(NULL) + 1;
				continue;
			}
			if (err != EINTR)
				check(err, "cond_timedwait");
		}
		if (head == tail)
			break;
		fd = queue[head++ % QUEUE];
		check(mutex_unlock(&lock), "mutex_unlock");
		check(sema_post(&room), "sema_post");
		serve(fd);
		check(mutex_lock(&lock), "mutex_lock");
		served++;
	}
leave:
	workers--;
	cond_broadcast(&change);
	check(mutex_unlock(&lock), "mutex_unlock");
	return (arg);
}

/* Of the signal STOP, in the acceptor. */
void
stop(sig)
	int	sig;
{
	thr_exit((void *)(long)sig);
}

void *
acceptor(arg)
	void	*arg;
{
	sigset_t stop_set;
	int	fd;

	sigemptyset(&stop_set);
	sigaddset(&stop_set, STOP);
	for (;;) {
		while (sema_wait(&room) == EINTR)
			;
		check(thr_sigsetmask(SIG_UNBLOCK, &stop_set, NULL), "mask");
		fd = accept(listener, NULL, NULL);
		check(thr_sigsetmask(SIG_BLOCK, &stop_set, NULL), "mask");
		if (fd < 0)
			check(errno, "accept");
		check(mutex_lock(&lock), "mutex_lock");
		queue[tail++ % QUEUE] = fd;
		check(cond_signal(&work), "cond_signal");
		check(mutex_unlock(&lock), "mutex_unlock");
	}
}

void *
signal_thread(arg)
	void	*arg;
{
	sigset_t set;
	int	sig, status;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGCLD);
	for (;;) {
		sig = sigwait(&set);
		check(mutex_lock(&lock), "mutex_lock");
		if (sig == SIGHUP)
			hangups++;
		else if (sig == SIGCLD)
			while (waitpid(-1, &status, WNOHANG) > 0) {
				check(status, "client");
				clients--;
			}
		else if (sig == SIGTERM)
			closing = 1;
		else
			check(EINVAL, "sigwait");
		cond_broadcast(&change);
		check(mutex_unlock(&lock), "mutex_unlock");
	}
}

/* A process. */
void
client(number)
	int	number;
{
	int	i, n, fd;

	for (i = 0; i < REQUESTS; i++) {
		if ((fd = socket(AF_INET, SOCK_STREAM, 0)) < 0)
			check(errno, "socket");
		if (connect(fd, (struct sockaddr *)&address,
		    sizeof (address)) < 0)
			check(errno, "connect");
		n = number * 100 + i;
		if (write(fd, &n, sizeof (n)) != sizeof (n) ||
		    read(fd, &n, sizeof (n)) != sizeof (n))
			check(errno, "request");
		if (n != (number * 100 + i) * (number * 100 + i))
			check(EINVAL, "answer");
		close(fd);
	}
	if (number == 0)
		kill(getppid(), SIGHUP);
	_exit(0);
}

void
create_listener()
{
	int	len = sizeof (address);

	bzero((char *)&address, sizeof (address));
	address.sin_family = AF_INET;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if ((listener = socket(AF_INET, SOCK_STREAM, 0)) < 0 ||
	    bind(listener, (struct sockaddr *)&address, sizeof (address)) < 0 ||
	    getsockname(listener, (struct sockaddr *)&address, &len) < 0 ||
	    listen(listener, CLIENTS) < 0)
		check(errno, "listener");
}

int
main()
{
	sigset_t all;
	thread_t accept_id, id;
	void	*status;
	int	i, joined;
	pid_t	pid;

	sigset(STOP, stop);		/* these two unblock the signal */
	sigset(SIGPIPE, SIG_IGN);
	sigfillset(&all);
	check(thr_sigsetmask(SIG_BLOCK, &all, NULL), "thr_sigsetmask");
	create_listener();
	for (i = 0; i < CLIENTS; i++) {
		if ((pid = fork1()) < 0)
			check(errno, "fork1");
		if (pid == 0)
			client(i);
	}

	check(sema_init(&room, QUEUE, USYNC_THREAD, NULL), "sema_init");
	check(thr_create(NULL, NULL, signal_thread, NULL, THR_DAEMON, NULL),
	    "thr_create");
	check(thr_create(NULL, NULL, acceptor, NULL, THR_BOUND, &accept_id),
	    "thr_create");
	workers = FIRST_WORKERS;
	for (i = 0; i < FIRST_WORKERS; i++)
		check(thr_create(NULL, NULL, worker, NULL, NULL, NULL),
		    "thr_create");

	/* All is done, and the pool is as small as it may be. */
	check(mutex_lock(&lock), "mutex_lock");
	while (clients > 0 || hangups == 0 || workers > MIN_WORKERS)
		cond_wait(&change, &lock);
	check(mutex_unlock(&lock), "mutex_unlock");

	kill(getpid(), SIGTERM);
	check(mutex_lock(&lock), "mutex_lock");
	while (!closing)
		cond_wait(&change, &lock);
	cond_broadcast(&work);
	check(mutex_unlock(&lock), "mutex_unlock");

	check(thr_kill(accept_id, STOP), "thr_kill");
	check(thr_join(accept_id, &id, &status), "thr_join");
	if (id != accept_id || status != (void *)(long)STOP)
		check(EINVAL, "status of the acceptor");
	for (joined = 0; thr_join(NULL, NULL, NULL) == 0; joined++)
		;
	close(listener);
	printf("%d requests served, %d idle workers left, %d hangup\n", served,
	    left_idle, hangups);
	if (joined != FIRST_WORKERS || served != CLIENTS * REQUESTS ||
	    left_idle != FIRST_WORKERS - MIN_WORKERS || workers != 0 ||
	    hangups != 1) {
		fprintf(stderr, "thread_pool: joined %d workers, %d left\n",
		    joined, workers);
		exit(1);
	}
	printf("thread_pool: ok\n");
	exit(0);
}
