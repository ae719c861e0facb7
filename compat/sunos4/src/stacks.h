// SPDX-License-Identifier: MIT
//
// The stack cache of lwp_setstkcache.

#ifndef LIBLWP_STACKS_H_
#define LIBLWP_STACKS_H_

namespace lwp4 {

// A stack is not used any more: back to the cache, if it is from there.
void ReturnStack(const char* top);

// A stack of the cache that was handed out holds that address.
bool IsCachedStack(const char* top);

}  // namespace lwp4

#endif  // LIBLWP_STACKS_H_
