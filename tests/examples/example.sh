#!/bin/bash
# SPDX-License-Identifier: MIT
#
# example.sh build <source dir> <build dir> <prefix> <C compiler> <C++ compiler>
#   copies an example and builds it with its Makefile and the solcc of the
#   library that is installed under the prefix; fails on errors of the compiler
#   and on warnings that are not in the list below
# example.sh run <build dir> <model>
#   runs it; fails unless it exits with 0, ends with "<name>: ok", and nobody
#   complains: the library says on stderr which model it has, and no more
# example.sh deadlock <build dir> <model> [-b]
#   runs the philosophers into their deadlock; fails unless the library reports
#   it, each thread with the mutex that it waits for and with who holds that, in
#   the order of the circle, and aborts
set -u

# What sources of that age make today's compilers warn about: NULL for an
# integer, an int in a pointer (both had 32 bits), int for socklen_t, K&R
# definitions, calls without a header, functions of any type to start with, and
# functions that return nothing since void was new.  C++ was never so lax.
allowed='int-conversion|pointer-sign|implicit-int|implicit-function-declaration'
allowed+='|incompatible-pointer-types|incompatible-function-pointer-types'
allowed+='|deprecated-non-prototype|builtin-declaration-mismatch|return-type'
allowed+='|int-to-pointer-cast|int-to-void-pointer-cast'

fail() { printf 'example.sh: %s\n' "$*" >&2; exit 1; }

build() {
  local source=$1 directory=$2 bin=$3/bin name=${2##*/} bad
  rm -rf "$directory"
  cp -r "$source" "$directory" || fail "cannot copy $source"
  cd "$directory" || fail "cannot enter $directory"
  export SOLCC_CC=$4 SOLCC_CXX=$5 LC_ALL=C
  unset SOLCC_INCLUDE SOLCC_LIBDIR SOLCC_RPATH MAKEFLAGS MAKELEVEL MFLAGS
  # The source directory may hold a program that somebody built there.
  make clean >/dev/null || fail "$name: make clean failed"
  make "CC='$bin/solcc'" "CCC='$bin/solCC'" 2>messages ||
    { cat messages >&2; fail "$name: make failed"; }
  # Every other warning counts, those of solcc, make and the linker too.
  ! compgen -G '*.cc' >/dev/null || allowed=none
  bad=$(grep -F warning: messages | grep -Ev "\[-W($allowed)\]\$")
  [[ -z $bad ]] || { printf '%s\n' "$bad" >&2; fail "$name: warnings"; }
  [[ -x $name ]] || fail "$name: make built no program $name"
}

run() {
  local directory=$1 name=${1##*/} model=$2 output complaints status
  cd "$directory" || fail "$name: not built"
  # Not in the directory: pgrep_tree reads that twice and compares.
  complaints=../$name.$model.stderr
  unset LIBTHREAD_STATS
  output=$(LIBTHREAD_MODEL=$model LIBTHREAD_PRINT_CONFIG=1 "./$name" 2>"$complaints")
  status=$?
  printf '%s\n' "$output"
  cat "$complaints" >&2
  ((status == 0)) || fail "$name: exit status $status"
  [[ ${output##*$'\n'} == "$name: ok" ]] || fail "$name: the last line is not '$name: ok'"
  # A library that falls back to another model says why at the end of the line.
  grep -qx "libthread: model $model" "$complaints" || fail "$name: the model is not $model"
  ! grep -Evq '^libthread: (model|concurrency|time slices) ' "$complaints" || fail "$name: complaints"
}

deadlock() {
  local directory=$1 model=$2 output report status ids waits
  cd "$directory" || fail 'not built'
  report=../deadlock.$model${3-}.stderr
  # A shell around it: the death is this script's to tell.
  output=$(ulimit -c 0; LIBTHREAD_MODEL=$model _THREAD_ERROR_DETECTION=2 \
    ./philosophers -d "${@:3}" 2>"$report")
  status=$?
  cat "$report" >&2
  ((status == 128 + 6)) || fail "exit status $status"
  grep -qx 'libthread: deadlock: 5 threads wait for each other' "$report" ||
    fail 'no deadlock reported'
  # Thread, mutex and holder, a line each.
  waits=$(sed -nE 's/^libthread: thread ([0-9]+) .*waits in mutex_lock for mutex (0x[0-9a-f]+), held by thread ([0-9]+)$/\1 \2 \3/p' "$report")
  ids=$(sed -nE 's/^philosopher [0-4] is thread ([0-9]+)$/\1/p' <<<"$output" | sort)
  [[ $(wc -l <<<"$ids") == 5 && $(cut -d' ' -f1 <<<"$waits" | sort) == "$ids" ]] ||
    fail 'the report does not name the five philosophers'
  awk '{ if (mutex[$2]++ || NR > 1 && $1 != holder) exit 1
         if (NR == 1) first = $1
         holder = $3 }
       END { exit NR != 5 || holder != first }' <<<"$waits" ||
    fail 'the report is no circle'
}

case ${1-}.$# in
  build.6) build "${@:2}" ;;
  run.3) run "${@:2}" ;;
  deadlock.[34]) deadlock "${@:2}" ;;
  *) fail "wrong arguments" ;;
esac
