/* SPDX-License-Identifier: MIT */
#ifdef HAVE_SMALL_LOCKS
#endif
typedef unsigned char lock_t;
enum state { THR_SUSPENDED_STATE, TRS_VALID };
