// SPDX-License-Identifier: MIT
//
// Processor sets: what is refused to everybody, in pset_create(2) and its kin.

#include <errno.h>
#include <sys/processor.h>
#include <sys/pset.h>

#include "support/child.h"
#include "support/fixture.h"
#include "support/lwps.h"

namespace lt {
namespace {

constexpr psetid_t kNoSet = 200;
const int g_last = ProcessorsOf(0).back();

psetid_t Create() {
  psetid_t set = -77;
  EXPECT_EQ(pset_create(&set), 0);
  return set;
}

using PsetMistakesTest = ModelTest;

TEST_F(PsetMistakesTest, WhatIsNoSetOrNoProcessor) {
  InChild([] {
    const psetid_t empty = Create();
    uint_t count = 0;
    uint_t attributes = 0;
    for (const psetid_t bad : {0, kNoSet, -8, 1 << 30}) {
      EXPECT_TRUE(Fails(EINVAL, pset_destroy(bad)));
      EXPECT_TRUE(Fails(EINVAL, pset_assign(bad, g_last, nullptr)));
      EXPECT_TRUE(Fails(EINVAL, pset_bind(bad, P_LWPID, P_MYID, nullptr)));
      EXPECT_TRUE(Fails(EINVAL, pset_info(bad, nullptr, &count, nullptr)));
      EXPECT_TRUE(Fails(EINVAL, pset_setattr(bad, 0)));
      EXPECT_TRUE(Fails(EINVAL, pset_getattr(bad, &attributes)));
    }
    EXPECT_TRUE(Fails(EINVAL, pset_bind(empty, P_LWPID, P_MYID, nullptr)));
    EXPECT_TRUE(Fails(EINVAL, pset_bind(PS_MYID, P_LWPID, P_MYID, nullptr)));
    EXPECT_TRUE(Fails(EINVAL, pset_assign(empty, 8000, nullptr)));
    EXPECT_TRUE(Fails(EINVAL, pset_assign(empty, -1, nullptr)));
    for (const idtype_t kind : {P_ALL, P_PGID, P_UID, P_CTID}) {
      EXPECT_TRUE(Fails(EINVAL, pset_bind(PS_QUERY, kind, P_MYID, nullptr)));
    }
    EXPECT_TRUE(Fails(EINVAL, pset_setattr(empty, 2)));
    EXPECT_TRUE(Fails(EINVAL, pset_getattr(PS_NONE, &attributes)));
  });
}

TEST_F(PsetMistakesTest, NoPlaceForTheAnswer) {
  InChild([] {
    EXPECT_TRUE(Fails(EFAULT, pset_create(nullptr)));
    EXPECT_TRUE(Fails(EFAULT, pset_create(Nowhere<psetid_t>())));
    uint_t count = 77;
    EXPECT_EQ(pset_list(nullptr, &count), 0);
    EXPECT_EQ(count, 0u);  // none was made
    const psetid_t set = Create();
    EXPECT_TRUE(
        Fails(EFAULT, pset_assign(PS_QUERY, g_last, Nowhere<psetid_t>())));
    EXPECT_TRUE(Fails(
        EFAULT, pset_bind(PS_QUERY, P_LWPID, P_MYID, Nowhere<psetid_t>())));
    EXPECT_TRUE(Fails(EFAULT, pset_list(nullptr, nullptr)));
    count = 1;
    EXPECT_TRUE(Fails(EFAULT, pset_list(Nowhere<psetid_t>(), &count)));
    EXPECT_TRUE(
        Fails(EFAULT, pset_info(set, Nowhere<int>(), nullptr, nullptr)));
    EXPECT_TRUE(
        Fails(EFAULT, pset_info(set, nullptr, Nowhere<uint_t>(), nullptr)));
    count = 1;
    EXPECT_TRUE(Fails(
        EFAULT, pset_info(PS_NONE, nullptr, &count, Nowhere<processorid_t>())));
    EXPECT_TRUE(Fails(EFAULT, pset_getattr(set, nullptr)));
  });
}

TEST_F(PsetMistakesTest, AFullTable) {
  InChild([] {
    int made = 0;
    psetid_t set = 0;
    while (pset_create(&set) == 0 && made < 100'000) ++made;
    EXPECT_EQ(errno, ENOMEM);
    EXPECT_GE(made, 64);
    EXPECT_EQ(pset_destroy(1), 0);
    EXPECT_EQ(pset_create(&set), 0);
    EXPECT_EQ(set, 1);
  });
}

}  // namespace
}  // namespace lt
