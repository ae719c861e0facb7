// SPDX-License-Identifier: MIT
//
// Chooses the adapter that a benchmark program is compiled against.
//
// An adapter is a struct `bench::Peer` of static functions and small types, the
// same for each library, thin enough to be inlined away:
//   kName                      as printed in the result line
//   kHasRwLock                 whether RwLock exists
//   Start(lwps), Stop()        called by main first and last
//   Thread, Spawn, Join        Spawn is false when the library refuses
//   Yield, Sleep               Sleep parks only the thread where the library
//                              can
//   Mutex, Sema, Cond, RwLock  the library's own, or built from its own
//   SharedMutex, SharedSema    for W13, of libthread and pthreads only
//   Key                        thread-specific data
// Each library is used as its manual advises for speed; README.md lists where
// that needed a choice.

#ifndef LIBTHREAD_BENCH_PEER_H_
#define LIBTHREAD_BENCH_PEER_H_

#include <cstddef>

#include "harness.h"

namespace bench {

using Entry = void* (*)(void*);

// Stack size that Spawn takes for "small": what a thread needs that calls
// nothing deep.  An adapter rounds it up to the library's own minimum.
constexpr size_t kSmallStack = 16384;
// Ask for the library's usual stack.
constexpr size_t kUsualStack = 0;

}  // namespace bench

#if defined(BENCH_PEER_LIBTHREAD)
#include "peer_libthread.h"
#elif defined(BENCH_PEER_PTHREAD)
#include "peer_pthread.h"
#elif defined(BENCH_PEER_FIBER)
#include "peer_fiber.h"
#elif defined(BENCH_PEER_ST)
#include "peer_st.h"
#elif defined(BENCH_PEER_PTH)
#include "peer_pth.h"
#else
#error "define BENCH_PEER_<library>"
#endif

#endif  // LIBTHREAD_BENCH_PEER_H_
