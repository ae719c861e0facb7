// SPDX-License-Identifier: MIT
//
// In what order those are woken that sleep on one object: prints the order in
// which they came, by numbers from 0.  The argument is the kind of object.

#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <vector>

#include "programs/check.h"

namespace {

constexpr int kSleepers = 6;

mutex_t mutex = DEFAULTMUTEX;
cond_t cond = DEFAULTCV;
rwlock_t rwlock = DEFAULTRWLOCK;
sema_t sema = DEFAULTSEMA;

// Each thread that was woken adds itself before the next one is.
std::string order;
std::atomic<size_t> woken{0};
std::atomic<long> about_to_sleep{0};  // kernel thread

struct Kind {
  const char* name;
  void (*hold)();  // makes others sleep
  void (*sleep)();
  void (*let_go)();  // wakes the first one
  void (*pass_on)();
};

void Nothing() {}

const Kind kKinds[] = {
    {"mutex", [] { LT_REQUIRE(mutex_lock(&mutex) == 0); },
     [] { LT_REQUIRE(mutex_lock(&mutex) == 0); },
     [] { LT_REQUIRE(mutex_unlock(&mutex) == 0); },
     [] { LT_REQUIRE(mutex_unlock(&mutex) == 0); }},
    {"rwlock", [] { LT_REQUIRE(rw_wrlock(&rwlock) == 0); },
     [] { LT_REQUIRE(rw_wrlock(&rwlock) == 0); },
     [] { LT_REQUIRE(rw_unlock(&rwlock) == 0); },
     [] { LT_REQUIRE(rw_unlock(&rwlock) == 0); }},
    {"cond", Nothing,
     [] {
       LT_REQUIRE(mutex_lock(&mutex) == 0);
       LT_REQUIRE(cond_wait(&cond, &mutex) == 0);
       LT_REQUIRE(mutex_unlock(&mutex) == 0);
     },
     [] { LT_REQUIRE(cond_signal(&cond) == 0); },
     [] { LT_REQUIRE(cond_signal(&cond) == 0); }},
    {"sema", Nothing, [] { LT_REQUIRE(sema_wait(&sema) == 0); },
     [] { LT_REQUIRE(sema_post(&sema) == 0); },
     [] { LT_REQUIRE(sema_post(&sema) == 0); }},
};

const Kind* kind = nullptr;
int numbers[kSleepers];

extern "C" void* Sleep(void* arg) {
  about_to_sleep = syscall(SYS_gettid);
  kind->sleep();
  order += static_cast<char>('0' + *static_cast<int*>(arg));
  ++woken;
  kind->pass_on();
  return nullptr;
}

// What the kernel says of a thread of this process: S when it sleeps.
char StateOf(long tid) {
  const std::string name = "/proc/self/task/" + std::to_string(tid) + "/stat";
  FILE* file = fopen(name.c_str(), "r");
  LT_REQUIRE(file != nullptr);
  char text[256] = {};
  LT_REQUIRE(fgets(text, sizeof text, file) != nullptr);
  fclose(file);
  const char* behind_name = strrchr(text, ')');
  LT_REQUIRE(behind_name != nullptr);
  return behind_name[2];
}

}  // namespace

int main(int argc, char** argv) {
  LT_REQUIRE(argc == 2);
  for (const Kind& one : kKinds) {
    if (strcmp(one.name, argv[1]) == 0) kind = &one;
  }
  LT_REQUIRE(kind != nullptr);
  kind->hold();
  // Bound ones: each has a kernel thread that sleeps when it does.
  std::vector<thread_t> ids;
  for (int i = 0; i < kSleepers; ++i) {
    numbers[i] = i;
    about_to_sleep = 0;
    ids.push_back(lt::MustCreate(Sleep, &numbers[i], THR_BOUND));
    lt::Await([] {
      const long tid = about_to_sleep;
      return tid != 0 && StateOf(tid) == 'S';
    });
  }
  kind->let_go();
  for (const thread_t id : ids) lt::MustJoin(id);
  LT_REQUIRE(woken == kSleepers);
  printf("%s\n", order.c_str());
  return 0;
}
