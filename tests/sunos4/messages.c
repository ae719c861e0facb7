/* SPDX-License-Identifier: MIT */
/* Messages: who gets what when, and every error code. */

#include "check.h"

#include <stdio.h>

struct order {
	int number;
	int result;
	const char *name;
};

static thread_t receiver;
static thread_t everybody;	/* id 0: from any sender */

static void sends(void *arg)
{
	struct order *order = arg;

	REQUIRE(msg_send(receiver, (caddr_t)order, (int)sizeof(*order),
	    (caddr_t)&order->result, (int)sizeof(order->result)) == 0);
	REQUIRE(order->result == order->number * 10);
	note("%s", order->name);
}

/* Takes the message of `from`, or of anybody, and answers into its memory. */
static struct order *take(thread_t from, thread_t *sender)
{
	caddr_t arg, res;
	int argsize, ressize;
	struct order *order;

	*sender = from;
	REQUIRE(msg_recv(sender, &arg, &argsize, &res, &ressize, INFINITY) == 0);
	order = (struct order *)arg;
	REQUIRE(argsize == sizeof(*order) && ressize == sizeof(int));
	REQUIRE(res == (caddr_t)&order->result);	/* not a copy */
	REQUIRE(from.thread_id == NULL || SAMETHREAD(*sender, from));
	*(int *)res = order->number * 10;
	return order;
}

/* ---- d ---- */

static void any_order(void)
{
	static struct order orders[4] = {
		{1, 0, "s1"}, {2, 0, "s2"}, {3, 0, "s3"}, {4, 0, "s4"}
	};
	static const int taken[4] = {2, 0, 3, 1}, replied[4] = {3, 1, 0, 2};
	thread_t thread[4], sender, vec[8];
	int i;

	start_pod(9);
	receiver = self();
	for (i = 0; i < 4; i++)
		thread[i] = make(sends, 3, 0, &orders[i]);
	for (i = 0; i < 4; i++) {
		REQUIRE(take(thread[taken[i]], &sender) == &orders[taken[i]]);
		REQUIRE(SAMETHREAD(sender, thread[taken[i]]));
	}
	settle();
	NOTED("");		/* all of them wait until the reply */
	REQUIRE(msg_enumsend(vec, 8) == 4);
	for (i = 0; i < 4; i++)
		REQUIRE(msg_reply(thread[replied[i]]) == 0);
	NOTED("");
	for (i = 0; i < 4; i++)
		join_or_late(thread[i]);
	NOTED("s4 s2 s1 s3");
	REQUIRE(msg_enumsend(NULL, 0) == 0);
}

/* From anybody: in the order of sending. */
static void first_come(void)
{
	static struct order orders[3] = {
		{1, 0, "s1"}, {2, 0, "s2"}, {3, 0, "s3"}
	};
	thread_t thread[3], sender;
	caddr_t arg;
	int i, size;

	start_pod(9);
	receiver = self();
	for (i = 0; i < 3; i++)
		thread[i] = make(sends, 3, 0, &orders[i]);
	REQUIRE(take(everybody, &sender) == &orders[0]);
	REQUIRE(SAMETHREAD(sender, thread[0]));
	REQUIRE(msg_reply(sender) == 0);
	/* MSG_RECVALL sets the sender; pointers may be left out. */
	REQUIRE(MSG_RECVALL(&sender, &arg, &size, NULL, NULL, INFINITY) == 0);
	REQUIRE(SAMETHREAD(sender, thread[1]));
	REQUIRE((struct order *)arg == &orders[1]);
	orders[1].result = 20;
	REQUIRE(msg_reply(sender) == 0);
	REQUIRE(MSG_RECVALL(&sender, NULL, NULL, NULL, NULL, INFINITY) == 0);
	REQUIRE(SAMETHREAD(sender, thread[2]));
	orders[2].result = 30;
	REQUIRE(msg_reply(sender) == 0);
	for (i = 0; i < 3; i++)
		join_or_late(thread[i]);
	NOTED("s1 s2 s3");
}

static void serves(void *arg)
{
	thread_t sender;
	int i;

	(void)arg;
	for (i = 0; i < 3; i++) {
		note("take%d", take(everybody, &sender)->number);
		REQUIRE(msg_reply(sender) == 0);
	}
}

/* A waiting receiver of higher priority runs at once; the sender waits. */
static void rendezvous(void)
{
	struct order order = {1, 0, "main"};

	start_pod(9);
	REQUIRE(lwp_setpri(SELF, 4) == 9);
	receiver = make(serves, 6, 0, NULL);
	sends(&order);
	order.number = 2;
	sends(&order);
	order.number = 3;
	sends(&order);
	NOTED("take1 main take2 main take3 main");
}

/* ---- e ---- */

static void nothing(void *arg)
{
	(void)arg;
}

static void time_limits(void)
{
	struct timeval limit = {0, 30000};
	thread_t sender = everybody, dead;
	long long start;

	start_pod(9);
	start = now_us();
	FAILS(LE_TIMEOUT, msg_recv(&sender, NULL, NULL, NULL, NULL, POLL));
	REQUIRE(now_us() - start < 25000000);
	sender = everybody;
	start = now_us();
	FAILS(LE_TIMEOUT, msg_recv(&sender, NULL, NULL, NULL, NULL, &limit));
	REQUIRE(now_us() - start >= 30000);
	dead = make(nothing, 3, 0, NULL);
	must_join(dead);
	sender = dead;
	FAILS(LE_NONEXIST, msg_recv(&sender, NULL, NULL, NULL, NULL, INFINITY));
	sender = dead;
	FAILS(LE_NONEXIST, msg_recv(&sender, NULL, NULL, NULL, NULL, POLL));
}

/* A message in time ends the wait, and one that is there satisfies POLL. */
static void in_time(void)
{
	static struct order order = {1, 0, "s"};
	struct timeval limit = {60, 0};
	thread_t sender = everybody, thread;

	start_pod(9);
	receiver = self();
	thread = make(sends, 3, 0, &order);
	REQUIRE(msg_recv(&sender, NULL, NULL, NULL, NULL, &limit) == 0);
	order.result = 10;
	REQUIRE(msg_reply(sender) == 0);
	must_join(thread);
	thread = make(sends, 3, 0, &order);
	settle();
	REQUIRE(msg_enumsend(NULL, 0) == 1);
	sender = everybody;
	REQUIRE(msg_recv(&sender, NULL, NULL, NULL, NULL, POLL) == 0);
	REQUIRE(SAMETHREAD(sender, thread));
	REQUIRE(msg_reply(sender) == 0);
	must_join(thread);
	NOTED("s s");
}

/* ---- the death of a partner ---- */

static void send_to_dying(void *arg)
{
	FAILS(LE_NONEXIST, msg_send(*(thread_t *)arg, NULL, 0, NULL, 0));
	note("told");
}

static void receive_from_dying(void *arg)
{
	thread_t sender = *(thread_t *)arg;

	FAILS(LE_NONEXIST,
	    msg_recv(&sender, NULL, NULL, NULL, NULL, INFINITY));
	note("told");
}

static void takes_and_sleeps(void *arg)
{
	thread_t sender = everybody;

	(void)arg;
	REQUIRE(msg_recv(&sender, NULL, NULL, NULL, NULL, INFINITY) == 0);
	sleep_us(60000000);
}

static void deaths(void)
{
	thread_t victim, other;

	start_pod(9);
	/* Before it takes the message. */
	victim = make(nothing, 3, LWPSUSPEND, NULL);
	other = make(send_to_dying, 4, 0, &victim);
	settle();
	REQUIRE(lwp_destroy(victim) == 0);
	must_join(other);
	NOTED("told");
	/* After it has taken it, before the reply. */
	victim = make(takes_and_sleeps, 3, 0, NULL);
	other = make(send_to_dying, 4, 0, &victim);
	settle();
	REQUIRE(msg_enumsend(NULL, 0) == 1);
	REQUIRE(lwp_destroy(victim) == 0);
	must_join(other);
	NOTED("told");
	/* Who waits for a message of it. */
	victim = make(nothing, 3, LWPSUSPEND, NULL);
	other = make(receive_from_dying, 4, 0, &victim);
	settle();
	REQUIRE(msg_enumrecv(NULL, 0) == 1);
	REQUIRE(lwp_destroy(victim) == 0);
	must_join(other);
	NOTED("told");
	REQUIRE(msg_enumrecv(NULL, 0) == 0);
}

static void blocked_sender(void *arg)
{
	(void)msg_send(*(thread_t *)arg, NULL, 0, NULL, 0);
	note("never");
}

/* A sender that dies takes its message with it. */
static void dead_sender(void)
{
	thread_t t, sender;

	start_pod(9);
	receiver = self();
	t = make(blocked_sender, 4, 0, &receiver);
	settle();
	REQUIRE(msg_enumsend(NULL, 0) == 1);
	REQUIRE(lwp_destroy(t) == 0);
	REQUIRE(msg_enumsend(NULL, 0) == 0);
	FAILS(LE_TIMEOUT, MSG_RECVALL(&sender, NULL, NULL, NULL, NULL, POLL));
	/* Taken, and then no reply is wanted any more. */
	t = make(blocked_sender, 4, 0, &receiver);
	REQUIRE(MSG_RECVALL(&sender, NULL, NULL, NULL, NULL, INFINITY) == 0);
	REQUIRE(SAMETHREAD(sender, t));
	REQUIRE(lwp_destroy(t) == 0);
	FAILS(LE_NONEXIST, msg_reply(t));
	NOTED("");
}

/* ---- the rest of the errors ---- */

static void errors(void)
{
	struct timeval bad[] = {{-1, 0}, {0, -1}, {0, 1000000}};
	thread_t stale, alive, sender = everybody;
	size_t i;

	start_pod(9);
	stale = make(nothing, 3, 0, NULL);
	must_join(stale);
	FAILS(LE_INVALIDARG, msg_send(self(), NULL, 0, NULL, 0));
	FAILS(LE_NONEXIST, msg_send(stale, NULL, 0, NULL, 0));
	FAILS(LE_NONEXIST, msg_reply(stale));
	alive = make(nothing, 3, LWPSUSPEND, NULL);
	FAILS(LE_NOWAIT, msg_reply(alive));
	FAILS(LE_INVALIDARG,
	    msg_recv(&THREADNULL, NULL, NULL, NULL, NULL, POLL));
	REQUIRE(THREADNULL.thread_id == NULL);
	for (i = 0; i < COUNT(bad); i++) {
		FAILS(LE_INVALIDARG,
		    msg_recv(&sender, NULL, NULL, NULL, NULL, &bad[i]));
	}
	/* One message has one reply. */
	receiver = self();
	alive = make(blocked_sender, 4, 0, &receiver);
	settle();
	REQUIRE(msg_enumsend(NULL, 0) == 1);
	FAILS(LE_NOWAIT, msg_reply(alive));	/* it was not taken yet */
	REQUIRE(MSG_RECVALL(&sender, NULL, NULL, NULL, NULL, POLL) == 0);
	REQUIRE(msg_reply(sender) == 0);
	FAILS(LE_NOWAIT, msg_reply(alive));
	must_join(alive);
	NOTED("never");
}

static void waits_for_all(void *arg)
{
	thread_t sender;

	(void)arg;
	(void)MSG_RECVALL(&sender, NULL, NULL, NULL, NULL, INFINITY);
}

static void enumerations(void)
{
	thread_t r[3], s[2], vec[5];
	int i;

	start_pod(9);
	receiver = self();
	for (i = 0; i < 3; i++)
		r[i] = make(waits_for_all, 4, 0, NULL);
	for (i = 0; i < 2; i++)
		s[i] = make(blocked_sender, 4, 0, &receiver);
	settle();
	vec[2] = everybody;
	REQUIRE(msg_enumrecv(vec, 2) == 3);	/* all counted, two given */
	REQUIRE(vec[0].thread_id != NULL && vec[1].thread_id != NULL);
	REQUIRE(vec[2].thread_id == NULL);
	REQUIRE(msg_enumsend(vec, 5) == 2);
	REQUIRE(SAMETHREAD(vec[0], s[0]) || SAMETHREAD(vec[1], s[0]));
	REQUIRE(blocked_on(s[0]) == LWP_TYPE);
	REQUIRE(blocked_on(r[0]) == NO_TYPE);
	for (i = 0; i < 3; i++)
		REQUIRE(lwp_destroy(r[i]) == 0);
	REQUIRE(msg_enumrecv(vec, 5) == 0);
}

/* ---- i ---- */

static void server(void *arg)
{
	thread_t sender;

	(void)arg;
	while (MSG_RECVALL(&sender, NULL, NULL, NULL, NULL, INFINITY) == 0) {
		printf("served\n");
		REQUIRE(msg_reply(sender) == 0);
	}
}

static void client(void *arg)
{
	REQUIRE(msg_send(*(thread_t *)arg, NULL, 0, NULL, 0) == 0);
	REQUIRE(msg_send(*(thread_t *)arg, NULL, 0, NULL, 0) == 0);
	printf("ok\n");
}

/* Ends without pod_exit(): only servers that wait are left. */
static void servers(void)
{
	static thread_t one;

	start_pod(9);
	one = make(server, 4, LWPSERVER, NULL);
	make(server, 4, LWPSERVER, NULL);
	make(client, 3, 0, &one);
	pod_setexit(7);
	lwp_destroy(SELF);
}

static const struct test_case cases[] = {
	{"d_any_order", any_order},
	{"d_first_come", first_come},
	{"d_rendezvous", rendezvous},
	{"e_time_limits", time_limits},
	{"e_in_time", in_time},
	{"deaths", deaths},
	{"dead_sender", dead_sender},
	{"errors", errors},
	{"enumerations", enumerations},
	{"i_servers", servers},
};

int main(int argc, char **argv)
{
	return run_case(argc, argv, cases, COUNT(cases));
}
