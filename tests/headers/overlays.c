/* SPDX-License-Identifier: MIT */
/*
 * Values, sizes, prototypes and ways of use of the overlays, for C and C++ of
 * any age, strict or not.  All is checked at compile time; nothing runs.
 */
#include <atomic.h>
#include <errno.h>
#include <limits.h>
#include <schedctl.h>
#include <signal.h>
#include <siginfo.h>
#include <stddef.h>
#include <string.h>
#include <stropts.h>
#include <sys/debug.h>
#include <sys/machlock.h>
#include <sys/synch.h>
#include <sys/systeminfo.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/time_impl.h>
#include <sys/types.h>
#include <sys/varargs.h>
#include <time.h>
#include <unistd.h>

#if defined __cplusplus || !defined __STRICT_ANSI__ || defined _DEFAULT_SOURCE
#define HAVE_MISC
#endif

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define CHECK(condition) \
  extern char JOIN(check_, __LINE__)[(condition) ? 1 : -1]
#define SIZE(type, size) CHECK(sizeof(type) == (size))
#define SIGNED(type) CHECK((type)(-1) < (type)0)

/* ---- Types and constants ---- */

SIZE(processorid_t, 4);
SIGNED(processorid_t);
SIZE(psetid_t, 4);
SIGNED(psetid_t);
SIZE(pri_t, 2);
SIGNED(pri_t);
SIZE(id_t, 4);
SIZE(lock_t, 1);
SIZE(uchar_t, 1);
SIZE(ushort_t, 2);
SIZE(uint_t, 4);
SIZE(ulong_t, sizeof(long));
SIZE(longlong_t, 8);
SIZE(u_longlong_t, 8);
SIZE(hrtime_t, 8);
SIZE(caddr_t, sizeof(char*));
SIZE(timestruc_t, sizeof(timespec_t));
CHECK(B_FALSE == 0 && B_TRUE == 1);
CHECK(LOCK_HELD_VALUE == 0xff);
CHECK(ELOCKUNMAPPED == 4168);
CHECK(EINTR > 0 && EINTR != ELOCKUNMAPPED);
/* <signal.h> hides this for a moment. */
#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)
CHECK(sizeof(TEXT((__attribute_deprecated_msg__("x")))) > 3);

CHECK(SI_SYSNAME == 1 && SI_HOSTNAME == 2 && SI_RELEASE == 3);
CHECK(SI_VERSION == 4 && SI_MACHINE == 5 && SI_ARCHITECTURE == 6);
CHECK(SI_HW_SERIAL == 7 && SI_HW_PROVIDER == 8 && SI_SRPC_DOMAIN == 9);
CHECK(SI_PLATFORM == 513 && SI_ISALIST == 514);

CHECK(I_NREAD == ('S' << 8 | 1) && I_PUSH == ('S' << 8 | 2));
CHECK(I_STR == ('S' << 8 | 8) && I_CANPUT == ('S' << 8 | 34));
CHECK(FLUSHR == 1 && FLUSHW == 2 && FLUSHRW == (FLUSHR | FLUSHW));
CHECK(MORECTL == 1 && MOREDATA == 2 && FMNAMESZ == 8);

#ifdef CLOCK_MONOTONIC
CHECK(CLOCK_HIGHRES == CLOCK_MONOTONIC);
#endif
#ifdef SI_TKILL
CHECK(SI_LWP == SI_TKILL);
#endif

/* ---- Signals: no two of one number, none of a number of Linux ---- */

const char* signal_name(int signal);
const char* signal_name(int signal) {
  switch (signal) {
    case SIGABRT:
    case SIGFPE:
    case SIGILL:
    case SIGINT:
    case SIGSEGV:
    case SIGTERM:
      return "ISO C";
    case SIGWAITING:
      return "WAITING";
    case SIGLWP:
      return "LWP";
    case SIGFREEZE:
      return "FREEZE";
    case SIGTHAW:
      return "THAW";
    case SIGCANCEL:
      return "CANCEL";
    default:
      return NULL;
  }
}
CHECK(SIGWAITING > 64 && SIGLWP > 64 && SIGFREEZE > 64);
CHECK(SIGTHAW > 64 && SIGCANCEL > 64);
#ifdef NSIG
CHECK(SIGWAITING < NSIG && SIGLWP < NSIG && SIGFREEZE < NSIG);
CHECK(SIGTHAW < NSIG && SIGCANCEL < NSIG);
#endif
/* What is computed from the highest number stays right. */
#ifdef HAVE_MISC
CHECK(NSIG / 8 == 8);
#endif

/* ---- Prototypes ---- */

#ifdef __cplusplus
extern "C" {
#endif

#define SAME(result, name, arguments)     \
  result(*check_##name) arguments = name; \
  extern result name arguments

SAME(hrtime_t, gethrtime, (void));
SAME(hrtime_t, gethrvtime, (void));
SAME(schedctl_t*, schedctl_init, (void));
SAME(schedctl_t*, schedctl_lookup, (void));
SAME(void, schedctl_exit, (void));
SAME(void, schedctl_start, (schedctl_t*));
SAME(void, schedctl_stop, (schedctl_t*));
SAME(int, isastream, (int));
SAME(int, getmsg, (int, struct strbuf*, struct strbuf*, int*));
SAME(int, getpmsg, (int, struct strbuf*, struct strbuf*, int*, int*));
SAME(int, putmsg, (int, const struct strbuf*, const struct strbuf*, int));
SAME(int, putpmsg, (int, const struct strbuf*, const struct strbuf*, int, int));
#ifdef HAVE_MISC
/* A second declaration might differ in what C++ functions throw. */
pid_t (*check_fork1)(void) = fork1;
pid_t (*check_forkall)(void) = forkall;
size_t (*check_strlcpy)(char*, const char*, size_t) = strlcpy;
size_t (*check_strlcat)(char*, const char*, size_t) = strlcat;
void (*(*check_sigset)(int, void (*)(int)))(int) = sigset;
int (*check_sighold)(int) = sighold;
int (*check_sigrelse)(int) = sigrelse;
int (*check_sigignore)(int) = sigignore;
int (*check_sigpause)(int) = sigpause;
#endif
#if defined __EXTENSIONS__ && !defined __cplusplus
SAME(void, yield, (void));
#elif !defined __EXTENSIONS__
/* A program has a function of that name. */
char* yield(int);
#endif

SAME(int, assfail, (const char*, const char*, int));
SAME(void, assfail3, (const char*, uintmax_t, const char*, uintmax_t,
                      const char*, int));

#define ADD(x, type, delta)                               \
  SAME(void, atomic_add_##x, (volatile type*, delta));    \
  SAME(type, atomic_add_##x##_nv, (volatile type*, delta))
ADD(char, unsigned char, signed char);
ADD(short, unsigned short, short);
ADD(int, unsigned int, int);
ADD(long, unsigned long, long);
ADD(8, uint8_t, int8_t);
ADD(16, uint16_t, int16_t);
ADD(32, uint32_t, int32_t);
ADD(64, uint64_t, int64_t);
SAME(void, atomic_add_ptr, (volatile void*, ssize_t));
SAME(void*, atomic_add_ptr_nv, (volatile void*, ssize_t));

#define INTEGER(x, type)                                     \
  SAME(void, atomic_inc_##x, (volatile type*));              \
  SAME(type, atomic_inc_##x##_nv, (volatile type*));         \
  SAME(void, atomic_dec_##x, (volatile type*));              \
  SAME(type, atomic_dec_##x##_nv, (volatile type*));         \
  SAME(void, atomic_or_##x, (volatile type*, type));         \
  SAME(type, atomic_or_##x##_nv, (volatile type*, type));    \
  SAME(void, atomic_and_##x, (volatile type*, type));        \
  SAME(type, atomic_and_##x##_nv, (volatile type*, type));   \
  SAME(type, atomic_cas_##x, (volatile type*, type, type));  \
  SAME(type, atomic_swap_##x, (volatile type*, type))
INTEGER(uchar, unsigned char);
INTEGER(ushort, unsigned short);
INTEGER(uint, unsigned int);
INTEGER(ulong, unsigned long);
INTEGER(8, uint8_t);
INTEGER(16, uint16_t);
INTEGER(32, uint32_t);
INTEGER(64, uint64_t);
SAME(void, atomic_inc_ptr, (volatile void*));
SAME(void*, atomic_inc_ptr_nv, (volatile void*));
SAME(void, atomic_dec_ptr, (volatile void*));
SAME(void*, atomic_dec_ptr_nv, (volatile void*));
SAME(void*, atomic_cas_ptr, (volatile void*, void*, void*));
SAME(void*, atomic_swap_ptr, (volatile void*, void*));
SAME(int, atomic_set_long_excl, (volatile unsigned long*, unsigned int));
SAME(int, atomic_clear_long_excl, (volatile unsigned long*, unsigned int));
SAME(void, membar_enter, (void));
SAME(void, membar_exit, (void));
SAME(void, membar_producer, (void));
SAME(void, membar_consumer, (void));

#ifdef __cplusplus
}
#endif

/* ---- Use ---- */

CTASSERT(sizeof(int) == 4);

#ifdef HAVE_MISC
/* Both forms of sigwait, and a pointer to the one that is a function. */
int (*check_sigwait)(const sigset_t*, int*) = sigwait;
int both_forms(sigset_t* set);
int both_forms(sigset_t* set) {
  int came;
  if (sigwait(set, &came) != 0) return -1;
  return (sigwait)(set, &came) == 0 ? sigwait(set) : -1;
}
#endif

/* Both functions of this name. */
int both_sysinfo(struct sysinfo* linux_form);
int both_sysinfo(struct sysinfo* linux_form) {
  char name[64];
  CTASSERT(sizeof name == 64);
  if (sysinfo(SI_HOSTNAME, name, (long)sizeof name) < 0) return -1;
  return sysinfo(linux_form);
}

int assertions(const char* text, unsigned int count);
int assertions(const char* text, unsigned int count) {
  CTASSERT(sizeof(count) == 4);
  VERIFY(text != NULL);
  VERIFY3S((int)count, >=, 0);
  VERIFY3U(count, <, 100u);
  VERIFY3P(text, !=, NULL);
  VERIFY3B(count != 0, ==, B_TRUE);
  VERIFY0(count & 1);
  ASSERT(text != NULL);
  ASSERT3S((int)count, >=, 0);
  ASSERT3U(count, <, 100u);
  ASSERT3P(text, !=, NULL);
  ASSERT3B(count != 0, ==, B_TRUE);
  ASSERT0(count & 1);
  ASSERT64(sizeof(text) == 8);
  ASSERT32(sizeof(text) == 4);
  IMPLY(count > 1, count > 0);
  EQUIV(count == 0, !count);
  if (count > 5)
    VERIFY3U(count, >, 5u);
  else
    VERIFY3U(count, <=, 5u);
  return count != 0 ? 0 : assfail("count", __FILE__, __LINE__);
}

/* The target of a pointer operation has any pointer type. */
struct node {
  struct node* next;
  unsigned int references;
};
struct node* push(struct node** head, struct node* item);
struct node* push(struct node** head, struct node* item) {
  do
    item->next = *head;
  while (atomic_cas_ptr(head, item->next, item) != item->next);
  membar_producer();
  atomic_inc_uint(&item->references);
  return (struct node*)atomic_swap_ptr(head, NULL);
}

int listed(const char* format, ...);
int listed(const char* format, ...) {
  va_list arguments;
  int first;
  va_start(arguments, format);
  first = va_arg(arguments, int);
  va_end(arguments);
  return first;
}
