// SPDX-License-Identifier: MIT
//
// Fixtures of the API tests: see fixture.h.

#include "support/fixture.h"

#include <errno.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <system_error>
#include <vector>

// Exported for other libraries, in no header.
extern "C" int __nthreads(void);  // NOLINT(bugprone-reserved-identifier)

namespace lt {
namespace {

constexpr int kLivenessSeconds = 30;
// Yields before a poll also sleeps: a hand-over between unbound threads needs
// no system call, and a bound thread on a busy processor needs the sleep.
constexpr int kYieldsBeforeSleep = 50;
// Looks at the process that must agree that all of it sleeps.
constexpr int kQuietLooks = 4;

timespec Now(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return now;
}

void ShortSleep(long nanoseconds) {
  const timespec pause{0, nanoseconds};
  nanosleep(&pause, nullptr);
}

class Patience {
 public:
  bool Ended() const {
    return Now(CLOCK_MONOTONIC).tv_sec - start_.tv_sec >= kLivenessSeconds;
  }

 private:
  timespec start_ = Now(CLOCK_MONOTONIC);
};

// Whether kernel thread `task` waits in the kernel.  One that is gone does not
// run either.
bool TaskSleeps(const std::filesystem::path& task) {
  std::ifstream file(task / "stat");
  std::string text;
  if (!std::getline(file, text)) return true;
  // The name, in parentheses, may hold any character: the state follows the
  // last parenthesis.
  const size_t end = text.rfind(')');
  return end != std::string::npos && end + 2 < text.size() &&
         text[end + 2] == 'S';
}

bool OthersSleep() {
  const std::string self = std::to_string(syscall(SYS_gettid));
  std::error_code error;
  std::filesystem::directory_iterator tasks("/proc/self/task", error);
  if (error) return false;
  for (const auto& task : tasks) {
    if (task.path().filename() != self && !TaskSleeps(task.path())) {
      return false;
    }
  }
  return true;
}

extern "C" void* RunBody(void* arg) {
  const std::unique_ptr<std::function<void()>> body(
      static_cast<std::function<void()>*>(arg));
  (*body)();
  return nullptr;
}

}  // namespace

std::ostream& operator<<(std::ostream& out, Kind kind) {
  return out << (kind == Kind::kBound ? "bound" : "unbound");
}

std::string KindName(const ::testing::TestParamInfo<Kind>& info) {
  return info.param == Kind::kBound ? "bound" : "unbound";
}

std::string ModelName() {
  const char* model = std::getenv("LIBTHREAD_MODEL");
  return model == nullptr || *model == '\0' ? "two-level" : model;
}

int LiveThreads() {
  return __nthreads();
}

::testing::AssertionResult Eventually(const std::function<bool()>& condition) {
  const Patience patience;
  for (int polls = 0; !condition(); ++polls) {
    if (patience.Ended()) {
      return ::testing::AssertionFailure()
             << "the condition did not hold within " << kLivenessSeconds
             << " s";
    }
    thr_yield();
    if (polls >= kYieldsBeforeSleep) ShortSleep(200'000);
  }
  return ::testing::AssertionSuccess();
}

::testing::AssertionResult Quiesce() {
  const Patience patience;
  for (int quiet = 0; quiet < kQuietLooks;) {
    if (patience.Ended()) {
      return ::testing::AssertionFailure()
             << "some thread still ran after " << kLivenessSeconds << " s";
    }
    for (int i = 0; i < kYieldsBeforeSleep; ++i) thr_yield();
    quiet = OthersSleep() ? quiet + 1 : 0;
    ShortSleep(500'000);
  }
  return ::testing::AssertionSuccess();
}

void LetOthersRun() {
  thr_yield();
  sched_yield();
}

void Gate::Wait() const {
  EXPECT_TRUE(Eventually([this] { return IsOpen(); }));
}

timespec_t Interval(long milliseconds) {
  timespec_t interval{};
  interval.tv_sec = milliseconds / 1000;
  interval.tv_nsec = milliseconds % 1000 * 1'000'000;
  return interval;
}

timespec_t TimeOfDayIn(long milliseconds) {
  timespec_t when = Now(CLOCK_REALTIME);
  when.tv_sec += milliseconds / 1000;
  when.tv_nsec += milliseconds % 1000 * 1'000'000;
  if (when.tv_nsec < 0) {
    when.tv_nsec += 1'000'000'000;
    --when.tv_sec;
  } else if (when.tv_nsec >= 1'000'000'000) {
    when.tv_nsec -= 1'000'000'000;
    ++when.tv_sec;
  }
  return when;
}

thread_t SpawnWithFlags(std::function<void()> body, long flags) {
  auto owned = std::make_unique<std::function<void()>>(std::move(body));
  thread_t id = 0;
  const int error = thr_create(nullptr, 0, RunBody, owned.get(), flags, &id);
  EXPECT_EQ(error, 0);
  if (error != 0) return 0;
  owned.release();  // the new thread's
  return id;
}

void Join(thread_t id) {
  thread_t departed = 0;
  ASSERT_EQ(thr_join(id, &departed, nullptr), 0) << "thread " << id;
  ASSERT_EQ(departed, id);
}

ForeignThread::ForeignThread(std::function<void()> body)
    : thread_([this, body = std::move(body)] {
        body();
        done_.Open();
      }) {}

ForeignThread::~ForeignThread() {
  if (thread_.joinable()) Join();
}

void ForeignThread::Join() {
  done_.Wait();
  thread_.join();
}

LibcThread::LibcThread(std::function<void()> body) : body_(std::move(body)) {
  sigevent event{};
  event.sigev_notify = SIGEV_THREAD;
  event.sigev_notify_function = Run;
  event.sigev_value.sival_ptr = this;
  EXPECT_EQ(timer_create(CLOCK_MONOTONIC, &event, &timer_), 0);
  itimerspec at_once{};
  at_once.it_value.tv_nsec = 1;
  EXPECT_EQ(timer_settime(timer_, 0, &at_once, nullptr), 0);
}

LibcThread::~LibcThread() {
  done_.Wait();
  EXPECT_EQ(timer_delete(timer_), 0);
}

void LibcThread::Run(sigval value) {
  auto& self = *static_cast<LibcThread*>(value.sival_ptr);
  self.body_();
  self.done_.Open();
}

void ModelTest::SetUp() {
  threads_at_start_ = LiveThreads();
}

void ModelTest::TearDown() {
  EXPECT_TRUE(Eventually([this] { return LiveThreads() == threads_at_start_; }))
      << LiveThreads() << " threads at the end, " << threads_at_start_
      << " at the start";
}

void ApiTest::RunThreads(int count,
                         const std::function<void(int)>& body) const {
  std::vector<thread_t> ids;
  ids.reserve(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) {
    ids.push_back(Spawn([&body, i] { body(i); }));
  }
  for (const thread_t id : ids) {
    if (id != 0) Join(id);
  }
}

}  // namespace lt
