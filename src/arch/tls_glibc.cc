// SPDX-License-Identifier: MIT

#include "arch/tls_glibc.h"

#include <dlfcn.h>
#include <link.h>
#include <pthread.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/syscall.h"

namespace lt {
namespace {

constexpr int kKeysInBlock = 32;      // values of the first keys lie in the TCB
constexpr int kKeyBlocks = 32;        // pointers to further blocks of values
constexpr int kDestructorRounds = 4;  // PTHREAD_DESTRUCTOR_ITERATIONS
constexpr uintptr_t kUnallocated = ~uintptr_t{0};

struct KeyValue {
  uintptr_t sequence;
  void* data;
};

struct KeyStore {
  KeyValue first[kKeysInBlock];
  KeyValue* blocks[kKeyBlocks];
  bool used;
};

// glibc's table of keys: an odd sequence number says "in use".
struct KeyEntry {
  uintptr_t sequence;
  void (*destructor)(void*);
};

const KeyEntry* g_keys;

struct RseqArea {
  uint32_t cpu_id_start;
  int32_t cpu_id;
  uint64_t rseq_cs;
  uint32_t flags;
};
constexpr int32_t kRseqFailed = -2;  // RSEQ_CPU_ID_REGISTRATION_FAILED
constexpr long kRseqBytes = 32;
constexpr long kRseqUnregister = 1;
#if defined(__x86_64__)
constexpr long kRseqSignature = 0x53053053;
#else
constexpr long kRseqSignature = 0xd428bc00;
#endif

template <typename T>
bool Find(const char* name, T& result) {
  result = reinterpret_cast<T>(dlsym(RTLD_DEFAULT, name));
  return result != nullptr;
}

char* At(uintptr_t tp, ptrdiff_t offset) {
  return reinterpret_cast<char*>(tp) + offset;
}

struct ModuleSearch {
  Glibc* glibc;
  uintptr_t tp;
  bool too_many;
};

// Notes the TLS of each module that lies in the static block.
int NoteModule(dl_phdr_info* info, size_t, void* arg) {
  auto& search = *static_cast<ModuleSearch*>(arg);
  Glibc& glibc = *search.glibc;
  const ElfW(Phdr)* tls = nullptr;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    if (info->dlpi_phdr[i].p_type == PT_TLS) tls = &info->dlpi_phdr[i];
  }
  if (tls == nullptr || info->dlpi_tls_data == nullptr) return 0;
  auto* data = static_cast<char*>(info->dlpi_tls_data);
  const ptrdiff_t offset = data - reinterpret_cast<char*>(search.tp);
  const auto limit = static_cast<ptrdiff_t>(glibc.static_bytes);
  if (offset < -limit || offset > limit) return 0;  // dynamic TLS
  auto* errno_address = reinterpret_cast<char*>(&errno);
  if (errno_address >= data && errno_address < data + tls->p_memsz) {
    glibc.libc_tls_offset = offset;
    glibc.libc_tls_bytes = tls->p_memsz;
    return 0;
  }
  if (glibc.modules == kMaxModules) {
    search.too_many = true;
    return 1;
  }
  glibc.module[glibc.modules++] = {
      offset, reinterpret_cast<const char*>(info->dlpi_addr + tls->p_vaddr),
      tls->p_filesz, tls->p_memsz};
  return 0;
}

}  // namespace

void** DtvSlot(uintptr_t tp) {
#if defined(__x86_64__)
  return reinterpret_cast<void**>(tp) + 1;
#else
  return reinterpret_cast<void**>(tp);
#endif
}

void Glibc::FindRseq() {
  const ptrdiff_t* offset;
  const unsigned* size;
  has_rseq = Find("__rseq_offset", offset) && Find("__rseq_size", size);
  if (has_rseq) rseq_offset = *offset;
}

size_t Glibc::StaticInfo() {
  void (*static_info)(size_t*, size_t*);
  if (!Find("_dl_get_tls_static_info", static_info)) return 0;
  size_t bytes;
  size_t align;
  static_info(&bytes, &align);
  return bytes + align;
}

const char* Glibc::FindNames() {
  void (*static_info)(size_t*, size_t*);
  const uint32_t* size;
  const uint32_t* tid_field;
  if (!Find("_dl_allocate_tls", allocate_tls) ||
      !Find("_dl_get_tls_static_info", static_info) ||
      !Find("__call_tls_dtors", call_tls_dtors) ||
      !Find("_thread_db_sizeof_pthread", size) ||
      !Find("_thread_db_pthread_tid", tid_field) ||
      !Find("__pthread_keys", g_keys)) {
    return "the C library is not a glibc that is known";
  }
  FindRseq();
  static_info(&static_bytes, &static_align);
  if (static_align < 64) static_align = 64;
  tcb_bytes = *size;
  tid_offset = tid_field[2];
  if (tcb_bytes > kMaxTcbBytes || tid_offset + 4 > tcb_bytes) {
    return "glibc's thread control block has an unknown form";
  }
  // The static size may or may not count the control block; a page more of
  // address space costs nothing.
  static_bytes =
      (static_bytes + tcb_bytes + 2 * static_align - 1) & ~(static_align - 1);
#if !defined(__x86_64__)
  tcb_offset = -static_cast<ptrdiff_t>(tcb_bytes);
#endif
  return nullptr;
}

const char* Glibc::Inspect(uintptr_t tp) {
  char* tcb = At(tp, tcb_offset);
  int32_t tid;
  std::memcpy(&tid, tcb + tid_offset, sizeof tid);
  if (tid != RawSyscall(SYS_gettid))
    return "glibc keeps the thread id elsewhere";
  ModuleSearch search{this, tp, false};
  dl_iterate_phdr(NoteModule, &search);
  if (search.too_many) return "too many modules with thread-local variables";
  if (libc_tls_bytes == 0 || libc_tls_bytes > kMaxLibcTls) {
    return "libc's thread-local data was not found";
  }
  const auto* dtv = static_cast<const DtvEntry*>(*DtvSlot(tp));
  const uintptr_t capacity = dtv[-1].value;
  bool known = capacity > 0 && capacity < 65536;
  bool seen = false;
  for (uintptr_t i = 1; known && i <= capacity; ++i) {
    if (dtv[i].value == tp + libc_tls_offset) seen = true;
  }
  if (!seen) return "glibc's dynamic thread vector has an unknown form";
  char* robust = nullptr;
  size_t robust_bytes = 0;
  if (RawSyscall(SYS_get_robust_list, 0, reinterpret_cast<long>(&robust),
                 reinterpret_cast<long>(&robust_bytes)) == 0 &&
      robust > tcb && robust + sizeof(RobustHead) <= tcb + tcb_bytes) {
    robust_offset = robust - tcb;
  }
  pthread_attr_t attr;
  void* low;
  size_t bytes;
  if (pthread_getattr_np(pthread_self(), &attr) != 0) {
    return "glibc does not tell a thread's stack";
  }
  pthread_attr_getstack(&attr, &low, &bytes);
  pthread_attr_destroy(&attr);
  for (size_t offset = 0; offset + 16 <= tcb_bytes; offset += 8) {
    uintptr_t words[2];
    std::memcpy(words, tcb + offset, sizeof words);
    if (words[0] == reinterpret_cast<uintptr_t>(low) && words[1] == bytes) {
      stack_offset = offset;
    }
  }
  return stack_offset == 0 ? "glibc keeps the stack's place elsewhere"
                           : nullptr;
}

const char* Glibc::FindKeys(uintptr_t tp) {
  constexpr const char* kUnknown = "glibc keeps pthread keys elsewhere";
  pthread_key_t key;
  if (pthread_key_create(&key, nullptr) != 0 || key >= kKeysInBlock) {
    return "too many pthread keys at start-up";
  }
  char* tcb = At(tp, tcb_offset);
  int marker;
  pthread_setspecific(key, &marker);
  for (size_t offset = 8; offset + 8 <= tcb_bytes; offset += 8) {
    void* word;
    std::memcpy(&word, tcb + offset, sizeof word);
    if (word == &marker) keys_offset = offset - 8 - key * sizeof(KeyValue);
  }
  const bool fits =
      keys_offset != 0 && keys_offset + sizeof(KeyStore) <= tcb_bytes;
  const bool known =
      fits && reinterpret_cast<KeyStore*>(tcb + keys_offset)->used &&
      g_keys[key].sequence ==
          reinterpret_cast<KeyStore*>(tcb + keys_offset)->first[key].sequence;
  pthread_key_delete(key);
  return known ? nullptr : kUnknown;
}

// The word of libc's TLS that changes with each registration.
void Glibc::FindDestructors(uintptr_t tp) {
  int (*at_exit)(void (*)(void*), void*, void*);
  if (!Find("__cxa_thread_atexit_impl", at_exit)) return;
  constexpr int kStates = 3;
  uintptr_t words[kStates][kMaxLibcTls / sizeof(uintptr_t)];
  const size_t count = libc_tls_bytes / sizeof(uintptr_t);
  std::free(std::malloc(1));  // its cache is there
  for (int state = 0; state < kStates; ++state) {
    std::memcpy(words[state], At(tp, libc_tls_offset),
                count * sizeof(uintptr_t));
    if (state + 1 < kStates)
      at_exit([](void*) {}, nullptr, &destructors_offset);
  }
  for (size_t i = 0; i < count; ++i) {
    if (words[0][i] == 0 && words[1][i] != 0 && words[2][i] != words[1][i]) {
      destructors_offset = libc_tls_offset + static_cast<ptrdiff_t>(i * 8);
    }
  }
}

bool Glibc::HasDestructors(uintptr_t tp) const {
  if (destructors_offset == 0) return true;
  uintptr_t first;
  std::memcpy(&first, At(tp, destructors_offset), sizeof first);
  return first != 0;
}

bool Glibc::HasKeyValues(char* tcb) const {
  return reinterpret_cast<KeyStore*>(tcb + keys_offset)->used;
}

uintptr_t Glibc::PlaceTp(char* top) const {
  auto address = reinterpret_cast<uintptr_t>(top);
#if defined(__x86_64__)
  return (address - tcb_bytes) & ~(static_align - 1);
#else
  // The control block lies below the thread pointer, the variables above it.
  return (address - static_bytes + tcb_bytes + static_align - 1) &
         ~(static_align - 1);
#endif
}

void Glibc::SetStack(char* tcb, char* low, size_t bytes) const {
  std::memcpy(tcb + stack_offset, &low, sizeof low);
  std::memcpy(tcb + stack_offset + sizeof low, &bytes, sizeof bytes);
}

void Glibc::MarkRseqUnregistered(uintptr_t tp) const {
  if (!has_rseq) return;
  auto* area = reinterpret_cast<RseqArea*>(At(tp, rseq_offset));
  area->cpu_id_start = 0;
  area->cpu_id = kRseqFailed;
  area->rseq_cs = 0;
}

void Glibc::UnregisterRseq(uintptr_t tp) const {
  if (!has_rseq) return;
  auto* area = reinterpret_cast<RseqArea*>(At(tp, rseq_offset));
  if (area->cpu_id < 0) return;
  RawSyscall(SYS_rseq, reinterpret_cast<long>(area), kRseqBytes,
             kRseqUnregister, kRseqSignature);
  MarkRseqUnregistered(tp);
}

// As POSIX has it: rounds until no value with a destructor is left, but not
// forever.  Values are cleared before the call.
void Glibc::RunKeyDestructors(char* tcb) const {
  auto* store = reinterpret_cast<KeyStore*>(tcb + keys_offset);
  if (!store->used) return;
  for (int round = 0; store->used && round < kDestructorRounds; ++round) {
    store->used = false;
    for (int b = 0; b < kKeyBlocks; ++b) {
      KeyValue* block = b == 0 ? store->first : store->blocks[b];
      if (block == nullptr) continue;
      for (int i = 0; i < kKeysInBlock; ++i) {
        void* data = block[i].data;
        if (data == nullptr) continue;
        block[i].data = nullptr;
        const KeyEntry& key = g_keys[b * kKeysInBlock + i];
        if (block[i].sequence == key.sequence && key.destructor != nullptr) {
          key.destructor(data);
        }
      }
    }
  }
  store->used = false;
  std::memset(store->first, 0, sizeof store->first);
  for (int b = 1; b < kKeyBlocks; ++b) {
    std::free(store->blocks[b]);
    store->blocks[b] = nullptr;
  }
}

void Glibc::ResetModules(uintptr_t tp) const {
  for (int i = 0; i < modules; ++i) {
    const ModuleTls& m = module[i];
    char* data = At(tp, m.offset);
    std::memcpy(data, m.image, m.image_bytes);
    std::memset(data + m.image_bytes, 0, m.bytes - m.image_bytes);
  }
  auto* dtv = static_cast<DtvEntry*>(*DtvSlot(tp));
  const uintptr_t capacity = dtv[-1].value;
  for (uintptr_t i = 1; i <= capacity; ++i) {
    if (dtv[i].to_free == nullptr) continue;
    std::free(dtv[i].to_free);
    dtv[i] = {kUnallocated, nullptr};
  }
}

}  // namespace lt
