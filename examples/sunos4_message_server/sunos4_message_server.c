/* SPDX-License-Identifier: MIT */
/*
 * sunos4_message_server - a disk that serves the nearest request first.
 *
 * Clients send requests for cylinders of a disk, and each waits for its
 * reply.  The server takes all requests that there are, and answers them in
 * the order in which the arm passes the cylinders (an elevator), not in the
 * order of their coming: a reply may be given any time, to anybody that has
 * sent.  Buffers are not copied: the server writes the result into the
 * client's memory.
 *
 * The server is an LWPSERVER: when only it is left, waiting, the pod ends.
 *
 * Shows: msg_send, msg_recv with POLL and INFINITY, MSG_RECVALL, msg_reply,
 * msg_enumsend, lwp_datastk, LWPSERVER, lwp_geterr, pod_setexit.
 */
#include <stdio.h>
#include <string.h>
#include <lwp/lwp.h>
#include <lwp/stackdep.h>

#define MAXPRIO	10
#define CLIENTS	6
#define ROUNDS	5

struct request {
	int	client;
	int	cylinder;
};

struct reply {
	int	cylinder;	/* that the arm stands on */
	int	place;		/* in the order of service */
};

struct pending {
	thread_t sender;
	struct request *request;
	struct reply *reply;
};

int	served, out_of_order, left = CLIENTS, wrong;

/*
 * Takes one message into `p`; 0 if there is none and we shall not wait.
 */
int
take(p, wait)
	struct pending *p;
	struct timeval *wait;
{
	caddr_t	arg, res;
	int	asz, rsz;

	if (MSG_RECVALL(&p->sender, &arg, &asz, &res, &rsz, wait) < 0) {
		if (lwp_geterr() != LE_TIMEOUT) {
			lwp_perror("sunos4_message_server: msg_recv");
			pod_exit(1);
		}
		return (0);
	}
	if (asz != sizeof (struct request) || rsz != sizeof (struct reply)) {
		fprintf(stderr, "sunos4_message_server: odd message\n");
		pod_exit(1);
	}
	p->request = (struct request *)arg;
	p->reply = (struct reply *)res;
	return (1);
}

void
server()
{
	struct pending batch[CLIENTS], t;
	int	n, i, best, arm = 0;

	for (;;) {
		(void) take(&batch[0], INFINITY);
		for (n = 1; n < CLIENTS && take(&batch[n], POLL); n++)
			;
		/* Upwards from the arm first, then the rest. */
		while (n > 0) {
			best = 0;
			for (i = 1; i < n; i++) {
				int a = batch[i].request->cylinder;
				int b = batch[best].request->cylinder;

				if ((a >= arm) != (b >= arm) ? a >= arm : a < b)
					best = i;
			}
			if (best != 0)
				out_of_order++;
			t = batch[best];
			for (i = best; i < n - 1; i++)
				batch[i] = batch[i + 1];
			n--;
			arm = t.request->cylinder;
			t.reply->cylinder = arm;
			t.reply->place = ++served;
			if (msg_reply(t.sender) < 0) {
				lwp_perror("sunos4_message_server: msg_reply");
				pod_exit(1);
			}
		}
	}
}

void
client(disk, first)
	thread_t *disk;
	struct request *first;
{
	struct request request;
	struct reply reply;
	int	i, place = 0;

	request = *first;
	for (i = 0; i < ROUNDS; i++) {
		request.cylinder = (request.cylinder * 37 + 11) % 100;
		if (msg_send(*disk, (caddr_t)&request, sizeof (request),
		    (caddr_t)&reply, sizeof (reply)) < 0) {
			lwp_perror("sunos4_message_server: msg_send");
			pod_exit(1);
		}
		if (reply.cylinder != request.cylinder || reply.place <= place)
			wrong++;
		place = reply.place;
	}
	if (--left > 0)
		return;
	/* The last one: the server alone goes on, and waits. */
	printf("%d requests served, some out of order\n", served);
	if (served == CLIENTS * ROUNDS && out_of_order > 0 && wrong == 0)
		printf("sunos4_message_server: ok\n");
	else {
		fprintf(stderr, "sunos4_message_server: %d wrong, %d moved\n",
		    wrong, out_of_order);
		pod_setexit(1);
	}
}

main()
{
	static thread_t disk;
	struct request first;
	stkalign_t *stack;
	caddr_t	copy;
	int	i;

	(void) pod_setmaxpri(MAXPRIO);
	(void) lwp_setstkcache(10000, CLIENTS + 1);
	/* Lower than its clients: it finds all their requests. */
	if (lwp_create(&disk, server, MINPRIO, LWPSERVER, lwp_newstk(), 0) < 0) {
		lwp_perror("sunos4_message_server: lwp_create");
		pod_exit(1);
	}
	for (i = 0; i < CLIENTS; i++) {
		first.client = i;
		first.cylinder = i * 17;
		/* A copy of its own for each, above its stack. */
		stack = lwp_datastk((caddr_t)&first, sizeof (first), &copy);
		if (lwp_create((thread_t *)0, client, MINPRIO + 1, 0, stack, 2,
		    &disk, copy) < 0) {
			lwp_perror("sunos4_message_server: lwp_create");
			pod_exit(1);
		}
	}
	lwp_destroy(SELF);
}
