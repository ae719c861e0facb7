// SPDX-License-Identifier: MIT
//
// Runs the programs of this folder, which are clients of SunOS 4's library,
// over all models, with preemption and without.  Each program lists its cases;
// the tables here say how they end, and must name all of them.

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "programs/run_program.h"
#include "sunos4/cases.h"

namespace lt {
namespace {

ProgramResult RunCase(const std::string& program, const std::string& name,
                      const std::string& model, bool preempt,
                      int limit_s = 60) {
  std::vector<std::string> arguments;
  if (!name.empty()) arguments.push_back(name);
  return RunProgram(
      program, arguments,
      {{"LIBTHREAD_MODEL", model}, {"LIBLWP_PREEMPT", preempt ? "1" : "0"}},
      limit_s);
}

// Calls `check` with every model, with preemption and, unless `modes` needs
// that, without.
template <typename Check>
void InAllModes(Modes modes, const Check& check) {
  for (const std::string& model : Models()) {
    for (const bool preempt : {true, false}) {
      if (!preempt && modes == kPreemptive) continue;
      SCOPED_TRACE(model + (preempt ? ", preemptive" : ", cooperative"));
      check(model, preempt);
    }
  }
}

// ---- The cases of the tables ----

struct Named {
  std::string program;
  Case one;
};

std::vector<Named> AllCases() {
  std::vector<Named> all;
  for (const Program& program : Programs()) {
    for (const Case& one : program.cases) all.push_back({program.name, one});
  }
  return all;
}

void PrintTo(const Named& named, std::ostream* out) {
  *out << named.program << ' ' << named.one.name;
}

class Sunos4 : public ::testing::TestWithParam<Named> {};

TEST_P(Sunos4, Case) {
  const Case& one = GetParam().one;
  InAllModes(one.modes, [&](const std::string& model, bool preempt) {
    const ProgramResult result =
        RunCase(GetParam().program, one.name, model, preempt, one.limit_s);
    if (one.status < 0) {
      EXPECT_EQ(-one.status, result.signal) << result;
      EXPECT_NE("", result.err) << "nothing said why";
    } else if (one.says_seed) {
      EXPECT_EQ(one.status, result.status) << result;
      EXPECT_EQ(1u, result.ErrLines().size()) << result;
    } else {
      EXPECT_TRUE(EndedWith(one.status, result));
    }
    EXPECT_EQ(one.out, result.out);
  });
}

INSTANTIATE_TEST_SUITE_P(Programs, Sunos4, ::testing::ValuesIn(AllCases()),
                         [](const ::testing::TestParamInfo<Named>& info) {
                           return info.param.program.substr(strlen("sunos4_")) +
                                  "_" + info.param.one.name;
                         });

TEST(Sunos4Programs, TablesNameEveryCase) {
  for (const Program& program : Programs()) {
    std::set<std::string> named;
    for (const Case& one : program.cases) named.insert(one.name);
    // Checked by a test of its own.
    if (program.name == std::string("sunos4_errors")) named.insert("texts");
    const ProgramResult result = RunProgram(program.name, {"--list"}, {});
    std::set<std::string> listed;
    std::istringstream stream(result.out);
    for (std::string line; std::getline(stream, line);) listed.insert(line);
    EXPECT_EQ(listed, named) << program.name;
  }
}

// ---- Programs with an end or an output of their own ----

// main returns while a thread is left: the thread goes on, the status is kept.
TEST(Sunos4Programs, MainFallsOff) {
  InAllModes(kBoth, [](const std::string& model, bool preempt) {
    ProgramResult result = RunCase("sunos4_life", "fall_off", model, preempt);
    EXPECT_TRUE(EndedWith(14, result));
    EXPECT_EQ("thread\n", result.out);
    // No pod: the status is libc's business.
    result = RunCase("sunos4_life", "fall_off_alone", model, preempt);
    EXPECT_TRUE(EndedWith(15, result));
  });
}

// lwp_perror() prints "name: text"; the case prints the same after it.
TEST(Sunos4Programs, ErrorTexts) {
  InAllModes(kBoth, [](const std::string& model, bool preempt) {
    const ProgramResult result =
        RunCase("sunos4_errors", "texts", model, preempt);
    EXPECT_TRUE(EndedWith(0, result));
    std::istringstream stream(result.out);
    std::string printed, expected, end;
    std::getline(stream, printed);
    std::getline(stream, expected);
    std::getline(stream, end);
    EXPECT_EQ(expected, printed);
    EXPECT_EQ(0u, printed.find("name: ")) << printed;
    EXPECT_EQ("ok", end);
  });
}

TEST(Sunos4Programs, Teaching) {
  InAllModes(kBoth, [](const std::string& model, bool preempt) {
    for (const char* program : {"sunos4_teaching", "sunos4_teaching_static"}) {
      const ProgramResult result = RunCase(program, "", model, preempt);
      EXPECT_TRUE(EndedWith(0, result)) << program;
      EXPECT_EQ(
          "main ends\ntask 1 starts\ntask 2 starts\n"
          "task 1 ends\ntask 2 ends\n",
          result.out);
    }
  });
}

TEST(Sunos4Programs, KandR) {
  InAllModes(kBoth, [](const std::string& model, bool preempt) {
    const ProgramResult result = RunCase("sunos4_knr", "", model, preempt);
    EXPECT_TRUE(EndedWith(0, result));
    EXPECT_EQ("took 42\n", result.out);
  });
}

TEST(Sunos4Programs, OwnPrototypes) {
  InAllModes(kBoth, [](const std::string& model, bool preempt) {
    const ProgramResult result =
        RunCase("sunos4_own_prototypes", "", model, preempt);
    EXPECT_TRUE(EndedWith(0, result));
    EXPECT_EQ("task 1\ntask 2\ntask 3\n", result.out);
  });
}

TEST(Sunos4Programs, CxxClient) {
  InAllModes(kBoth, [](const std::string& model, bool preempt) {
    const ProgramResult result =
        RunCase("sunos4_cxx_client", "", model, preempt);
    EXPECT_TRUE(EndedWith(0, result));
    EXPECT_EQ("thrown 17\nnone\ntext\na\nb\n", result.out);
  });
}

// A million operations, all models and modes together; the seed is printed.
TEST(Sunos4Programs, PosixLayer) {
  InAllModes(kBoth, [](const std::string& model, bool preempt) {
    const ProgramResult result =
        RunCase("sunos4_posix_stress", "1000000", model, preempt, 120);
    EXPECT_TRUE(EndedWith(0, result));
    EXPECT_NE(std::string::npos, result.out.find("\nok\n")) << result;
  });
}

}  // namespace
}  // namespace lt
