// SPDX-License-Identifier: MIT
//
// _THREAD_ERROR_DETECTION: each mistake at each level, and what is none.

#include <errno.h>
#include <signal.h>
#include <time.h>

#include <regex>

#include "programs/run_program.h"

namespace lt {
namespace {

struct Mistake {
  const char* name;
  std::string out;                   // what the calls return, at 0 and 1
  std::vector<std::string> reports;  // patterns of the reports at 1
};

std::string Line(const std::string& what, int value) {
  return what + "=" + std::to_string(value) + "\n";
}

// The name of the thread follows its number.
constexpr char kCulprit[] = R"(thread \d+ "culprit")";

std::string By(const std::string& text) {
  return text + " 0x[0-9a-f]+, " + kCulprit;
}
std::string HeldByOwner(const std::string& text) {
  return By(text) + R"(, held by thread \d+ "owner")";
}

const std::vector<Mistake>& Mistakes() {
  static const auto* const kMistakes = new std::vector<Mistake>{
      {"unlock-free",
       Line("unlock", 0),
       {By("mutex_unlock: unlock of a mutex that is not locked: "
           "private mutex")}},
      {"unlock-foreign",
       Line("unlock", 0) + Line("trylock", 0),
       {HeldByOwner("mutex_unlock: unlock of a mutex that the thread does not "
                    "hold: private mutex")}},
      {"unlock-foreign-checked",
       Line("unlock", EPERM),
       {HeldByOwner("mutex_unlock: unlock of a mutex that the thread does not "
                    "hold: private error-checking mutex")}},
      {"unlock-foreign-recursive",
       Line("unlock", 0),
       {HeldByOwner("mutex_unlock: unlock of a mutex that the thread does not "
                    "hold: private recursive mutex")}},
      {"unlock-shared",
       Line("unlock", 0),
       {By("mutex_unlock: unlock of a mutex that is not locked: "
           "shared mutex")}},
      {"relock-alone",
       Line("lock", EDEADLK),
       {"mutex_lock: lock of a mutex that the thread holds already: private "
        "mutex 0x[0-9a-f]+, thread 1"}},
      {"relock",
       Line("lock", 0),
       {By("mutex_lock: lock of a mutex that the thread holds already: "
           "private mutex"),
        R"(mutex_unlock: unlock of a mutex that the thread does not hold: .*)"
        R"(thread 1, held by thread \d+ "culprit")"}},
      {"wait-unheld",
       Line("wait", ETIME),
       {By("cond_reltimedwait: wait without holding the mutex: "
           "private mutex")}},
      {"wait-unheld-checked",
       Line("wait", EPERM),
       {By("cond_wait: wait without holding the mutex: "
           "private error-checking mutex")}},
      {"wait-recursive",
       Line("wait", ETIME),
       {By("cond_reltimedwait: wait with a mutex that is held more than once: "
           "private recursive mutex")}},
      {"wait-shared-cond",
       Line("wait", ETIME),
       {By("cond_reltimedwait: a shared condition variable with a private "
           "mutex: private mutex")}},
      {"wait-shared-mutex",
       Line("wait", ETIME),
       {By("cond_reltimedwait: a private condition variable with a shared "
           "mutex: shared mutex")}},
      {"init-misaligned",
       Line("mutex", EINVAL) + Line("cond", EINVAL) + Line("rwlock", EINVAL) +
           Line("sema", EINVAL),
       {By("mutex_init: an object that is not aligned to 8 bytes: mutex"),
        By("cond_init: an object that is not aligned to 8 bytes: "
           "condition variable"),
        By("rwlock_init: an object that is not aligned to 8 bytes: rwlock"),
        By("sema_init: an object that is not aligned to 8 bytes: "
           "semaphore")}},
#ifndef LT_UNDEFINED_SANITIZED  // which has words of its own for these
      {"use-misaligned",
       Line("mutex", 0) + Line("cond", 0) + Line("rwlock", 0) + Line("sema", 0),
       {By("mutex_lock: an object that is not aligned to 8 bytes: mutex"),
        By("cond_signal: an object that is not aligned to 8 bytes: "
           "condition variable"),
        By("rw_rdlock: an object that is not aligned to 8 bytes: rwlock"),
        By("sema_post: an object that is not aligned to 8 bytes: semaphore"),
        By("mutex_unlock: an object that is not aligned to 8 bytes: mutex"),
        By("rw_unlock: an object that is not aligned to 8 bytes: rwlock")}},
#endif
      {"use-destroyed",
       Line("mutex", 0) + Line("cond", 0) + Line("rwlock", 0) + Line("sema", 0),
       {By("mutex_trylock: an object that was destroyed: mutex"),
        By("cond_broadcast: an object that was destroyed: condition variable"),
        By("rw_trywrlock: an object that was destroyed: rwlock"),
        By("sema_post: an object that was destroyed: semaphore"),
        By("thread: it ends and holds a lock: rwlock"),
        By("thread: it ends and holds a lock: mutex")}},
      {"destroy-locked",
       Line("destroy", 0),
       {HeldByOwner("mutex_destroy: destruction of a mutex that is locked: "
                    "private mutex")}},
      {"destroy-rwlock",
       Line("destroy", 0),
       {HeldByOwner("rwlock_destroy: destruction of a rwlock that is locked: "
                    "rwlock")}},
      {"destroy-awaited",
       Line("destroy", 0),
       {By("cond_destroy: destruction of an object that a thread waits for: "
           "condition variable")}},
      {"rw-unlock-free",
       Line("unlock", EPERM),
       {By("rw_unlock: unlock of a rwlock that the thread does not hold: "
           "rwlock")}},
      {"rw-unlock-foreign",
       Line("unlock", EPERM),
       {HeldByOwner("rw_unlock: unlock of a rwlock that the thread does not "
                    "hold: rwlock")}},
      {"read-while-writing",
       Line("rdlock", EDEADLK),
       {By("rw_rdlock: the thread holds the rwlock for writing: rwlock")}},
      {"write-while-reading",
       Line("wrlock", EDEADLK),
       {By("rw_wrlock: the thread holds the rwlock already: rwlock")}},
      {"write-twice",
       Line("wrlock", EDEADLK),
       {By("rw_wrlock: the thread holds the rwlock already: rwlock")}},
      {"end-holding",
       Line("lock", 0),
       {By("thread: it ends and holds a lock: mutex")}},
      {"end-holding-rwlock",
       Line("lock", 0),
       {By("thread: it ends and holds a lock: rwlock")}},
  };
  return *kMistakes;
}

class MistakesTest : public KindedProgramTest {
 protected:
  static ProgramResult Run(const std::string& name, const std::string& level,
                           const std::string& program = "mistakes") {
    return RunProgram(program, Arguments(name),
                      With({{"_THREAD_ERROR_DETECTION", level}}));
  }
};

LT_OVER_MODELS_AND_KINDS(MistakesTest);

TEST_P(MistakesTest, AreSilentWithoutDetection) {
  for (const Mistake& mistake : Mistakes()) {
    SCOPED_TRACE(mistake.name);
    const ProgramResult result = Run(mistake.name, "0");
    EXPECT_TRUE(EndedWith(0, result));
    EXPECT_EQ(result.out, mistake.out + "done\n");
  }
}

// The calls behave as without detection; a stack follows each headline.
TEST_P(MistakesTest, AreReportedAtLevelOne) {
  for (const Mistake& mistake : Mistakes()) {
    SCOPED_TRACE(mistake.name);
    const ProgramResult result = Run(mistake.name, "1");
    EXPECT_EQ(result.status, 0) << result;
    EXPECT_EQ(result.out, mistake.out + "done\n");
    const auto heads = result.ErrLinesWith("libthread: ");
    ASSERT_EQ(heads.size(), mistake.reports.size()) << result;
    for (size_t i = 0; i < heads.size(); ++i) {
      EXPECT_TRUE(std::regex_match(
          heads[i], std::regex("libthread: mistake: " + mistake.reports[i])))
          << heads[i] << "\n"
          << mistake.reports[i];
    }
    EXPECT_GT(result.ErrLines().size(), 2 * heads.size()) << result;
  }
}

TEST_P(MistakesTest, EndTheProcessAtLevelTwo) {
  for (const Mistake& mistake : Mistakes()) {
    SCOPED_TRACE(mistake.name);
    const ProgramResult result = Run(mistake.name, "2");
    EXPECT_EQ(result.signal, SIGABRT) << result;
    EXPECT_EQ(result.ErrLinesWith("libthread: mistake: ").size(), 1U) << result;
    EXPECT_EQ(result.out.find("done"), std::string::npos);
  }
}

TEST_P(MistakesTest, RelockOfARobustMutexIsReportedBeforeItBlocks) {
  const ProgramResult result = Run("relock-robust", "2");
  EXPECT_EQ(result.signal, SIGABRT) << result;
  const auto heads = result.ErrLinesWith("libthread: mistake: ");
  ASSERT_EQ(heads.size(), 1U) << result;
  EXPECT_NE(heads[0].find("lock of a mutex that the thread holds already"),
            std::string::npos)
      << result;
}

TEST_P(MistakesTest, AreNotFoundWhereThereIsNone) {
  for (const char* name : {"reuse", "correct"}) {
    const ProgramResult result = Run(name, "2", "no_mistakes");
    EXPECT_TRUE(EndedWith(0, result));
    EXPECT_EQ(result.out, "done\n");
  }
}

TEST(DetectionTest, TheOldNameServesWhereTheNewOneIsUnset) {
  const char kOld[] = "LIBTHREAD_ERROR_DETECTION";
  const char kNew[] = "_THREAD_ERROR_DETECTION";
  const auto run = [](const Environment& environment) {
    return RunProgram("mistakes", {"unlock-free"}, environment);
  };
  EXPECT_EQ(run({{kOld, "2"}}).signal, SIGABRT);
  EXPECT_TRUE(EndedWith(0, run({{kOld, "2"}, {kNew, "0"}})));
  EXPECT_EQ(run({{kOld, "2"}, {kNew, ""}}).signal, SIGABRT);
  for (const char* bad : {"3", "-1", "yes", "1 "}) {
    const ProgramResult result = run({{kNew, bad}});
    EXPECT_EQ(result.status, 0) << result;
    ASSERT_EQ(result.ErrLines().size(), 1U) << result;
    EXPECT_NE(result.err.find(std::string(kNew) + "=" + bad), std::string::npos)
        << result;
  }
}

}  // namespace
}  // namespace lt
