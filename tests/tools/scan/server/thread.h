/* SPDX-License-Identifier: MIT */
/* Not Solaris', but one of the program's own. */
#define thr_self() 17
