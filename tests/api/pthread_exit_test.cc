// SPDX-License-Identifier: MIT
//
// pthread_exit(3) of threads that thr_create made, and thr_exit(3) of pthreads.

#include <pthread.h>

#include <atomic>
#include <string>

#include "support/fixture.h"
#include "support/pthreads.h"

namespace lt {
namespace {

using PthreadExitTest = ApiTest;
LT_OVER_KINDS(PthreadExitTest);

class AddsAtEnd {
 public:
  AddsAtEnd(std::string& order, char letter) : order_(order), letter_(letter) {}
  ~AddsAtEnd() { order_ += letter_; }

 private:
  std::string& order_;
  char letter_;
};

std::string* cleanup_order;

extern "C" void AddC(void*) {
  *cleanup_order += 'c';
}

// Two frames with something to tidy up, and an end by `end`.
void Unwind(std::string& order, void (*end)(void*)) {
  const AddsAtEnd outer(order, 'o');
  cleanup_order = &order;
  pthread_cleanup_push(AddC, nullptr);
  const AddsAtEnd inner(order, 'i');
  end(AsPointer(21));
  order += '!';
  pthread_cleanup_pop(0);
}

void PthreadExit(void* status) {
  pthread_exit(status);
}
void ThrExit(void* status) {
  thr_exit(status);
}

TEST_P(PthreadExitTest, ItUnwindsAndLeavesTheStatus) {
  std::string order;
  const thread_t id = Spawn([&] { Unwind(order, PthreadExit); });
  void* status = nullptr;
  EXPECT_EQ(thr_join(id, nullptr, &status), 0);
  EXPECT_EQ(status, AsPointer(21));
  EXPECT_EQ(order, "ico");
}

TEST_P(PthreadExitTest, PthreadsMayEndEitherWay) {
  for (const auto end : {PthreadExit, ThrExit}) {
    std::string order;
    const pthread_t thread = SpawnPthread([&] { Unwind(order, end); });
    void* status = nullptr;
    EXPECT_EQ(pthread_join(thread, &status), 0);
    EXPECT_EQ(status, AsPointer(21));
    EXPECT_EQ(order, "ico");
  }
}

std::atomic<int> destroyed{0};

extern "C" void CountDestruction(void*) {
  ++destroyed;
}

TEST_P(PthreadExitTest, DestructorsRunBeforeTheJoin) {
  thread_key_t key;
  pthread_key_t pthread_key;
  ASSERT_EQ(thr_keycreate(&key, CountDestruction), 0);
  ASSERT_EQ(pthread_key_create(&pthread_key, CountDestruction), 0);
  destroyed = 0;
  const auto body = [&] {
    EXPECT_EQ(thr_setspecific(key, AsPointer(1)), 0);
    EXPECT_EQ(pthread_setspecific(pthread_key, AsPointer(1)), 0);
    pthread_exit(nullptr);
  };
  Join(Spawn(body));
  EXPECT_EQ(destroyed, 2);
  EXPECT_EQ(pthread_join(SpawnPthread(body), nullptr), 0);
  EXPECT_EQ(destroyed, 4);
  EXPECT_EQ(pthread_key_delete(pthread_key), 0);
}

}  // namespace
}  // namespace lt
