/* SPDX-License-Identifier: MIT */
/* Agents, registers and limits of stacks: what is beside the plain use of each. */
#include "check.h"

#include <lwp/check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define APART __attribute__((noinline))

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

	start_pod(9);
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

	start_pod(9);
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

	start_pod(9);
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

	start_pod(9);
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

/* ---- Registers ---- */

static volatile int spins, stage;

static void spin(void *unused)
{
	(void)unused;
	stage = 1;
	while (spins)
		;
	stage = 2;
}

static void elsewhere(long value)
{
	stage = (int)value;
	lwp_destroy(SELF);
}

static void set_arg(machstate_t *state, long value)
{
	state->mc_pc = (unsigned long)elsewhere;
	state->mc_gregs[MC_ARG0] = (unsigned long)value;
#ifdef __x86_64__
	/* Below the red zone, and aligned as after a call. */
	state->mc_sp = ((state->mc_sp - 256) & ~15ul) - 8;
#else
	state->mc_sp = (state->mc_sp - 256) & ~15ul;
#endif
}

static void waits(void *unused)
{
	(void)unused;
	stage = 3;
	lwp_suspend(SELF);
	stage = 4;
}

static void registers_elsewhere(void)
{
	struct timeval moment = {0, 1000};
	machstate_t state, same;
	thread_t t;

	start_pod(9);
	/* Preempted in its own code. */
	spins = 1;
	t = make(spin, 5, 0, NULL);
	while (stage != 1)
		lwp_sleep(&moment);
	REQUIRE(lwp_getregs(t, &state) == 0);
	REQUIRE(state.mc_pc - (unsigned long)spin < 256);
	REQUIRE(lwp_setregs(t, &state) == 0);
	lwp_sleep(&moment);
	REQUIRE(lwp_getregs(t, &state) == 0 && stage == 1);
	set_arg(&state, 42);
	REQUIRE(lwp_setregs(t, &state) == 0);
	REQUIRE(lwp_join(t) == 0 && stage == 42);
	/* Waiting in the library. */
	t = make(waits, 9, LWPSUSPEND, NULL);
	REQUIRE(lwp_getregs(t, &state) == 0);
	REQUIRE(state.mc_pc == (unsigned long)waits);
	REQUIRE(lwp_resume(t) == 0 && lwp_yield(SELF) == 0 && stage == 3);
	REQUIRE(lwp_getregs(t, &state) == 0 && state.mc_sp != 0);
	set_arg(&state, 43);
	REQUIRE(lwp_setregs(t, &state) == 0 && stage == 3);
	REQUIRE(lwp_getregs(t, &same) == 0);
	REQUIRE(same.mc_pc == state.mc_pc && same.mc_sp == state.mc_sp);
	REQUIRE(lwp_resume(t) == 0 && lwp_join(t) == 0 && stage == 43);
	FAILS(LE_NONEXIST, lwp_getregs(t, &state));
	FAILS(LE_NONEXIST, lwp_setregs(t, &state));
	FAILS(LE_INVALIDARG, lwp_getregs(SELF, &state));
	FAILS(LE_INVALIDARG, lwp_setregs(SELF, &state));
	FAILS(LE_INVALIDARG, lwp_setregs(make(nothing, 1, 0, NULL), NULL));
}

/* ---- Limits ---- */

static int deepest, passed;

static APART void dive(int depth)
{
	char frame[512];

	CHECK(passed, depth);
	memset(frame, depth, sizeof(frame));
	deepest = depth;
	dive(depth + 1);
	__asm__ volatile("" : : "r"(frame) : "memory");
}

static stkalign_t area[MINSTACKSZ];

static void diver(void *unused)
{
	(void)unused;
	REQUIRE(lwp_checkstkset(SELF, (caddr_t)(STKTOP(area) - 2048)) == 0);
	dive(1);
}

static void limits(void)
{
	thread_t t;

	start_pod(9);
	REQUIRE(lwp_create(&t, diver, 5, 0, STKTOP(area), 1, NULL) == 0);
	REQUIRE(lwp_join(t) == 0);
	REQUIRE(passed == deepest + 1 && deepest > 20 && deepest < 64);
	FAILS(LE_NONEXIST, lwp_checkstkset(t, NULL));
	FAILS(LE_NONEXIST, lwp_stkcswset(t, NULL));
	FAILS(LE_INVALIDARG, lwp_stkcswset(SELF, (caddr_t)64));
	REQUIRE(lwp_stkcswset(SELF, NULL) == 0);
}

static const struct test_case cases[] = {
	{"agent_signals", agent_signals},
	{"agent_memory", agent_memory},
	{"agents_of_one_event", agents_of_one_event},
	{"agents_and_fork", agents_and_fork},
	{"registers", registers_elsewhere},
	{"limits", limits},
};

int main(int argc, char **argv)
{
	return run_case(argc, argv, cases, COUNT(cases));
}
