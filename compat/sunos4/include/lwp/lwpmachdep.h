/* SPDX-License-Identifier: MIT */
/*
 * <lwp/lwpmachdep.h>: registers, and the message of an agent for SIGCHLD.
 * Comes with <lwp/lwp.h>; by itself it brings that along.
 */
#ifndef _LWP_LWPMACHDEP_H
#define _LWP_LWPMACHDEP_H

#include <lwp/lwp.h>
#include <sys/resource.h>

#ifdef _LWP_LWP_H /* not where it refused <thread.h> */

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The registers of a thread that does not run: lwp_getregs(), lwp_setregs().
 *
 * mc_gregs is numbered as the processor's procedure call standard numbers them
 * for debuggers: on x86-64 rax rdx rcx rbx rsi rdi rbp rsp r8 to r15 (MC_...),
 * on AArch64 x0 to x30.  mc_sp goes before a stack pointer among them.
 * mc_flags is rflags or pstate.  Floating registers are not among them.
 */
#if defined(__x86_64__)
#define MC_NGREGS 16
#define MC_RAX 0
#define MC_RDX 1
#define MC_RCX 2
#define MC_RBX 3
#define MC_RSI 4
#define MC_RDI 5
#define MC_RBP 6
#define MC_RSP 7
#define MC_R8 8
#define MC_R9 9
#define MC_R10 10
#define MC_R11 11
#define MC_R12 12
#define MC_R13 13
#define MC_R14 14
#define MC_R15 15
#define MC_ARG0 MC_RDI /* where a procedure finds its first argument */
#define MC_FP MC_RBP
#elif defined(__aarch64__)
#define MC_NGREGS 31
#define MC_ARG0 0
#define MC_FP 29
#define MC_LR 30
#else
#error "<lwp/lwpmachdep.h> does not know this processor"
#endif

typedef struct machstate {
	unsigned long mc_gregs[MC_NGREGS];
	unsigned long mc_pc;
	unsigned long mc_sp;
	unsigned long mc_flags;
} machstate_t;

/*
 * What a SIGCHLD agent's memory must hold.  The library has waited for the
 * child.  The status is an int for the macros of <sys/wait.h>: today's C
 * library has no union wait.
 */
typedef struct sigchldev {
	eventinfo_t sigchld_event;
	int sigchld_pid;
	int sigchld_status;
	struct rusage sigchld_rusage;
} sigchldev_t;

#ifndef _LWP_NO_PROTOTYPES
extern int lwp_getregs(thread_t, machstate_t*); /* LE_NONEXIST */
extern int lwp_setregs(thread_t, machstate_t*); /* LE_NONEXIST, INVALIDARG */
#endif

#ifdef __cplusplus
}
#endif

#endif /* _LWP_LWP_H */
#endif /* _LWP_LWPMACHDEP_H */
