// SPDX-License-Identifier: MIT
//
// No kernel threads, no memory: thr_create() says so, nothing leaks and the
// process goes on.

#include <errno.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <vector>

#include "programs/check.h"

namespace lt {
namespace {

// RLIMIT_NPROC does not bind the superuser, so that such a process becomes
// somebody else's.  It must happen before the library makes a kernel thread:
// identities belong to kernel threads.  That is what .preinit_array is for, it
// runs before the constructors of any library.
void LeaveSuperuser(int, char**, char**) {
  // The second for user namespaces that map few identities.
  for (const long somebody : {54'321L, 65'534L}) {
    if (syscall(SYS_geteuid) != 0) break;
    syscall(SYS_setresuid, somebody, somebody, somebody);
  }
  syscall(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0);
}
[[gnu::section(".preinit_array"),
  gnu::used]] void (*const leave_superuser)(int, char**,
                                            char**) = LeaveSuperuser;

sema_t gate = DEFAULTSEMA;

extern "C" void* Park(void*) {
  LT_REQUIRE(sema_wait(&gate) == 0);
  return nullptr;
}

extern "C" void* DoNothing(void*) {
  return nullptr;
}

// Makes parked threads until that fails, at most `most`; lets them go.
struct Burst {
  size_t made = 0;
  int error = 0;
};

Burst MakeUntilItFails(size_t stack_bytes, long flags, size_t most) {
  Burst burst;
  std::vector<thread_t> ids;
  ids.reserve(most);
  while (ids.size() < most) {
    thread_t id = 0;
    burst.error = thr_create(nullptr, stack_bytes, Park, nullptr, flags, &id);
    if (burst.error != 0) break;
    ids.push_back(id);
  }
  burst.made = ids.size();
  for (size_t i = 0; i < ids.size(); ++i) LT_REQUIRE(sema_post(&gate) == 0);
  for (const thread_t id : ids) MustJoin(id);
  return burst;
}

class SoftLimit {
 public:
  SoftLimit(__rlimit_resource which, rlim_t value) : which_(which) {
    LT_REQUIRE(getrlimit(which, &before_) == 0);
    const rlimit limit{value, before_.rlim_max};
    LT_REQUIRE(setrlimit(which, &limit) == 0);
  }
  SoftLimit(const SoftLimit&) = delete;
  SoftLimit& operator=(const SoftLimit&) = delete;
  ~SoftLimit() { LT_REQUIRE(setrlimit(which_, &before_) == 0); }

 private:
  __rlimit_resource which_;
  rlimit before_{};
};

int NoKernelThreads() {
  LT_REQUIRE(geteuid() != 0);
  MustJoin(MustCreate(DoNothing, nullptr, THR_BOUND));
  MustJoin(MustCreate(DoNothing, nullptr));
  {
    // The kernel compares with the number of the user's kernel threads, which
    // is one or more already.
    const SoftLimit limit(RLIMIT_NPROC, 1);
    const int level = thr_getconcurrency();
    for (int i = 0; i < 200; ++i) {
      LT_REQUIRE(thr_create(nullptr, 0, DoNothing, nullptr,
                            THR_BOUND | THR_NEW_LWP, nullptr) == EAGAIN);
    }
    LT_REQUIRE(thr_getconcurrency() == level);
    LT_REQUIRE(thr_join(0, nullptr, nullptr) == EDEADLK);
  }
  for (int i = 0; i < 10; ++i) {
    MustJoin(MustCreate(DoNothing, nullptr, THR_BOUND));
  }
  puts("done");
  return 0;
}

// Unbound threads do with the LWPs there are.
int PoolCannotGrow() {
  MustJoin(MustCreate(DoNothing, nullptr));
  const SoftLimit limit(RLIMIT_NPROC, 1);
  const Burst burst = MakeUntilItFails(0, 0, 200);
  printf("made=%zu error=%d\ndone\n", burst.made, burst.error);
  return 0;
}

size_t AddressSpaceBytes() {
  FILE* file = fopen("/proc/self/statm", "r");
  LT_REQUIRE(file != nullptr);
  size_t pages = 0;
  LT_REQUIRE(fscanf(file, "%zu", &pages) == 1);
  fclose(file);
  return pages * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

int NoAddressSpace(long flags) {
  setvbuf(stdout, nullptr, _IONBF, 0);
  constexpr size_t kStack = size_t{1} << 20;
  constexpr size_t kRounds = 8;
  // The first round fills the caches that are kept for good.
  MakeUntilItFails(kStack, flags, 10);
  Burst bursts[kRounds];
  {
    const SoftLimit limit(RLIMIT_AS, AddressSpaceBytes() + 64 * kStack);
    for (Burst& burst : bursts) burst = MakeUntilItFails(kStack, flags, 1000);
    for (const Burst& burst : bursts) {
      printf("made=%zu error=%d\n", burst.made, burst.error);
      LT_REQUIRE(burst.error == ENOMEM);
      LT_REQUIRE(burst.made >= 8);
    }
    // What a round took is there again for the next one.
    for (size_t i = 2; i < kRounds; ++i) {
      LT_REQUIRE(bursts[i].made + 1 >= bursts[1].made);
    }
    LT_REQUIRE(thr_join(0, nullptr, nullptr) == EDEADLK);
  }
  const Burst after = MakeUntilItFails(kStack, flags, 200);
  LT_REQUIRE(after.made == 200);
  puts("done");
  return 0;
}

int NoAddressSpaceUnbound() {
  return NoAddressSpace(0);
}
int NoAddressSpaceBound() {
  return NoAddressSpace(THR_BOUND);
}

const Case kCases[] = {
    {"no-kernel-threads", NoKernelThreads},
    {"pool-cannot-grow", PoolCannotGrow},
    {"no-address-space", NoAddressSpaceUnbound},
    {"no-address-space-bound", NoAddressSpaceBound},
};

}  // namespace
}  // namespace lt

int main(int argc, char** argv) {
  return lt::RunCase(argc, argv, lt::kCases, std::size(lt::kCases));
}
