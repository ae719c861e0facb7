// SPDX-License-Identifier: MIT
//
// What the programs share that start a herd of processes over one piece of
// shared memory.  A member is the same program, started with the name of the
// memory and its index; it may run under another model, and has the memory at
// an address of its own.  No member outlives the program that started it.

#ifndef LIBTHREAD_TESTS_PROGRAMS_HERD_H_
#define LIBTHREAD_TESTS_PROGRAMS_HERD_H_

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace lt {

// Small, and the same everywhere for the same seed.
class Dice {
 public:
  explicit Dice(uint64_t seed) : state_(seed) {}
  uint64_t Next();
  // From 0 to `count` - 1.
  int Below(int count) {
    return static_cast<int>(Next() % static_cast<uint64_t>(count));
  }
  bool OneIn(int count) { return Below(count) == 0; }

 private:
  uint64_t state_;
};

// `value` of an argument --name=value, or `otherwise`; a bare --name is 1.
long Option(int argc, char** argv, const std::string& name, long otherwise);
// The --seed, or a random one; printed with the name of the model.
uint64_t SeedOption(int argc, char** argv);

// Memory without a name that members find by its descriptor.
struct HerdMemory {
  int fd = -1;
  void* address = nullptr;
};
HerdMemory MakeMemory(size_t size);
void ReleaseMemory(const HerdMemory& memory, size_t size);
// The same in a member, at an address that `dice` choose.
void* MapMemory(int fd, size_t size, Dice& dice);

// What a member was started with.
struct MemberArguments {
  int index = -1;  // -1: this is the program itself
  int fd = -1;
  uint64_t seed = 0;
  bool plain = false;  // it makes no thread but by pthread_create
  int serial = 0;
};
MemberArguments ParseMember(int argc, char** argv);

// Starts this program once more as a member, under `model`; "plain" is
// two-level and a bit that the member obeys.
pid_t StartMember(const std::string& model, const MemberArguments& arguments);

// The models of the argument --models=a,b,…; the program's own model and
// nothing else if there is none.
std::vector<std::string> ModelsOption(int argc, char** argv);

// Waits for the process; its status.
int AwaitEnd(pid_t pid);
// Fails the program when a member did not exit with 0.
void RequireGoodEnd(pid_t pid);

// From now on the program fails with a message that names `what` unless this is
// called again within `seconds`; 0 ends it.
void SetDeadline(unsigned seconds, const char* what);

// Kinds of threads that a member has: the first is its main.
enum class WorkerKind { kMain, kUnbound, kBound, kPthread };
// Runs body(0), the main thread's, and body(1) … in threads of `kinds`; in a
// plain member they are all pthreads.
void RunWorkers(const std::vector<WorkerKind>& kinds, bool plain,
                const std::function<void(int)>& body);

}  // namespace lt

#endif  // LIBTHREAD_TESTS_PROGRAMS_HERD_H_
