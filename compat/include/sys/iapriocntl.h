/* SPDX-License-Identifier: MIT */
/*
 * <sys/iapriocntl.h> of Solaris (5.4): the interactive class, for priocntl().
 * On Linux it is another name of the time-sharing class.
 */
#ifndef _SYS_IAPRIOCNTL_H
#define _SYS_IAPRIOCNTL_H

#include <sys/types.h>

#include <sys/priocntl.h>

typedef struct iaparms {
  pri_t ia_uprilim; /* as ts_uprilim */
  pri_t ia_upri;    /* as ts_upri */
  int ia_mode;      /* without effect */
} iaparms_t;

#define IA_NOCHANGE (-32768)
#define IA_INTERACTIVE_OFF 0x00
#define IA_SET_INTERACTIVE 0x01

typedef struct iainfo {
  pri_t ia_maxupri;
} iainfo_t;

/* Keys for PC_SETXPARMS and PC_GETXPARMS (5.9). */
#define IA_KY_UPRILIM 1 /* pri_t */
#define IA_KY_UPRI 2    /* pri_t */
#define IA_KY_MODE 3    /* int */

#endif /* _SYS_IAPRIOCNTL_H */
