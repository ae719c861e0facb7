/* SPDX-License-Identifier: MIT */
/*
 * tcp_server - a server with one thread per connection, and its clients
 *
 * usage: tcp_server [clients]           (20 when nothing is said)
 *
 * One thread accepts connections on a port of the loopback interface that
 * the system chooses, and creates a thread for each of them.  The clients are
 * threads of the same program; each sends lines and checks that they come
 * back in capital letters.  The program ends when all are done.
 *
 * The acceptor and the threads of the connections are bound (THR_BOUND): each
 * has an LWP of its own.  The clients are not.  An unbound thread that blocks
 * in read() keeps its LWP, and where all unbound threads share one LWP, as
 * in the first libraries with threads, nothing else unbound runs meanwhile.
 * If the server were unbound too, a client waiting for its answer would keep
 * the server from giving it.  Bound threads do not depend on what others do,
 * so the program works with any number of LWPs.
 *
 * The threads of the connections are THR_DETACHED, since nobody wants their
 * status.  Main learns from a counter and a condition variable that the last
 * has gone; a thr_join() of any thread waits for the acceptor and clients.
 *
 * Calls: thr_create (THR_BOUND, THR_DETACHED) thr_join thr_self mutex_lock
 *        mutex_unlock cond_wait cond_signal gethrtime
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <unistd.h>
#include <sys/types.h>
#include <sys/time.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <thread.h>
#include <synch.h>

#define LINES		25		/* of each client */
#define LINESIZE	64
#define MAXCLIENTS	200

int			nclients = 20;
int			listener;
struct sockaddr_in	address;

mutex_t	lock = DEFAULTMUTEX;
cond_t	all_gone = DEFAULTCV;
int	connections = 0;		/* open now; lock protects these */
int	answered = 0;			/* lines, by the server */
int	checked = 0;			/* lines, by the clients */

/* exit() ends the other threads, too. */
void
fatal(what, err)
	char	*what;
	int	err;
{
	fprintf(stderr, "tcp_server: thread %d: %s: %s\n", thr_self(), what,
	    err ? strerror(err) : "unexpected end");
	exit(1);
}

void
send_all(fd, buf, len)
	int	fd, len;
	char	*buf;
{
	int	n;

	for (; len > 0; buf += n, len -= n)
		if ((n = write(fd, buf, len)) <= 0)
			fatal("write", errno);
}

/* One line with its '\n', as a string; returns its length, 0 at the end. */
int
read_line(fd, buf)
	int	fd;
	char	*buf;
{
	int	n, len = 0;

	while (len < LINESIZE - 1) {
		n = read(fd, buf + len, LINESIZE - 1 - len);
		if (n < 0)
			fatal("read", errno);
		if (n == 0)
			break;
		len += n;
		if (buf[len - 1] == '\n')	/* no line before its answer */
			break;
	}
	buf[len] = '\0';
	return (len);
}

void *
connection(arg)
	void	*arg;
{
	int	fd = (int)(long)arg;
	int	i, len, lines = 0;
	char	buf[LINESIZE];

	while ((len = read_line(fd, buf)) > 0) {
		for (i = 0; i < len; i++)
			buf[i] = toupper((unsigned char)buf[i]);
		send_all(fd, buf, len);
		lines++;
	}
	close(fd);
	mutex_lock(&lock);
	answered += lines;
	if (--connections == 0)
		cond_signal(&all_gone);
	mutex_unlock(&lock);
	return (NULL);
}

void *
acceptor(arg)
	void	*arg;
{
	int	i, fd, err;

	for (i = 0; i < nclients; i++) {
		if ((fd = accept(listener, NULL, NULL)) < 0)
			fatal("accept", errno);
		mutex_lock(&lock);
		connections++;
		mutex_unlock(&lock);
		err = thr_create(NULL, NULL, connection, (void *)(long)fd,
		    THR_BOUND | THR_DETACHED, NULL);
		if (err != 0)
			fatal("thr_create", err);
	}
	return (NULL);
}

void *
client(arg)
	void	*arg;
{
	int	n = (int)(long)arg;
	int	i, fd;
	char	line[LINESIZE], expected[LINESIZE], answer[LINESIZE];

	if ((fd = socket(AF_INET, SOCK_STREAM, 0)) < 0)
		fatal("socket", errno);
	if (connect(fd, (struct sockaddr *)&address, sizeof (address)) < 0)
		fatal("connect", errno);
	for (i = 0; i < LINES; i++) {
		sprintf(line, "client %d sends line %d\n", n, i);
		sprintf(expected, "CLIENT %d SENDS LINE %d\n", n, i);
		send_all(fd, line, (int)strlen(line));
		if (read_line(fd, answer) == 0)
			fatal("answer", 0);
		if (strcmp(answer, expected) != 0) {
			fprintf(stderr, "tcp_server: client %d: answer %d is:"
			    " %s\n", n, i, answer);
			exit(1);
		}
	}
	close(fd);
	mutex_lock(&lock);
	checked += i;
	mutex_unlock(&lock);
	return (NULL);
}

void
create_listener()
{
	int	len = sizeof (address);

	bzero(&address, sizeof (address));
	address.sin_family = AF_INET;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	address.sin_port = 0;
	if ((listener = socket(AF_INET, SOCK_STREAM, 0)) < 0)
		fatal("socket", errno);
	if (bind(listener, (struct sockaddr *)&address, sizeof (address)) < 0)
		fatal("bind", errno);
	if (getsockname(listener, (struct sockaddr *)&address, &len) < 0)
		fatal("getsockname", errno);
	if (listen(listener, MAXCLIENTS) < 0)
		fatal("listen", errno);
}

int
main(argc, argv)
	int	argc;
	char	**argv;
{
	int		i, err, joined;
	hrtime_t	start = gethrtime();

	if (argc > 1)
		nclients = atoi(argv[1]);
	if (argc > 2 || nclients < 1 || nclients > MAXCLIENTS) {
		fprintf(stderr, "usage: tcp_server [clients up to %d]\n",
		    MAXCLIENTS);
		exit(1);
	}
	signal(SIGPIPE, SIG_IGN);	/* write() shall fail instead */
	create_listener();

	err = thr_create(NULL, NULL, acceptor, NULL, THR_BOUND, NULL);
	if (err != 0)
		fatal("thr_create", err);
	for (i = 0; i < nclients; i++) {
		err = thr_create(NULL, NULL, client, (void *)(long)i, NULL,
		    NULL);
		if (err != 0)
			fatal("thr_create", err);
	}
	for (joined = 0; thr_join(NULL, NULL, NULL) == 0; joined++)
		;
	mutex_lock(&lock);
	while (connections > 0)
		cond_wait(&all_gone, &lock);
	mutex_unlock(&lock);
	close(listener);

	if (joined != nclients + 1 || answered != nclients * LINES ||
	    checked != nclients * LINES) {
		fprintf(stderr, "tcp_server: joined %d threads, answered %d"
		    " lines, checked %d of %d\n", joined, answered, checked,
		    nclients * LINES);
		exit(1);
	}
	printf("port %d: %d clients, %d lines, %.1f ms\n",
	    ntohs(address.sin_port), nclients, answered,
	    (gethrtime() - start) / 1e6);
	printf("tcp_server: ok\n");
	exit(0);
}
