/* SPDX-License-Identifier: MIT */
/*
 * Exceptions, agents, traps, contexts, stack limits and registers: what is
 * beside the plain use of each.  The argument names a case.
 */
#include <lwp/check.h>
#include <lwp/lwp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define APART __attribute__((noinline))
#define REQUIRE(condition) require((condition), __LINE__, #condition)
#define FAILS(code, call) \
	(require((call) == -1, __LINE__, #call), \
	 require(lwp_geterr() == (code), __LINE__, #code))

static void require(int holds, int line, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "line %d: %s (code %d)\n", line, what, lwp_geterr());
	_exit(1);
}

static void begin(void)
{
	REQUIRE(pod_setmaxpri(9) == 0);
	REQUIRE(lwp_setstkcache(65536, 8) > 0);
}

static thread_t make(void (*f)(), int prio, int flags, void *arg)
{
	thread_t t;

	REQUIRE(lwp_create(&t, f, prio, flags, lwp_newstk(), 1, arg) == 0);
	return t;
}

/* ---- Exceptions ---- */

static char trail[256];

static void leaves(char *mark)
{
	strcat(trail, mark);
}

static APART int establishes(void *unused)
{
	(void)unused;
	return exc_handle(5, 0, 0);
}

static APART int raises(void *unused)
{
	char large[4096];

	memset(large, 5, sizeof(large));
	__asm__ volatile("" : : "r"(large), "r"(unused) : "memory");
	return exc_raise(5);
}

/* What cannot return any more is split off from the procedure. */
static APART int raises_where_it_is_cold(void *unused)
{
	int pattern = exc_handle(6, 0, 0);

	(void)unused;
	if (pattern == 0) {
		exc_raise(6);
		fprintf(stderr, "raise has returned\n");
		abort();
	}
	return pattern;
}

static int (*volatile table[])(void *) = {
	establishes, raises, raises_where_it_is_cold, establishes, raises
};

/* A handler goes with its procedure, also where another takes its place. */
static void dead_handlers(void)
{
	int results[5], i;

	for (i = 0; i < 5; i++)
		results[i] = table[i](NULL);
	REQUIRE(results[0] == 0 && results[1] == -1 && results[2] == 6);
	REQUIRE(results[3] == 0 && results[4] == -1);
	REQUIRE(lwp_geterr() == LE_NONEXIST);
	establishes(NULL);
	FAILS(LE_NONEXIST, exc_unhandle());
}

/* The block of exc_handle is reached again: what is in it is left. */
static inline void in_same_frame(int raise)
{
	exc_on_exit(leaves, "inlined ");
	if (raise)
		exc_raise(7);
}

static void exit_handlers(void)
{
	volatile int times = 0;
	int pattern;

	exc_on_exit(leaves, "first ");
	pattern = exc_handle(7, 0, 0);
	if (pattern == 0) {
		exc_on_exit(leaves, "block ");
		in_same_frame(0);
		in_same_frame(++times == 1);
	}
	REQUIRE(pattern == 7 && times == 1);
	REQUIRE(strcmp(trail, "inlined inlined block ") == 0);
}

static caddr_t again(caddr_t arg)
{
	strcat(trail, arg);
	return arg;
}

static void exceptions(void)
{
	caddr_t arg = NULL;
	int pattern;

	begin();
	dead_handlers();
	exit_handlers();
	REQUIRE(strcmp(trail, "inlined inlined block first ") == 0);
	REQUIRE(exc_handle(8, again, "eight") == 0);
	REQUIRE(exc_bound(8, &arg) == again && strcmp(arg, "eight") == 0);
	REQUIRE(exc_notify(8) == (int)(long)arg);
	REQUIRE(exc_unhandle() == 0);
	REQUIRE(exc_bound(8, &arg) == NULL && lwp_geterr() == LE_NONEXIST);
	FAILS(LE_NONEXIST, exc_notify(8));
	FAILS(LE_INVALIDARG, exc_raise(0));
	FAILS(LE_INVALIDARG, exc_raise(-1));
	FAILS(LE_INVALIDARG, exc_handle(0, 0, 0));
	FAILS(LE_INVALIDARG, exc_handle(-1, 0, 0));
	FAILS(LE_INVALIDARG, exc_notify(0));
	pattern = exc_handle(CATCHALL, 0, 0);
	if (pattern == 0)
		exc_notify(77);
	REQUIRE(pattern == 77);
	FAILS(LE_NONEXIST, exc_raise(77));
}

static void patterns(void)
{
	int first = exc_uniqpatt(), pattern, last = first, count = 1;

	while ((pattern = exc_uniqpatt()) != -1) {
		REQUIRE(pattern > last);
		last = pattern;
		count++;
	}
	REQUIRE(lwp_geterr() == LE_REUSE && count > 1000000);
	REQUIRE(exc_uniqpatt() == first);
}

/* ---- Traps ---- */

static char *page;
static volatile int faults;

static caddr_t mends(caddr_t arg)
{
	faults++;
	/* It may call the library, and another thread runs. */
	REQUIRE(lwp_yield(SELF) == 0);
	REQUIRE(mprotect(page, 4096, PROT_READ | PROT_WRITE) == 0);
	return arg;
}

static void faulty(void *unused)
{
	(void)unused;
	*(volatile char *)NULL = 1;
	REQUIRE(0);
}

static APART int caught(volatile char *at)
{
	int pattern = exc_handle(SIGSEGV, 0, 0);

	if (pattern == 0)
		*at = 1;
	return pattern;
}

static void traps(void)
{
	thread_t t;
	int i;

	begin();
	REQUIRE(agt_trap(SIGSEGV) == 0 && agt_trap(SIGSEGV) == 0);
	for (i = 0; i < 100; i++)
		REQUIRE(caught(NULL) == SIGSEGV);
	page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	/* What is bound puts it right, and the thread goes on. */
	REQUIRE(exc_handle(SIGSEGV, mends, NULL) == 0);
	page[7] = 7;
	REQUIRE(page[7] == 7 && faults == 1);
	t = make(faulty, 5, 0, NULL);
	REQUIRE(lwp_join(t) == 0);
	FAILS(LE_NONEXIST, lwp_ping(t));
	FAILS(LE_INUSE, agt_create(&t, SIGSEGV, (caddr_t)&page));
	FAILS(LE_INVALIDARG, agt_trap(SIGUSR1));
	REQUIRE(agt_create(&t, SIGFPE, page) == 0);
	FAILS(LE_INUSE, agt_trap(SIGFPE));
	REQUIRE(lwp_destroy(t) == 0);
	REQUIRE(agt_trap(SIGFPE) == 0);
}

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

	begin();
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

	begin();
	REQUIRE(lwp_create(&t, diver, 5, 0, STKTOP(area), 1, NULL) == 0);
	REQUIRE(lwp_join(t) == 0);
	REQUIRE(passed == deepest + 1 && deepest > 20 && deepest < 64);
	FAILS(LE_NONEXIST, lwp_checkstkset(t, NULL));
	FAILS(LE_NONEXIST, lwp_stkcswset(t, NULL));
	FAILS(LE_INVALIDARG, lwp_stkcswset(SELF, (caddr_t)64));
	REQUIRE(lwp_stkcswset(SELF, NULL) == 0);
}

static const struct {
	const char *name;
	void (*run)(void);
} cases[] = {
	{"exceptions", exceptions},
	{"patterns", patterns},
	{"traps", traps},
	{"agent_signals", agent_signals},
	{"agent_memory", agent_memory},
	{"agents_of_one_event", agents_of_one_event},
	{"agents_and_fork", agents_and_fork},
	{"registers", registers_elsewhere},
	{"limits", limits},
};

int main(int argc, char **argv)
{
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (argc != 2 || strcmp(argv[1], "--list") == 0) {
			puts(cases[i].name);
		} else if (strcmp(argv[1], cases[i].name) == 0) {
			cases[i].run();
			printf("ok\n");
			pod_exit(0);
		}
	}
	return argc == 2 && strcmp(argv[1], "--list") == 0 ? 0 : 2;
}
