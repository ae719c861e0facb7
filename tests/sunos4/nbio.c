/* SPDX-License-Identifier: MIT */
/*
 * Calls that wait: with -lnbio they stop the thread, without it the pod.  This
 * is compiled and linked both ways, with LT_WITH_NBIO and without.
 */

#include "check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static int ends[2];
static volatile int others;

/* Of the same priority: runs only while the caller's thread is blocked. */
static void counts(void *arg)
{
	int i;

	(void)arg;
	for (i = 0; i < 50; i++) {
		others++;
		REQUIRE(lwp_yield(SELF) == 0);
	}
	REQUIRE(write(ends[1], "x", 1) == 1);
}

static void begin(void)
{
	start_pod(9);
	REQUIRE(pipe(ends) == 0);
	make(counts, 9, 0, NULL);
}

#ifdef LT_WITH_NBIO

/* Who waits in read() lets the others run, who then write. */
static void read_pipe(void)
{
	char byte;

	begin();
	REQUIRE(read(ends[0], &byte, 1) == 1 && byte == 'x');
	REQUIRE(others == 50);
}

static void read_vector(void)
{
	char byte;
	struct iovec vector = {&byte, 1};

	begin();
	REQUIRE(readv(ends[0], &vector, 1) == 1 && byte == 'x');
	REQUIRE(others == 50);
}

static void selects(void)
{
	fd_set set;

	begin();
	FD_ZERO(&set);
	FD_SET(ends[0], &set);
	REQUIRE(select(ends[0] + 1, &set, NULL, NULL, NULL) == 1);
	REQUIRE(FD_ISSET(ends[0], &set));
	REQUIRE(others == 50);
}

static void select_times_out(void)
{
	struct timeval limit = {0, 30000};
	long long start = now_us();
	int empty[2];
	fd_set set;

	begin();
	REQUIRE(pipe(empty) == 0);
	FD_ZERO(&set);
	FD_SET(empty[0], &set);
	REQUIRE(select(empty[0] + 1, &set, NULL, NULL, &limit) == 0);
	REQUIRE(!FD_ISSET(empty[0], &set));
	REQUIRE(now_us() - start >= 30000);
	REQUIRE(others == 50);
}

static void polls(void)
{
	struct pollfd one = {-1, POLLIN, 0};

	begin();
	one.fd = ends[0];
	REQUIRE(poll(&one, 1, -1) == 1 && one.revents == POLLIN);
	REQUIRE(others == 50);
}

enum { kBig = 300000 };

static void drains(void *arg)
{
	char buffer[4096];
	long total = 0;
	ssize_t got;

	(void)arg;
	while (total < kBig) {
		got = read(ends[0], buffer, sizeof(buffer));
		REQUIRE(got > 0);
		total += got;
	}
	note("drained");
}

/* More than the pipe holds: all of it is written. */
static void write_pipe(void)
{
	static char big[kBig];
	thread_t t;

	start_pod(9);
	REQUIRE(pipe(ends) == 0);
	t = make(drains, 9, 0, NULL);
	REQUIRE(write(ends[1], big, kBig) == kBig);
	join_or_late(t);
	NOTED("drained");
	REQUIRE((fcntl(ends[1], F_GETFL) & O_NONBLOCK) == 0);
}

/* ---- sockets ---- */

static struct sockaddr_in address;

static void connects(void *arg)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char text[8];

	(void)arg;
	REQUIRE(fd >= 0);
	REQUIRE(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	REQUIRE(send(fd, "hello", 5, 0) == 5);
	REQUIRE(recv(fd, text, sizeof(text), 0) == 5);
	REQUIRE(memcmp(text, "world", 5) == 0);
	close(fd);
	note("client");
}

static void sockets(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), peer, i;
	socklen_t length = sizeof(address);
	thread_t t[3];
	char text[8];

	start_pod(9);
	REQUIRE(fd >= 0);
	address.sin_family = AF_INET;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	REQUIRE(bind(fd, (struct sockaddr *)&address, length) == 0);
	REQUIRE(getsockname(fd, (struct sockaddr *)&address, &length) == 0);
	REQUIRE(listen(fd, 5) == 0);
	for (i = 0; i < 3; i++)
		t[i] = make(connects, 9, 0, NULL);
	for (i = 0; i < 3; i++) {
		peer = accept(fd, NULL, NULL);
		REQUIRE(peer >= 0);
		REQUIRE(recv(peer, text, sizeof(text), 0) == 5);
		REQUIRE(memcmp(text, "hello", 5) == 0);
		REQUIRE(send(peer, "world", 5, 0) == 5);
		close(peer);
	}
	for (i = 0; i < 3; i++)
		join_or_late(t[i]);
	NOTED("client client client");
}

/* ---- children ---- */

static void waits_for_child(void)
{
	pid_t child;
	int status;
	char byte;

	begin();
	child = fork();
	REQUIRE(child >= 0);
	if (child == 0) {
		/* Ends when the thread beside has written. */
		_exit(read(ends[0], &byte, 1) == 1 ? 31 : 32);
	}
	REQUIRE(waitpid(child, &status, 0) == child);
	REQUIRE(WIFEXITED(status) && WEXITSTATUS(status) == 31);
	REQUIRE(others == 50);
	child = fork();
	REQUIRE(child >= 0);
	if (child == 0)
		_exit(33);
	REQUIRE(wait(&status) == child && WEXITSTATUS(status) == 33);
	REQUIRE(wait(&status) == -1 && errno == ECHILD);
}

/* A thread that is destroyed in read() is gone, and the others go on. */
static void reads_for_ever(void *arg)
{
	char byte;

	(void)arg;
	(void)read(ends[0], &byte, 1);
	note("never");
}

static void destroyed(void)
{
	thread_t t;

	start_pod(9);
	REQUIRE(pipe(ends) == 0);
	t = make(reads_for_ever, 5, 0, NULL);
	settle();
	REQUIRE(lwp_destroy(t) == 0);
	FAILS(LE_NONEXIST, lwp_ping(t));
	settle();
	NOTED("");
}

#else /* without */

/* The child of a fork: writes into the pipe, whatever the pod does. */
static void write_later(void)
{
	pid_t child = fork();

	REQUIRE(child >= 0);
	if (child == 0) {
		usleep(100000);
		REQUIRE(write(ends[1], "x", 1) == 1);
		_exit(0);
	}
}

/* Without the library nobody runs meanwhile. */
static void read_stops(void)
{
	char byte;

	begin();
	write_later();
	REQUIRE(read(ends[0], &byte, 1) == 1 && byte == 'x');
	REQUIRE(others == 0);
}

#endif

/* ---- errors come through ---- */

static void errors(void)
{
	char byte;
	int fds[2];

	start_pod(9);
	REQUIRE(pipe(fds) == 0);
	errno = 0;
	REQUIRE(read(-1, &byte, 1) == -1 && errno == EBADF);
	REQUIRE(write(fds[0], "x", 1) == -1 && errno == EBADF);
	REQUIRE(accept(fds[0], NULL, NULL) == -1 && errno == ENOTSOCK);
	REQUIRE(fcntl(fds[0], F_SETFL, O_NONBLOCK) == 0);
	REQUIRE(read(fds[0], &byte, 1) == -1 && errno == EAGAIN);
	close(fds[1]);
	REQUIRE(read(fds[0], &byte, 1) == 0);
	REQUIRE(waitpid(-1, NULL, 0) == -1 && errno == ECHILD);
}

static const struct test_case cases[] = {
#ifdef LT_WITH_NBIO
	{"read_pipe", read_pipe},
	{"read_vector", read_vector},
	{"selects", selects},
	{"select_times_out", select_times_out},
	{"polls", polls},
	{"write_pipe", write_pipe},
	{"sockets", sockets},
	{"waits_for_child", waits_for_child},
	{"destroyed", destroyed},
#else
	{"read_stops", read_stops},
#endif
	{"errors", errors},
};

int main(int argc, char **argv)
{
	return run_case(argc, argv, cases, COUNT(cases));
}
