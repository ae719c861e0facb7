// SPDX-License-Identifier: MIT
//
// The concurrency level: what thr_setconcurrency and THR_NEW_LWP ask for.

#ifndef LIBTHREAD_THREAD_CONCURRENCY_H_
#define LIBTHREAD_THREAD_CONCURRENCY_H_

#include <cstdint>

namespace lt {

inline constexpr int kMostConcurrency = 65536;

// Never lowers the level; 0 changes nothing.  0 <= level <= kMostConcurrency.
void RaiseConcurrency(int level);
int Concurrency();

// One more at the creation of a thread with THR_NEW_LWP, one less at its end.
void AddNewLwpFlag(uint32_t flags);
void DropNewLwpFlag(uint32_t flags);

}  // namespace lt

#endif  // LIBTHREAD_THREAD_CONCURRENCY_H_
