/* SPDX-License-Identifier: MIT */
/*
 * <sys/processor.h> of Solaris (5.0): processors, and LWPs that are bound to
 * one.
 *
 * The functions return -1 and set errno when they fail.  Processors have the
 * numbers of the kernel, from 0 on, perhaps with gaps.
 */
#ifndef _SYS_PROCESSOR_H
#define _SYS_PROCESSOR_H

#include <sys/types.h>

#include <sys/procset.h>

/* States of a processor, and what p_online() can be asked for. */
#define P_OFFLINE 0x0001  /* runs nothing */
#define P_ONLINE 0x0002   /* runs LWPs and takes interrupts */
#define P_STATUS 0x0003   /* p_online(): only tell */
#define P_FAULTED 0x0004  /* this and the next three do not occur on Linux */
#define P_POWEROFF 0x0005
#define P_NOINTR 0x0006
#define P_SPARE 0x0007
#define P_FORCED 0x10000000 /* p_online(): though LWPs are bound to it */

/* The states in words. */
#define PS_OFFLINE "off-line"
#define PS_ONLINE "on-line"
#define PS_FAULTED "faulted"
#define PS_POWEROFF "powered-off"
#define PS_NOINTR "no-intr"
#define PS_SPARE "spare"

/* Lengths of the texts below, with their terminators. */
#define PI_TYPELEN 16
#define PI_FPUTYPE 32

typedef struct {
  int pi_state;
  char pi_processor_type[PI_TYPELEN];
  char pi_fputypes[PI_FPUTYPE];
  int pi_clock; /* MHz; 0: unknown */
} processor_info_t;

/* In place of a processor in processor_bind(). */
#define PBIND_NONE (-1)       /* any processor; also as a result */
#define PBIND_QUERY (-2)      /* only tell */
#define PBIND_HARD (-3)       /* 5.11, these three: how LWPs are bound */
#define PBIND_SOFT (-4)       /* ENOTSUP */
#define PBIND_QUERY_TYPE (-5) /* tell PBIND_HARD */

typedef id_t lgrpid_t; /* a group of processors and their memory */

#ifdef __cplusplus
extern "C" {
#endif

/* The state before.  EINVAL, EPERM, EBUSY, ENOTSUP */
extern int p_online(processorid_t, int);
/* EINVAL, EFAULT */
extern int processor_info(processorid_t, processor_info_t*);
/* EINVAL, ESRCH, EPERM, EFAULT, ENOTSUP */
extern int processor_bind(idtype_t, id_t, processorid_t, processorid_t*);

extern processorid_t getcpuid(void); /* that the caller runs on; 5.8 */
extern lgrpid_t gethomelgroup(void); /* the memory near it; 5.9 */

#ifdef __cplusplus
}
#endif

#endif /* _SYS_PROCESSOR_H */
