// SPDX-License-Identifier: MIT
//
// W14: start and end of a process that has the library loaded and uses nothing
// of it.  The program runs itself with one argument, "child", and waits.

#include <spawn.h>
#include <sys/wait.h>

#include "peer.h"

extern char** environ;

namespace bench {
namespace {

int64_t StartProcesses(long n, const Options&) {
  char self[] = "/proc/self/exe";
  char child[] = "child";
  char* arguments[] = {self, child, nullptr};
  const int64_t start = NowNs();
  for (long i = 0; i < n; ++i) {
    pid_t pid;
    Check(posix_spawn(&pid, self, nullptr, nullptr, arguments, environ) == 0,
          "posix_spawn");
    int status;
    Check(waitpid(pid, &status, 0) == pid && status == 0, "child failed");
  }
  return NowNs() - start;
}

// Loaded, not started: Start() is left to the programs that use the library.
struct LoadedPeer {
  static constexpr const char* kName = Peer::kName;
  static void Start(int) {}
  static void Stop() {}
};

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  if (argc == 2 && strcmp(argv[1], "child") == 0) return 0;
  return bench::Main<bench::LoadedPeer>(argc, argv, "W14",
                                        bench::StartProcesses);
}
