// SPDX-License-Identifier: MIT
//
// What tls_library.so offers through dlsym().

#ifndef LIBTHREAD_TESTS_PROGRAMS_TLS_LIBRARY_H_
#define LIBTHREAD_TESTS_PROGRAMS_TLS_LIBRARY_H_

#include <stddef.h>

// The calling thread's data, with what it holds at first.
struct TlsData {
  int* number;  // 42
  char* zeros;  // zeros_size bytes of 0
  size_t zeros_size;
  int* aligned;  // 7, at a multiple of 128
  int* counted;  // 3, in an object with a destructor
};

extern "C" void GetTlsData(TlsData* data);
// How many threads' objects were destroyed.
extern "C" int CountDestroyed(void);

#endif  // LIBTHREAD_TESTS_PROGRAMS_TLS_LIBRARY_H_
