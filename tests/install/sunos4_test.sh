#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Installs a build under WORK and looks at SunOS 4's library there: its files,
# what they export, and clients that pkg-config and CMake find it for.  WORK is
# emptied first and removed when all is well.
# usage: sunos4_test.sh SOURCE BUILD WORK
set -euo pipefail
source=$1 build=$2 work=$3
prefix=$work/prefix
export LC_ALL=C
unset LD_LIBRARY_PATH CFLAGS CXXFLAGS LDFLAGS CMAKE_PREFIX_PATH
unset "${!LIBTHREAD_@}" "${!LIBLWP_@}" "${!PKG_CONFIG_@}"
bad=0

problem() {
  printf '%s\n' "install.sunos4: $*" >&2
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

rm -rf "$work"
mkdir -p "$work"
quietly cmake --install "$build" --prefix "$prefix"
libdir=$(dirname "$(find "$prefix" -name liblwp.so)")

for file in "$libdir"/lib{lwp,nbio}.{so,so.4,a} \
  "$prefix"/include/libthread/sunos4/lwp/{lwp,stackdep,lwpmachdep,lwperror,check}.h \
  "$libdir"/pkgconfig/sunos4-lwp.pc \
  "$prefix"/share/man/man3/{lwp,lwp_create,lwp_self,libnbio}.3; do
  [[ -s $file ]] || problem "lacks ${file#"$prefix"/}"
done

for name in lwp nbio; do
  so=$libdir/lib$name.so
  dynamic=$(readelf -Wd "$so")
  grep -q "SONAME.*\[lib$name\.so\.4\]" <<<"$dynamic" || problem "$name: soname"
  grep -q 'BIND_NOW\|FLAGS_1.*NOW' <<<"$dynamic" || problem "$name: not BIND_NOW"
  ! grep -q 'TEXTREL\|R\(UN\)\?PATH' <<<"$dynamic" ||
    problem "$name: text relocations or a run path"
  ! grep -q 'NEEDED.*libstdc++' <<<"$dynamic" || problem "$name needs libstdc++"
  readelf -Wl "$so" | grep -q 'GNU_STACK.* RW ' || problem "$name: executable stack"
done

# The map, all of it and nothing else.
diff <(sed -n 's/^ *\([A-Za-z_][A-Za-z_0-9]*\);.*/\1/p' \
  "$source/compat/sunos4/src/liblwp.map" | sort) \
  <(nm -D --defined-only --format=posix "$libdir/liblwp.so" |
    awk '$2 != "A" { sub(/@.*/, "", $1); print $1 }' | sort) >"$work/names" ||
  problem "liblwp.so and its map differ: $(<"$work/names")"

# By pkg-config; libnbio stands before.
export PKG_CONFIG_PATH=$libdir/pkgconfig
read -ra cflags <<<"$(pkg-config --cflags sunos4-lwp)"
read -ra libs <<<"$(pkg-config --libs sunos4-lwp)"
client=$source/tests/sunos4/teaching.c
text=$(printf '%s\n' 'main ends' 'task 1 starts' 'task 2 starts' \
  'task 1 ends' 'task 2 ends')
quietly "$CC" -Wall -Werror -o "$work/shared" "${cflags[@]}" "$client" "${libs[@]}"
prints "$text" env "LD_LIBRARY_PATH=$libdir" "$work/shared"
quietly "$CC" -o "$work/nbio" -DLT_WITH_NBIO "${cflags[@]}" \
  "$source"/tests/sunos4/{nbio,check}.c "-L$libdir" -lnbio "${libs[@]}"
readelf -Wd "$work/nbio" | awk '/NEEDED/ { print $NF }' | tr '\n' ' ' |
  grep -q 'libnbio.*liblwp' || problem "libnbio is not before liblwp"
prints ok env "LD_LIBRARY_PATH=$libdir" "$work/nbio" read_pipe

# By CMake, from the shared objects and from the archives.
mkdir "$work/project"
cp "$client" "$work/project/client.c"
cat >"$work/project/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.25)
project(client C CXX)
find_package(libthread REQUIRED)
add_executable(shared client.c)
target_link_libraries(shared libthread::lwp)
add_executable(static client.c)
target_link_libraries(static libthread::lwp_static)
END
quietly cmake -S "$work/project" -B "$work/build" -DCMAKE_PREFIX_PATH="$prefix"
quietly cmake --build "$work/build"
prints "$text" "$work/build/shared"
prints "$text" "$work/build/static"
! readelf -Wd "$work/build/static" | grep -q 'NEEDED.*lib\(lwp\|thread\)' ||
  problem 'the program with the archives loads shared objects'

((bad)) || rm -rf "$work"
exit "$bad"
