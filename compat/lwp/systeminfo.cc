// SPDX-License-Identifier: MIT
//
// sysinfo of <sys/systeminfo.h>: strings about the system, as far as Linux can
// tell them.

#include "compat/include/sys/systeminfo.h"

#undef sysinfo
#include <fcntl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "api/entry.h"
#include "base/syscall.h"

namespace {

constexpr size_t kLongest = 256;  // of all these strings, with the NUL

#if defined(__x86_64__)
constexpr char kInstructions[] = "amd64";  // Solaris' name of x86-64
constexpr char kFamily[] = "i386";
constexpr char kPlatform[] = "i86pc";
#else
// Solaris has no names for others.
constexpr const char* kInstructions = nullptr;
constexpr const char* kFamily = nullptr;
constexpr const char* kPlatform = nullptr;
#endif

bool Put(char (&text)[kLongest], const char* value, const char* otherwise) {
  std::snprintf(text, sizeof text, "%s", value != nullptr ? value : otherwise);
  return true;
}

// The maker of the machine, where the firmware tells it.
void PutProvider(char (&text)[kLongest]) {
  const long fd =
      lt::RawSyscall(SYS_openat, AT_FDCWD,
                     reinterpret_cast<long>("/sys/class/dmi/id/sys_vendor"),
                     O_RDONLY | O_CLOEXEC);
  long length = 0;
  if (fd >= 0) {
    length = lt::RawSyscall(SYS_read, fd, reinterpret_cast<long>(text),
                            sizeof text - 1);
    lt::RawSyscall(SYS_close, fd);
  }
  text[length > 0 ? length : 0] = '\0';
  text[strcspn(text, "\n")] = '\0';
}

bool GetText(int command, char (&text)[kLongest]) {
  utsname names;
  if (uname(&names) != 0) return false;
  switch (command) {
    case SI_SYSNAME:
      return Put(text, names.sysname, "");
    case SI_HOSTNAME:
      return Put(text, names.nodename, "");
    case SI_RELEASE:
      return Put(text, names.release, "");
    case SI_VERSION:
      return Put(text, names.version, "");
    case SI_MACHINE:
      return Put(text, names.machine, "");
    case SI_ARCHITECTURE:
      return Put(text, kFamily, names.machine);
    case SI_PLATFORM:
      return Put(text, kPlatform, names.machine);
    case SI_ISALIST:
    case SI_ARCHITECTURE_64:
    case SI_ARCHITECTURE_K:
    case SI_ARCHITECTURE_NATIVE:
      return Put(text, kInstructions, names.machine);
    case SI_ADDRESS_WIDTH:
      return Put(text, "64", "");
    case SI_HW_SERIAL:
      std::snprintf(text, sizeof text, "%u",
                    static_cast<unsigned>(gethostid()));
      return true;
    case SI_HW_PROVIDER:
      PutProvider(text);
      return true;
    case SI_SRPC_DOMAIN:
      // What the kernel says as long as nobody has set one.
      return Put(
          text,
          std::strcmp(names.domainname, "(none)") == 0 ? "" : names.domainname,
          "");
    default:
      return false;
  }
}

}  // namespace

LT_EXPORT int __thr_sysinfo(int command, char* buffer, long bytes) {
  if (buffer == nullptr && (bytes > 0 || command == SI_SET_HOSTNAME ||
                            command == SI_SET_SRPC_DOMAIN)) {
    errno = EFAULT;
    return -1;
  }
  if (command == SI_SET_HOSTNAME) {
    return sethostname(buffer, std::strlen(buffer));
  }
  if (command == SI_SET_SRPC_DOMAIN) {
    return setdomainname(buffer, std::strlen(buffer));
  }
  char text[kLongest];
  if (!GetText(command, text)) {
    errno = EINVAL;
    return -1;
  }
  const size_t needed = std::strlen(text) + 1;
  if (bytes > 0) {
    const auto room = static_cast<size_t>(bytes);
    const size_t copied = needed <= room ? needed - 1 : room - 1;
    std::memcpy(buffer, text, copied);
    buffer[copied] = '\0';
  }
  return static_cast<int>(needed);
}
