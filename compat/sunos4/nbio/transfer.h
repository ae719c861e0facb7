// SPDX-License-Identifier: MIT
//
// Calls that move all of several buffers, in more than one step.

#ifndef LIBLWP_NBIO_TRANSFER_H_
#define LIBLWP_NBIO_TRANSFER_H_

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>

#include "nbio.h"

namespace nbio {

// Where the next step begins in a vector.
class Position {
 public:
  static constexpr int kMostParts = 16;

  Position(const iovec* parts, size_t count) : parts_(parts), count_(count) {}

  // The next parts, of `most` bytes at most; how many they are.
  int Fill(iovec* some, size_t most) const {
    int number = 0;
    size_t offset = offset_;
    for (size_t i = index_; i < count_ && number < kMostParts && most > 0;
         ++i) {
      const size_t bytes = std::min(parts_[i].iov_len - offset, most);
      some[number++] = {static_cast<char*>(parts_[i].iov_base) + offset, bytes};
      most -= bytes;
      offset = 0;
    }
    return number;
  }

  void Advance(size_t bytes) {
    while (index_ < count_ && bytes >= parts_[index_].iov_len - offset_) {
      bytes -= parts_[index_].iov_len - offset_;
      offset_ = 0;
      ++index_;
    }
    offset_ += bytes;
  }

  bool AtEnd() const { return index_ == count_; }

 private:
  const iovec* parts_;
  size_t count_;
  size_t index_ = 0;
  size_t offset_ = 0;
};

// `step` moves some of what it is given, `most` bytes at most, and returns how
// many.  As write(2) does, returns the bytes of the steps before one that has
// failed, or moved nothing.
template <typename Step>
ssize_t MoveAll(const iovec* parts, size_t count, size_t most, Step step) {
  Position position(parts, count);
  ssize_t total = 0;
  do {
    iovec some[Position::kMostParts];
    const int number = position.Fill(some, most);
    const ssize_t moved = step(some, number);
    if (moved < 0) return total > 0 ? total : moved;
    if (moved == 0) break;
    total += moved;
    position.Advance(static_cast<size_t>(moved));
  } while (!position.AtEnd());
  return total;
}

// sendmsg(2), on a socket that is to block (sockets.cc).
ssize_t SendAll(int fd, const msghdr& message, int flags);

}  // namespace nbio

#endif  // LIBLWP_NBIO_TRANSFER_H_
