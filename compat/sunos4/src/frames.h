// SPDX-License-Identifier: MIT
//
// Which procedures have not returned yet.

#ifndef LIBLWP_FRAMES_H_
#define LIBLWP_FRAMES_H_

#include <cstddef>
#include <cstdint>

namespace lwp4 {

// One activation of a procedure.  Addresses within the stack tell it from those
// that live at the same time; from earlier ones at the same place it is told by
// where it was called and by which procedure it is.
struct Frame {
  uintptr_t end = 0;        // where its caller's frame begins
  uintptr_t return_pc = 0;  // 0: what follows is not known
  const void* procedure = nullptr;
};

// The procedure that has called a function of ours, which returns to it with
// this stack pointer.
Frame FrameAt(uintptr_t sp);

// Sets alive[i] for those of the frames that the calling thread is in.
void FindLiving(const Frame* const* frames, bool* alive, size_t count);

}  // namespace lwp4

#endif  // LIBLWP_FRAMES_H_
