/* SPDX-License-Identifier: MIT */
/*
 * <atomic.h> of Solaris (5.10): operations on integers and pointers that no
 * other thread sees half done, and memory barriers.
 *
 * Each name is a function of libthread, so that its address can be taken; calls
 * are compiled in place by gcc and clang and need no library.  Every operation
 * is a full memory barrier (sequentially consistent), which is more than
 * Solaris promised.  None has errors, touches errno, or blocks; all are for
 * signal handlers too, and work between processes in shared memory.
 *
 * The target must be aligned to its size.  Integers wrap around.  The plain
 * forms return nothing, those in _nv the new value, cas and swap the old one.
 *
 *   atomic_add_X(target, delta)       X: char short int long 8 16 32 64 ptr
 *   atomic_inc_X, atomic_dec_X        X: uchar ushort uint ulong 8 16 32 64 ptr
 *   atomic_or_X, atomic_and_X         X: uchar ushort uint ulong 8 16 32 64
 *   atomic_cas_X(target, old, new)    X: uchar ushort uint ulong 8 16 32 64 ptr
 *   atomic_swap_X(target, new)        the same
 *   atomic_set_long_excl(target, bit), atomic_clear_long_excl(target, bit)
 *   membar_enter, membar_exit, membar_producer, membar_consumer
 */
#ifndef LIBTHREAD_ATOMIC_H_
#define LIBTHREAD_ATOMIC_H_
#pragma GCC system_header /* names go by any warning of the program's */

#include <bits/libthread_types.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * __LT_ATOMIC(type, name, arguments, statements) declares a function and, for
 * compilers that can, says what stands in the place of a call.  The library
 * brings a form along that defines the function.
 */
#ifdef __LT_ATOMIC
#elif defined __GNUC__
#define __LT_ATOMIC(type, name, arguments, statements)                 \
  extern type name arguments;                                          \
  extern __inline__ __attribute__((__gnu_inline__, __always_inline__)) \
  type name arguments {                                                \
    statements;                                                        \
  }
#else
#define __LT_ATOMIC(type, name, arguments, statements) \
  extern type name arguments;
#endif

/* The pointer that a "volatile void *" points to. */
#ifdef __GNUC__
typedef void* __attribute__((__may_alias__)) __lt_atomic_ptr;
typedef unsigned long __attribute__((__may_alias__)) __lt_atomic_word;
#endif
#define __LT_OP(op, target, value) \
  __atomic_##op((target), (value), __ATOMIC_SEQ_CST)
#define __LT_WORD(target) ((volatile __lt_atomic_word*)(target))

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Addition ---- */

#define __LT_ADD(x, type, delta)                                           \
  __LT_ATOMIC(void, atomic_add_##x, (volatile type * __t, delta __d),      \
              (void)__LT_OP(add_fetch, __t, (type)__d))                    \
  __LT_ATOMIC(type, atomic_add_##x##_nv, (volatile type * __t, delta __d), \
              return __LT_OP(add_fetch, __t, (type)__d))
__LT_ADD(char, uchar_t, signed char)
__LT_ADD(short, ushort_t, short)
__LT_ADD(int, uint_t, int)
__LT_ADD(long, ulong_t, long)
__LT_ADD(8, uint8_t, int8_t)
__LT_ADD(16, uint16_t, int16_t)
__LT_ADD(32, uint32_t, int32_t)
__LT_ADD(64, uint64_t, int64_t)
#undef __LT_ADD

/* The target of each _ptr function is a pointer; deltas are in bytes. */
__LT_ATOMIC(void, atomic_add_ptr, (volatile void* __t, ssize_t __d),
            (void)__LT_OP(add_fetch, __LT_WORD(__t), (unsigned long)__d))
__LT_ATOMIC(void*, atomic_add_ptr_nv, (volatile void* __t, ssize_t __d),
            return (void*)__LT_OP(add_fetch, __LT_WORD(__t),
                                  (unsigned long)__d))

/* ---- Addition and subtraction of one; of a byte for pointers ---- */

#define __LT_INC(x, type)                                       \
  __LT_ATOMIC(void, atomic_inc_##x, (volatile type * __t),      \
              (void)__LT_OP(add_fetch, __t, (type)1))           \
  __LT_ATOMIC(type, atomic_inc_##x##_nv, (volatile type * __t), \
              return __LT_OP(add_fetch, __t, (type)1))          \
  __LT_ATOMIC(void, atomic_dec_##x, (volatile type * __t),      \
              (void)__LT_OP(sub_fetch, __t, (type)1))           \
  __LT_ATOMIC(type, atomic_dec_##x##_nv, (volatile type * __t), \
              return __LT_OP(sub_fetch, __t, (type)1))
__LT_INC(uchar, uchar_t)
__LT_INC(ushort, ushort_t)
__LT_INC(uint, uint_t)
__LT_INC(ulong, ulong_t)
__LT_INC(8, uint8_t)
__LT_INC(16, uint16_t)
__LT_INC(32, uint32_t)
__LT_INC(64, uint64_t)
#undef __LT_INC

__LT_ATOMIC(void, atomic_inc_ptr, (volatile void* __t),
            (void)__LT_OP(add_fetch, __LT_WORD(__t), 1UL))
__LT_ATOMIC(void*, atomic_inc_ptr_nv, (volatile void* __t),
            return (void*)__LT_OP(add_fetch, __LT_WORD(__t), 1UL))
__LT_ATOMIC(void, atomic_dec_ptr, (volatile void* __t),
            (void)__LT_OP(sub_fetch, __LT_WORD(__t), 1UL))
__LT_ATOMIC(void*, atomic_dec_ptr_nv, (volatile void* __t),
            return (void*)__LT_OP(sub_fetch, __LT_WORD(__t), 1UL))

/* ---- Bits ---- */

#define __LT_BITS(x, type)                                                \
  __LT_ATOMIC(void, atomic_or_##x, (volatile type * __t, type __b),       \
              (void)__LT_OP(or_fetch, __t, __b))                          \
  __LT_ATOMIC(type, atomic_or_##x##_nv, (volatile type * __t, type __b),  \
              return __LT_OP(or_fetch, __t, __b))                         \
  __LT_ATOMIC(void, atomic_and_##x, (volatile type * __t, type __b),      \
              (void)__LT_OP(and_fetch, __t, __b))                         \
  __LT_ATOMIC(type, atomic_and_##x##_nv, (volatile type * __t, type __b), \
              return __LT_OP(and_fetch, __t, __b))
__LT_BITS(uchar, uchar_t)
__LT_BITS(ushort, ushort_t)
__LT_BITS(uint, uint_t)
__LT_BITS(ulong, ulong_t)
__LT_BITS(8, uint8_t)
__LT_BITS(16, uint16_t)
__LT_BITS(32, uint32_t)
__LT_BITS(64, uint64_t)
#undef __LT_BITS

/* Bit 0 to 63: 0, or -1 when it was set (cleared) already. */
__LT_ATOMIC(int, atomic_set_long_excl, (volatile ulong_t * __t, uint_t __bit),
            return (__LT_OP(fetch_or, __t, 1UL << __bit) >> __bit & 1) ? -1 : 0)
__LT_ATOMIC(int, atomic_clear_long_excl, (volatile ulong_t * __t, uint_t __bit),
            return (__LT_OP(fetch_and, __t, ~(1UL << __bit)) >> __bit & 1) ? 0
                                                                           : -1)

/* ---- Compare and swap, swap: the value before ---- */

#define __LT_SWAP(x, type)                                                    \
  __LT_ATOMIC(type, atomic_cas_##x,                                           \
              (volatile type * __t, type __old, type __new),                  \
              (void)__atomic_compare_exchange_n(                              \
                  __t, &__old, __new, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
              return __old)                                                   \
  __LT_ATOMIC(type, atomic_swap_##x, (volatile type * __t, type __new),       \
              return __LT_OP(exchange_n, __t, __new))
__LT_SWAP(uchar, uchar_t)
__LT_SWAP(ushort, ushort_t)
__LT_SWAP(uint, uint_t)
__LT_SWAP(ulong, ulong_t)
__LT_SWAP(8, uint8_t)
__LT_SWAP(16, uint16_t)
__LT_SWAP(32, uint32_t)
__LT_SWAP(64, uint64_t)
#undef __LT_SWAP

__LT_ATOMIC(void*, atomic_cas_ptr,
            (volatile void* __t, void* __old, void* __new),
            __lt_atomic_ptr __was = __old;
            (void)__atomic_compare_exchange_n((__lt_atomic_ptr volatile*)__t,
                                              &__was, __new, 0,
                                              __ATOMIC_SEQ_CST,
                                              __ATOMIC_SEQ_CST);
            return __was)
__LT_ATOMIC(void*, atomic_swap_ptr, (volatile void* __t, void* __new),
            return __LT_OP(exchange_n, (__lt_atomic_ptr volatile*)__t, __new))

/*
 * ---- Barriers ----
 *
 * enter:    a lock was taken before; nothing of what follows begins earlier.
 * exit:     a lock is given free next; all that came before is done.
 * producer: stores before it are seen before stores after it.
 * consumer: loads before it are done before loads after it.
 */
__LT_ATOMIC(void, membar_enter, (void), __atomic_thread_fence(__ATOMIC_SEQ_CST))
__LT_ATOMIC(void, membar_exit, (void), __atomic_thread_fence(__ATOMIC_SEQ_CST))
__LT_ATOMIC(void, membar_producer, (void),
            __atomic_thread_fence(__ATOMIC_RELEASE))
__LT_ATOMIC(void, membar_consumer, (void),
            __atomic_thread_fence(__ATOMIC_ACQUIRE))

#ifdef __cplusplus
}
#endif

#undef __LT_ATOMIC
#undef __LT_OP
#undef __LT_WORD

#endif /* LIBTHREAD_ATOMIC_H_ */
