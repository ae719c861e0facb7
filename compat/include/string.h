/* SPDX-License-Identifier: MIT */
/*
 * <string.h> of the C library, and strlcpy and strlcat (5.8), which glibc has
 * from 2.38 on.
 */
#ifndef LIBTHREAD_STRING_H_
#define LIBTHREAD_STRING_H_
#pragma GCC system_header /* lets include_next pass -pedantic */

#include_next <string.h>

#if defined __USE_MISC && !__GLIBC_PREREQ(2, 38)

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Both write at most `bytes` bytes, the last of them a NUL, and return the
 * length of the string that they tried to make: what is not less than `bytes`
 * was cut off.
 */
extern size_t strlcpy(char* /* to */, const char* /* from */,
                      size_t /* bytes */) __THROW;
extern size_t strlcat(char* /* to */, const char* /* from */,
                      size_t /* bytes */) __THROW;

#ifdef __cplusplus
}
#endif

#endif /* __USE_MISC */

#else
#pragma GCC system_header
#include_next <string.h>
#endif /* LIBTHREAD_STRING_H_ */
