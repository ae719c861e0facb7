/* SPDX-License-Identifier: MIT */
/*
 * A client in the C of its day: no prototypes, functions of any type, the
 * results of the library unlooked at.  Compiled as C89 with GNU extensions.
 */
#include <lwp/lwp.h>
#include <stdio.h>

#define MAXPRIO	10
#define ROUNDS	3

mon_t	m;
cv_t	full, empty;
int	slot, taken;

producer(n, step)
	int	n, step;
{
	int	i;

	for (i = 1; i <= n; i++) {
		mon_enter(m);
		while (slot != 0)
			cv_wait(empty);
		slot = i * step;
		cv_notify(full);
		mon_exit(m);
	}
}

int
consumer(n)
	int	n;
{
	while (n-- > 0) {
		mon_enter(m);
		while (slot == 0)
			cv_wait(full);
		taken += slot;
		slot = 0;
		cv_notify(empty);
		mon_exit(m);
	}
	return (taken);
}

main(argc, argv)
	int	argc;
	char	**argv;
{
	thread_t tid;
	struct timeval tv;

	pod_setmaxpri(MAXPRIO);
	lwp_setstkcache(1000, 4);
	mon_create(&m);
	cv_create(&full, m);
	cv_create(&empty, m);
	lwp_create((thread_t *)0, producer, MINPRIO, 0, lwp_newstk(), 2,
	    ROUNDS, 7);
	lwp_create(&tid, consumer, MINPRIO, LWPNOLASTRITES, lwp_newstk(), 1,
	    ROUNDS);
	lwp_join(tid);
	if (lwp_join(tid) != -1 || lwp_geterr() != LE_NONEXIST)
		lwp_perror("lwp_join");
	tv.tv_sec = 0;
	tv.tv_usec = 1000;
	lwp_sleep(&tv);
	printf("%s %d\n", argc == 1 ? "took" : argv[1], taken);
	exit(0);
}
