// SPDX-License-Identifier: MIT
//
// Child processes of the program tests: see run_program.h.

#include "programs/run_program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>

extern char** environ;

namespace lt {
namespace {

int64_t NowMs() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

std::vector<std::string> EnvironmentOf(const Environment& added) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text(*entry);
    if (text.rfind("LIBTHREAD_", 0) == 0 || text.rfind("_THREAD_", 0) == 0) {
      continue;
    }
    if (added.count(text.substr(0, text.find('='))) == 0) all.push_back(text);
  }
  for (const auto& [name, value] : added) all.push_back(name + "=" + value);
  return all;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& text : strings) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

struct PipeEnds {
  int read = -1;
  int write = -1;
};

PipeEnds MakePipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) abort();
  return {ends[0], ends[1]};
}

// Appends what can be read to `text`; false at the end of the stream.
bool ReadSome(int fd, std::string& text) {
  char buffer[4096];
  const ssize_t length = read(fd, buffer, sizeof buffer);
  if (length <= 0) return false;
  text.append(buffer, static_cast<size_t>(length));
  return true;
}

// Takes the steps that are due.
void Advance(pid_t child, const std::vector<Step>& steps, size_t& step,
             const ProgramResult& result) {
  while (step < steps.size() &&
         (result.out.find(steps[step].text) != std::string::npos ||
          result.err.find(steps[step].text) != std::string::npos)) {
    kill(child, steps[step].signal);
    ++step;
  }
}

// Collects both streams until both are closed.  Kills the child at the limit:
// the streams end with it.
void Collect(pid_t child, int out, int err, int limit_s,
             const std::vector<Step>& steps, ProgramResult& result) {
  size_t step = 0;
  const int64_t end = NowMs() + int64_t{limit_s} * 1000;
  pollfd streams[] = {{out, POLLIN, 0}, {err, POLLIN, 0}};
  std::string* const texts[] = {&result.out, &result.err};
  while (streams[0].fd >= 0 || streams[1].fd >= 0) {
    const int64_t left = end - NowMs();
    if (left <= 0 && !result.timed_out) {
      result.timed_out = true;
      kill(child, SIGKILL);
    }
    const int wait_ms = static_cast<int>(std::max<int64_t>(left, 100));
    if (poll(streams, 2, wait_ms) <= 0) continue;
    for (int i = 0; i < 2; ++i) {
      if (streams[i].fd >= 0 && streams[i].revents != 0 &&
          !ReadSome(streams[i].fd, *texts[i])) {
        streams[i].fd = -1;
      }
    }
    Advance(child, steps, step, result);
  }
}

}  // namespace

std::vector<std::string> ProgramResult::ErrLines() const {
  std::vector<std::string> lines;
  std::istringstream stream(err);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> ProgramResult::ErrLinesWith(
    const std::string& text) const {
  std::vector<std::string> lines;
  for (const std::string& line : ErrLines()) {
    if (line.find(text) != std::string::npos) lines.push_back(line);
  }
  return lines;
}

double ProgramResult::Value(const std::string& name) const {
  const std::string key = name + "=";
  size_t at = out.find(key);
  while (at != std::string::npos && at > 0 && out[at - 1] != ' ' &&
         out[at - 1] != '\n') {
    at = out.find(key, at + 1);
  }
  if (at == std::string::npos) {
    ADD_FAILURE() << "no " << key << " in " << *this;
    return -1;
  }
  return strtod(out.c_str() + at + key.size(), nullptr);
}

std::ostream& operator<<(std::ostream& out, const ProgramResult& result) {
  out << "status " << result.status << ", signal " << result.signal;
  if (result.timed_out) out << ", timed out";
  return out << "\n--- stdout\n"
             << result.out << "--- stderr\n"
             << result.err << "---\n";
}

ProgramResult RunProgram(const std::string& program,
                         const std::vector<std::string>& arguments,
                         const Environment& environment, int limit_s) {
  return RunProgramInSteps(program, arguments, environment, {}, limit_s);
}

ProgramResult RunProgramInSteps(const std::string& program,
                                const std::vector<std::string>& arguments,
                                const Environment& environment,
                                const std::vector<Step>& steps, int limit_s) {
  std::vector<std::string> strings{std::string(LT_PROGRAM_DIR) + "/" + program};
  strings.insert(strings.end(), arguments.begin(), arguments.end());
  std::vector<std::string> settings = EnvironmentOf(environment);
  const std::vector<char*> argv = Pointers(strings);
  const std::vector<char*> envp = Pointers(settings);
  const PipeEnds out = MakePipe();
  const PipeEnds err = MakePipe();

  const pid_t child = fork();
  if (child == 0) {
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    dup2(out.write, STDOUT_FILENO);
    dup2(err.write, STDERR_FILENO);
    execve(argv[0], argv.data(), envp.data());
    _exit(127);
  }
  close(out.write);
  close(err.write);
  ProgramResult result;
  if (child < 0) {
    ADD_FAILURE() << "no child process";
  } else {
    Collect(child, out.read, err.read, limit_s, steps, result);
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFEXITED(status)) result.status = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
  }
  close(out.read);
  close(err.read);
  return result;
}

std::vector<std::string> Models() {
  std::vector<std::string> models;
  std::istringstream stream(LT_MODELS);
  for (std::string model; std::getline(stream, model, ',');) {
    models.push_back(model);
  }
  return models;
}

namespace {

std::string AsTestName(std::string model) {
  std::replace(model.begin(), model.end(), '-', '_');
  return model;
}

}  // namespace

std::string ModelTestName(const ::testing::TestParamInfo<std::string>& info) {
  return AsTestName(info.param);
}

std::string KindTestName(
    const ::testing::TestParamInfo<KindedProgramTest::ParamType>& info) {
  const auto& [model, bound] = info.param;
  return AsTestName(model) + (bound ? "_bound" : "_unbound");
}

::testing::AssertionResult EndedWith(int status, const ProgramResult& result) {
  if (result.timed_out || result.status != status || !result.err.empty()) {
    return ::testing::AssertionFailure()
           << "expected status " << status << " and an empty stderr, got "
           << result;
  }
  return ::testing::AssertionSuccess();
}

}  // namespace lt
