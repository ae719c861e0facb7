// SPDX-License-Identifier: MIT
//
// main is run by the library, so that thr_exit in it ends only that thread.

#include <dlfcn.h>

#include <cstdlib>

#include "base/panic.h"
#include "thread/entry.h"

namespace {

using Main = int (*)(int, char**, char**);
using StartMain = int (*)(Main, int, char**, void (*)(), void (*)(), void (*)(),
                          void*);

Main g_main;

int CallMain(int argc, char** argv, char** envp) {
  return lt::RunMain(g_main, argc, argv, envp);
}

}  // namespace

// Called by the program's start code; the C library's own does the work.
extern "C" __attribute__((visibility("default"))) int __libc_start_main(
    Main main, int argc, char** argv, void (*init)(), void (*fini)(),
    void (*rtld_fini)(), void* stack_end) {
  auto real =
      reinterpret_cast<StartMain>(dlsym(RTLD_NEXT, "__libc_start_main"));
  if (real == nullptr) lt::Panic("libc has no __libc_start_main");
  g_main = main;
  return real(CallMain, argc, argv, init, fini, rtld_fini, stack_end);
}
