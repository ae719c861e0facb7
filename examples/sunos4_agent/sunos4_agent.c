/* SPDX-License-Identifier: MIT */
/*
 * sunos4_agent - events as messages.
 *
 * Nobody writes a signal handler here.  Agents turn signals into messages to
 * the thread that made them, which takes them when it wants to: a thread
 * hears of SIGALRM ticks, of the end of child processes with their status,
 * and of the death of other threads.
 *
 * Shows: agt_create for a signal, for SIGCHLD and for LASTRITES, eventinfo_t,
 * sigchldev_t, msg_recv from one agent and from anybody, msg_reply,
 * agt_enumerate, lwp_destroy of an agent, SAMETHREAD.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#include <lwp/lwp.h>
#include <lwp/stackdep.h>

#define MAXPRIO	10
#define TICKS	3
#define CHILDREN 3
#define WORKERS	4

int	ticks, children, deaths;
int	statuses;		/* their sum */

void
fatal(what)
	char	*what;
{
	lwp_perror(what);
	pod_exit(1);
}

void
worker(n)
	int	n;
{
	while (n-- > 0)
		(void) lwp_yield(SELF);
}

/*
 * One event, from whichever of the agents; the reply lets the next one come.
 */
void
event(clock, child, death)
	thread_t clock, child, death;
{
	thread_t sender;
	caddr_t	arg;
	eventinfo_t *info;
	sigchldev_t *end;

	if (MSG_RECVALL(&sender, &arg, (int *)0, (caddr_t *)0, (int *)0,
	    INFINITY) < 0)
		fatal("msg_recv");
	info = (eventinfo_t *)arg;
	if (SAMETHREAD(sender, clock) && info->eventinfo_signum == SIGALRM)
		ticks++;
	else if (SAMETHREAD(sender, child)) {
		end = (sigchldev_t *)arg;
		if (!WIFEXITED(end->sigchld_status) || end->sigchld_pid <= 0)
			fatal("status");
		statuses += WEXITSTATUS(end->sigchld_status);
		children++;
	} else if (SAMETHREAD(sender, death) &&
	    info->eventinfo_signum == LASTRITES &&
	    lwp_ping(info->eventinfo_victimid) < 0)
		deaths++;
	else
		fatal("message from nobody");
	if (msg_reply(sender) < 0)
		fatal("msg_reply");
}

main()
{
	static eventinfo_t clock_info, death_info;
	static sigchldev_t child_info;
	struct itimerval timer;
	thread_t clock, child, death;
	int	i;

	(void) pod_setmaxpri(MAXPRIO);
	(void) lwp_setstkcache(10000, WORKERS);
	if (agt_create(&clock, SIGALRM, (caddr_t)&clock_info) < 0 ||
	    agt_create(&child, SIGCHLD, (caddr_t)&child_info) < 0 ||
	    agt_create(&death, LASTRITES, (caddr_t)&death_info) < 0)
		fatal("agt_create");
	if (agt_enumerate((thread_t *)0, 0) != 3)
		fatal("agt_enumerate");

	for (i = 0; i < WORKERS; i++)
		if (lwp_create((thread_t *)0, worker, MINPRIO, 0, lwp_newstk(),
		    1, i) < 0)
			fatal("lwp_create");
	for (i = 0; i < CHILDREN; i++)
		switch (fork()) {
		case -1:
			perror("fork");
			pod_exit(1);
		case 0:
			_exit(10 + i);
		}
	timer.it_value.tv_sec = timer.it_interval.tv_sec = 0;
	timer.it_value.tv_usec = timer.it_interval.tv_usec = 10000;
	(void) setitimer(ITIMER_REAL, &timer, (struct itimerval *)0);

	while (ticks < TICKS || children < CHILDREN || deaths < WORKERS)
		event(clock, child, death);
	timer.it_value.tv_usec = timer.it_interval.tv_usec = 0;
	(void) setitimer(ITIMER_REAL, &timer, (struct itimerval *)0);

	printf("%d children, statuses %d in all\n", children, statuses);
	printf("%d threads have died\n", deaths);
	if (children != CHILDREN || statuses != 10 + 11 + 12 ||
	    deaths != WORKERS)
		pod_exit(1);
	(void) lwp_destroy(child);
	(void) lwp_destroy(death);
	if (agt_enumerate((thread_t *)0, 0) != 1)
		fatal("agt_enumerate");
	printf("sunos4_agent: ok\n");
	pod_exit(0);
}
