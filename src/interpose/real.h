// SPDX-License-Identifier: MIT
//
// The next definition of a function that the library interposes: libc's, or a
// tool's in front of it.
//
// It is looked up when the library is loaded, so that a signal handler finds it
// there; who calls earlier (a constructor of another library, an allocator)
// looks it up itself.  `errno` stays as it is.

#ifndef LIBTHREAD_INTERPOSE_REAL_H_
#define LIBTHREAD_INTERPOSE_REAL_H_

#include <dlfcn.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstddef>

#include "absl/base/optimization.h"
#include "base/panic.h"

namespace lt {

template <size_t kBytes>
struct FunctionName {
  // Implicit: a string literal is the argument of the template.
  constexpr FunctionName(const char (&name)[kBytes]) {  // NOLINT
    std::copy_n(name, kBytes, text);
  }
  char text[kBytes];
};

template <FunctionName kName, typename Function>
class Real {
 public:
  static Function* Get() {
    static_cast<void>(&found_at_load_);  // which makes that happen
    // Relaxed: everybody finds the same.
    Function* function = function_.load(std::memory_order_relaxed);
    if (ABSL_PREDICT_TRUE(function != nullptr)) return function;
    if (Find()) return function_.load(std::memory_order_relaxed);
    Panic("libc has no %s", kName.text);
  }

 private:
  static bool Find() {
    const int saved_errno = errno;
    auto* function = reinterpret_cast<Function*>(dlsym(RTLD_NEXT, kName.text));
    errno = saved_errno;
    function_.store(function, std::memory_order_relaxed);
    return function != nullptr;
  }

  static constinit inline std::atomic<Function*> function_{nullptr};
  static inline const bool found_at_load_ = Find();
};

// The function is an argument for its type only, which comes without the
// attributes that the header gives it.
template <FunctionName kName, typename Function>
inline Function* GetReal(Function*) {
  return Real<kName, Function>::Get();
}

// As functions of the C library report an error number: 0, or -1 and errno.
inline int ReturnError(int error) {
  if (error == 0) return 0;
  errno = error;
  return -1;
}

}  // namespace lt

#define LT_REAL(function) ::lt::GetReal<#function>(function)

#endif  // LIBTHREAD_INTERPOSE_REAL_H_
