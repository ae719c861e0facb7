// SPDX-License-Identifier: MIT
//
// Relacy without its macros, which would change every later header (`$`,
// `new`, `assert` and the names of the memory orders among them).

#ifndef LIBTHREAD_TESTS_MODEL_RELACY_H_
#define LIBTHREAD_TESTS_MODEL_RELACY_H_

// Before Relacy, whose macros they would meet.
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <memory>

// Relacy's own checks, among them that a run can be repeated exactly.
#define RL_DO_ASSERT 1
// Names of other systems' calls, as macros: not needed.
#define RL_WINDOWS_HPP
#define RL_PTHREAD_HPP
#include <relacy/relacy.hpp>

#undef $
#undef VAR
#undef VAR_T
#undef TLS_T
#undef assert
#undef calloc
#undef delete
#undef errno
#undef free
#undef malloc
#undef memory_order_acq_rel
#undef memory_order_acquire
#undef memory_order_consume
#undef memory_order_relaxed
#undef memory_order_release
#undef memory_order_seq_cst
#undef new
#undef realloc
// The one of libc.
#define errno (*__errno_location())

#endif  // LIBTHREAD_TESTS_MODEL_RELACY_H_
