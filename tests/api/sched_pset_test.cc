// SPDX-License-Identifier: MIT
//
// pset_create(2), pset_bind(2), pset_info(2), pset_list(2) and pset_setattr(2).
//
// Each test is a child: what it does concerns the whole process.

#include <errno.h>
#include <sys/processor.h>
#include <sys/pset.h>

#include <algorithm>

#include "support/child.h"
#include "support/fixture.h"
#include "support/lwps.h"

namespace lt {
namespace {

const std::vector<int> g_all = ProcessorsOf(0);
const int g_last = g_all.back();

// All but the last one.
std::vector<int> Others() {
  return {g_all.begin(), g_all.end() - 1};
}

psetid_t Create() {
  psetid_t set = -77;
  EXPECT_EQ(pset_create(&set), 0);
  EXPECT_GT(set, 0);
  return set;
}

// A set of the last processor.
psetid_t CreateOfLast() {
  const psetid_t set = Create();
  EXPECT_EQ(pset_assign(set, g_last, nullptr), 0);
  return set;
}

std::vector<int> Members(psetid_t set) {
  uint_t count = CPU_SETSIZE;
  std::vector<processorid_t> processors(count);
  int type = -77;
  EXPECT_EQ(pset_info(set, &type, &count, processors.data()), 0);
  EXPECT_EQ(type, set == PS_NONE ? PS_NONE : PS_PRIVATE);
  processors.resize(count);
  return processors;
}

psetid_t SetOf(idtype_t kind, id_t id) {
  psetid_t set = -77;
  EXPECT_EQ(pset_bind(PS_QUERY, kind, id, &set), 0);
  return set;
}

class PsetTest : public ModelTest {
 protected:
  // With a second processor, which the process can do without.
  static void InChildWithTwo(const std::function<void()>& body) {
    if (g_all.size() < 2) {
      GTEST_SKIP() << "the kernel lets this process use one processor only";
    }
    InChild(body);
  }
};

TEST_F(PsetTest, SetsComeAndGo) {
  InChild([] {
    uint_t count = 77;
    EXPECT_EQ(pset_list(nullptr, &count), 0);
    EXPECT_EQ(count, 0u);
    const psetid_t one = Create();
    const psetid_t two = Create();
    EXPECT_NE(one, two);
    EXPECT_EQ(Members(one), std::vector<int>{});
    EXPECT_EQ(Members(PS_NONE), g_all);
    psetid_t sets[3] = {-77, -77, -77};
    count = 3;
    EXPECT_EQ(pset_list(sets, &count), 0);
    EXPECT_EQ(count, 2u);
    EXPECT_EQ(sets[0], one);
    EXPECT_EQ(sets[1], two);
    EXPECT_EQ(sets[2], -77);
    count = 1;
    sets[1] = -77;
    EXPECT_EQ(pset_list(sets, &count), 0);
    EXPECT_EQ(count, 2u);
    EXPECT_EQ(sets[1], -77);
    EXPECT_EQ(pset_destroy(one), 0);
    EXPECT_TRUE(Fails(EINVAL, pset_destroy(one)));
    EXPECT_EQ(pset_destroy(two), 0);
    count = 0;
    EXPECT_EQ(pset_list(nullptr, &count), 0);
    EXPECT_EQ(count, 0u);
  });
}

TEST_F(PsetTest, AProcessorOfASetIsNobodyElses) {
  InChildWithTwo([] {
    BoundWorker worker;
    psetid_t before = -77;
    const psetid_t set = Create();
    EXPECT_EQ(pset_assign(set, g_last, &before), 0);
    EXPECT_EQ(before, PS_NONE);
    EXPECT_EQ(pset_assign(PS_QUERY, g_last, &before), 0);
    EXPECT_EQ(before, set);
    EXPECT_EQ(Members(set), std::vector<int>{g_last});
    EXPECT_EQ(Members(PS_NONE), Others());
    for (const pid_t tid : KernelThreadIds()) {
      EXPECT_EQ(ProcessorsOf(tid), Others()) << tid;
    }
    BoundWorker later;
    EXPECT_EQ(ProcessorsOf(later.kernel_id()), Others());
    EXPECT_EQ(pset_assign(PS_NONE, g_last, &before), 0);
    EXPECT_EQ(before, set);
    for (const pid_t tid : KernelThreadIds()) {
      EXPECT_EQ(ProcessorsOf(tid), g_all) << tid;
    }
  });
}

TEST_F(PsetTest, AnLwpInASet) {
  InChildWithTwo([] {
    const psetid_t set = CreateOfLast();
    BoundWorker worker;
    psetid_t before = -77;
    EXPECT_EQ(pset_bind(set, P_LWPID, worker.lwp(), &before), 0);
    EXPECT_EQ(before, PS_NONE);
    EXPECT_EQ(ProcessorsOf(worker.kernel_id()), std::vector<int>{g_last});
    EXPECT_EQ(SetOf(P_LWPID, worker.lwp()), set);
    EXPECT_EQ(SetOf(P_PID, P_MYID), set);  // one of its LWPs
    worker.Do([&] {
      EXPECT_EQ(SetOf(P_LWPID, P_MYID), set);
      EXPECT_EQ(Members(PS_MYID), std::vector<int>{g_last});
      EXPECT_EQ(getcpuid(), g_last);
      Join(SpawnWithFlags([&] { EXPECT_EQ(SetOf(P_LWPID, P_MYID), set); },
                          THR_BOUND));
    });
    EXPECT_EQ(pset_bind(PS_NONE, P_LWPID, worker.lwp(), &before), 0);
    EXPECT_EQ(before, set);
    EXPECT_EQ(ProcessorsOf(worker.kernel_id()), Others());
    EXPECT_EQ(SetOf(P_LWPID, worker.lwp()), PS_NONE);
  });
}

TEST_F(PsetTest, TheProcessInASet) {
  InChildWithTwo([] {
    const psetid_t set = CreateOfLast();
    BoundWorker worker;
    EXPECT_EQ(pset_bind(set, P_PID, P_MYID, nullptr), 0);
    for (const pid_t tid : KernelThreadIds()) {
      EXPECT_EQ(ProcessorsOf(tid), std::vector<int>{g_last}) << tid;
    }
    BoundWorker later;
    EXPECT_EQ(SetOf(P_LWPID, later.lwp()), set);
    EXPECT_EQ(SetOf(P_PID, getpid()), set);
    EXPECT_EQ(pset_bind(PS_NONE, P_PID, getpid(), nullptr), 0);
    for (const pid_t tid : KernelThreadIds()) {
      EXPECT_EQ(ProcessorsOf(tid), Others()) << tid;
    }
  });
}

TEST_F(PsetTest, WhatWasInASetIsFreeAtItsEnd) {
  InChildWithTwo([] {
    const psetid_t set = CreateOfLast();
    BoundWorker inside;
    BoundWorker outside;
    BoundWorker kept;
    EXPECT_EQ(pset_bind(set, P_LWPID, inside.lwp(), nullptr), 0);
    EXPECT_EQ(pset_bind(set, P_LWPID, kept.lwp(), nullptr), 0);
    EXPECT_EQ(processor_bind(P_LWPID, kept.lwp(), g_last, nullptr), 0);
    EXPECT_EQ(pset_destroy(set), 0);
    EXPECT_EQ(ProcessorsOf(inside.kernel_id()), g_all);
    EXPECT_EQ(ProcessorsOf(outside.kernel_id()), g_all);
    // A binding to a processor is another matter.
    EXPECT_EQ(ProcessorsOf(kept.kernel_id()), std::vector<int>{g_last});
    EXPECT_EQ(SetOf(P_PID, P_MYID), PS_NONE);
    EXPECT_EQ(Members(PS_NONE), g_all);
  });
}

TEST_F(PsetTest, AProcessorMovesFromSetToSet) {
  InChildWithTwo([] {
    const psetid_t from = CreateOfLast();
    const psetid_t to = Create();
    psetid_t before = -77;
    EXPECT_EQ(pset_assign(to, g_last, &before), 0);
    EXPECT_EQ(before, from);
    EXPECT_EQ(Members(from), std::vector<int>{});
    EXPECT_EQ(Members(to), std::vector<int>{g_last});
    EXPECT_EQ(Members(PS_NONE), Others());
  });
}

// What is bound to the set follows it, as does what is bound to none.
TEST_F(PsetTest, ASetGrowsAndShrinks) {
  if (g_all.size() < 3) GTEST_SKIP() << "the kernel grants less than three";
  InChild([] {
    const psetid_t set = CreateOfLast();
    const int middle = g_all[1];
    BoundWorker inside;
    BoundWorker outside;
    EXPECT_EQ(pset_bind(set, P_LWPID, inside.lwp(), nullptr), 0);
    EXPECT_EQ(pset_assign(set, middle, nullptr), 0);
    EXPECT_EQ(ProcessorsOf(inside.kernel_id()),
              (std::vector<int>{middle, g_last}));
    EXPECT_EQ(ProcessorsOf(outside.kernel_id()), Members(PS_NONE));
    EXPECT_EQ(Members(PS_NONE).size(), g_all.size() - 2);
    EXPECT_EQ(pset_assign(PS_NONE, middle, nullptr), 0);
    EXPECT_EQ(ProcessorsOf(inside.kernel_id()), std::vector<int>{g_last});
    EXPECT_EQ(ProcessorsOf(outside.kernel_id()), Others());
  });
}

// Where the set has one processor, a mask does not tell who is bound to that.
TEST_F(PsetTest, ProcessorBindInASetOfOne) {
  InChildWithTwo([] {
    const psetid_t set = CreateOfLast();
    BoundWorker worker;
    EXPECT_EQ(pset_bind(set, P_LWPID, worker.lwp(), nullptr), 0);
    const id_t lwp = worker.lwp();
    processorid_t before = -77;
    EXPECT_EQ(processor_bind(P_LWPID, lwp, PBIND_QUERY, &before), 0);
    EXPECT_EQ(before, PBIND_NONE);
    EXPECT_EQ(processor_bind(P_LWPID, lwp, g_last, nullptr), 0);
    EXPECT_EQ(processor_bind(P_LWPID, lwp, PBIND_QUERY, &before), 0);
    EXPECT_EQ(before, g_last);
    worker.Do([] {
      InChild([] {
        processorid_t its = -77;
        EXPECT_EQ(processor_bind(P_LWPID, P_MYID, PBIND_NONE, &its), 0);
        EXPECT_EQ(its, g_last);
        EXPECT_EQ(processor_bind(P_LWPID, P_MYID, PBIND_QUERY, &its), 0);
        EXPECT_EQ(its, PBIND_NONE);
      });
    });
    EXPECT_EQ(processor_bind(P_LWPID, lwp, PBIND_NONE, &before), 0);
    EXPECT_EQ(before, g_last);
    EXPECT_EQ(ProcessorsOf(worker.kernel_id()), std::vector<int>{g_last});
    // Only to processors of the set.
    EXPECT_TRUE(
        Fails(EINVAL, processor_bind(P_LWPID, lwp, g_all.front(), nullptr)));
    EXPECT_TRUE(
        Fails(EINVAL, processor_bind(P_LWPID, P_MYID, g_last, nullptr)));
  });
}

TEST_F(PsetTest, AChildHasTheSets) {
  InChildWithTwo([] {
    const psetid_t set = CreateOfLast();
    BoundWorker worker;
    EXPECT_EQ(pset_bind(set, P_LWPID, worker.lwp(), nullptr), 0);
    worker.Do([&] {
      InChild([&] {
        EXPECT_EQ(SetOf(P_LWPID, P_MYID), set);
        EXPECT_EQ(pset_destroy(set), 0);
        EXPECT_EQ(ProcessorsOf(0), g_all);
      });
    });
    EXPECT_EQ(Members(set), std::vector<int>{g_last});
    EXPECT_EQ(SetOf(P_LWPID, worker.lwp()), set);
  });
}

TEST_F(PsetTest, ProcessorsThatAreNeeded) {
  InChildWithTwo([] {
    const psetid_t set = Create();
    // Someone must be left for all others.
    const auto some = Others();
    for (const int cpu : some) EXPECT_EQ(pset_assign(set, cpu, nullptr), 0);
    EXPECT_TRUE(Fails(EBUSY, pset_assign(set, g_last, nullptr)));
    EXPECT_EQ(Members(PS_NONE), std::vector<int>{g_last});
    for (const int cpu : some) EXPECT_EQ(pset_assign(PS_NONE, cpu, nullptr), 0);
    // An LWP is bound to it.
    BoundWorker worker;
    EXPECT_EQ(processor_bind(P_LWPID, worker.lwp(), g_last, nullptr), 0);
    EXPECT_TRUE(Fails(EBUSY, pset_assign(set, g_last, nullptr)));
    EXPECT_EQ(processor_bind(P_LWPID, worker.lwp(), PBIND_NONE, nullptr), 0);
    // The last one of a set with LWPs.
    EXPECT_EQ(pset_assign(set, g_last, nullptr), 0);
    EXPECT_EQ(pset_bind(set, P_LWPID, worker.lwp(), nullptr), 0);
    EXPECT_TRUE(Fails(EBUSY, pset_assign(PS_NONE, g_last, nullptr)));
    EXPECT_TRUE(Fails(EBUSY, pset_assign(Create(), g_last, nullptr)));
    EXPECT_EQ(pset_assign(set, g_last, nullptr), 0);  // stays where it is
    EXPECT_EQ(Members(set), std::vector<int>{g_last});
  });
}

TEST_F(PsetTest, AnLwpThatIsBoundToAProcessor) {
  InChildWithTwo([] {
    const psetid_t set = CreateOfLast();
    BoundWorker worker;
    EXPECT_EQ(processor_bind(P_LWPID, worker.lwp(), g_all.front(), nullptr), 0);
    EXPECT_TRUE(Fails(EBUSY, pset_bind(set, P_LWPID, worker.lwp(), nullptr)));
    EXPECT_TRUE(Fails(EBUSY, pset_bind(set, P_PID, P_MYID, nullptr)));
    EXPECT_EQ(SetOf(P_PID, P_MYID), PS_NONE);  // nobody was bound
  });
}

TEST_F(PsetTest, WhoIsNotThereOrAnothers) {
  InChildWithTwo([] {
    const psetid_t set = CreateOfLast();
    EXPECT_TRUE(Fails(ESRCH, pset_bind(set, P_LWPID, 1'999'999'999, nullptr)));
    OtherProcess other;
    EXPECT_TRUE(Fails(ENOTSUP, pset_bind(set, P_PID, other.id(), nullptr)));
    other.End();
    EXPECT_TRUE(Fails(ESRCH, pset_bind(set, P_PID, other.id(), nullptr)));
  });
}

TEST_F(PsetTest, Attributes) {
  InChildWithTwo([] {
    const psetid_t set = CreateOfLast();
    uint_t attributes = 77;
    EXPECT_EQ(pset_getattr(set, &attributes), 0);
    EXPECT_EQ(attributes, 0u);
    EXPECT_EQ(pset_setattr(set, PSET_NOESCAPE), 0);
    EXPECT_EQ(pset_getattr(set, &attributes), 0);
    EXPECT_EQ(attributes, uint_t{PSET_NOESCAPE});
    BoundWorker worker;
    EXPECT_EQ(pset_bind(set, P_LWPID, worker.lwp(), nullptr), 0);
    if (geteuid() == 0) {  // with privileges one may leave
      EXPECT_EQ(pset_bind(PS_NONE, P_LWPID, worker.lwp(), nullptr), 0);
      EXPECT_EQ(pset_bind(set, P_LWPID, worker.lwp(), nullptr), 0);
    }
    worker.Do([&] {
      InChild([&] {
        BecomeNobody();
        EXPECT_TRUE(Fails(EPERM, pset_bind(PS_NONE, P_LWPID, P_MYID, nullptr)));
        EXPECT_TRUE(Fails(EPERM, pset_destroy(set)));
        EXPECT_EQ(SetOf(P_LWPID, P_MYID), set);
        EXPECT_EQ(pset_setattr(set, 0), 0);
        EXPECT_EQ(pset_bind(PS_NONE, P_LWPID, P_MYID, nullptr), 0);
      });
    });
  });
}

TEST_F(PsetTest, NoDescriptorIsLeft) {
  InChildWithTwo([] {
    const psetid_t set = Create();
    const rlimit none = {0, 0};
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
    EXPECT_TRUE(Fails(EMFILE, pset_bind(PS_NONE, P_PID, P_MYID, nullptr)));
    EXPECT_TRUE(Fails(EMFILE, pset_assign(set, g_last, nullptr)));
  });
}

}  // namespace
}  // namespace lt
