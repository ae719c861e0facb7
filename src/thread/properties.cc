// SPDX-License-Identifier: MIT

#include "thread/properties.h"

#include <sys/prctl.h>

#include <cerrno>
#include <cstring>

#include "sched/critical.h"
#include "sched/inherit.h"
#include "sched/thread.h"
#include "thread/registry.h"
#include "thread/runtime.h"

namespace lt {
namespace {

// Calls `use` with the living thread `id`, its bucket locked.
template <typename Use>
int WithThread(uint32_t id, Use use) {
  Critical critical(Self());
  RegistryBucket& bucket = RegistryBucketOf(id);
  SpinLockHolder hold(bucket.lock);
  Thread* thread = bucket.Find(id);
  if (thread == nullptr ||
      thread->state.load(std::memory_order_relaxed) == State::kZombie) {
    return ESRCH;
  }
  return use(*thread);
}

// Control characters and DEL; bytes of UTF-8 sequences pass.
bool Unprintable(const char* name) {
  for (; *name != '\0'; ++name) {
    const auto c = static_cast<unsigned char>(*name);
    if (c < ' ' || c == 0x7f) return true;
  }
  return false;
}

}  // namespace

int SetPriority(uint32_t id, int priority) {
  return WithThread(id, [priority](Thread& thread) {
    if (priority < 0 || priority >= kPriorities) return EINVAL;
    return AssignPriority(thread, priority);
  });
}

int GetPriority(uint32_t id, int& priority) {
  return WithThread(id, [&priority](Thread& thread) {
    priority = AssignedPriority(thread);
    return 0;
  });
}

int GetName(uint32_t id, char* buffer, size_t bytes) {
  return WithThread(id, [=](Thread& thread) {
    const size_t length = std::strlen(thread.name);
    if (length >= bytes) return ERANGE;
    std::memcpy(buffer, thread.name, length + 1);
    return 0;
  });
}

int SetName(uint32_t id, const char* name) {
  if (name == nullptr) name = "";
  const size_t length = strnlen(name, kNameMax);
  bool mirror = false;
  const int error = WithThread(id, [&](Thread& thread) {
    if (length == kNameMax) return ERANGE;
    if (Unprintable(name)) return EINVAL;
    std::memcpy(thread.name, name, length + 1);
    mirror = &thread == Current() && thread.kind != Kind::kUnbound;
    return 0;
  });
  // The kernel cuts it to 15 bytes.  An unbound thread has no kernel thread.
  if (mirror) prctl(PR_SET_NAME, name);
  return error;
}

}  // namespace lt
