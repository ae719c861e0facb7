// SPDX-License-Identifier: MIT
//
// Herds of processes: see herd.h.

#include "programs/herd.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>

#include "programs/check.h"

namespace lt {
namespace {

// Longer than a member lives that does not hang.
constexpr unsigned kMemberSeconds = 120;

std::atomic<const char*> deadline_of{""};

extern "C" void MissDeadline(int) {
  const char* const what = deadline_of;
  const char text[] = "the deadline has passed: ";
  ssize_t ignored = write(STDERR_FILENO, text, sizeof(text) - 1);
  ignored = write(STDERR_FILENO, what, strlen(what));
  ignored = write(STDERR_FILENO, "\n", 1);
  (void)ignored;
  _exit(97);
}

struct WorkerStart {
  const std::function<void(int)>* body;
  int index;
};

extern "C" void* RunWorker(void* arg) {
  const WorkerStart start = *static_cast<WorkerStart*>(arg);
  (*start.body)(start.index);
  return nullptr;
}

}  // namespace

uint64_t Dice::Next() {  // splitmix64
  uint64_t z = state_ += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

long Option(int argc, char** argv, const std::string& name, long otherwise) {
  const std::string bare = "--" + name;
  for (int i = 1; i < argc; ++i) {
    const std::string text = argv[i];
    if (text == bare) return 1;
    if (text.rfind(bare + "=", 0) == 0) {
      return strtol(argv[i] + bare.size() + 1, nullptr, 10);
    }
  }
  return otherwise;
}

uint64_t SeedOption(int argc, char** argv) {
  auto seed = static_cast<uint64_t>(Option(argc, argv, "seed", 0));
  if (seed == 0) {
    uint32_t random = 0;
    LT_REQUIRE(getrandom(&random, sizeof(random), 0) == sizeof(random));
    seed = random;
  }
  const char* model = getenv("LIBTHREAD_MODEL");
  printf("seed=%lu model=%s\n", static_cast<unsigned long>(seed),
         model == nullptr ? "" : model);
  fflush(stdout);
  return seed;
}

HerdMemory MakeMemory(size_t size) {
  HerdMemory memory;
  memory.fd = memfd_create("libthread-herd", 0);
  LT_REQUIRE(memory.fd >= 0);
  LT_REQUIRE(ftruncate(memory.fd, static_cast<off_t>(size)) == 0);
  memory.address =
      mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, memory.fd, 0);
  LT_REQUIRE(memory.address != MAP_FAILED);
  return memory;
}

void ReleaseMemory(const HerdMemory& memory, size_t size) {
  LT_REQUIRE(munmap(memory.address, size) == 0);
  LT_REQUIRE(close(memory.fd) == 0);
}

void* MapMemory(int fd, size_t size, Dice& dice) {
  // A hint only: where nothing else is.
  const uintptr_t hint = 0x10'0000'0000 + (dice.Next() % 0x10'0000 << 16);
  void* const address = mmap(reinterpret_cast<void*>(hint), size,
                             PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  LT_REQUIRE(address != MAP_FAILED);
  return address;
}

MemberArguments ParseMember(int argc, char** argv) {
  MemberArguments member;
  member.index = static_cast<int>(Option(argc, argv, "member", -1));
  if (member.index < 0) return member;
  member.fd = static_cast<int>(Option(argc, argv, "fd", -1));
  member.seed = static_cast<uint64_t>(Option(argc, argv, "seed", 0));
  member.plain = Option(argc, argv, "plain", 0) != 0;
  member.serial = static_cast<int>(Option(argc, argv, "serial", 0));
  return member;
}

pid_t StartMember(const std::string& model, const MemberArguments& arguments) {
  const bool plain = model == "plain";
  std::vector<std::string> texts = {
      "member",
      "--member=" + std::to_string(arguments.index),
      "--fd=" + std::to_string(arguments.fd),
      "--seed=" + std::to_string(arguments.seed >> 2),
      "--serial=" + std::to_string(arguments.serial),
      std::string("--plain=") + (plain ? "1" : "0"),
  };
  std::vector<char*> argv;
  for (std::string& text : texts) argv.push_back(text.data());
  argv.push_back(nullptr);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  LT_REQUIRE(pid >= 0);
  if (pid != 0) return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(96);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  if (!plain) setenv("LIBTHREAD_MODEL", model.c_str(), 1);
  alarm(kMemberSeconds);  // its end by SIGALRM is no good end
  execv("/proc/self/exe", argv.data());
  _exit(95);
}

std::vector<std::string> ModelsOption(int argc, char** argv) {
  std::string list;
  const std::string name = "--models=";
  for (int i = 1; i < argc; ++i) {
    const std::string text = argv[i];
    if (text.rfind(name, 0) == 0) list = text.substr(name.size());
  }
  if (list.empty()) {
    const char* model = getenv("LIBTHREAD_MODEL");
    return {model == nullptr || *model == '\0' ? "two-level" : model};
  }
  std::vector<std::string> models;
  for (size_t at = 0; at <= list.size();) {
    const size_t comma = std::min(list.find(',', at), list.size());
    models.push_back(list.substr(at, comma - at));
    at = comma + 1;
  }
  return models;
}

int AwaitEnd(pid_t pid) {
  int status = 0;
  pid_t result = -1;
  do {
    result = waitpid(pid, &status, 0);
  } while (result == -1 && errno == EINTR);
  LT_REQUIRE(result == pid);
  return status;
}

void RequireGoodEnd(pid_t pid) {
  const int status = AwaitEnd(pid);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
  fprintf(stderr, "member %d ended with status %#x\n", pid,
          static_cast<unsigned>(status));
  _exit(98);
}

void SetDeadline(unsigned seconds, const char* what) {
  deadline_of = what;
  struct sigaction action {};
  action.sa_handler = MissDeadline;
  LT_REQUIRE(sigaction(SIGALRM, &action, nullptr) == 0);
  alarm(seconds);
}

void RunWorkers(const std::vector<WorkerKind>& kinds, bool plain,
                const std::function<void(int)>& body) {
  struct Made {
    bool pthread;
    thread_t id;
    pthread_t handle;
  };
  std::vector<WorkerStart> starts;
  for (size_t i = 0; i < kinds.size(); ++i) {
    starts.push_back({&body, static_cast<int>(i)});
  }
  std::vector<Made> made;
  for (size_t i = 1; i < kinds.size(); ++i) {
    Made worker{plain || kinds[i] == WorkerKind::kPthread, 0, 0};
    if (worker.pthread) {
      LT_REQUIRE(
          pthread_create(&worker.handle, nullptr, RunWorker, &starts[i]) == 0);
    } else {
      worker.id = MustCreate(RunWorker, &starts[i],
                             kinds[i] == WorkerKind::kBound ? THR_BOUND : 0);
    }
    made.push_back(worker);
  }
  body(0);
  for (const Made& worker : made) {
    if (worker.pthread) {
      LT_REQUIRE(pthread_join(worker.handle, nullptr) == 0);
    } else {
      MustJoin(worker.id);
    }
  }
}

}  // namespace lt
