// SPDX-License-Identifier: MIT
// C++ as it was written for Sun C++ 5: C++98, `register`, throw specifications.
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#if __cplusplus >= 201103L
#error "C++98 expected"
#endif

class Counter {
 public:
  explicit Counter(int start) : value_(start) {}
  int next() throw(std::string) {
    if (value_ > 2) throw std::string("too far");
    return ++value_;
  }

 private:
  int value_;
};

int main() {
  std::auto_ptr<Counter> counter(new Counter(0));
  std::map<std::string, std::vector<int> > seen;
  int auto_value = NULL;
  try {
    for (register int i = 0; i < 9; i++)
      seen["next"].push_back(counter->next());
  } catch (const std::string& what) {
    std::cout << what << " " << seen["next"].size() + auto_value << std::endl;
    return seen["next"].size() == 3 ? 0 : 1;
  }
  return 2;
}
