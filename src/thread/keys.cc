// SPDX-License-Identifier: MIT

#include "thread/keys.h"

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/spinlock.h"
#include "sched/critical.h"
#include "thread/fork.h"
#include "thread/runtime.h"

namespace lt {
namespace {

// Destructors in chunks, so that they never move: readers need no lock.
constexpr uint32_t kChunkKeys = 1024;
constexpr uint32_t kChunks = 1u << 17;
constexpr uint32_t kMostKeys = kChunkKeys * kChunks;  // as many as illumos has

SpinLock g_lock;  // rank 8
KeyDestructor* g_chunks[kChunks];
// Release by the creator, acquire by who uses a key: the destructor is there.
std::atomic<uint32_t> g_keys{0};

KeyDestructor& DestructorOf(uint32_t key) {
  return g_chunks[(key - 1) / kChunkKeys][(key - 1) % kChunkKeys];
}

// Makes a key unless `*only_if` has another value than `expected`.
int CreateKeyIf(uint32_t& key, const std::atomic_ref<uint32_t>* only_if,
                uint32_t expected, KeyDestructor destructor) {
  Critical critical(Self());
  KeyDestructor* chunk = nullptr;
  int error = 0;
  for (;;) {
    {
      SpinLockHolder hold(g_lock);
      if (only_if != nullptr &&
          only_if->load(std::memory_order_relaxed) != expected) {
        break;
      }
      const uint32_t index = g_keys.load(std::memory_order_relaxed);
      if (index == kMostKeys) {
        error = EAGAIN;
        break;
      }
      KeyDestructor*& place = g_chunks[index / kChunkKeys];
      if (place == nullptr && chunk != nullptr) {
        place = chunk;
        chunk = nullptr;
      }
      if (place != nullptr) {
        place[index % kChunkKeys] = destructor;
        g_keys.store(index + 1, std::memory_order_release);
        std::atomic_ref<uint32_t>(key).store(index + 1,
                                             std::memory_order_release);
        break;
      }
    }
    chunk = static_cast<KeyDestructor*>(
        std::calloc(kChunkKeys, sizeof(KeyDestructor)));
    if (chunk == nullptr) return ENOMEM;
  }
  std::free(chunk);
  return error;
}

}  // namespace

void LockKeys() ABSL_NO_THREAD_SAFETY_ANALYSIS {
  g_lock.Lock();
}

void UnlockKeys() ABSL_NO_THREAD_SAFETY_ANALYSIS {
  g_lock.Unlock();
}

int CreateKey(uint32_t& key, KeyDestructor destructor) {
  return CreateKeyIf(key, nullptr, 0, destructor);
}

int CreateKeyOnce(uint32_t& key, uint32_t once, KeyDestructor destructor) {
  const std::atomic_ref<uint32_t> shared(key);
  // Acquire: pairs with the store of the thread that made the key.
  if (shared.load(std::memory_order_acquire) != once) return 0;
  return CreateKeyIf(key, &shared, once, destructor);
}

int SetValue(Thread& self, uint32_t key, void* value) {
  if (key == 0 || key > g_keys.load(std::memory_order_acquire)) return EINVAL;
  if (key >= kInlineKeys) return SetValueSlow(self, key, value);
  self.inline_values[key] = value;
  self.has_values = true;
  return 0;
}

int SetValueSlow(Thread& self, uint32_t key, void* value) {
  const uint32_t slot = key - kInlineKeys;
  if (slot >= self.value_room) {
    if (value == nullptr) return 0;
    uint32_t room = self.value_room == 0 ? 32 : self.value_room;
    while (room <= slot) room *= 2;
    auto* values =
        static_cast<void**>(std::realloc(self.values, room * sizeof(void*)));
    if (values == nullptr) return ENOMEM;
    std::memset(values + self.value_room, 0,
                (room - self.value_room) * sizeof(void*));
    self.values = values;
    self.value_room = room;
  }
  self.values[slot] = value;
  self.has_values = true;
  return 0;
}

void RunDestructors(Thread& self) {
  if (!self.has_values) return;
  for (bool found = true; found;) {
    found = false;
    const uint32_t keys = g_keys.load(std::memory_order_acquire);
    for (uint32_t key = 1; key <= keys; ++key) {
      void* value = GetValue(self, key);
      if (value == nullptr) continue;
      KeyDestructor destructor = DestructorOf(key);
      if (destructor == nullptr) continue;
      // The slot exists: clearing it cannot fail.
      static_cast<void>(SetValue(self, key, nullptr));
      found = true;
      destructor(value);
    }
  }
}

void FreeValues(Thread& thread) {
  if (!thread.has_values) return;
  std::memset(thread.inline_values, 0, sizeof thread.inline_values);
  std::free(thread.values);
  thread.values = nullptr;
  thread.value_room = 0;
  thread.has_values = false;
}

}  // namespace lt
