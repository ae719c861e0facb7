// SPDX-License-Identifier: MIT
//
// Calls on files and pipes: they block, and say what they say without the
// library.

#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <termios.h>

#include "support/blocking.h"

extern "C" {
// What the checking headers make of read and its kin.
ssize_t __read_chk(int, void*, size_t, size_t);
ssize_t __pread_chk(int, void*, size_t, off_t, size_t);
ssize_t __pread64_chk(int, void*, size_t, off64_t, size_t);
}

namespace lt {
namespace {

using BlockingFilesTest = ApiTest;
LT_OVER_KINDS(BlockingFilesTest);

TEST_P(BlockingFilesTest, ReadsWaitForData) {
  Join(Spawn([] {
    const TestPipe pipe;
    char data[8] = {};
    {
      const WhenAsleep writer([&] { EXPECT_EQ(write(pipe.in, "abc", 3), 3); });
      errno = 77;
      EXPECT_EQ(read(pipe.out, data, sizeof data), 3);
      EXPECT_EQ(errno, 77);
      EXPECT_STREQ(data, "abc");
    }
    {
      const iovec parts[] = {{data, 1}, {data + 4, 2}};
      const WhenAsleep writer([&] {
        const iovec pieces[] = {{const_cast<char*>("x"), 1},
                                {const_cast<char*>("yz"), 2}};
        EXPECT_EQ(writev(pipe.in, pieces, 2), 3);
      });
      EXPECT_EQ(readv(pipe.out, parts, 2), 3);
      EXPECT_EQ(std::string(data, 6), "xbc" + std::string(1, '\0') + "yz");
    }
    const WhenAsleep writer([&] { EXPECT_EQ(write(pipe.in, "q", 1), 1); });
    EXPECT_EQ(__read_chk(pipe.out, data, 4, sizeof data), 1);
    EXPECT_EQ(data[0], 'q');
  }));
}

TEST_P(BlockingFilesTest, WritesWaitForRoom) {
  Join(Spawn([] {
    const TestPipe pipe;
    const std::string much(1 << 20, 'm');
    std::string got;
    const WhenAsleep reader([&] {
      std::string piece(1 << 16, '\0');
      while (got.size() < much.size()) {
        const ssize_t size = read(pipe.out, piece.data(), piece.size());
        ASSERT_GT(size, 0);
        got.append(piece, 0, static_cast<size_t>(size));
      }
    });
    EXPECT_EQ(write(pipe.in, much.data(), much.size()),
              static_cast<ssize_t>(much.size()));
  }));
}

TEST_P(BlockingFilesTest, EndOfFileAndErrors) {
  Join(Spawn([] {
    TestPipe pipe;
    char data[8];
    {
      const WhenAsleep closer([&] { pipe.in = Descriptor(); });
      EXPECT_EQ(read(pipe.out, data, sizeof data), 0);
    }
    const iovec part = {data, sizeof data};
    EXPECT_FAILS(read(kNoDescriptor, data, 1), EBADF);
    EXPECT_FAILS(write(kNoDescriptor, data, 1), EBADF);
    EXPECT_FAILS(readv(kNoDescriptor, &part, 1), EBADF);
    EXPECT_FAILS(writev(kNoDescriptor, &part, 1), EBADF);
    EXPECT_FAILS(pread(pipe.out, data, 1, 0), ESPIPE);
    EXPECT_FAILS(preadv(pipe.out, &part, 1, 0), ESPIPE);
    EXPECT_FAILS(pwrite(kNoDescriptor, data, 1, 0), EBADF);
    EXPECT_FAILS(pwritev(kNoDescriptor, &part, 1, 0), EBADF);
    EXPECT_FAILS(close(kNoDescriptor), EBADF);
    EXPECT_FAILS(fsync(pipe.out), EINVAL);
    EXPECT_FAILS(fdatasync(pipe.out), EINVAL);
    EXPECT_FAILS(tcdrain(pipe.out), ENOTTY);
    EXPECT_FAILS(fcntl(kNoDescriptor, F_GETFD), EBADF);
    EXPECT_FAILS(flock(kNoDescriptor, LOCK_SH), EBADF);
    EXPECT_FAILS(lockf(kNoDescriptor, F_LOCK, 0), EBADF);
    EXPECT_FAILS(msync(data, 1, MS_SYNC | MS_ASYNC), EINVAL);
  }));
}

TEST_P(BlockingFilesTest, PositionsOfRegularFiles) {
  Join(Spawn([] {
    const Descriptor file = TemporaryFile();
    char data[8] = {};
    const iovec two = {data, 2};
    EXPECT_EQ(pwrite(file, "abcdef", 6, 2), 6);
    EXPECT_EQ(pwrite64(file, "AB", 2, 0), 2);
    EXPECT_EQ(pread(file, data, 3, 1), 3);
    EXPECT_STREQ(data, "Bab");
    EXPECT_EQ(pread64(file, data, 3, 5), 3);
    EXPECT_STREQ(data, "def");
    EXPECT_EQ(__pread_chk(file, data, 2, 0, sizeof data), 2);
    EXPECT_STREQ(data, "ABf");
    EXPECT_EQ(__pread64_chk(file, data, 2, 2, sizeof data), 2);
    EXPECT_STREQ(data, "abf");
    EXPECT_EQ(preadv(file, &two, 1, 6), 2);
    EXPECT_STREQ(data, "eff");
    EXPECT_EQ(preadv64(file, &two, 1, 0), 2);
    EXPECT_EQ(pwritev(file, &two, 1, 8), 2);
    EXPECT_EQ(pwritev64(file, &two, 1, 10), 2);
    EXPECT_EQ(lseek(file, 0, SEEK_END), 12);
    EXPECT_EQ(fsync(file), 0);
    EXPECT_EQ(fdatasync(file), 0);
    void* memory =
        mmap(nullptr, 12, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    ASSERT_NE(memory, MAP_FAILED);
    EXPECT_EQ(msync(memory, 12, MS_SYNC), 0);
    EXPECT_EQ(munmap(memory, 12), 0);
  }));
}

TEST_P(BlockingFilesTest, OpeningTakesTheMode) {
  Join(Spawn([] {
    const std::string directory =
        std::filesystem::temp_directory_path() / "blocking.XXXXXX";
    std::string path = directory;
    ASSERT_NE(mkdtemp(path.data()), nullptr);
    const auto mode = [&](const char* name) {
      struct stat info = {};
      EXPECT_EQ(stat((path + name).c_str(), &info), 0) << name;
      EXPECT_EQ(unlink((path + name).c_str()), 0);
      return info.st_mode & 0777;
    };
    constexpr int kNew = O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC;
    const Descriptor a(open((path + "/a").c_str(), kNew, 0600));
    EXPECT_EQ(mode("/a"), 0600U);
    const Descriptor b(open64((path + "/b").c_str(), kNew, 0400));
    EXPECT_EQ(mode("/b"), 0400U);
    const Descriptor c(openat(AT_FDCWD, (path + "/c").c_str(), kNew, 0500));
    EXPECT_EQ(mode("/c"), 0500U);
    const Descriptor d(openat64(AT_FDCWD, (path + "/d").c_str(), kNew, 0700));
    EXPECT_EQ(mode("/d"), 0700U);
    const Descriptor e(creat((path + "/e").c_str(), 0600));
    EXPECT_EQ(mode("/e"), 0600U);
    const Descriptor f(creat64((path + "/f").c_str(), 0400));
    EXPECT_EQ(mode("/f"), 0400U);
    EXPECT_FAILS(open((path + "/none").c_str(), O_RDONLY), ENOENT);
    EXPECT_FAILS(openat(kNoDescriptor, "none", O_RDONLY), EBADF);
    EXPECT_FAILS(creat((path + "/none/none").c_str(), 0600), ENOENT);
    EXPECT_EQ(fcntl(a, F_GETFD), FD_CLOEXEC);
    EXPECT_EQ(fcntl(a, F_SETFD, 0), 0);
    EXPECT_EQ(fcntl64(a, F_GETFD), 0);
    EXPECT_EQ(rmdir(path.c_str()), 0);
  }));
}

TEST_P(BlockingFilesTest, OpeningAFifoWaitsForTheOtherEnd) {
  Join(Spawn([] {
    const std::string directory =
        std::filesystem::temp_directory_path() / "blocking.XXXXXX";
    std::string path = directory;
    ASSERT_NE(mkdtemp(path.data()), nullptr);
    const std::string fifo = path + "/fifo";
    ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
    {
      Descriptor in;
      const WhenAsleep opener(
          [&] { in = Descriptor(open(fifo.c_str(), O_WRONLY)); });
      const Descriptor out(open(fifo.c_str(), O_RDONLY));
      EXPECT_GE(out, 0);
    }
    EXPECT_EQ(unlink(fifo.c_str()), 0);
    EXPECT_EQ(rmdir(path.c_str()), 0);
  }));
}

TEST_P(BlockingFilesTest, LocksWait) {
  Join(Spawn([] {
    // Each open of one's own has locks of its own.
    const Descriptor first = TemporaryFile();
    const std::string name = "/proc/self/fd/" + std::to_string(first);
    const Descriptor second(open(name.c_str(), O_RDWR | O_CLOEXEC));
    ASSERT_GE(second, 0);
    EXPECT_EQ(flock(first, LOCK_EX), 0);
    EXPECT_FAILS(flock(second, LOCK_EX | LOCK_NB), EWOULDBLOCK);
    {
      const WhenAsleep unlocker([&] { EXPECT_EQ(flock(first, LOCK_UN), 0); });
      EXPECT_EQ(flock(second, LOCK_EX), 0);
    }
    struct flock range = {};
    range.l_type = F_WRLCK;
    EXPECT_EQ(fcntl(first, F_OFD_SETLKW, &range), 0);
    EXPECT_FAILS(fcntl(second, F_OFD_SETLK, &range), EAGAIN);
    {
      const WhenAsleep unlocker([&] {
        struct flock all = {};
        all.l_type = F_UNLCK;
        EXPECT_EQ(fcntl(first, F_OFD_SETLK, &all), 0);
      });
      EXPECT_EQ(fcntl(second, F_OFD_SETLKW, &range), 0);
    }
    range.l_type = F_UNLCK;
    EXPECT_EQ(fcntl(second, F_OFD_SETLK, &range), 0);
    // These are the process's: they wait for nobody here.
    EXPECT_EQ(lockf(first, F_LOCK, 10), 0);
    EXPECT_EQ(lockf64(first, F_ULOCK, 10), 0);
    range.l_type = F_WRLCK;
    EXPECT_EQ(fcntl(first, F_SETLKW, &range), 0);
  }));
}

using BlockingFilesDeathTest = ApiTest;
LT_OVER_KINDS(BlockingFilesDeathTest);

TEST_P(BlockingFilesDeathTest, ACheckedReadThatIsTooLargeAborts) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  char data[4];
  EXPECT_DEATH(__read_chk(0, data, 5, sizeof data), "buffer overflow");
  EXPECT_DEATH(__pread_chk(0, data, 5, 0, sizeof data), "buffer overflow");
}

// Frames of the library let unwinding through.
TEST_P(BlockingFilesTest, ABoundThreadIsCancelledInRead) {
  if (GetParam() == Kind::kUnbound && ModelName() != "one-to-one") {
    GTEST_SKIP() << "pthread_cancel of unbound threads has tests of its own";
  }
  struct Guard {
    ~Guard() { *done = true; }
    bool* done;
  };
  const TestPipe pipe;
  std::atomic<pthread_t> handle{};
  Gate ready;
  bool cleaned = false;
  bool returned = false;
  const thread_t id = Spawn([&] {
    const Guard guard{&cleaned};
    handle = pthread_self();
    ready.Open();
    char data;
    EXPECT_EQ(read(pipe.out, &data, 1), 1);
    returned = true;
  });
  ready.Wait();
  EXPECT_EQ(pthread_cancel(handle), 0);
  Join(id);
  EXPECT_TRUE(cleaned);
  EXPECT_FALSE(returned);
}

}  // namespace
}  // namespace lt
