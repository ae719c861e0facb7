/* SPDX-License-Identifier: MIT */
/*
 * <sys/rtpriocntl.h> of Solaris (5.0): the real-time class, for priocntl().
 */
#ifndef _SYS_RTPRIOCNTL_H
#define _SYS_RTPRIOCNTL_H

#include <sys/types.h>

#include <sys/priocntl.h>

typedef struct rtparms {
  pri_t rt_pri;      /* 0 to rt_maxpri */
  uint_t rt_tqsecs;  /* time quantum */
  int rt_tqnsecs;    /* and nanoseconds, or RT_TQINF, RT_TQDEF, RT_NOCHANGE */
} rtparms_t;

#define RT_NOCHANGE (-1) /* as rt_pri or rt_tqnsecs */
#define RT_TQINF (-2)    /* runs until it waits */
#define RT_TQDEF (-3)    /* the kernel's quantum */

typedef struct rtinfo {
  pri_t rt_maxpri;
} rtinfo_t;

/* Keys for PC_SETXPARMS and PC_GETXPARMS (5.9). */
#define RT_KY_PRI 1     /* pri_t */
#define RT_KY_TQSECS 2  /* uint_t */
#define RT_KY_TQNSECS 3 /* int */
#define RT_KY_TQSIG 4   /* int: a signal at the end of quanta; 0 on Linux */

#endif /* _SYS_RTPRIOCNTL_H */
