/* SPDX-License-Identifier: MIT */
/*
 * <sys/debug.h> of Solaris (5.2; IMPLY and EQUIV 5.11): assertions.
 *
 * One that does not hold writes a line to standard error, with the expression,
 * the values, file and line, and aborts.  VERIFY forms are always checked, the
 * others if DEBUG is defined; else they do not even evaluate their arguments.
 *
 *   ASSERT(x), VERIFY(x)                      x is not 0
 *   ASSERT3S(x, op, y), VERIFY3S(x, op, y)    x op y, as int64_t
 *   ASSERT3U, VERIFY3U                        as uint64_t
 *   ASSERT3P, VERIFY3P                        as pointers
 *   ASSERT3B, VERIFY3B                        as boolean_t
 *   ASSERT0(x), VERIFY0(x)                    x is 0
 *   IMPLY(a, b), EQUIV(a, b)                  if a, then b; a exactly if b
 *   ASSERT64(x), ASSERT32(x)                  for data models of 64, 32 bits
 *   CTASSERT(x)                               when it is compiled
 */
#ifndef LIBTHREAD_SYS_DEBUG_H_
#define LIBTHREAD_SYS_DEBUG_H_
#pragma GCC system_header /* uintmax_t is no type of C89 */

#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a failed assertion calls; neither returns. */
extern int assfail(const char* /* expression */, const char* /* file */,
                   int /* line */)
#ifdef __GNUC__
    __attribute__((__noreturn__))
#endif
    ;
extern void assfail3(const char* /* expression */, uintmax_t /* left */,
                     const char* /* operator */, uintmax_t /* right */,
                     const char* /* file */, int /* line */)
#ifdef __GNUC__
    __attribute__((__noreturn__))
#endif
    ;

#ifdef __cplusplus
}
#endif

/* The text of an argument is taken where the program wrote it: before macros in
   it are expanded. */
#define __LT_VERIFY3(x, op, y, text, type)                             \
  do {                                                                 \
    const type __lt_left = (type)(x);                                  \
    const type __lt_right = (type)(y);                                 \
    if (!(__lt_left op __lt_right))                                    \
      assfail3(text, (uintmax_t)__lt_left, #op, (uintmax_t)__lt_right, \
               __FILE__, __LINE__);                                    \
  } while (0)

#define VERIFY(EX) ((void)((EX) || assfail(#EX, __FILE__, __LINE__)))
#define VERIFY3S(x, op, y) __LT_VERIFY3(x, op, y, #x " " #op " " #y, int64_t)
#define VERIFY3U(x, op, y) __LT_VERIFY3(x, op, y, #x " " #op " " #y, uint64_t)
#define VERIFY3P(x, op, y) __LT_VERIFY3(x, op, y, #x " " #op " " #y, uintptr_t)
#define VERIFY3B(x, op, y) __LT_VERIFY3(x, op, y, #x " " #op " " #y, boolean_t)
#define VERIFY0(x) __LT_VERIFY3(x, ==, 0, #x " == 0", int64_t)

#ifdef DEBUG
#define ASSERT(EX) ((void)((EX) || assfail(#EX, __FILE__, __LINE__)))
#define ASSERT3S(x, op, y) __LT_VERIFY3(x, op, y, #x " " #op " " #y, int64_t)
#define ASSERT3U(x, op, y) __LT_VERIFY3(x, op, y, #x " " #op " " #y, uint64_t)
#define ASSERT3P(x, op, y) __LT_VERIFY3(x, op, y, #x " " #op " " #y, uintptr_t)
#define ASSERT3B(x, op, y) __LT_VERIFY3(x, op, y, #x " " #op " " #y, boolean_t)
#define ASSERT0(x) __LT_VERIFY3(x, ==, 0, #x " == 0", int64_t)
#define IMPLY(A, B)      \
  ((void)(!(A) || (B) || \
          assfail("(" #A ") implies (" #B ")", __FILE__, __LINE__)))
#define EQUIV(A, B)       \
  ((void)(!(A) == !(B) || \
          assfail("(" #A ") is equivalent to (" #B ")", __FILE__, __LINE__)))
#else
#define ASSERT(EX) ((void)0)
#define ASSERT3S(x, op, y) ((void)0)
#define ASSERT3U(x, op, y) ((void)0)
#define ASSERT3P(x, op, y) ((void)0)
#define ASSERT3B(x, op, y) ((void)0)
#define ASSERT0(x) ((void)0)
#define IMPLY(A, B) ((void)0)
#define EQUIV(A, B) ((void)0)
#endif

#ifdef _LP64
#define ASSERT64(x) ASSERT(x)
#define ASSERT32(x)
#else
#define ASSERT64(x)
#define ASSERT32(x) ASSERT(x)
#endif

/* A declaration, at file scope or among those of a block. */
#define CTASSERT(x) __LT_CTASSERT(x, __LINE__)
#define __LT_CTASSERT(x, y) __LT_CTASSERT2(x, y)
#ifdef __GNUC__
#define __LT_CTASSERT2(x, y) \
  typedef char __lt_ctassert_##y[(x) ? 1 : -1] __attribute__((__unused__))
#else
#define __LT_CTASSERT2(x, y) typedef char __lt_ctassert_##y[(x) ? 1 : -1]
#endif

#endif /* LIBTHREAD_SYS_DEBUG_H_ */
