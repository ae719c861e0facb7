/* SPDX-License-Identifier: MIT */
/*
 * libnbio: calls of one thread that wait for another thread of the same pod,
 * which could not come if the pod stopped.
 */
#define _GNU_SOURCE
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int ends[2];
static char path[64];

static thread_t start(void (*func)(), void *arg)
{
	thread_t thread;

	REQUIRE(lwp_create(&thread, func, 5, 0, lwp_newstk(), 1, arg) == 0);
	return thread;
}

static void begin(void)
{
	REQUIRE(pod_setmaxpri(5) == 0);
	REQUIRE(lwp_setstkcache(65536, 8) > 0);
	snprintf(path, sizeof(path), "/tmp/lwp.%d.XXXXXX", (int)getpid());
	REQUIRE(mkdtemp(path) != NULL);
	strcat(path, "/file");
}

static void end(void)
{
	unlink(path);
	*strrchr(path, '/') = '\0';
	REQUIRE(rmdir(path) == 0);
}

/* ---- Pipes ---- */

static const size_t kLarge = 300000;

static void writes_large(char *data)
{
	REQUIRE(write(ends[1], data, kLarge) == (ssize_t)kLarge);
	REQUIRE(close(ends[1]) == 0);
}

static void pipes(void)
{
	char *data = malloc(kLarge), part[1000];
	size_t total = 0, i;
	ssize_t got;

	for (i = 0; i < kLarge; i++)
		data[i] = (char)(i * 7 % 251);
	REQUIRE(pipe(ends) == 0);
	start(writes_large, data);
	while ((got = read(ends[0], part, sizeof(part))) > 0) {
		REQUIRE(memcmp(part, data + total, (size_t)got) == 0);
		total += (size_t)got;
	}
	REQUIRE(got == 0 && total == kLarge);
	free(data);
}

static void opens_writer(void *unused)
{
	int fd = open(path, O_WRONLY);

	(void)unused;
	REQUIRE(fd >= 0 && write(fd, "fifo", 4) == 4 && close(fd) == 0);
}

static void opens_for_ever(void *unused)
{
	(void)unused;
	open(path, O_WRONLY);
	REQUIRE(0);
}

static void named_pipe(void)
{
	char text[8];
	thread_t t;
	int fd;

	REQUIRE(mkfifo(path, 0600) == 0);
	start(opens_writer, NULL);
	fd = open(path, O_RDONLY);
	REQUIRE(fd >= 0 && read(fd, text, sizeof(text)) == 4);
	REQUIRE(read(fd, text, sizeof(text)) == 0 && close(fd) == 0);
	/* One that is destroyed leaves its descriptor to nobody. */
	t = start(opens_for_ever, NULL);
	REQUIRE(lwp_yield(SELF) == 0 && lwp_destroy(t) == 0);
	fd = open(path, O_RDONLY);
	REQUIRE(fd >= 0 && read(fd, text, sizeof(text)) == 0);
	close(fd);
}

static void closes(void *unused)
{
	(void)unused;
	REQUIRE(close(ends[0]) == 0);
}

static void closed_meanwhile(void)
{
	char byte;

	REQUIRE(pipe(ends) == 0);
	start(closes, NULL);
	REQUIRE(read(ends[0], &byte, 1) == -1 && errno == EBADF);
}

/* ---- Sockets ---- */

static struct sockaddr_un address(void)
{
	struct sockaddr_un at;

	memset(&at, 0, sizeof(at));
	at.sun_family = AF_UNIX;
	strcpy(at.sun_path, path);
	return at;
}

static volatile int connected;

static void connects(void *unused)
{
	struct sockaddr_un at = address();
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)unused;
	REQUIRE(connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0);
	connected++;
	REQUIRE(send(fd, "half", 4, 0) == 4);
	REQUIRE(lwp_yield(SELF) == 0);
	REQUIRE(send(fd, "done", 4, 0) == 4 && close(fd) == 0);
}

static void sockets(void)
{
	struct sockaddr_un at = address();
	struct timeval limit = {0, 20000};
	char text[9];
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), fd, i;

	REQUIRE(bind(listener, (struct sockaddr *)&at, sizeof(at)) == 0);
	REQUIRE(listen(listener, 0) == 0);
	/* More than the queue takes: they wait to connect. */
	for (i = 0; i < 4; i++)
		start(connects, NULL);
	for (i = 0; i < 4; i++) {
		fd = accept(listener, NULL, NULL);
		REQUIRE(fd >= 0);
		memset(text, 0, sizeof(text));
		REQUIRE(recv(fd, text, 8, MSG_WAITALL) == 8);
		REQUIRE(strcmp(text, "halfdone") == 0);
		REQUIRE(recv(fd, text, 8, 0) == 0 && close(fd) == 0);
	}
	REQUIRE(connected == 4);
	REQUIRE(setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &limit,
	    sizeof(limit)) == 0);
	REQUIRE(accept(listener, NULL, NULL) == -1 && errno == EAGAIN);
	REQUIRE(connect(ends[0], (struct sockaddr *)&at, sizeof(at)) == -1);
	close(listener);
}

/* ---- select and poll ---- */

static void writes_byte(void *unused)
{
	(void)unused;
	REQUIRE(write(ends[1], "x", 1) == 1);
}

static void selects(void)
{
	struct timeval limit = {10, 0}, moment = {0, 10000};
	struct timespec precise = {0, 10000000};
	struct pollfd fds[3];
	fd_set set;
	int other[2];
	char byte;

	REQUIRE(pipe(ends) == 0 && pipe(other) == 0);
	start(writes_byte, NULL);
	FD_ZERO(&set);
	FD_SET(ends[0], &set);
	FD_SET(other[0], &set);
	REQUIRE(select(other[1] + 1, &set, NULL, NULL, &limit) == 1);
	REQUIRE(FD_ISSET(ends[0], &set) && !FD_ISSET(other[0], &set));
	REQUIRE(limit.tv_sec >= 8 && limit.tv_sec <= 9);
	REQUIRE(read(ends[0], &byte, 1) == 1);
	REQUIRE(select(other[1] + 1, &set, NULL, NULL, &moment) == 0);
	REQUIRE(!FD_ISSET(ends[0], &set) && moment.tv_usec == 0);
	fds[0].fd = ends[0];
	fds[0].events = POLLIN;
	fds[1].fd = -1;
	fds[2].fd = ends[0];
	fds[2].events = POLLPRI;
	REQUIRE(ppoll(fds, 3, &precise, NULL) == 0);
	start(writes_byte, NULL);
	REQUIRE(poll(fds, 3, -1) == 1 && fds[0].revents == POLLIN);
	REQUIRE(poll(NULL, 0, 10) == 0);
	REQUIRE(poll(fds, 1, -2) == 1);
	REQUIRE(select(-1, NULL, NULL, NULL, NULL) == -1 && errno == EINVAL);
}

/* ---- Children ---- */

static pid_t child_that_ends(int status)
{
	pid_t child = fork();
	char byte;

	if (child == 0) {
		close(ends[1]);
		while (read(ends[0], &byte, 1) > 0)
			;
		_exit(status);
	}
	REQUIRE(child > 0);
	return child;
}

static void lets_them_end(void *unused)
{
	(void)unused;
	REQUIRE(close(ends[1]) == 0);
}

static void waits_for_ever(void *unused)
{
	(void)unused;
	wait(NULL);
	REQUIRE(0);
}

static void children(void)
{
	siginfo_t info;
	pid_t first, second;
	thread_t t;
	int status;

	REQUIRE(pipe(ends) == 0);
	first = child_that_ends(3);
	second = child_that_ends(4);
	REQUIRE(waitpid(second, &status, WNOHANG) == 0);
	t = start(waits_for_ever, NULL);
	REQUIRE(lwp_yield(SELF) == 0 && lwp_destroy(t) == 0);
	start(lets_them_end, NULL);
	REQUIRE(waitpid(second, &status, 0) == second);
	REQUIRE(WIFEXITED(status) && WEXITSTATUS(status) == 4);
	REQUIRE(waitid(P_PID, (id_t)first, &info, WEXITED) == 0);
	REQUIRE(info.si_pid == first && info.si_status == 3);
	REQUIRE(wait(&status) == -1 && errno == ECHILD);
}

static const struct test_case cases[] = {
	{"pipes", pipes},
	{"named_pipe", named_pipe},
	{"closed_meanwhile", closed_meanwhile},
	{"sockets", sockets},
	{"selects", selects},
	{"children", children},
};

int main(int argc, char **argv)
{
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		if (argc != 2 || strcmp(argv[1], "--list") == 0) {
			puts(cases[i].name);
		} else if (strcmp(argv[1], cases[i].name) == 0) {
			begin();
			cases[i].run();
			end();
			printf("ok\n");
			pod_exit(0);
		}
	}
	return argc == 2 && strcmp(argv[1], "--list") == 0 ? 0 : 2;
}
