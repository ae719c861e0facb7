/* SPDX-License-Identifier: MIT */
/*
 * echo_server - a server with one unbound thread per connection
 *
 * usage: echo_server [connections]          (40 when nothing is said)
 *        echo_server -s port
 *        echo_server -c port [connections]
 *
 * With -s it serves a port of the loopback interface for ever; with -c it is
 * the clients, a thread for each connection, all of them open at once; without
 * either it is the server, starts the clients as another process, and ends
 * with them.
 *
 * Compare tcp_server, where the threads that read and write are bound: each
 * has an LWP of its own.  Here they are unbound.  A thread that blocks in
 * read() keeps its LWP, so that a server of this kind needs an LWP for each
 * connection that waits, and with one LWP for all it stands still.  On Linux
 * the library can do better when LIBTHREAD_POLLER=1 is in the environment:
 * the thread gives its LWP to others until there is something to read.  The
 * program sees to that itself, unless the variable is there with another
 * value.  Try
 *
 *	ulimit -n 20000; echo_server 10000
 *
 * The threads of the connections are THR_DETACHED; a semaphore counts those
 * that have ended.
 *
 * Calls: thr_create (THR_DETACHED) thr_join thr_self sema_init sema_wait
 *        sema_post gethrtime
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <errno.h>
#include <signal.h>
#include <unistd.h>
#include <sys/types.h>
#include <sys/time.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <thread.h>
#include <synch.h>

#define ROUNDS		10		/* of each client */
#define SIZE		64
#define BACKLOG		1024

int			listener;
struct sockaddr_in	address;
sema_t			ended;		/* counts connections that are over */
sema_t			connected;	/* counts clients that are connected */
sema_t			go;		/* lets them begin */

/* exit() ends the other threads, too. */
void
fatal(what, err)
	char	*what;
	int	err;
{
	fprintf(stderr, "echo_server: thread %d: %s: %s\n", thr_self(), what,
	    err ? strerror(err) : "unexpected end");
	exit(1);
}

void
create_thread(function, arg, flags)
	void	*(*function)();
	int	arg;
	long	flags;
{
	int	err;

	err = thr_create(NULL, 0, function, (void *)(long)arg, flags, NULL);
	if (err != 0)
		fatal("thr_create", err);
}

/* As many descriptors as this process may have. */
void
raise_limit()
{
	struct rlimit	limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		fatal("getrlimit", errno);
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		fatal("setrlimit", errno);
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

void *
connection(arg)
	void	*arg;
{
	int	fd = (int)(long)arg;
	int	len;
	char	buf[SIZE];

	while ((len = read(fd, buf, SIZE)) > 0)
		send_all(fd, buf, len);
	if (len < 0)
		fatal("read", errno);
	close(fd);
	sema_post(&ended);
	return (NULL);
}

/* Accepts n connections; for ever if n is 0. */
void
serve(n)
	int	n;
{
	int	i, fd;

	for (i = 0; i < n || n == 0; i++) {
		if ((fd = accept(listener, NULL, NULL)) < 0)
			fatal("accept", errno);
		create_thread(connection, fd, THR_DETACHED);
	}
	for (i = 0; i < n; i++)
		sema_wait(&ended);
}

void *
client(arg)
	void	*arg;
{
	int	n = (int)(long)arg;
	int	i, fd, len, got, part;
	char	question[SIZE], answer[SIZE];

	if ((fd = socket(AF_INET, SOCK_STREAM, 0)) < 0)
		fatal("socket", errno);
	if (connect(fd, (struct sockaddr *)&address, sizeof (address)) < 0)
		fatal("connect", errno);
	sema_post(&connected);
	sema_wait(&go);
	for (i = 0; i < ROUNDS; i++) {
		sprintf(question, "client %d, round %d", n, i);
		len = strlen(question) + 1;
		send_all(fd, question, len);
		for (got = 0; got < len; got += part) {
			part = read(fd, answer + got, len - got);
			if (part <= 0)
				fatal("answer", part < 0 ? errno : 0);
		}
		if (strcmp(question, answer) != 0) {
			fprintf(stderr, "echo_server: \"%s\" came back as"
			    " \"%s\"\n", question, answer);
			exit(1);
		}
	}
	close(fd);
	return (NULL);
}

/* Connects n clients, and lets them talk when all are there. */
void
clients(n)
	int	n;
{
	int	i;

	for (i = 0; i < n; i++)
		create_thread(client, i, 0L);
	for (i = 0; i < n; i++)
		sema_wait(&connected);
	for (i = 0; i < n; i++)
		sema_post(&go);
	while (thr_join(0, NULL, NULL) == 0)
		;
}

void
create_listener(port)
	int	port;
{
	int	on = 1;
	int	len = sizeof (address);

	address.sin_port = htons(port);
	if ((listener = socket(AF_INET, SOCK_STREAM, 0)) < 0)
		fatal("socket", errno);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, (char *)&on,
	    sizeof (on));
	if (bind(listener, (struct sockaddr *)&address, sizeof (address)) < 0)
		fatal("bind", errno);
	if (getsockname(listener, (struct sockaddr *)&address, &len) < 0)
		fatal("getsockname", errno);
	if (listen(listener, BACKLOG) < 0)
		fatal("listen", errno);
}

/* The process of the clients. */
pid_t
start_clients(program, n)
	char	*program;
	int	n;
{
	pid_t	pid;
	char	port[16], number[16];

	sprintf(port, "%d", ntohs(address.sin_port));
	sprintf(number, "%d", n);
	if ((pid = fork()) < 0)
		fatal("fork", errno);
	if (pid == 0) {
		close(listener);
		execlp(program, program, "-c", port, number, (char *)0);
		perror(program);
		_exit(1);
	}
	return (pid);
}

void
usage()
{
	fprintf(stderr, "usage: echo_server [connections]\n"
	    "       echo_server -s port\n"
	    "       echo_server -c port [connections]\n");
	exit(1);
}

int
main(argc, argv)
	int	argc;
	char	**argv;
{
	int		status;
	int		mode = 0;
	int		port = 0;
	int		n = 40;
	char		**arg = argv + 1;
	hrtime_t	start;
	pid_t		pid;

	if (getenv("LIBTHREAD_POLLER") == NULL) {
		/* It is read when the program starts. */
		putenv("LIBTHREAD_POLLER=1");
		execvp(argv[0], argv);
		fatal(argv[0], errno);
	}
	if (*arg != NULL && (*arg)[0] == '-') {
		mode = (*arg++)[1];
		if ((mode != 's' && mode != 'c') || *arg == NULL)
			usage();
		port = atoi(*arg++);
	}
	if (*arg != NULL && mode != 's')
		n = atoi(*arg++);
	if (*arg != NULL || n < 1)
		usage();
	signal(SIGPIPE, SIG_IGN);	/* write() shall fail instead */
	raise_limit();
	sema_init(&ended, 0, USYNC_THREAD, NULL);
	sema_init(&connected, 0, USYNC_THREAD, NULL);
	sema_init(&go, 0, USYNC_THREAD, NULL);
	bzero((char *)&address, sizeof (address));
	address.sin_family = AF_INET;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	address.sin_port = htons(port);

	if (mode == 'c') {
		clients(n);
		exit(0);
	}
	create_listener(port);
	if (mode == 's')
		serve(0);
	pid = start_clients(argv[0], n);
	start = gethrtime();
	serve(n);
	if (waitpid(pid, &status, 0) != pid || status != 0) {
		fprintf(stderr, "echo_server: the clients failed\n");
		exit(1);
	}
	printf("%d connections, %d questions, %.1f ms\n", n, n * ROUNDS,
	    (gethrtime() - start) / 1e6);
	printf("echo_server: ok\n");
	exit(0);
}
