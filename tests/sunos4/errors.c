/* SPDX-License-Identifier: MIT */
/* Every error code of the functions about threads, pods and time. */

#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

static void nothing(void *arg)
{
	(void)arg;
}

static thread_t dead(void)
{
	thread_t thread = make(nothing, 9, 0, NULL);

	must_join(thread);
	return thread;
}

static mon_t monitor;

static void blocks(void *arg)
{
	(void)arg;
	REQUIRE(mon_enter(monitor) == 0);
}

static void create(void)
{
	thread_t thread = {NULL, 17};

	start_pod(9);
	FAILS(LE_ILLPRIO, lwp_create(&thread, nothing, 0, 0, lwp_newstk(), 0));
	FAILS(LE_ILLPRIO, lwp_create(&thread, nothing, -1, 0, lwp_newstk(), 0));
	FAILS(LE_ILLPRIO, lwp_create(&thread, nothing, 10, 0, lwp_newstk(), 0));
	FAILS(LE_INVALIDARG,
	    lwp_create(&thread, nothing, 3, 0, lwp_newstk(), 513));
	FAILS(LE_INVALIDARG,
	    lwp_create(&thread, nothing, 3, 0, lwp_newstk(), -1));
	FAILS(LE_INVALIDARG, lwp_create(&thread, nothing, 3, 8, lwp_newstk(), 0));
	FAILS(LE_INVALIDARG, lwp_create(&thread, NULL, 3, 0, lwp_newstk(), 0));
	/* Nobody can run on that. */
	FAILS(LE_INVALIDARG,
	    lwp_create(&thread, nothing, 3, 0, (stkalign_t *)4096, 0));
	REQUIRE(thread.thread_key == 17);	/* left alone */
}

static void stack_store(void)
{
	REQUIRE(lwp_newstk() == NULL && lwp_geterr() == LE_INVALIDARG);
	REQUIRE(lwp_datastk("x", 1, NULL) == NULL);
	FAILS(LE_INVALIDARG, lwp_setstkcache(-1, 5));
	FAILS(LE_INVALIDARG, lwp_setstkcache(5000, 0));
	FAILS(LE_INVALIDARG, lwp_setstkcache(5000, -1));
	FAILS(LE_NOROOM, lwp_setstkcache(0x7fffffff, 100));
	REQUIRE(lwp_setstkcache(5000, 2) >= 5000);
	FAILS(LE_INUSE, lwp_setstkcache(5000, 2));	/* once */
	REQUIRE(lwp_newstk() != NULL);
	REQUIRE(lwp_datastk("x", -1, NULL) == NULL);
	REQUIRE(lwp_geterr() == LE_INVALIDARG);
}

/* Memory for threads runs out, not the process. */
static void create_no_room(void)
{
	enum { kSize = 48 * 1024, kMost = 20000 };
	struct rlimit limit;
	long pages = 0;
	FILE *file;
	int i, result = 0;
	char *stacks;

	start_pod(9);
	must_join(make(nothing, 3, 0, NULL));
	stacks = mmap(NULL, (size_t)kSize * kMost, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	REQUIRE(stacks != MAP_FAILED);
	file = fopen("/proc/self/statm", "r");
	REQUIRE(file != NULL && fscanf(file, "%ld", &pages) == 1);
	fclose(file);
	limit.rlim_cur = (rlim_t)pages * (rlim_t)getpagesize() + (1 << 20);
	limit.rlim_max = RLIM_INFINITY;
	REQUIRE(setrlimit(RLIMIT_AS, &limit) == 0);
	for (i = 0; i < kMost && result == 0; i++)
		result = lwp_create(NULL, nothing, 3, LWPSUSPEND,
		    (stkalign_t *)(stacks + (size_t)kSize * (i + 1)), 0);
	FAILS(LE_NOROOM, result);
	REQUIRE(i > 1);
	limit.rlim_cur = RLIM_INFINITY;
	REQUIRE(setrlimit(RLIMIT_AS, &limit) == 0);
	must_join(make(nothing, 3, 0, NULL));	/* and it goes on */
}

static void destroy(void)
{
	thread_t t;

	start_pod(9);
	FAILS(LE_NONEXIST, lwp_destroy(dead()));
	t = make(nothing, 3, LWPSUSPEND, NULL);
	REQUIRE(lwp_destroy(t) == 0);
	FAILS(LE_NONEXIST, lwp_destroy(t));
}

static void yield(void)
{
	thread_t other, blocked, suspended;

	start_pod(9);
	other = make(nothing, 3, 0, NULL);
	FAILS(LE_ILLPRIO, lwp_yield(other));
	FAILS(LE_NONEXIST, lwp_yield(dead()));
	must_join(other);
	REQUIRE(mon_create(&monitor) == 0 && mon_enter(monitor) == 0);
	blocked = make(blocks, 9, 0, NULL);
	REQUIRE(lwp_yield(blocked) == 0);	/* ready, and runs next */
	REQUIRE(blocked_on(blocked) == MON_TYPE);
	FAILS(LE_INVALIDARG, lwp_yield(blocked));
	suspended = make(nothing, 9, LWPSUSPEND, NULL);
	FAILS(LE_INVALIDARG, lwp_yield(suspended));
	REQUIRE(lwp_yield(self()) == 0);	/* by its name: as SELF */
}

static void sleeping(void)
{
	struct timeval bad[] = {{-1, 0}, {0, -1}, {0, 1000000}, {0, 1 << 30}};
	struct timeval zero = {0, 0};
	long long start;
	size_t i;

	start_pod(9);
	for (i = 0; i < COUNT(bad); i++)
		FAILS(LE_INVALIDARG, lwp_sleep(&bad[i]));
	REQUIRE(lwp_sleep(&zero) == 0);
	REQUIRE(lwp_sleep(POLL) == 0);
	start = now_us();
	sleep_us(20000);
	REQUIRE(now_us() - start >= 20000);
}

static void resched(void)
{
	thread_t t;

	start_pod(9);
	FAILS(LE_ILLPRIO, lwp_resched(3));	/* nobody there */
	REQUIRE(lwp_setpri(SELF, 5) == 9);
	t = make(nothing, 5, LWPSUSPEND, NULL);
	REQUIRE(lwp_setpri(t, 7) == 5);
	FAILS(LE_INVALIDARG, lwp_resched(7));	/* above the caller */
	FAILS(LE_ILLPRIO, lwp_resched(3));
	REQUIRE(lwp_resched(5) == 0);
	REQUIRE(mon_create(&monitor) == 0 && mon_enter(monitor) == 0);
	t = make(blocks, 5, 0, NULL);
	REQUIRE(lwp_yield(SELF) == 0);
	REQUIRE(lwp_setpri(SELF, 6) == 5);
	FAILS(LE_ILLPRIO, lwp_resched(5));	/* who blocks is not queued */
}

static void setpri(void)
{
	start_pod(9);
	FAILS(LE_INVALIDARG, lwp_setpri(SELF, 10));
	FAILS(LE_INVALIDARG, lwp_setpri(SELF, 0));
	FAILS(LE_INVALIDARG, lwp_setpri(SELF, -1));
	FAILS(LE_NONEXIST, lwp_setpri(dead(), 3));
	REQUIRE(prio_of(self()) == 9);
}

static void suspension(void)
{
	start_pod(9);
	FAILS(LE_NONEXIST, lwp_suspend(dead()));
	FAILS(LE_NONEXIST, lwp_resume(dead()));
	FAILS(LE_NONEXIST, lwp_join(dead()));
	FAILS(LE_NONEXIST, lwp_ping(dead()));
}

static void maximum(void)
{
	int most = pod_getmaxsize();

	REQUIRE(most >= 255);
	FAILS(LE_INVALIDARG, pod_setmaxpri(most + 1));
	FAILS(LE_INVALIDARG, pod_setmaxpri(0));
	REQUIRE(pod_setmaxpri(10) == 0);
	REQUIRE(pod_getmaxpri() == 10);
	REQUIRE(pod_setmaxpri(10) == 0);
	FAILS(LE_INVALIDARG, pod_setmaxpri(9));		/* never lower */
	REQUIRE(pod_getmaxpri() == 10);
	REQUIRE(pod_setmaxpri(most) == 0);
	REQUIRE(pod_getmaxpri() == most);
}

/* Before the first pod_setmaxpri() there is one level. */
static void one_level(void)
{
	REQUIRE(prio_of(self()) == MINPRIO);
	REQUIRE(pod_getmaxpri() == MINPRIO);
	FAILS(LE_INVALIDARG, lwp_setpri(SELF, 2));
	REQUIRE(pod_setmaxpri(4) == 0);
	REQUIRE(lwp_setpri(SELF, 4) >= MINPRIO);
}

static void first_setmaxpri(void)
{
	REQUIRE(pod_setmaxpri(30) == 0);
	REQUIRE(prio_of(self()) == 30);
}

static void state(void)
{
	statvec_t vec;
	thread_t joiner, t;
	machstate_t machine;

	start_pod(9);
	FAILS(LE_NONEXIST, lwp_getstate(dead(), &vec));
	FAILS(LE_NONEXIST, lwp_getregs(dead(), &machine));
	FAILS(LE_NONEXIST, lwp_setregs(dead(), &machine));
	REQUIRE(lwp_getstate(SELF, &vec) == 0);
	REQUIRE(vec.stat_prio == 9);
	REQUIRE(vec.stat_blocked.any_kind == NO_TYPE);
	t = make(nothing, 3, LWPSUSPEND, NULL);
	REQUIRE(mon_create(&monitor) == 0 && mon_enter(monitor) == 0);
	joiner = make(blocks, 4, 0, NULL);
	settle();
	REQUIRE(blocked_on(joiner) == MON_TYPE);
	REQUIRE(lwp_getstate(joiner, &vec) == 0);
	REQUIRE(SAMEMON(vec.stat_blocked.any_object.any_mon, monitor));
	REQUIRE(vec.stat_blocked.m_id == monitor.monit_id);
	REQUIRE(vec.stat_blocked.m_key == monitor.monit_key);
	REQUIRE(lwp_ping(t) == 0);
}

static void joins(void *arg)
{
	join_or_late(*(thread_t *)arg);
	note("joined");
}

static void joiners(void)
{
	thread_t target, joiner[3];
	statvec_t vec;
	int i;

	start_pod(9);
	target = make(nothing, 3, LWPSUSPEND, NULL);
	for (i = 0; i < 3; i++) {
		joiner[i] = make(joins, 4, 0, &target);
		settle();
		REQUIRE(blocked_on(joiner[i]) == LWP_TYPE);
	}
	REQUIRE(lwp_getstate(joiner[0], &vec) == 0);
	REQUIRE(SAMETHREAD(vec.stat_blocked.any_object.any_thread, target));
	REQUIRE(vec.stat_blocked.l_id == target.thread_id);
	NOTED("");
	REQUIRE(lwp_resume(target) == 0);
	for (i = 0; i < 3; i++)
		join_or_late(joiner[i]);
	NOTED("joined joined joined");
}

static void enumerate(void)
{
	thread_t vec[64], t[5];
	int i, j, n, before, found = 0;

	start_pod(9);
	before = lwp_enumerate(NULL, 0);
	REQUIRE(before >= 1);
	for (i = 0; i < 5; i++)
		t[i] = make(nothing, 3, LWPSUSPEND, NULL);
	n = lwp_enumerate(vec, 64);
	REQUIRE(n == before + 5 && n <= 64);
	for (i = 0; i < 5; i++)
		for (j = 0; j < n; j++)
			found += SAMETHREAD(vec[j], t[i]) != 0;
	REQUIRE(found == 5);
	vec[2].thread_key = 12345;
	REQUIRE(lwp_enumerate(vec, 2) == n);
	REQUIRE(vec[2].thread_key == 12345);
}

static void contexts(void)
{
	struct rlimit little = {1 << 20, RLIM_INFINITY};
	thread_t t;
	int cookie;
	char buffer[32];

	start_pod(9);
	cookie = lwp_ctxset(NULL, NULL, 32, 0);
	REQUIRE(cookie != -1);
	t = make(nothing, 3, LWPSUSPEND, NULL);
	FAILS(LE_NONEXIST, lwp_ctxremove(t, cookie));
	FAILS(LE_NONEXIST, lwp_ctxmemget(buffer, t, cookie));
	FAILS(LE_NONEXIST, lwp_ctxmemset(buffer, t, cookie));
	REQUIRE(lwp_ctxinit(t, cookie) == 0);
	FAILS(LE_INUSE, lwp_ctxinit(t, cookie));
	REQUIRE(lwp_ctxremove(t, cookie) == 0);
	FAILS(LE_NONEXIST, lwp_ctxremove(t, cookie));
	FAILS(LE_NONEXIST, lwp_ctxinit(dead(), cookie));
	FAILS(LE_INVALIDARG, lwp_ctxinit(t, cookie + 1000));
	FAILS(LE_INVALIDARG, lwp_ctxinit(t, -1));
	FAILS(LE_NONEXIST, lwp_libcset(dead()));
	FAILS(LE_NONEXIST, lwp_fpset(dead()));
	/* A gigabyte, where there is nothing more to have. */
	cookie = lwp_ctxset(NULL, NULL, 1u << 30, 0);
	REQUIRE(cookie != -1);
	REQUIRE(setrlimit(RLIMIT_AS, &little) == 0);
	FAILS(LE_NOROOM, lwp_ctxinit(t, cookie));
}

/* The code is the calling thread's own. */
static void other_error(void *arg)
{
	(void)arg;
	REQUIRE(lwp_geterr() == LE_NOERROR);
	FAILS(LE_ILLPRIO, lwp_resched(2));
}

static void code_of_thread(void)
{
	start_pod(9);
	FAILS(LE_INVALIDARG, lwp_setpri(SELF, 10));
	make(other_error, 3, 0, NULL);
	settle();
	REQUIRE(lwp_geterr() == LE_INVALIDARG);
}

static void texts(void)
{
	char **text = lwp_errstr();
	int i, n = 0;

	while (text[n] != NULL)
		n++;
	REQUIRE(n == LE_NOWAIT + 1);
	for (i = 1; i < n; i++) {
		REQUIRE(text[i][0] != '\0');
		REQUIRE(strcmp(text[i], text[i - 1]) != 0);
	}
	start_pod(9);
	FAILS(LE_INVALIDARG, lwp_setpri(SELF, 10));
	REQUIRE(dup2(STDOUT_FILENO, STDERR_FILENO) == STDERR_FILENO);
	lwp_perror("name");
	fflush(stderr);
	printf("name: %s\n", text[LE_INVALIDARG]);
}

static const struct test_case cases[] = {
	{"create", create},
	{"stack_store", stack_store},
	{"create_no_room", create_no_room},
	{"destroy", destroy},
	{"yield", yield},
	{"sleep", sleeping},
	{"resched", resched},
	{"setpri", setpri},
	{"suspension", suspension},
	{"maximum", maximum},
	{"one_level", one_level},
	{"first_setmaxpri", first_setmaxpri},
	{"state", state},
	{"joiners", joiners},
	{"enumerate", enumerate},
	{"contexts", contexts},
	{"code_of_thread", code_of_thread},
	{"texts", texts},
};

int main(int argc, char **argv)
{
	return run_case(argc, argv, cases, COUNT(cases));
}
