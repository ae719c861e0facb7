/* SPDX-License-Identifier: MIT */
/* Agents, which make messages of signals, and traps, which make exceptions. */

#include "check.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static eventinfo_t info;
static sigchldev_t child_info;

static eventinfo_t *next_event(thread_t agent)
{
	thread_t sender = agent;
	caddr_t arg, res;
	int argsize, ressize;

	REQUIRE(msg_recv(&sender, &arg, &argsize, &res, &ressize, INFINITY) ==
	    0);
	REQUIRE(SAMETHREAD(sender, agent));
	REQUIRE(argsize >= (int)sizeof(eventinfo_t));
	REQUIRE(res == NULL && ressize == 0);
	return (eventinfo_t *)arg;
}

static int pending(thread_t agent)
{
	thread_t sender = agent;

	if (msg_recv(&sender, NULL, NULL, NULL, NULL, POLL) == 0)
		return 1;
	REQUIRE(lwp_geterr() == LE_TIMEOUT);
	return 0;
}

/* ---- k ---- */

static void kills(void *arg)
{
	(void)arg;
	REQUIRE(kill(getpid(), SIGUSR1) == 0);
	sleep_us(60000000);
}

static void signal_agent(void)
{
	thread_t agent, vec[4];
	eventinfo_t *event;

	start_pod(9);
	REQUIRE(agt_create(&agent, SIGUSR1, (caddr_t)&info) == 0);
	REQUIRE(agt_enumerate(vec, 4) == 1 && SAMETHREAD(vec[0], agent));
	REQUIRE(kill(getpid(), SIGUSR1) == 0);
	event = next_event(agent);
	REQUIRE(event == &info);
	REQUIRE(event->eventinfo_signum == SIGUSR1);
	/* A second one waits for the reply to the first. */
	REQUIRE(kill(getpid(), SIGUSR1) == 0);
	sleep_us(20000);
	REQUIRE(!pending(agent));
	REQUIRE(msg_reply(agent) == 0);
	event = next_event(agent);
	REQUIRE(event->eventinfo_signum == SIGUSR1);
	REQUIRE(msg_reply(agent) == 0);
	/* From another thread, while this one waits. */
	make(kills, 3, 0, NULL);
	event = next_event(agent);
	REQUIRE(event->eventinfo_signum == SIGUSR1);
	REQUIRE(msg_reply(agent) == 0);
	REQUIRE(lwp_destroy(agent) == 0);
	FAILS(LE_NONEXIST, lwp_ping(agent));
	REQUIRE(agt_enumerate(NULL, 0) == 0);
}

static volatile int done;

static void spins_and_kills(void *arg)
{
	(void)arg;
	REQUIRE(kill(getpid(), SIGUSR1) == 0);
	while (!done)
		continue;
}

/* The event names the thread that ran, and preempts it. */
static void victim(void)
{
	thread_t agent, t;
	eventinfo_t *event;

	start_pod(9);
	REQUIRE(agt_create(&agent, SIGUSR1, (caddr_t)&info) == 0);
	t = make(spins_and_kills, 3, 0, NULL);
	event = next_event(agent);
	REQUIRE(SAMETHREAD(event->eventinfo_victimid, t));
	REQUIRE(msg_reply(agent) == 0);
	done = 1;
	must_join(t);
}

static void nothing(void *arg)
{
	(void)arg;
}

static void last_rites(void)
{
	static stkalign_t area[4096];
	thread_t agent, second, t;
	eventinfo_t *event, other;

	start_pod(9);
	REQUIRE(agt_create(&agent, LASTRITES, (caddr_t)&info) == 0);
	REQUIRE(lwp_create(&t, nothing, 3, 0, STKTOP(area), 1, NULL) == 0);
	event = next_event(agent);
	REQUIRE(event->eventinfo_signum == LASTRITES);
	REQUIRE(SAMETHREAD(event->eventinfo_victimid, t));
	REQUIRE((stkalign_t *)event->eventinfo_code == STKTOP(area));
	FAILS(LE_NONEXIST, lwp_ping(t));
	REQUIRE(msg_reply(agent) == 0);
	/* Not of those that do not want it. */
	REQUIRE(lwp_create(&t, nothing, 3, LWPNOLASTRITES, STKTOP(area), 1,
	    NULL) == 0);
	must_join(t);
	settle();
	REQUIRE(!pending(agent));
	/* Each of several agents is told. */
	REQUIRE(agt_create(&second, LASTRITES, (caddr_t)&other) == 0);
	REQUIRE(lwp_create(&t, nothing, 3, 0, STKTOP(area), 1, NULL) == 0);
	event = next_event(second);
	REQUIRE(event == &other && SAMETHREAD(other.eventinfo_victimid, t));
	REQUIRE(msg_reply(second) == 0);
	event = next_event(agent);
	REQUIRE(event == &info && SAMETHREAD(info.eventinfo_victimid, t));
	REQUIRE(msg_reply(agent) == 0);
}

static void deaths_in_order(void)
{
	thread_t agent, t[20];
	int i;

	start_pod(9);
	REQUIRE(agt_create(&agent, LASTRITES, (caddr_t)&info) == 0);
	for (i = 0; i < 20; i++)
		t[i] = make(nothing, 3, 0, NULL);
	for (i = 0; i < 20; i++) {
		(void)next_event(agent);
		REQUIRE(SAMETHREAD(info.eventinfo_victimid, t[i]));
		REQUIRE(msg_reply(agent) == 0);
	}
}

static void child_agent(void)
{
	thread_t agent;
	sigchldev_t *event;
	pid_t child[3], seen;
	int i, j;

	start_pod(9);
	REQUIRE(agt_create(&agent, SIGCHLD, (caddr_t)&child_info) == 0);
	for (i = 0; i < 3; i++) {
		child[i] = fork();
		REQUIRE(child[i] >= 0);
		if (child[i] == 0)
			_exit(40);
	}
	/* As many children, as many messages. */
	for (i = 0; i < 3; i++) {
		event = (sigchldev_t *)next_event(agent);
		REQUIRE(event == &child_info);
		REQUIRE(event->sigchld_event.eventinfo_signum == SIGCHLD);
		seen = event->sigchld_pid;
		for (j = 0; j < 3 && child[j] != seen; j++)
			continue;
		REQUIRE(j < 3);
		child[j] = -1;
		REQUIRE(WIFEXITED(event->sigchld_status));
		REQUIRE(WEXITSTATUS(event->sigchld_status) == 40);
		REQUIRE(event->sigchld_rusage.ru_maxrss > 0);
		REQUIRE(msg_reply(agent) == 0);
	}
	REQUIRE(waitpid(-1, NULL, WNOHANG) == -1);	/* reaped */
}

static void owns_agent(void *arg)
{
	static eventinfo_t mine;

	REQUIRE(agt_create(arg, SIGUSR2, (caddr_t)&mine) == 0);
}

/* An agent dies with its owner, and the signal is what it was. */
static void agent_of_dead(void)
{
	static thread_t agent;
	pid_t child;
	int status;

	start_pod(9);
	must_join(make(owns_agent, 3, 0, &agent));
	FAILS(LE_NONEXIST, lwp_ping(agent));
	REQUIRE(agt_enumerate(NULL, 0) == 0);
	child = fork();
	REQUIRE(child >= 0);
	if (child == 0) {
		kill(getpid(), SIGUSR2);
		for (;;)
			pause();
	}
	REQUIRE(waitpid(child, &status, 0) == child);
	REQUIRE(WIFSIGNALED(status) && WTERMSIG(status) == SIGUSR2);
}

static void agent_errors(void)
{
	thread_t agent, other;

	start_pod(9);
	FAILS(LE_INVALIDARG, agt_create(&agent, 0, (caddr_t)&info));
	FAILS(LE_INVALIDARG, agt_create(&agent, -3, (caddr_t)&info));
	FAILS(LE_INVALIDARG, agt_create(&agent, 65, (caddr_t)&info));
	FAILS(LE_INVALIDARG, agt_create(&agent, SIGKILL, (caddr_t)&info));
	FAILS(LE_INVALIDARG, agt_create(&agent, SIGSTOP, (caddr_t)&info));
	REQUIRE(agt_trap(SIGFPE) == 0);
	FAILS(LE_INUSE, agt_create(&agent, SIGFPE, (caddr_t)&info));
	REQUIRE(agt_create(&agent, SIGSEGV, (caddr_t)&info) == 0);
	FAILS(LE_INUSE, agt_trap(SIGSEGV));
	FAILS(LE_INVALIDARG, agt_trap(0));
	FAILS(LE_INVALIDARG, agt_trap(65));
	FAILS(LE_INVALIDARG, agt_trap(LASTRITES));
	FAILS(LE_INVALIDARG, agt_trap(SIGUSR1));
	FAILS(LE_NOWAIT, msg_reply(agent));
	other = agent;
	REQUIRE(lwp_destroy(agent) == 0);
	FAILS(LE_NONEXIST, lwp_destroy(other));
	FAILS(LE_NONEXIST, msg_reply(other));
}

/* ---- traps ---- */

static volatile int *nowhere;

static void faults(void *arg)
{
	int pattern = exc_handle(SIGSEGV, NULL, NULL);

	(void)arg;
	if (pattern == 0) {
		note("fault");
		*nowhere = 1;
		note("never");
	}
	REQUIRE(pattern == SIGSEGV);
	note("handled");
}

static void trap_handled(void)
{
	start_pod(9);
	REQUIRE(agt_trap(SIGSEGV) == 0);
	must_join(make(faults, 3, 0, NULL));
	must_join(make(faults, 3, 0, NULL));	/* not just once */
	NOTED("fault handled fault handled");
}

static void faults_bare(void *arg)
{
	(void)arg;
	note("fault");
	*nowhere = 1;
	note("never");
}

/* Without a handler the thread ends, and nobody else. */
static void trap_unhandled(void)
{
	start_pod(9);
	REQUIRE(agt_trap(SIGSEGV) == 0);
	must_join(make(faults_bare, 3, 0, NULL));
	must_join(make(faults_bare, 3, 0, NULL));
	NOTED("fault fault");
}

static caddr_t ends_process(caddr_t arg)
{
	_exit(arg[0] == 'f' ? 42 : 43);
}

static void trap_calls_function(void)
{
	start_pod(9);
	REQUIRE(agt_trap(SIGFPE) == 0);
	REQUIRE(exc_handle(SIGFPE, ends_process, "fpe") == 0);
	raise(SIGFPE);
	REQUIRE(0);
}

static const struct test_case cases[] = {
	{"k_signal_agent", signal_agent},
	{"k_victim", victim},
	{"k_last_rites", last_rites},
	{"deaths_in_order", deaths_in_order},
	{"child_agent", child_agent},
	{"agent_of_dead", agent_of_dead},
	{"agent_errors", agent_errors},
	{"trap_handled", trap_handled},
	{"trap_unhandled", trap_unhandled},
	{"trap_calls_function", trap_calls_function},
};

int main(int argc, char **argv)
{
	return run_case(argc, argv, cases, COUNT(cases));
}
