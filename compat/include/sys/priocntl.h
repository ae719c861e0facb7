/* SPDX-License-Identifier: MIT */
/*
 * <sys/priocntl.h> of Solaris (5.0): scheduling classes of LWPs and their
 * parameters.  <sys/tspriocntl.h>, <sys/rtpriocntl.h> and <sys/iapriocntl.h>
 * describe those of each class.
 */
#ifndef _SYS_PRIOCNTL_H
#define _SYS_PRIOCNTL_H

#include <sys/types.h>

#include <sys/procset.h>

#define PC_VERSION 1

/* Commands, with the types of their arguments. */
#define PC_GETCID 0     /* pcinfo_t*: the number of the class of this name */
#define PC_GETCLINFO 1  /* pcinfo_t*: the name of the class of this number */
#define PC_SETPARMS 2   /* pcparms_t* */
#define PC_GETPARMS 3   /* pcparms_t* */
#define PC_ADMIN 4      /* pcadmin_t*: not for Linux */
#define PC_DONICE 6     /* pcnice_t*; 5.9 */
#define PC_SETXPARMS 7  /* char* name, int key, value... 0; 5.9 */
#define PC_GETXPARMS 8  /* char* name, int key, address... 0; 5.9 */

#define PC_CLNULL (-1) /* no class: PC_GETPARMS finds it out */

#define PC_CLNMSZ 16                    /* of a name, with its terminator */
#define PC_CLINFOSZ (32 / sizeof(int))  /* of what is told of a class */
#define PC_CLPARMSZ (32 / sizeof(int))  /* of the parameters of a class */
#define PC_VAPARMCNT 8                  /* keys in one call */

/* Keys for all classes. */
#define PC_KY_NULL 0   /* the end */
#define PC_KY_CLNAME 1 /* PC_GETXPARMS with no name: char[PC_CLNMSZ] */

typedef struct pcinfo {
  id_t pc_cid;
  char pc_clname[PC_CLNMSZ];
  int pc_clinfo[PC_CLINFOSZ]; /* tsinfo_t, rtinfo_t, iainfo_t */
} pcinfo_t;

typedef struct pcparms {
  id_t pc_cid;
  int pc_clparms[PC_CLPARMSZ]; /* tsparms_t, rtparms_t, iaparms_t */
} pcparms_t;

typedef struct pcnice {
  int pc_val; /* a nice value, -20 to 19 */
  int pc_op;
} pcnice_t;
#define PC_GETNICE 0
#define PC_SETNICE 1

typedef struct pcadmin {
  id_t pc_cid;
  caddr_t pc_cladmin;
} pcadmin_t;

#ifdef __cplusplus
extern "C" {
#endif

/*
 * -1 and errno when they fail: EINVAL, ESRCH, EPERM, EFAULT, ERANGE.
 * Otherwise the number of classes for PC_GETCID and PC_GETCLINFO, 0 for others.
 */
extern long priocntl(idtype_t, id_t, int, ...);
extern long priocntlset(procset_t*, int, ...);

#ifdef __cplusplus
}
#endif

#endif /* _SYS_PRIOCNTL_H */
