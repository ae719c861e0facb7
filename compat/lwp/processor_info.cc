// SPDX-License-Identifier: MIT
//
// processor_info(), p_online() and where the caller runs, from what the kernel
// shows in /sys.

#include <fcntl.h>
#include <sys/processor.h>
#include <sys/utsname.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "api/entry.h"
#include "base/syscall.h"
#include "compat/lwp/bindings.h"
#include "compat/lwp/processes.h"
#include "compat/lwp/processors.h"
#include "compat/lwp/user_memory.h"

namespace lt {
namespace {

#if defined(__x86_64__)
constexpr char kFpu[] = "i387 compatible";
#else
constexpr char kFpu[] = "armv8";
#endif

constexpr int kPathBytes = 80;

bool IsThere(processorid_t cpu) {
  return cpu >= 0 && cpu < CpuMask::kMost && PresentProcessors().Has(cpu);
}

int StateOf(processorid_t cpu) {
  return OnlineProcessors().Has(cpu) ? P_ONLINE : P_OFFLINE;
}

// kHz in a file of the processor; 0: it does not say.
long Frequency(processorid_t cpu, const char* file) {
  char path[kPathBytes];
  char text[32];
  std::snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/cpufreq/%s",
                cpu, file);
  return ReadText(path, text, sizeof text) ? std::strtol(text, nullptr, 10) : 0;
}

// The processors that run are described one after the other; each begins with
// "processor", and has its "cpu MHz" further down.
int MegahertzFromList(processorid_t cpu) {
  char text[1 << 14];
  if (!ReadText("/proc/cpuinfo", text, sizeof text)) return 0;
  bool here = false;
  for (char* line = text; line != nullptr;) {
    char* end = std::strchr(line, '\n');
    if (end != nullptr) *end++ = '\0';
    const char* value = std::strchr(line, ':');
    if (value != nullptr && std::strncmp(line, "processor", 9) == 0) {
      here = std::strtol(value + 1, nullptr, 10) == cpu;
    } else if (value != nullptr && here &&
               std::strncmp(line, "cpu MHz", 7) == 0) {
      return static_cast<int>(std::strtol(value + 1, nullptr, 10));
    }
    line = end;
  }
  return 0;
}

int Megahertz(processorid_t cpu) {
  for (const char* file : {"base_frequency", "cpuinfo_max_freq"}) {
    const long kilohertz = Frequency(cpu, file);
    if (kilohertz > 0) return static_cast<int>(kilohertz / 1000);
  }
  return MegahertzFromList(cpu);
}

int Describe(processorid_t cpu, processor_info_t* info) {
  if (!IsThere(cpu)) return EINVAL;
  processor_info_t result = {};
  result.pi_state = StateOf(cpu);
  utsname names = {};
  RawSyscall(SYS_uname, reinterpret_cast<long>(&names));
  std::snprintf(result.pi_processor_type, PI_TYPELEN, "%.*s", PI_TYPELEN - 1,
                names.machine);
  std::memcpy(result.pi_fputypes, kFpu, sizeof kFpu);
  result.pi_clock = Megahertz(cpu);
  return CopyOut(info, &result, sizeof result);
}

bool OwnLwpIsBoundTo(processorid_t cpu) {
  BindingSection section;
  KernelThreads threads(OwnProcess());
  while (const pid_t tid = threads.Next()) {
    Binding binding;
    if (ReadBinding(tid, binding) == 0 && binding.processor == cpu) return true;
  }
  return false;
}

// Writes "0" or "1" to the processor's switch.
int Switch(processorid_t cpu, bool on) {
  char path[kPathBytes];
  std::snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/online", cpu);
  const long descriptor = RawSyscall(
      SYS_openat, AT_FDCWD, reinterpret_cast<long>(path), O_WRONLY | O_CLOEXEC);
  if (descriptor == -ENOENT) return ENOTSUP;
  if (descriptor < 0) return EPERM;
  const long result = RawSyscall(SYS_write, descriptor,
                                 reinterpret_cast<long>(on ? "1" : "0"), 1);
  RawSyscall(SYS_close, descriptor);
  return result < 0 ? static_cast<int>(-result) : 0;
}

// Privileges are looked at first, so that nobody learns anything without.
int ChangeState(processorid_t cpu, int flag) {
  const bool forced = (flag & P_FORCED) != 0;
  const int wanted = flag & ~P_FORCED;
  if (wanted < P_OFFLINE || wanted > P_SPARE || wanted == P_STATUS ||
      (forced && wanted == P_ONLINE)) {
    return EINVAL;
  }
  if (RawSyscall(SYS_geteuid) != 0) return EPERM;
  if (wanted != P_ONLINE && wanted != P_OFFLINE) return ENOTSUP;
  if (StateOf(cpu) == wanted) return 0;
  if (wanted == P_OFFLINE && !forced && OwnLwpIsBoundTo(cpu)) return EBUSY;
  return Switch(cpu, wanted == P_ONLINE);
}

}  // namespace
}  // namespace lt

LT_EXPORT_WEAK int processor_info(processorid_t cpu, processor_info_t* info) {
  return lt::SystemResult(lt::Describe(cpu, info));
}

LT_EXPORT_WEAK int p_online(processorid_t cpu, int flag) {
  if (!lt::IsThere(cpu)) return lt::SystemResult(EINVAL);
  const int before = lt::StateOf(cpu);
  const int error = flag == P_STATUS ? 0 : lt::ChangeState(cpu, flag);
  return error == 0 ? before : lt::SystemResult(error);
}

LT_EXPORT_WEAK processorid_t getcpuid(void) {
  unsigned cpu = 0;
  lt::RawSyscall(SYS_getcpu, reinterpret_cast<long>(&cpu));
  return static_cast<processorid_t>(cpu);
}

LT_EXPORT_WEAK lgrpid_t gethomelgroup(void) {
  unsigned cpu = 0;
  unsigned node = 0;
  lt::RawSyscall(SYS_getcpu, reinterpret_cast<long>(&cpu),
                 reinterpret_cast<long>(&node));
  return node;
}
