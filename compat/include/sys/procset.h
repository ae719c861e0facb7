/* SPDX-License-Identifier: MIT */
/*
 * <sys/procset.h> of Solaris (5.0): sets of processes and LWPs, for
 * processor_bind(), pset_bind(), priocntl() and priocntlset().
 */
#ifndef _SYS_PROCSET_H
#define _SYS_PROCSET_H

#include <sys/types.h>

#include <bits/types/idtype_t.h> /* P_PID, P_LWPID... */

#define P_INITPID 1
#define P_INITUID 0
#define P_INITPGID 0

#define P_MYID (-1) /* as an id: the caller's own */

/* What a set of processes is, of those on its left and on its right. */
typedef enum idop {
  POP_DIFF, /* on the left and not on the right */
  POP_AND,  /* on both sides */
  POP_OR,   /* on one side at least */
  POP_XOR   /* on one side only */
} idop_t;

typedef struct procset {
  idop_t p_op;
  idtype_t p_lidtype; /* the left side */
  id_t p_lid;
  idtype_t p_ridtype; /* the right side */
  id_t p_rid;
} procset_t;

#define setprocset(psp, op, ltype, lid, rtype, rid) \
  ((psp)->p_op = (op), (psp)->p_lidtype = (ltype), (psp)->p_lid = (lid), \
   (psp)->p_ridtype = (rtype), (psp)->p_rid = (rid))

#endif /* _SYS_PROCSET_H */
