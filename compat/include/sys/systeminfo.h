/* SPDX-License-Identifier: MIT */
/*
 * <sys/systeminfo.h> of Solaris (5.2): sysinfo(command, buffer, bytes).
 *
 * glibc has another sysinfo(struct sysinfo *), in <sys/sysinfo.h>.  Both may be
 * used in one file, whatever header comes first: they are told apart by the
 * number of arguments.  In C the name of Solaris' is a macro for that reason,
 * and its address cannot be taken.
 */
#ifndef LIBTHREAD_SYS_SYSTEMINFO_H_
#define LIBTHREAD_SYS_SYSTEMINFO_H_
#pragma GCC system_header /* a variadic macro in C89 */

/* ---- What to tell: a string ---- */

#define SI_SYSNAME 1               /* "Linux" */
#define SI_HOSTNAME 2              /* name of this system, as uname -n */
#define SI_RELEASE 3               /* of the kernel, as uname -r */
#define SI_VERSION 4               /* of the kernel, as uname -v */
#define SI_MACHINE 5               /* as uname -m */
#define SI_ARCHITECTURE 6          /* "i386" for every x86, as on Solaris */
#define SI_HW_SERIAL 7             /* decimal number: gethostid() */
#define SI_HW_PROVIDER 8           /* maker of the machine; empty: not known */
#define SI_SRPC_DOMAIN 9           /* domain of NIS; empty: none */
#define SI_PLATFORM 513            /* "i86pc" for every x86 */
#define SI_ISALIST 514             /* instruction sets, best first */
#define SI_ARCHITECTURE_32 516     /* EINVAL: libthread has none */
#define SI_ARCHITECTURE_64 517     /* "amd64" */
#define SI_ARCHITECTURE_K 518      /* of the kernel */
#define SI_ARCHITECTURE_NATIVE 519 /* the best there is */
#define SI_ADDRESS_WIDTH 520       /* "64" */

/* ---- What to set, for the superuser: a string of at most 64 bytes ---- */

#define SI_SET_HOSTNAME 258
#define SI_SET_SRPC_DOMAIN 265

/*
 * int sysinfo(int command, char *buffer, long bytes)
 *
 * The bytes that the string needs with its NUL: if that is more than `bytes`,
 * the string was cut.  -1 and errno: EINVAL (command; set: too long), EFAULT
 * (no buffer), EPERM (set).
 */
#ifdef __cplusplus
extern "C" int __thr_sysinfo(int, char*, long);
extern "C++" inline int sysinfo(int __command, char* __buffer, long __bytes) {
  return __thr_sysinfo(__command, __buffer, __bytes);
}
#else
extern int __thr_sysinfo(int, char*, long);
#if defined __GNUC__ || __STDC_VERSION__ >= 199901L
#define sysinfo(...) \
  __LT_SYSINFO(__VA_ARGS__, __thr_sysinfo, 0, sysinfo, 0)(__VA_ARGS__)
#define __LT_SYSINFO(__1, __2, __3, __function, ...) __function
#else
#define sysinfo(command, buffer, bytes) __thr_sysinfo(command, buffer, bytes)
#endif
#endif

#endif /* LIBTHREAD_SYS_SYSTEMINFO_H_ */
