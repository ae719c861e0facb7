// SPDX-License-Identifier: MIT
//
// One-sided ordering: a frequent side that only keeps its store and load in
// program order (a signal fence), and a rare side that makes every processor
// pass a full barrier.  Of the two, one sees the other's store.

#ifndef LIBTHREAD_BASE_MEMBARRIER_H_
#define LIBTHREAD_BASE_MEMBARRIER_H_

namespace lt {

// Set by StartMembarrier() where the kernel does not have it, or forbids it.
extern bool g_no_membarrier;

// Once, before MembarrierAll().
void StartMembarrier();

// All running threads of the process pass a full barrier before this returns.
// False, and nothing happened: there is none.
bool MembarrierAll();

// The same wherever the library runs: dearer where there is no membarrier.
void BarrierAll();

}  // namespace lt

#endif  // LIBTHREAD_BASE_MEMBARRIER_H_
