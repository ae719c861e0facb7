// SPDX-License-Identifier: MIT
//
// What the tests of the poller (LIBTHREAD_POLLER=1) share.

#ifndef LIBTHREAD_TESTS_SUPPORT_POLLER_H_
#define LIBTHREAD_TESTS_SUPPORT_POLLER_H_

#include <sys/socket.h>

#include <cstdlib>

#include "support/blocking.h"

namespace lt {

// Unbound threads; who is left alone waits for the others.
class PollerTest : public ModelTest {
 protected:
  void SetUp() override {
    ModelTest::SetUp();
    const char* poller = std::getenv("LIBTHREAD_POLLER");
    if (poller == nullptr || *poller != '1' || ModelName() == "one-to-one") {
      GTEST_SKIP() << "nobody parks on the poller";
    }
  }

  static thread_t Spawn(std::function<void()> body) {
    return SpawnWithFlags(std::move(body), 0);
  }
};

struct Pair {
  Pair() {
    int fds[2] = {-1, -1};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    here = Descriptor(fds[0]);
    there = Descriptor(fds[1]);
  }
  Descriptor here;
  Descriptor there;
};

}  // namespace lt

#endif  // LIBTHREAD_TESTS_SUPPORT_POLLER_H_
