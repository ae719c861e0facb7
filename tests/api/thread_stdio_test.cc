// SPDX-License-Identifier: MIT
//
// stdio and the resolver on many threads: FILE locks held over switches, lines
// that stay whole, look-ups of names side by side.

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "support/fixture.h"

namespace lt {
namespace {

using ThreadStdioTest = ApiTest;
LT_OVER_KINDS(ThreadStdioTest);

constexpr int kThreads = 20;
constexpr int kLines = 50;

struct CloseFile {
  void operator()(FILE* file) const { fclose(file); }
};
using File = std::unique_ptr<FILE, CloseFile>;

std::vector<std::string> LinesOf(FILE* file) {
  std::vector<std::string> lines;
  rewind(file);
  char* line = nullptr;
  size_t room = 0;
  ssize_t length = 0;
  while ((length = getline(&line, &room, file)) > 0) {
    lines.emplace_back(line, static_cast<size_t>(length));
  }
  free(line);
  return lines;
}

// Blocks the LWP; in many-to-one that would block whoever holds the lock.
void LockFile(FILE* file) {
  if (ModelName() != "many-to-one") {
    flockfile(file);
    return;
  }
  while (ftrylockfile(file) != 0) thr_yield();
}

TEST_P(ThreadStdioTest, LinesStayWhole) {
  const File file(tmpfile());
  ASSERT_NE(file, nullptr);
  RunThreads(kThreads, [&](int i) {
    for (int n = 0; n < kLines; ++n) {
      EXPECT_GT(fprintf(file.get(), "thread %d line %d %s\n", i, n,
                        std::string(static_cast<size_t>(i), '.').c_str()),
                0);
      if (n % 5 == 0) thr_yield();
    }
  });
  std::set<std::string> expected;
  for (int i = 0; i < kThreads; ++i) {
    for (int n = 0; n < kLines; ++n) {
      expected.insert("thread " + std::to_string(i) + " line " +
                      std::to_string(n) + " " +
                      std::string(static_cast<size_t>(i), '.') + "\n");
    }
  }
  const std::vector<std::string> lines = LinesOf(file.get());
  EXPECT_EQ(lines.size(), expected.size());
  EXPECT_EQ(std::set<std::string>(lines.begin(), lines.end()), expected);
}

TEST_P(ThreadStdioTest, AFileLockIsHeldOverSwitches) {
  const File file(tmpfile());
  ASSERT_NE(file, nullptr);
  RunThreads(kThreads, [&](int i) {
    for (int n = 0; n < kLines; ++n) {
      LockFile(file.get());
      EXPECT_GT(fprintf(file.get(), "%d %d begin;", i, n), 0);
      thr_yield();
      // The owner may lock again, and use calls that lock.
      EXPECT_EQ(ftrylockfile(file.get()), 0);
      EXPECT_GT(fprintf(file.get(), "%d %d middle;", i, n), 0);
      funlockfile(file.get());
      thr_yield();
      EXPECT_GT(fprintf(file.get(), "%d %d end\n", i, n), 0);
      funlockfile(file.get());
      thr_yield();
    }
  });
  const std::vector<std::string> lines = LinesOf(file.get());
  EXPECT_EQ(lines.size(), static_cast<size_t>(kThreads) * kLines);
  for (const std::string& line : lines) {
    const std::string tag = line.substr(0, line.find(" begin"));
    EXPECT_EQ(line, tag + " begin;" + tag + " middle;" + tag + " end\n");
  }
}

TEST_P(ThreadStdioTest, ALockedFileIsClosedToOthers) {
  const File file(tmpfile());
  ASSERT_NE(file, nullptr);
  flockfile(file.get());
  int error = 0;
  Join(Spawn([&] {
    error = ftrylockfile(file.get());
    if (error == 0) funlockfile(file.get());
  }));
  EXPECT_NE(error, 0);
  funlockfile(file.get());
  Join(Spawn([&] {
    error = ftrylockfile(file.get());
    if (error == 0) funlockfile(file.get());
  }));
  EXPECT_EQ(error, 0);
}

TEST_P(ThreadStdioTest, EachThreadHasAFileOfItsOwn) {
  std::atomic<int> wrong{0};
  RunThreads(kThreads, [&](int i) {
    char* data = nullptr;
    size_t size = 0;
    {
      const File file(open_memstream(&data, &size));
      ASSERT_NE(file, nullptr);
      for (int n = 0; n < kLines; ++n) {
        fprintf(file.get(), "%d:%.3f ", i, n / 8.0);
        thr_yield();
      }
    }
    std::string expected;
    for (int n = 0; n < kLines; ++n) {
      char piece[64];
      snprintf(piece, sizeof piece, "%d:%.3f ", i, n / 8.0);
      expected += piece;
    }
    if (std::string(data, size) != expected) ++wrong;
    free(data);
  });
  EXPECT_EQ(wrong, 0);
}

struct FreeAddresses {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};

// The IPv4 address that `name` stands for, or the error's text.
std::string AddressOf(const char* name) {
  addrinfo hints{};
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int error = getaddrinfo(name, "80", &hints, &list);
  if (error != 0) return gai_strerror(error);
  const std::unique_ptr<addrinfo, FreeAddresses> owner(list);
  sockaddr_in address{};
  memcpy(&address, list->ai_addr, sizeof address);
  char text[INET_ADDRSTRLEN];
  inet_ntop(AF_INET, &address.sin_addr, text, sizeof text);
  return std::string(text) + ":" + std::to_string(ntohs(address.sin_port));
}

TEST_P(ThreadStdioTest, NamesAreLookedUpSideBySide) {
  RunThreads(kThreads, [&](int i) {
    for (int n = 0; n < 10; ++n) {
      const std::string numeric =
          "10.1." + std::to_string(n) + "." + std::to_string(i);
      EXPECT_EQ(AddressOf(numeric.c_str()), numeric + ":80");
      EXPECT_EQ(AddressOf("localhost"), "127.0.0.1:80");
      thr_yield();
    }
  });
}

}  // namespace
}  // namespace lt
