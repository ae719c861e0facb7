// SPDX-License-Identifier: MIT
//
// W15: an echo server with a thread for each connection; time per request.
//
// The clients are one kernel thread of another process, the same for every
// library: it keeps one request of 64 bytes under way on each connection and
// waits for all of them with epoll.  --n is the number of requests in all.
// libthread needs LIBTHREAD_POLLER=1, which bench/run sets.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <csignal>

#include "peer.h"

namespace bench {
namespace {

constexpr int kConnections = 400;
constexpr size_t kBytes = 64;

int g_to_clients = -1;
int g_from_clients = -1;
int g_listener = -1;
bool g_serving = false;

void* Serve(void* arg) {
  const int fd = static_cast<int>(reinterpret_cast<intptr_t>(arg));
  char data[kBytes];
  for (;;) {
    const ssize_t size = read(fd, data, sizeof data);
    if (size <= 0) return nullptr;
    Check(write(fd, data, static_cast<size_t>(size)) == size, "write");
  }
}

// ---- The process of the clients ----

int Connect(const sockaddr_in& address) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  const int on = 1;
  Check(fd >= 0 && connect(fd, reinterpret_cast<const sockaddr*>(&address),
                           sizeof address) == 0,
        "connect");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

void Ask(int fd) {
  const char data[kBytes] = {};
  Check(send(fd, data, sizeof data, 0) == sizeof data, "send");
}

// `n` requests over all connections; the time that they took.
int64_t AskAll(int set, const int* fds, long n) {
  const int64_t start = NowNs();
  long asked = 0;
  for (; asked < n && asked < kConnections; ++asked) Ask(fds[asked]);
  for (long answered = 0; answered < n;) {
    epoll_event events[kConnections];
    const int count = epoll_wait(set, events, kConnections, -1);
    for (int i = 0; i < count; ++i) {
      const int fd = events[i].data.fd;
      char data[kBytes];
      Check(recv(fd, data, sizeof data, MSG_WAITALL) == sizeof data, "recv");
      ++answered;
      if (asked < n) {
        Ask(fd);
        ++asked;
      }
    }
  }
  return NowNs() - start;
}

[[noreturn]] void Clients(const sockaddr_in& address, int orders, int results) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  int fds[kConnections];
  const int set = epoll_create1(0);
  for (int& fd : fds) {
    fd = Connect(address);
    epoll_event event = {};
    event.events = EPOLLIN;
    event.data.fd = fd;
    Check(epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) == 0, "epoll_ctl");
  }
  long n;
  while (read(orders, &n, sizeof n) == sizeof n) {
    const int64_t elapsed = AskAll(set, fds, n);
    Check(write(results, &elapsed, sizeof elapsed) == sizeof elapsed, "write");
  }
  _exit(0);
}

// Before any thread is made.
void StartClients() {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t length = sizeof address;
  g_listener = socket(AF_INET, SOCK_STREAM, 0);
  Check(bind(g_listener, generic, length) == 0 &&
            listen(g_listener, kConnections) == 0 &&
            getsockname(g_listener, generic, &length) == 0,
        "listen");
  int orders[2];
  int results[2];
  Check(pipe(orders) == 0 && pipe(results) == 0, "pipe");
  const pid_t child = fork();
  Check(child >= 0, "fork");
  if (child == 0) {
    close(orders[1]);
    Clients(address, orders[0], results[1]);
  }
  close(orders[0]);
  g_to_clients = orders[1];
  g_from_clients = results[0];
}

void StartServing() {
  for (int i = 0; i < kConnections; ++i) {
    const int fd = accept(g_listener, nullptr, nullptr);
    Check(fd >= 0, "accept");
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    Peer::Thread thread;
    Check(Peer::Spawn(&thread, Serve,
                      reinterpret_cast<void*>(static_cast<intptr_t>(fd))),
          "cannot create a thread");
  }
  g_serving = true;
}

int64_t Requests(long n, const Options&) {
  if (!g_serving) StartServing();
  Check(write(g_to_clients, &n, sizeof n) == sizeof n, "write");
  int64_t elapsed;
  Check(read(g_from_clients, &elapsed, sizeof elapsed) == sizeof elapsed,
        "read");
  return elapsed;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  bench::StartClients();
  const int status =
      bench::Main<bench::Peer>(argc, argv, "W15", bench::Requests);
  _exit(status);  // the servers still wait for requests
}
