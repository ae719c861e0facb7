#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Installs a build under WORK and looks at it as a stranger would.  WORK is
# emptied first and removed when all is well.
# usage: install_test.sh tree|cmake_project|pkg_config|solcc SOURCE BUILD WORK
set -euo pipefail
test=$1 source=$2 build=$3 work=$4
here=$(cd "$(dirname "$0")" && pwd)
prefix=$work/prefix
export LC_ALL=C
unset LD_LIBRARY_PATH CFLAGS CXXFLAGS LDFLAGS CMAKE_PREFIX_PATH
unset "${!LIBTHREAD_@}" "${!SOLCC_@}" "${!PKG_CONFIG_@}"

bad=0
problem() {
  printf '%s\n' "install.$test: $*" >&2
  bad=1
}

# quietly COMMAND...: its output only if it fails.
quietly() {
  if ! "$@" >"$work/output" 2>&1; then
    cat "$work/output" >&2
    problem "failed: $*"
    exit 1
  fi
}

# prints TEXT COMMAND...: in every model, that it prints just that.
prints() {
  local text=$1 model got status
  shift
  for model in two-level one-to-one many-to-one; do
    status=0
    got=$(LIBTHREAD_MODEL=$model timeout 30 "$@" 2>&1) || status=$?
    [[ $status == 0 && $got == "$text" ]] ||
      problem "$model: $*: status $status, printed: $got"
  done
}

# uses_shared yes|no PROGRAM: is libthread.so.1 what it loads?
uses_shared() {
  local answer=no
  ! readelf -d "$2" | grep -q 'NEEDED.*\[libthread\.so\.1\]' || answer=yes
  [[ $answer == "$1" ]] || problem "$2 loads libthread.so.1: $answer"
}

rm -rf "$work"
mkdir -p "$work"
quietly cmake --install "$build" --prefix "$prefix"
# Where the distribution's layout is used, libraries are a level deeper.
libdir=$(dirname "$(find "$prefix" -name libthread.so)")

test_tree() {
  local file
  for file in "$libdir"/{libthread.so,libthread.so.1,libthread.a} \
    "$prefix"/include/libthread/{thread,synch,thread_db}.h \
    "$libdir"/pkgconfig/libthread.pc \
    "$libdir"/cmake/libthread/libthread-{config,config-version,targets}.cmake \
    "$prefix"/bin/{solcc,solCC,solrun,solscan} \
    "$libdir"/libthread/stubs/lib{posix4,socket,nsl,aio,kstat}.a \
    "$libdir"/libthread/stubs/libthread-implied.so \
    "$prefix"/share/libthread/solscan/{cli.py,interfaces.tsv} \
    "$prefix"/share/man/man1/{solcc,solrun,solscan}.1 \
    "$prefix"/share/man/man3/{thr_create,mutex_lock,cond_wait,sema_post}.3 \
    "$prefix"/share/man/man7/libthread.7; do
    [[ -s $file ]] || problem "lacks ${file#"$prefix"/}"
  done
  for file in solcc solCC solrun solscan; do
    [[ -x $prefix/bin/$file ]] || problem "bin/$file is not executable"
  done

  # Nothing in the tree knows the places it was made in.
  file=$(grep -rlF --include='*.cmake' --include='*.pc' --include='*.h' \
    -e "$source/" -e "$build/" "$prefix" |
    while read -r file; do
      # The prefix itself is below the build directory, and may be named.
      ! sed "s|$prefix||g" "$file" | grep -qF -e "$source/" -e "$build/" ||
        echo "$file"
    done) || true
  [[ -z $file ]] || problem "names the tree it was built in: $file"

  local so=$libdir/libthread.so dynamic segments
  dynamic=$(readelf -Wd "$so")
  segments=$(readelf -Wl "$so")
  file=$(grep NEEDED <<<"$dynamic" | grep -v '\[\(libc\|ld-linux[^]]*\)\.so\.') || true
  [[ -z $file ]] || problem "needs more than the C library: $file"
  grep -q 'SONAME.*\[libthread\.so\.1\]' <<<"$dynamic" || problem "soname"
  grep -q 'BIND_NOW\|FLAGS_1.*NOW' <<<"$dynamic" || problem "not BIND_NOW"
  ! grep -q TEXTREL <<<"$dynamic" || problem "has text relocations"
  ! grep -q 'R\(UN\)\?PATH' <<<"$dynamic" || problem "has a run path"
  grep -q GNU_RELRO <<<"$segments" || problem "no RELRO"
  grep -q 'GNU_STACK.* RW ' <<<"$segments" || problem "executable stack"

  "$source/tools/lint/check_exports.sh" "$so" >"$work/output" ||
    problem "$(<"$work/output")"
}

test_cmake_project() {
  quietly cmake -S "$here/project" -B "$work/build" \
    -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_BUILD_TYPE=Release
  quietly cmake --build "$work/build"
  local program
  for program in shared_c shared_cxx static_c static_cxx; do
    prints 5050 "$work/build/$program"
  done
  uses_shared yes "$work/build/shared_c"
  uses_shared yes "$work/build/shared_cxx"
  uses_shared no "$work/build/static_c"
  uses_shared no "$work/build/static_cxx"
}

test_pkg_config() {
  # The prefix was not known when the build was configured.
  export PKG_CONFIG_PATH=$libdir/pkgconfig
  local cflags libs static_libs
  read -ra cflags <<<"$(pkg-config --cflags libthread)"
  read -ra libs <<<"$(pkg-config --libs libthread)"
  read -ra static_libs <<<"$(pkg-config --static --libs libthread)"
  [[ $(pkg-config --modversion libthread) == 1.* ]] || problem "version"

  quietly "$CC" -o "$work/c" "${cflags[@]}" "$here/project/sum.c" "${libs[@]}"
  quietly "$CXX" -o "$work/cxx" "${cflags[@]}" "$here/project/sum_cxx.cc" \
    "${libs[@]}"
  # The archive, in a program that is not C++.
  quietly "$CC" -o "$work/static" "${cflags[@]}" "$here/project/sum.c" \
    "${static_libs[@]/#-lthread/-l:libthread.a}"
  # The libraries of an old link line, before and after.
  quietly "$CC" -o "$work/old" "${cflags[@]}" "$here/project/sum.c" -lposix4 \
    -lsocket "${libs[@]}" -lnsl -laio -lkstat
  uses_shared yes "$work/c"
  uses_shared yes "$work/cxx"
  uses_shared yes "$work/old"
  uses_shared no "$work/static"
  prints 5050 env "LD_LIBRARY_PATH=$libdir" "$work/c"
  prints 5050 env "LD_LIBRARY_PATH=$libdir" "$work/cxx"
  prints 5050 env "LD_LIBRARY_PATH=$libdir" "$work/old"
  prints 5050 "$work/static"
}

test_solcc() {
  cp "$here/old/Makefile" "$here/old/turns.c" "$work"
  quietly make -C "$work" "CC=$prefix/bin/solcc"
  uses_shared yes "$work/turns"
  prints "$(printf 'ping\npong\n%.0s' 1 2 3 4 5)" "$work/turns"

  # Without a word about threads, and without threads.
  quietly "$prefix/bin/solcc" -D_REENTRANT -o "$work/implied" "$work/turns.c"
  uses_shared yes "$work/implied"
  prints "$(printf 'ping\npong\n%.0s' 1 2 3 4 5)" "$work/implied"
  echo 'int main(void) { return 0; }' >"$work/none.c"
  quietly "$prefix/bin/solcc" -o "$work/none" "$work/none.c"
  uses_shared no "$work/none"

  # The other tools, from where they are installed.
  quietly "$prefix/bin/solscan" --format=sarif "$work/Makefile" "$work/turns.c"
  [[ -z $(find "$prefix" -name __pycache__) ]] || problem "solscan left files"
  prints hello "$prefix/bin/solrun" echo hello
}

"test_$test"
((bad)) || rm -rf "$work"
exit "$bad"
