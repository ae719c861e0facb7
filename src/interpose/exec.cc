// SPDX-License-Identifier: MIT
//
// Another program takes the process over: the kernel marks the robust mutexes
// that it holds.  Those that tell unmapping from death are marked here, before.
// A child of vfork, which has its parent's memory, marks nothing.

#include <unistd.h>

#include <cerrno>
#include <cstdarg>

#include "api/entry.h"
#include "base/process_id.h"
#include "interpose/real.h"
#include "sync/robust_exec.h"
#include "sync/robust_memory.h"

namespace lt {
namespace {

template <typename Exec, typename... Args>
int Executing(Exec exec, Args... args) {
  const bool marks =
      RobustUsed() &&
      g_process_id == static_cast<uint32_t>(RawSyscall(SYS_getpid));
  if (!marks) return exec(args...);
  RobustKeeper* keeper;
  if (const int error = BeforeExec(Self(), keeper)) return ReturnError(error);
  const int result = exec(args...);
  AfterFailedExec(Self(), keeper);
  return result;
}

// The arguments of execl and its kin, counted with the null at their end.
size_t CountArguments(const char* first, va_list arguments) {
  size_t count = 1;
  for (const char* at = first; at != nullptr; ++count) {
    at = va_arg(arguments, const char*);
  }
  return count;
}

}  // namespace
}  // namespace lt

// `argv` becomes an array of what was passed one by one; `arguments` is behind
// the null then.
#define LT_COLLECT(first, arguments)                                          \
  va_list counted;                                                            \
  va_start(counted, first);                                                   \
  const size_t count = lt::CountArguments(first, counted);                    \
  va_end(counted);                                                            \
  auto** argv = static_cast<char**>(__builtin_alloca(count * sizeof(char*))); \
  va_list arguments;                                                          \
  va_start(arguments, first);                                                 \
  argv[0] = const_cast<char*>(first);                                         \
  for (size_t i = 1; i < count; ++i) argv[i] = va_arg(arguments, char*)

LT_EXPORT int execve(const char* path, char* const argv[],
                     char* const envp[]) noexcept {
  return lt::Executing(LT_REAL(execve), path, argv, envp);
}

LT_EXPORT int execv(const char* path, char* const argv[]) noexcept {
  return lt::Executing(LT_REAL(execv), path, argv);
}

LT_EXPORT int execvp(const char* file, char* const argv[]) noexcept {
  return lt::Executing(LT_REAL(execvp), file, argv);
}

LT_EXPORT int execvpe(const char* file, char* const argv[],
                      char* const envp[]) noexcept {
  return lt::Executing(LT_REAL(execvpe), file, argv, envp);
}

LT_EXPORT int fexecve(int fd, char* const argv[], char* const envp[]) noexcept {
  return lt::Executing(LT_REAL(fexecve), fd, argv, envp);
}

LT_EXPORT int execl(const char* path, const char* first, ...) noexcept {
  LT_COLLECT(first, arguments);
  va_end(arguments);
  return execv(path, argv);
}

LT_EXPORT int execlp(const char* file, const char* first, ...) noexcept {
  LT_COLLECT(first, arguments);
  va_end(arguments);
  return execvp(file, argv);
}

LT_EXPORT int execle(const char* path, const char* first, ...) noexcept {
  LT_COLLECT(first, arguments);
  auto** envp = va_arg(arguments, char**);
  va_end(arguments);
  return execve(path, argv, envp);
}
