// SPDX-License-Identifier: MIT
//
// Sums 1 to 100 with a thread for each number, each of which throws and catches
// its number; prints the sum.

#include <synch.h>
#include <thread.h>

#include <iostream>
#include <vector>

namespace {

mutex_t lock = DEFAULTMUTEX;
long sum = 0;

extern "C" void* Add(void* number) {
  try {
    throw reinterpret_cast<long>(number);
  } catch (long caught) {
    mutex_lock(&lock);
    sum += caught;
    mutex_unlock(&lock);
  }
  return number;
}

}  // namespace

int main() {
  std::vector<thread_t> threads(100);
  for (size_t i = 0; i < threads.size(); ++i) {
    void* number = reinterpret_cast<void*>(i + 1);
    if (thr_create(nullptr, 0, Add, number, 0, &threads[i]) != 0) return 1;
  }
  for (thread_t thread : threads) {
    if (thr_join(thread, nullptr, nullptr) != 0) return 2;
  }
  std::cout << sum << '\n';
  return 0;
}
