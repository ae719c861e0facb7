/* SPDX-License-Identifier: MIT */
/*
 * idtype_t of <sys/wait.h>, with the kinds of ids that Solaris' <sys/procset.h>
 * has besides.  It stands before the C library's own, which knows the first
 * four only: an enumeration cannot be added to, and C++ takes no numbers in its
 * place.
 *
 * P_ALL to P_PIDFD have the values of the C library, since waitid() takes them.
 * Of the others those have Solaris' values that are free (P_CID to P_GID,
 * P_LWPID to P_PSETID); P_PPID, P_SID, 1 and 3 there, come last.
 */
#ifndef __idtype_t_defined
#define __idtype_t_defined

typedef enum {
  P_ALL,        /* any */
  P_PID,        /* a process */
  P_PGID,       /* a process group */
  P_PIDFD,      /* the process behind a file descriptor; Linux */
  P_CID,        /* a scheduling class */
  P_UID,        /* an effective user */
  P_GID,        /* an effective group */
  P_LWPID = 8,  /* an LWP of the caller's process */
  P_TASKID,     /* a task; this and the next four mean nothing on Linux */
  P_PROJID,     /* a project */
  P_POOLID,     /* a resource pool */
  P_ZONEID,     /* a zone */
  P_CTID,       /* a process contract */
  P_CPUID,      /* a processor */
  P_PSETID,     /* a processor set */
  P_PPID,       /* the children of a process */
  P_SID         /* a session */
} idtype_t;

#endif /* __idtype_t_defined */
