// SPDX-License-Identifier: MIT
//
// A server with a thread for each connection, and its clients in a process of
// their own, a thread for each as well.  All connections are open at once.
//
// usage: echo CONNECTIONS
// Prints how many connections there were (fewer where the limit of descriptors
// is low) and how many LWPs ran their threads, at most.

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "programs/check.h"

extern char** environ;

namespace {

constexpr int kRounds = 3;

sema_t ended;
sockaddr_in address;

sockaddr* Address() {
  return reinterpret_cast<sockaddr*>(&address);
}

int RaiseDescriptors() {
  rlimit limit;
  LT_REQUIRE(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  limit.rlim_cur = limit.rlim_max;
  LT_REQUIRE(setrlimit(RLIMIT_NOFILE, &limit) == 0);
  constexpr rlim_t kEnough = 1 << 20;
  return static_cast<int>(std::min(limit.rlim_cur, kEnough));
}

// The first kernel thread, and those that the library made for the pool.
int Lwps() {
  int count = 1;
  DIR* tasks = opendir("/proc/self/task");
  LT_REQUIRE(tasks != nullptr);
  while (const dirent* task = readdir(tasks)) {
    std::ifstream file(std::string("/proc/self/task/") + task->d_name +
                       "/comm");
    std::string name;
    if (std::getline(file, name) && name.rfind("lwp/", 0) == 0) ++count;
  }
  closedir(tasks);
  return count;
}

int Descriptor(void* arg) {
  return static_cast<int>(reinterpret_cast<intptr_t>(arg));
}

extern "C" void* Serve(void* arg) {
  const int fd = Descriptor(arg);
  char data[64];
  ssize_t size;
  while ((size = read(fd, data, sizeof data)) > 0) {
    LT_REQUIRE(write(fd, data, static_cast<size_t>(size)) == size);
  }
  LT_REQUIRE(size == 0);
  LT_REQUIRE(close(fd) == 0);
  LT_REQUIRE(sema_post(&ended) == 0);
  return nullptr;
}

std::atomic<int> connected{0};
sema_t all_connected;

extern "C" void* Ask(void*) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  LT_REQUIRE(fd >= 0);
  LT_REQUIRE(connect(fd, Address(), sizeof address) == 0);
  ++connected;
  LT_REQUIRE(sema_wait(&all_connected) == 0);
  for (int i = 0; i < kRounds; ++i) {
    int data = fd * kRounds + i;
    LT_REQUIRE(send(fd, &data, sizeof data, 0) == sizeof data);
    data = -1;
    LT_REQUIRE(recv(fd, &data, sizeof data, 0) == sizeof data);
    LT_REQUIRE(data == fd * kRounds + i);
  }
  LT_REQUIRE(close(fd) == 0);
  return nullptr;
}

int Clients(const char* port, int count) {
  RaiseDescriptors();
  address.sin_port = htons(static_cast<uint16_t>(atoi(port)));
  std::vector<thread_t> ids;
  for (int i = 0; i < count; ++i) {
    ids.push_back(lt::MustCreate(Ask, nullptr));
  }
  lt::Await([count] { return connected == count; });
  // The server's end of the last ones may still be in the queue.
  for (int i = 0; i < count; ++i) LT_REQUIRE(sema_post(&all_connected) == 0);
  for (const thread_t id : ids) lt::MustJoin(id);
  return 0;
}

pid_t StartClients(int count) {
  const std::string port = std::to_string(ntohs(address.sin_port));
  const std::string number = std::to_string(count);
  const char* arguments[] = {"echo", "clients", port.c_str(), number.c_str(),
                             nullptr};
  pid_t child;
  LT_REQUIRE(posix_spawn(&child, "/proc/self/exe", nullptr, nullptr,
                         const_cast<char**>(arguments), environ) == 0);
  return child;
}

int Server(int wanted) {
  constexpr int kOthers = 100;
  const int count = std::min(wanted, RaiseDescriptors() - kOthers);
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  socklen_t length = sizeof address;
  LT_REQUIRE(bind(listener, Address(), length) == 0);
  LT_REQUIRE(listen(listener, 4096) == 0);
  LT_REQUIRE(getsockname(listener, Address(), &length) == 0);
  const pid_t child = StartClients(count);
  for (int i = 0; i < count; ++i) {
    const int fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    LT_REQUIRE(fd >= 0);
    lt::MustCreate(Serve, reinterpret_cast<void*>(intptr_t{fd}), THR_DETACHED);
  }
  int lwps = Lwps();
  for (int i = 0; i < count; ++i) LT_REQUIRE(sema_wait(&ended) == 0);
  lwps = std::max(lwps, Lwps());
  int status;
  LT_REQUIRE(waitpid(child, &status, 0) == child);
  LT_REQUIRE(status == 0);
  printf("connections=%d lwps=%d\ndone\n", count, lwps);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (argc == 4 && strcmp(argv[1], "clients") == 0) {
    return Clients(argv[2], atoi(argv[3]));
  }
  LT_REQUIRE(argc == 2);
  return Server(atoi(argv[1]));
}
