/* SPDX-License-Identifier: MIT */
/*
 * <sys/tspriocntl.h> of Solaris (5.0): the time-sharing class, for priocntl().
 */
#ifndef _SYS_TSPRIOCNTL_H
#define _SYS_TSPRIOCNTL_H

#include <sys/types.h>

#include <sys/priocntl.h>

typedef struct tsparms {
  pri_t ts_uprilim; /* what ts_upri can be raised to without privileges */
  pri_t ts_upri;    /* -ts_maxupri to ts_maxupri */
} tsparms_t;

#define TS_NOCHANGE (-32768)

typedef struct tsinfo {
  pri_t ts_maxupri;
} tsinfo_t;

/* Keys for PC_SETXPARMS and PC_GETXPARMS (5.9). */
#define TS_KY_UPRILIM 1 /* pri_t */
#define TS_KY_UPRI 2    /* pri_t */

#endif /* _SYS_TSPRIOCNTL_H */
