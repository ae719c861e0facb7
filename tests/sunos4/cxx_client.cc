// SPDX-License-Identifier: MIT
//
// A client in C++ with the prototypes of <lwp/lwp.h>: functions of any type,
// exceptions of the language inside a thread, destructors and exit handlers.
#include <lwp/lwp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace {

mon_t monitor;
std::vector<std::string>* notes;

void Require(bool condition, const char* what) {
  if (condition) return;
  fprintf(stderr, "failed: %s\n", what);
  _Exit(99);
}

void Throws(int number, const char* text) {
  try {
    throw std::runtime_error(std::string(text) + std::to_string(number));
  } catch (const std::exception& error) {
    notes->push_back(error.what());
  }
}

long NoArguments() {
  notes->push_back("none");
  return 5;
}

void InMonitor(std::string* text) {
  MONITOR(monitor);
  Require(mon_cond_enter(monitor) == 1, "entered by MONITOR");
  mon_exit(monitor);
  notes->push_back(*text);
}

void Yields(void* marker) {
  const std::string mine(static_cast<const char*>(marker));
  try {
    lwp_yield(SELF);
    throw 1;
  } catch (int) {
    lwp_yield(SELF);
    notes->push_back(mine);
  }
}

}  // namespace

int main() {
  notes = new std::vector<std::string>;
  std::string text("text");
  Require(pod_setmaxpri(5) == 0, "pod_setmaxpri");
  Require(lwp_setstkcache(64 * 1024, 4) > 0, "lwp_setstkcache");
  Require(mon_create(&monitor) == 0, "mon_create");
  thread_t last;
  lwp_create(nullptr, Throws, 3, 0, lwp_newstk(), 2, 17, "thrown ");
  lwp_create(nullptr, NoArguments, 3, 0, lwp_newstk(), 0);
  lwp_create(&last, InMonitor, 3, 0, lwp_newstk(), 1, &text);
  Require(lwp_join(last) == 0, "lwp_join");
  Require(mon_cond_enter(monitor) == 0, "left by MONITOR");
  lwp_create(nullptr, Yields, 3, 0, lwp_newstk(), 1, "a");
  lwp_create(&last, Yields, 3, 0, lwp_newstk(), 1, "b");
  lwp_join(last);
  for (const std::string& note : *notes) printf("%s\n", note.c_str());
  delete notes;
  pod_exit(0);
}
