// SPDX-License-Identifier: MIT
//
// Robust mutexes whose owner unmaps the memory while it holds them: EOWNERDEAD
// for the next one, ELOCKUNMAPPED for the type USYNC_PROCESS_ROBUST.

#include <errno.h>
#include <sys/mman.h>

#include <atomic>
#include <vector>

#include "support/fixture.h"
#include "support/robust.h"

namespace lt {
namespace {

constexpr size_t kPage = 4096;

// Three pages with a mutex in each, so that a part can be unmapped.
struct Pages {
  struct alignas(kPage) Page {
    mutex_t mutex;
    std::atomic<int> ready;
    std::atomic<int> go;
  };
  Page pages[3];
};

struct Way {
  const char* name;
  Memory memory;
  bool whole;  // it unmaps all pages; only the middle one otherwise
  void (*unmap)(Pages*);
};

constexpr Way kWays[] = {
    {"munmap", Memory::kFile, true,
     [](Pages* p) { EXPECT_EQ(munmap(p, sizeof(*p)), 0); }},
    {"munmap of a part", Memory::kFile, false,
     [](Pages* p) { EXPECT_EQ(munmap(&p->pages[1], kPage), 0); }},
    {"mmap over it", Memory::kFile, false,
     [](Pages* p) {
       EXPECT_EQ(mmap(&p->pages[1], kPage, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
                 &p->pages[1]);
     }},
    {"mremap elsewhere", Memory::kFile, false,
     [](Pages* p) {
       void* const place =
           mmap(nullptr, kPage, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
       EXPECT_NE(place, MAP_FAILED);
       EXPECT_EQ(mremap(&p->pages[1], kPage, kPage,
                        MREMAP_MAYMOVE | MREMAP_FIXED, place),
                 place);
     }},
    {"shmdt", Memory::kSegment, true, [](Pages* p) { EXPECT_EQ(shmdt(p), 0); }},
};

class RobustUnmapTest : public RobustTest {
 protected:
  static void ForEachWay(
      const std::function<void(const Way&, const LockType&,
                               const Shared<Pages>&)>& body) {
    for (const Way& way : kWays) {
      SCOPED_TRACE(way.name);
      for (const LockType& lock : kRobustTypes) {
        if (!BetweenProcesses(lock)) continue;
        SCOPED_TRACE(lock.name);
        const Shared<Pages> pages(way.memory);
        for (Pages::Page& page : pages->pages) {
          ASSERT_EQ(mutex_init(&page.mutex, lock.type, nullptr), 0);
        }
        body(way, lock, pages);
      }
    }
  }
};

LT_OVER_KINDS(RobustUnmapTest);

TEST_P(RobustUnmapTest, TheNextOwnerIsTold) {
  ForEachWay([this](const Way& way, const LockType& lock,
                    const Shared<Pages>& pages) {
    Pages::Page& middle = pages->pages[1];
    Child child([&] {
      Pages* const its = pages.Elsewhere();
      InThread([&] {
        for (Pages::Page& page : its->pages) {
          EXPECT_EQ(mutex_lock(&page.mutex), 0);
        }
        way.unmap(its);
        middle.ready = 1;
        EXPECT_TRUE(Eventually([&] { return middle.go == 1; }));
        if (!way.whole) {
          EXPECT_EQ(mutex_unlock(&its->pages[2].mutex), 0);
        }
      });
    });
    EXPECT_TRUE(Eventually([&] { return middle.ready == 1; }));
    // The owner lives, and has the others if they are mapped.
    InThread([&] {
      EXPECT_EQ(mutex_lock(&middle.mutex), UnmappedError(lock));
      EXPECT_TRUE(MUTEX_HELD(&middle.mutex));
      EXPECT_EQ(mutex_consistent(&middle.mutex), 0);
      EXPECT_EQ(mutex_unlock(&middle.mutex), 0);
    });
    ExpectNormal(&middle.mutex);
    for (const int i : {0, 2}) {
      EXPECT_EQ(mutex_trylock(&pages->pages[i].mutex),
                way.whole ? UnmappedError(lock) : EBUSY);
      EXPECT_EQ(mutex_consistent(&pages->pages[i].mutex),
                way.whole ? 0 : EINVAL);
      EXPECT_EQ(mutex_unlock(&pages->pages[i].mutex), way.whole ? 0 : EPERM);
    }
    middle.go = 1;
    child.ExpectGood();
    // The thread ended with the first one.
    EXPECT_EQ(mutex_lock(&pages->pages[0].mutex), way.whole ? 0 : EOWNERDEAD);
    EXPECT_EQ(mutex_lock(&pages->pages[2].mutex), 0);
    EXPECT_EQ(mutex_lock(&middle.mutex), 0);
    for (Pages::Page& page : pages->pages) {
      EXPECT_EQ(mutex_unlock(&page.mutex), 0);
    }
  });
}

// Those too that slept when it happened.
TEST_P(RobustUnmapTest, WaitersAreWoken) {
  ForEachWay(
      [this](const Way& way, const LockType& lock, const Shared<Pages>& pages) {
        Pages::Page& middle = pages->pages[1];
        Child child([&] {
          Pages* const its = pages.Elsewhere();
          InThread([&] {
            EXPECT_EQ(mutex_lock(&its->pages[1].mutex), 0);
            middle.ready = 1;
            EXPECT_TRUE(Eventually([&] { return middle.go == 1; }));
            way.unmap(its);
            EXPECT_TRUE(Eventually([&] { return middle.go == 2; }));
          });
        });
        EXPECT_TRUE(Eventually([&] { return middle.ready == 1; }));
        const thread_t waiter = Spawn([&] {
          EXPECT_EQ(mutex_lock(&middle.mutex), UnmappedError(lock));
          EXPECT_EQ(mutex_consistent(&middle.mutex), 0);
          EXPECT_EQ(mutex_unlock(&middle.mutex), 0);
        });
        EXPECT_TRUE(Quiesce());
        middle.go = 1;
        Join(waiter);
        ExpectNormal(&middle.mutex);
        middle.go = 2;
        child.ExpectGood();
      });
}

// mutex_init() is the old way to repair; so is dying again no end.
TEST_P(RobustUnmapTest, RepairByInitAndDeathBeforeTheRepair) {
  ForEachWay([this](const Way& way, const LockType& lock,
                    const Shared<Pages>& pages) {
    mutex_t* const m = &pages->pages[1].mutex;
    const auto unmap = [&] {
      Child([&] {
        Pages* const its = pages.Elsewhere();
        EXPECT_EQ(mutex_lock(&its->pages[1].mutex), 0);
        way.unmap(its);
      }).ExpectGood();
    };
    unmap();
    InThread([&] {
      EXPECT_EQ(mutex_lock(m), UnmappedError(lock));
      EXPECT_EQ(mutex_init(m, lock.type, nullptr), 0);
      EXPECT_EQ(mutex_unlock(m), 0);
    });
    ExpectNormal(m);
    unmap();
    InThread([&] { EXPECT_EQ(mutex_lock(m), UnmappedError(lock)); });
    // The second one died; it may be told of either.
    const int error = mutex_lock(m);
    EXPECT_TRUE(error == EOWNERDEAD || error == UnmappedError(lock)) << error;
    EXPECT_EQ(mutex_unlock(m), 0);
    ExpectLost(m);
  });
}

// A mutex locked at one address and unlocked at another is free, and those that
// were locked before and after it are still noticed.
TEST_P(RobustUnmapTest, UnlockedByAnotherMapping) {
  ForEachType([this](const LockType& lock, mutex_t*) {
    const Shared<Pages> pages(Memory::kFile);
    Pages* const again = pages.Elsewhere();
    Join(Spawn([&] {
      for (Pages::Page& page : pages->pages) {
        EXPECT_EQ(mutex_init(&page.mutex, lock.type, nullptr), 0);
        EXPECT_EQ(mutex_lock(&page.mutex), 0);
      }
      EXPECT_EQ(mutex_unlock(&again->pages[1].mutex), 0);
      Child([&] {
        EXPECT_EQ(mutex_trylock(&pages->pages[1].mutex), 0);
        EXPECT_EQ(mutex_unlock(&pages->pages[1].mutex), 0);
        EXPECT_EQ(mutex_trylock(&pages->pages[2].mutex), EBUSY);
      }).ExpectGood();
    }));
    for (const int i : {0, 2}) {
      EXPECT_EQ(mutex_trylock(&pages->pages[i].mutex), EOWNERDEAD);
      EXPECT_EQ(mutex_unlock(&again->pages[i].mutex), 0);
    }
    pages.Release(again);
  });
}

// Unmapping what nobody holds, or somebody else holds, is nothing.
TEST_P(RobustUnmapTest, OnlyTheOwnersOwnMemoryCounts) {
  ForEachWay(
      [this](const Way& way, const LockType&, const Shared<Pages>& pages) {
        mutex_t* const m = &pages->pages[1].mutex;
        EXPECT_EQ(mutex_lock(m), 0);
        Child([&] {
          Pages* const its = pages.Elsewhere();
          EXPECT_EQ(mutex_trylock(&its->pages[1].mutex), EBUSY);
          way.unmap(its);
        }).ExpectGood();
        EXPECT_TRUE(MUTEX_HELD(m));
        EXPECT_EQ(TrylockElsewhere(m), EBUSY);
        EXPECT_EQ(mutex_unlock(m), 0);
        Child([&] {
          Pages* const its = pages.Elsewhere();
          EXPECT_EQ(mutex_lock(&its->pages[1].mutex), 0);
          EXPECT_EQ(mutex_unlock(&its->pages[1].mutex), 0);
          way.unmap(its);
        }).ExpectGood();
        ExpectNormal(m);
      });
}

}  // namespace
}  // namespace lt
