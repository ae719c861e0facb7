/* SPDX-License-Identifier: MIT */
/*
 * <sys/pset.h> of Solaris (5.6): processor sets.
 *
 * On Linux a set belongs to the process that made it and holds processors that
 * the process may use: its other LWPs leave them alone, other processes do
 * not.  No privileges are needed.  The functions return -1 and set errno when
 * they fail.
 */
#ifndef _SYS_PSET_H
#define _SYS_PSET_H

#include <sys/types.h>

#include <sys/processor.h>
#include <sys/procset.h>

/* In place of a set. */
#define PS_NONE (-1)       /* no set; also as a result */
#define PS_QUERY (-2)      /* only tell */
#define PS_MYID (-3)       /* the caller's; pset_info(), pset_getattr() */
#define PS_SOFT (-4)       /* 5.11, these three, with pset_bind() */
#define PS_HARD (-5)       /* EINVAL on Linux */
#define PS_QUERY_TYPE (-6)

/* Types of sets. */
#define PS_SYSTEM 1  /* does not occur any more */
#define PS_PRIVATE 2 /* runs what is bound to it */

/* Attributes. */
#define PSET_NOESCAPE 0x0001 /* to leave the set takes CAP_SYS_NICE; 5.9 */

#ifdef __cplusplus
extern "C" {
#endif

extern int pset_create(psetid_t*); /* EFAULT, ENOMEM */
extern int pset_destroy(psetid_t); /* EINVAL, EPERM */
/* EINVAL, EBUSY, EFAULT */
extern int pset_assign(psetid_t, processorid_t, psetid_t*);
/* EINVAL, EBUSY, EFAULT, EPERM, ESRCH, ENOTSUP */
extern int pset_bind(psetid_t, idtype_t, id_t, psetid_t*);
/* The type, the number of processors and the processors; each may be NULL.
   EINVAL, EFAULT */
extern int pset_info(psetid_t, int*, uint_t*, processorid_t*);
extern int pset_list(psetid_t*, uint_t*);     /* EFAULT; 5.9, as those below */
extern int pset_setattr(psetid_t, uint_t);    /* EINVAL */
extern int pset_getattr(psetid_t, uint_t*);   /* EINVAL, EFAULT */

#ifdef __cplusplus
}
#endif

#endif /* _SYS_PSET_H */
