// SPDX-License-Identifier: MIT
//
// The compiler's unwind tables are what tells the frames of a stack.  Code
// without them ends the walk: of what lies beyond, the stack pointer alone
// tells whether it may still live.

#include "frames.h"

#include <unwind.h>

#include <cstring>

// In libgcc, beside <unwind.h>.
extern "C" {
struct dwarf_eh_bases {
  void* text;
  void* data;
  void* procedure;
};
const void* _Unwind_Find_FDE(void* pc, dwarf_eh_bases* bases);
}

namespace lwp4 {
namespace {

constexpr uint8_t kFormatMask = 0x07;  // of an encoded pointer
constexpr uint8_t kPointer = 0;
constexpr uint8_t kTwoBytes = 2;
constexpr uint8_t kFourBytes = 3;

uintptr_t ReadUleb(const uint8_t*& at) {
  uintptr_t value = 0;
  int shift = 0;
  uint8_t byte;
  do {
    byte = *at++;
    value |= static_cast<uintptr_t>(byte & 0x7f) << shift;
    shift += 7;
  } while ((byte & 0x80) != 0);
  return value;
}

size_t EncodedBytes(uint8_t encoding) {
  switch (encoding & kFormatMask) {
    case kTwoBytes:
      return 2;
    case kFourBytes:
      return 4;
    default:
      return sizeof(void*);
  }
}

// How the entry's addresses are encoded, from the common part.
bool AddressEncoding(const uint8_t* common, uint8_t& encoding) {
  const uint8_t* at = common + 8;
  const uint8_t version = *at++;
  const char* letters = reinterpret_cast<const char*>(at);
  if (letters[0] != 'z') return false;
  at += std::strlen(letters) + 1;
  ReadUleb(at);  // alignment of code
  ReadUleb(at);  // of data: signed, of the same length
  if (version == 1) {
    ++at;
  } else {
    ReadUleb(at);
  }
  ReadUleb(at);  // bytes that follow
  encoding = kPointer;
  for (const char* letter = letters + 1; *letter != '\0'; ++letter) {
    switch (*letter) {
      case 'R':
        encoding = *at++;
        return true;
      case 'L':
        ++at;
        break;
      case 'P': {
        const uint8_t personality = *at++;
        at += EncodedBytes(personality);
        break;
      }
      default:  // without data
        break;
    }
  }
  return true;
}

// Compilers put what is seldom run of a procedure elsewhere, with unwind
// entries of its own.  Such a part begins with a frame that is made already;
// a procedure begins with none, so that its entry begins with an advance.
bool IsSplitOff(uintptr_t pc) {
  dwarf_eh_bases bases = {};
  const auto* entry = static_cast<const uint8_t*>(
      _Unwind_Find_FDE(reinterpret_cast<void*>(pc), &bases));
  if (entry == nullptr) return false;
  int32_t back;
  std::memcpy(&back, entry + 4, sizeof back);
  uint8_t encoding;
  if (!AddressEncoding(entry + 4 - back, encoding)) return false;
  const uint8_t* at = entry + 8 + 2 * EncodedBytes(encoding);
  const uintptr_t extra_bytes = ReadUleb(at);
  at += extra_bytes;
  const uint8_t first = *at;
  const bool advance =
      (first & 0xc0) == 0x40 || (first >= 0x02 && first <= 0x04);
  constexpr uint8_t kNothing = 0;
  return !advance && first != kNothing;
}

// The entry that holds an address.
const void* ProcedureOf(uintptr_t pc) {
  // libgcc takes it for a return address, and looks one before.
  return _Unwind_FindEnclosingFunction(reinterpret_cast<void*>(pc + 1));
}

struct Caller {
  uintptr_t sp;
  uintptr_t pc = 0;
  bool found = false;
  Frame frame = {};
};

_Unwind_Reason_Code FindCaller(_Unwind_Context* context, void* arg) {
  auto& caller = *static_cast<Caller*>(arg);
  const uintptr_t sp = _Unwind_GetCFA(context);
  if (caller.found) {
    caller.frame.end = sp;
    caller.frame.return_pc = _Unwind_GetIP(context);
    caller.frame.procedure = ProcedureOf(caller.pc);
    return _URC_END_OF_STACK;
  }
  if (sp == caller.sp) {
    caller.found = true;
    caller.pc = _Unwind_GetIP(context) - 1;
  }
  return _URC_NO_REASON;
}

struct Search {
  const Frame* const* frames;
  bool* alive;
  size_t count;
  uintptr_t pc = 0;       // of the frame that was seen last
  uintptr_t highest = 0;  // stack pointer among them
};

bool IsSame(const Frame& frame, uintptr_t pc) {
  return frame.procedure == ProcedureOf(pc) || IsSplitOff(pc) ||
         IsSplitOff(reinterpret_cast<uintptr_t>(frame.procedure));
}

_Unwind_Reason_Code FindFrames(_Unwind_Context* context, void* arg) {
  auto& search = *static_cast<Search*>(arg);
  const uintptr_t sp = _Unwind_GetCFA(context);
  int before = 0;
  const uintptr_t pc = _Unwind_GetIPInfo(context, &before);
  for (size_t i = 0; i < search.count; ++i) {
    const Frame& frame = *search.frames[i];
    if (frame.return_pc != 0 && frame.end == sp && frame.return_pc == pc &&
        IsSame(frame, search.pc)) {
      search.alive[i] = true;
    }
  }
  if (sp > search.highest) search.highest = sp;
  // Of a frame that a signal interrupted, the instruction itself.
  search.pc = before != 0 ? pc : pc - 1;
  return _URC_NO_REASON;
}

}  // namespace

__attribute__((noinline)) Frame FrameAt(uintptr_t sp) {
  Caller caller{.sp = sp};
  caller.frame.end = sp;
  _Unwind_Backtrace(FindCaller, &caller);
  return caller.frame;
}

__attribute__((noinline)) void FindLiving(const Frame* const* frames,
                                          bool* alive, size_t count) {
  for (size_t i = 0; i < count; ++i) alive[i] = false;
  Search search{.frames = frames, .alive = alive, .count = count};
  _Unwind_Backtrace(FindFrames, &search);
  for (size_t i = 0; i < count; ++i) {
    const Frame& frame = *frames[i];
    if (frame.return_pc == 0) {
      alive[i] = frame.end >= search.highest;
    } else if (frame.end > search.highest) {
      alive[i] = true;
    }
  }
}

}  // namespace lwp4
