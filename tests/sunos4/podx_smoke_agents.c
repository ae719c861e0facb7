/* SPDX-License-Identifier: MIT */
/* Agents: what is beside the plain use. */
#include "podx_smoke.h"

#include <signal.h>
#include <sys/wait.h>

/* ---- Agents ---- */

static void nothing(void *unused)
{
	(void)unused;
}

static int signal_ok(int signal)
{
	static eventinfo_t event;
	thread_t agent;

	if (agt_create(&agent, signal, (caddr_t)&event) == 0)
		return lwp_destroy(agent) == 0;
	REQUIRE(lwp_geterr() == LE_INVALIDARG);
	return 0;
}

static void agent_signals(void)
{
	int i;

	begin();
	for (i = -2; i < 1200; i++)
		REQUIRE(signal_ok(i) == (i == LASTRITES ||
		    (i > 0 && i <= 64 && i != SIGKILL && i != SIGSTOP &&
		     (i < 32 || i >= SIGRTMIN))) ||
		    /* one that libthread keeps for itself */
		    (i >= 32 && i <= 64));
	FAILS(LE_INVALIDARG, agt_create(NULL, SIGUSR1, NULL));
}

/* 256 events wait for an answer; what comes then is lost. */
static void agent_memory(void)
{
	eventinfo_t event;
	thread_t agent, sender;
	caddr_t arg;
	int i, got = 0;

	begin();
	REQUIRE(agt_create(&agent, LASTRITES, (caddr_t)&event) == 0);
	for (i = 0; i < AGENTMEMORY + 50; i++)
		REQUIRE(lwp_join(make(nothing, 5, 0, NULL)) == 0);
	for (;;) {
		sender = agent;
		if (msg_recv(&sender, &arg, 0, 0, 0, POLL) == -1)
			break;
		REQUIRE(arg == (caddr_t)&event && SAMETHREAD(sender, agent));
		REQUIRE(event.eventinfo_signum == LASTRITES);
		got++;
		REQUIRE(msg_reply(agent) == 0);
	}
	REQUIRE(lwp_geterr() == LE_TIMEOUT);
	REQUIRE(got == AGENTMEMORY);
}

/* Every agent of an event is told, and none of what happened before it. */
static void agents_of_one_event(void)
{
	eventinfo_t events[3];
	thread_t agents[3], sender, vec[3];
	int i;

	begin();
	for (i = 0; i < 3; i++)
		REQUIRE(agt_create(&agents[i], SIGUSR2,
		    (caddr_t)&events[i]) == 0);
	REQUIRE(agt_enumerate(vec, 2) == 3);
	REQUIRE(SAMETHREAD(vec[0], agents[0]) && SAMETHREAD(vec[1], agents[1]));
	kill(getpid(), SIGUSR2);
	for (i = 0; i < 3; i++) {
		sender = agents[i];
		REQUIRE(msg_recv(&sender, 0, 0, 0, 0, INFINITY) == 0);
		REQUIRE(events[i].eventinfo_signum == SIGUSR2);
		REQUIRE(msg_reply(sender) == 0);
		FAILS(LE_NOWAIT, msg_reply(sender));
		REQUIRE(lwp_destroy(sender) == 0);
		FAILS(LE_NONEXIST, lwp_destroy(sender));
	}
	REQUIRE(agt_enumerate(NULL, 0) == 0);
}

/* A pod of its own: the child has no agents, and can make some. */
static void agents_and_fork(void)
{
	eventinfo_t event;
	thread_t agent, sender;
	int status = 0;
	pid_t child;

	begin();
	REQUIRE(agt_create(&agent, SIGUSR1, (caddr_t)&event) == 0);
	child = fork();
	if (child == 0) {
		FAILS(LE_NONEXIST, lwp_ping(agent));
		REQUIRE(agt_enumerate(NULL, 0) == 0);
		REQUIRE(agt_create(&agent, SIGUSR1, (caddr_t)&event) == 0);
		kill(getpid(), SIGUSR1);
		sender = agent;
		REQUIRE(msg_recv(&sender, 0, 0, 0, 0, INFINITY) == 0);
		_exit(17);
	}
	REQUIRE(child > 0 && waitpid(child, &status, 0) == child);
	REQUIRE(WIFEXITED(status) && WEXITSTATUS(status) == 17);
	sender = agent;
	FAILS(LE_TIMEOUT, msg_recv(&sender, 0, 0, 0, 0, POLL));
	kill(getpid(), SIGUSR1);
	REQUIRE(msg_recv(&sender, 0, 0, 0, 0, INFINITY) == 0);
}

int main(int argc, char **argv)
{
	static const struct smoke cases[] = {
		{"agent_signals", agent_signals},
		{"agent_memory", agent_memory},
		{"agents_of_one_event", agents_of_one_event},
		{"agents_and_fork", agents_and_fork},
		{NULL, NULL},
	};

	return run_smoke(argc, argv, cases);
}
