// SPDX-License-Identifier: MIT
//
// atomic_ops(3) and its kin.  Each operation is tried against plain arithmetic,
// as it is compiled in place and as the library's function, in the middle of
// three neighbours that must not change.

#include <atomic.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <vector>

namespace lt {
namespace {

// A target between two others.  `fill` is what all begin with.
template <typename T>
class Target {
 public:
  explicit Target(T fill) : words_{kGuard, fill, kGuard} {}
  ~Target() {
    EXPECT_EQ(words_[0], kGuard);
    EXPECT_EQ(words_[2], kGuard);
  }
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;
  T* address() { return &words_[1]; }
  T value() const { return words_[1]; }

 private:
  static constexpr T kGuard = static_cast<T>(0x5a5a5a5a5a5a5a5aULL);
  T words_[3];
};

template <typename T>
std::vector<T> Values() {
  return {0,
          1,
          2,
          static_cast<T>(0x0f),
          std::numeric_limits<T>::max(),
          static_cast<T>(std::numeric_limits<T>::max() - 1),
          static_cast<T>(std::numeric_limits<T>::max() / 2),
          static_cast<T>(std::numeric_limits<T>::max() / 2 + 1)};
}

// The function behind a name: not what is compiled in place.
template <typename F>
F* Outside(F* function) {
  F* volatile out = function;
  return out;
}

// One operation: what it shall leave and return for each value and operand.
template <typename T, typename D, typename Plain, typename Nv>
void CheckBinary(Plain plain, Nv nv, T (*model)(T, T)) {
  for (const T value : Values<T>()) {
    for (const T operand : Values<T>()) {
      const T wanted = model(value, operand);
      Target<T> a(value);
      plain(a.address(), static_cast<D>(operand));
      EXPECT_EQ(a.value(), wanted);
      Target<T> b(value);
      EXPECT_EQ(nv(b.address(), static_cast<D>(operand)), wanted);
      EXPECT_EQ(b.value(), wanted);
    }
  }
}

template <typename T, typename Plain, typename Nv>
void CheckUnary(Plain plain, Nv nv, T (*model)(T)) {
  for (const T value : Values<T>()) {
    Target<T> a(value);
    plain(a.address());
    EXPECT_EQ(a.value(), model(value));
    Target<T> b(value);
    EXPECT_EQ(nv(b.address()), model(value));
    EXPECT_EQ(b.value(), model(value));
  }
}

template <typename T, typename Cas, typename Swap>
void CheckExchange(Cas cas, Swap swap) {
  for (const T value : Values<T>()) {
    for (const T other : Values<T>()) {
      const T fresh = static_cast<T>(value + other + 7);
      Target<T> a(value);
      EXPECT_EQ(cas(a.address(), other, fresh), value);
      EXPECT_EQ(a.value(), other == value ? fresh : value);
      Target<T> b(value);
      EXPECT_EQ(swap(b.address(), other), value);
      EXPECT_EQ(b.value(), other);
    }
  }
}

template <typename T>
T Sum(T a, T b) {
  return static_cast<T>(a + b);
}
template <typename T>
T Or(T a, T b) {
  return static_cast<T>(a | b);
}
template <typename T>
T And(T a, T b) {
  return static_cast<T>(a & b);
}
template <typename T>
T Next(T a) {
  return static_cast<T>(a + 1);
}
template <typename T>
T Last(T a) {
  return static_cast<T>(a - 1);
}

// A call that is compiled in place, as a function object.
#define IN_PLACE(name) [](auto... args) { return name(args...); }

#define CHECK_BINARY(name, T, D, model)                               \
  do {                                                                \
    SCOPED_TRACE(#name);                                              \
    CheckBinary<T, D>(IN_PLACE(name), IN_PLACE(name##_nv), model<T>); \
    CheckBinary<T, D>(Outside(name), Outside(name##_nv), model<T>);   \
  } while (false)
#define CHECK_UNARY(name, T, model)                               \
  do {                                                            \
    SCOPED_TRACE(#name);                                          \
    CheckUnary<T>(IN_PLACE(name), IN_PLACE(name##_nv), model<T>); \
    CheckUnary<T>(Outside(name), Outside(name##_nv), model<T>);   \
  } while (false)
#define CHECK_INTEGER(x, T)                                                \
  do {                                                                     \
    SCOPED_TRACE(#x);                                                      \
    CHECK_UNARY(atomic_inc_##x, T, Next);                                  \
    CHECK_UNARY(atomic_dec_##x, T, Last);                                  \
    CHECK_BINARY(atomic_or_##x, T, T, Or);                                 \
    CHECK_BINARY(atomic_and_##x, T, T, And);                               \
    CheckExchange<T>(IN_PLACE(atomic_cas_##x), IN_PLACE(atomic_swap_##x)); \
    CheckExchange<T>(Outside(atomic_cas_##x), Outside(atomic_swap_##x));   \
  } while (false)

TEST(AtomicTest, AdditionWrapsAroundAndTouchesNothingElse) {
  CHECK_BINARY(atomic_add_char, unsigned char, signed char, Sum);
  CHECK_BINARY(atomic_add_short, unsigned short, short, Sum);
  CHECK_BINARY(atomic_add_int, unsigned int, int, Sum);
  CHECK_BINARY(atomic_add_long, unsigned long, long, Sum);
  CHECK_BINARY(atomic_add_8, uint8_t, int8_t, Sum);
  CHECK_BINARY(atomic_add_16, uint16_t, int16_t, Sum);
  CHECK_BINARY(atomic_add_32, uint32_t, int32_t, Sum);
  CHECK_BINARY(atomic_add_64, uint64_t, int64_t, Sum);
}

TEST(AtomicTest, EveryOperationOnEveryIntegerDoesWhatTheModelDoes) {
  CHECK_INTEGER(uchar, unsigned char);
  CHECK_INTEGER(ushort, unsigned short);
  CHECK_INTEGER(uint, unsigned int);
  CHECK_INTEGER(ulong, unsigned long);
  CHECK_INTEGER(8, uint8_t);
  CHECK_INTEGER(16, uint16_t);
  CHECK_INTEGER(32, uint32_t);
  CHECK_INTEGER(64, uint64_t);
}

// Deltas are bytes, whatever the pointer points to.
TEST(AtomicTest, PointersMoveByBytes) {
  double array[8];
  auto* const start = reinterpret_cast<char*>(&array[4]);
  for (const ssize_t delta :
       {ssize_t{0}, ssize_t{1}, ssize_t{8}, ssize_t{-9}}) {
    for (const bool outside : {false, true}) {
      auto* p = &array[4];
      if (outside) {
        Outside(atomic_add_ptr)(&p, delta);
      } else {
        atomic_add_ptr(&p, delta);
      }
      EXPECT_EQ(reinterpret_cast<char*>(p), start + delta);
      p = &array[4];
      EXPECT_EQ(outside ? Outside(atomic_add_ptr_nv)(&p, delta)
                        : atomic_add_ptr_nv(&p, delta),
                start + delta);
      EXPECT_EQ(reinterpret_cast<char*>(p), start + delta);
    }
  }
  char* p = start;
  atomic_inc_ptr(&p);
  EXPECT_EQ(p, start + 1);
  EXPECT_EQ(atomic_inc_ptr_nv(&p), start + 2);
  Outside(atomic_inc_ptr)(&p);
  EXPECT_EQ(Outside(atomic_inc_ptr_nv)(&p), start + 4);
  atomic_dec_ptr(&p);
  EXPECT_EQ(atomic_dec_ptr_nv(&p), start + 2);
  Outside(atomic_dec_ptr)(&p);
  EXPECT_EQ(Outside(atomic_dec_ptr_nv)(&p), start);
  EXPECT_EQ(p, start);
}

TEST(AtomicTest, PointersAreExchanged) {
  int a = 0;
  int b = 0;
  for (const bool outside : {false, true}) {
    auto* cas = Outside(atomic_cas_ptr);
    auto* swap = Outside(atomic_swap_ptr);
    int* p = &a;
    EXPECT_EQ(outside ? cas(&p, &b, nullptr) : atomic_cas_ptr(&p, &b, nullptr),
              &a);
    EXPECT_EQ(p, &a);
    EXPECT_EQ(outside ? cas(&p, &a, &b) : atomic_cas_ptr(&p, &a, &b), &a);
    EXPECT_EQ(p, &b);
    EXPECT_EQ(outside ? swap(&p, &a) : atomic_swap_ptr(&p, &a), &b);
    EXPECT_EQ(p, &a);
  }
}

// The compiler must not think that a pointer is changed through a void *, and
// not the program's own.
TEST(AtomicTest, ThePointerOfTheProgramIsSeenToChange) {
  struct Node {
    Node* next;
  } a, b;
  a.next = nullptr;
  Node** const link = &a.next;
  *link = nullptr;
  EXPECT_EQ(atomic_swap_ptr(link, &b), nullptr);
  EXPECT_EQ(*link, &b);
  EXPECT_EQ(a.next, &b);
}

TEST(AtomicTest, OneBitIsSetAndClearedOnce) {
  for (unsigned bit = 0; bit < 64; ++bit) {
    for (const bool outside : {false, true}) {
      auto* set = Outside(atomic_set_long_excl);
      auto* clear = Outside(atomic_clear_long_excl);
      Target<unsigned long> t(0);
      const auto do_set = [&] {
        return outside ? set(t.address(), bit)
                       : atomic_set_long_excl(t.address(), bit);
      };
      const auto do_clear = [&] {
        return outside ? clear(t.address(), bit)
                       : atomic_clear_long_excl(t.address(), bit);
      };
      EXPECT_EQ(do_clear(), -1);
      EXPECT_EQ(do_set(), 0);
      EXPECT_EQ(t.value(), 1UL << bit);
      EXPECT_EQ(do_set(), -1);
      EXPECT_EQ(t.value(), 1UL << bit);
      EXPECT_EQ(do_clear(), 0);
      EXPECT_EQ(t.value(), 0UL);
      *t.address() = ~0UL;
      EXPECT_EQ(do_set(), -1);
      EXPECT_EQ(do_clear(), 0);
      EXPECT_EQ(t.value(), ~(1UL << bit));
    }
  }
}

}  // namespace
}  // namespace lt
