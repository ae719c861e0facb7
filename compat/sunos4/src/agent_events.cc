// SPDX-License-Identifier: MIT
//
// From a signal to the pod.  The handler runs in whatever kernel thread the
// kernel or libthread chose, and touches nothing but a pipe, which it writes a
// Capture into; writes of that length are not divided.  The helper sees that
// there is something to read, and who has the baton reads it.
//
// A full pipe loses signals, as the kernel loses those that are pending
// already: it holds more than AGENTMEMORY.

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "agents.h"
#include "helper.h"

namespace lwp4 {
namespace {

int g_pipe[2] = {-1, -1};  // written before the first handler is there

// Not read(2) and write(2) themselves, which libnbio may have replaced.
bool Move(long call, int fd, Capture& capture) {
  return syscall(call, fd, &capture, sizeof capture) ==
         static_cast<long>(sizeof capture);
}

void Take(Event&) {
  TakeCaptures();
}

Event g_event{.take = Take};

bool OnReadable(Source&, short) {
  PostEvent(g_event);
  return false;  // until TakeCaptures() has read all
}

Source g_source{.wanted = POLLIN, .ready = OnReadable};

bool OpenPipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return false;
  g_pipe[0] = ends[0];
  g_pipe[1] = ends[1];
  g_source.fd = ends[0];
  return true;
}

}  // namespace

bool StartCapture() {
  if (g_pipe[0] < 0 && !OpenPipe()) return false;
  return g_source.added || AddSource(g_source);
}

bool NextCapture(Capture& capture) {
  if (g_pipe[0] >= 0 && Move(SYS_read, g_pipe[0], capture)) return true;
  // The helper may not be through with it yet; this waits for that.
  RemoveSource(g_source);
  // If this fails there is no memory: the next agent tries again.
  static_cast<void>(AddSource(g_source));
  return false;
}

void CaptureSignal(int signal, siginfo_t* info, void*) {
  const int error = errno;
  Capture capture = {signal, info->si_code, nullptr, {}};
  if (signal == SIGSEGV || signal == SIGBUS || signal == SIGFPE ||
      signal == SIGILL || signal == SIGTRAP) {
    capture.address = static_cast<char*>(info->si_addr);
  }
  // Its memory is never given back (INV-OB1).
  Lwp* running = pod.running.load(std::memory_order_acquire);
  if (running != nullptr) capture.victim = running->handle();
  static_cast<void>(Move(SYS_write, g_pipe[1], capture));
  errno = error;
}

void StopCapture() {
  if (g_pipe[0] < 0) return;
  syscall(SYS_close, g_pipe[0]);
  syscall(SYS_close, g_pipe[1]);
  g_pipe[0] = g_pipe[1] = -1;
  g_source.added = false;
}

}  // namespace lwp4
