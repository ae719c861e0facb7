// SPDX-License-Identifier: MIT
//
// LIBTHREAD_LOCK_STATS: how often each lock was taken and waited for, and for
// how long it was waited for and held.  One row for each address and way of
// use, in a table of fixed size that nobody locks.

#ifndef LIBTHREAD_OBS_LOCK_STATS_H_
#define LIBTHREAD_OBS_LOCK_STATS_H_

#include <cstdint>

namespace lt {

// A rwlock has two rows: its readers and its writers.
enum class LockUse : unsigned char { kMutex, kRead, kWrite, kSema, kCond };

// Before all else here; false when there is no memory: nothing is counted.
bool StartLockStats();

// False when a wait should name its caller: it may be the first.
bool KnowsCaller(LockUse use, const void* object);

void CountTaken(LockUse use, const void* object);
// A thread had to wait; `caller` is the code that called the library, or null.
void CountWait(LockUse use, const void* object, int64_t ns, const void* caller);
void CountHeld(LockUse use, const void* object, int64_t ns);

// Prints the table on standard error.
void PrintLockStats();

// In the child of a fork: it counts from 0.
void ForgetLockStats();

}  // namespace lt

#endif  // LIBTHREAD_OBS_LOCK_STATS_H_
