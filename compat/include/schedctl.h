/* SPDX-License-Identifier: MIT */
/*
 * <schedctl.h> of Solaris (5.6): short stretches in which a thread would rather
 * not be preempted, such as those in which it holds a spin lock.
 *
 * Between start and stop an unbound thread keeps its LWP when its time slice is
 * over, for some 10 ms at most; stop makes up for it.  The kernel of Linux
 * knows nothing of this: it may take the processor from any thread at any time.
 */
#ifndef LIBTHREAD_SCHEDCTL_H_
#define LIBTHREAD_SCHEDCTL_H_
#pragma GCC system_header

#ifdef __cplusplus
extern "C" {
#endif

typedef struct __lt_schedctl schedctl_t;

/* Of the calling thread; the handle is for that thread only. */
extern schedctl_t* schedctl_init(void);   /* NULL: failed */
extern schedctl_t* schedctl_lookup(void); /* NULL: there is none */
extern void schedctl_exit(void);          /* ends what init began */

/* They do nothing for NULL, and do not nest. */
extern void schedctl_start(schedctl_t*);
extern void schedctl_stop(schedctl_t*);

#ifdef __cplusplus
}
#endif

#endif /* LIBTHREAD_SCHEDCTL_H_ */
