/* SPDX-License-Identifier: MIT */
/* Calls as clients make them; C89 to C23 and C++ without a warning. */
#include <lwp/check.h>
#include <lwp/lwp.h>
#include <lwp/stackdep.h>

struct job {
	int number;
};

static stkalign_t area[MINSTACKSZ];
static int limit_passed;

static void with_job(struct job *job)
{
	CHECK(limit_passed, 1)
	job->number++;
}

static int with_two(int a, char *b)
{
	return a + b[0];
}

static void with_none(void)
{
}

static void on_exit_handler(caddr_t arg)
{
	arg[0] = 0;
}

static caddr_t handler(caddr_t arg)
{
	return arg;
}

static int in_monitor(mon_t mid, char *text)
{
	MONITOR(mid);
	exc_on_exit(on_exit_handler, text);
	return text[0];
}

int lt_calls(struct job *job, char *text)
{
	thread_t tid;
	mon_t mid;
	cv_t cv;
	caddr_t where;
	int n = 0;

	n += lwp_create(&tid, with_job, MINPRIO, 0, STKTOP(area), 1, job);
	n += lwp_create(&tid, with_two, MINPRIO, LWPSUSPEND, lwp_newstk(), 2, 5,
	    text);
	n += lwp_create((thread_t *)0, with_none, MINPRIO, 0,
	    lwp_datastk(text, 4, &where), 0);
	n += mon_create(&mid);
	n += cv_create(&cv, mid);
	n += cv_wait(cv);
	n += msg_send(tid, text, 4, text, 4);
	n += in_monitor(mid, text);
	n += exc_handle(17, handler, text);
	n += exc_bound(17, &where) != 0;
	lwp_perror("calls");
	return n;
}
