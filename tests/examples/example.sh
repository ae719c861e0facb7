#!/bin/bash
# SPDX-License-Identifier: MIT
#
# example.sh build <source dir> <build dir> <tree> <dir of libthread.so> <compiler>
#   copies an example and builds it with its Makefile; fails on errors of the
#   compiler and on warnings that are not in the list below
# example.sh run <build dir> <model>
#   runs it; fails unless it exits with 0, ends with "<name>: ok", and nobody
#   complains: the library says on stderr which model it has, and no more
set -u

# What sources of that age make today's compilers warn about: NULL for an
# integer, int for socklen_t, K&R definitions, a function of any arguments.
allowed='int-conversion|pointer-sign|implicit-int|implicit-function-declaration'
allowed+='|incompatible-pointer-types|incompatible-function-pointer-types'
allowed+='|deprecated-non-prototype'

fail() { printf 'example.sh: %s\n' "$*" >&2; exit 1; }

build() {
  local source=$1 directory=$2 tree=$3 libdir=$4 compiler=$5 name=${2##*/} bad
  rm -rf "$directory"
  cp -r "$source" "$directory" || fail "cannot copy $source"
  cd "$directory" || fail "cannot enter $directory"
  export SOLCC_INCLUDE=$tree/include SOLCC_LIBDIR=$libdir SOLCC_CC=$compiler LC_ALL=C
  unset SOLCC_RPATH MAKEFLAGS MAKELEVEL MFLAGS
  # The source directory may hold a program that somebody built there.
  make clean >/dev/null || fail "$name: make clean failed"
  make "CC='$tree/tools/solcc'" 2>messages || { cat messages >&2; fail "$name: make failed"; }
  # Every other warning counts, those of solcc, make and the linker too.
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

case ${1-}.$# in
  build.6) build "${@:2}" ;;
  run.3) run "${@:2}" ;;
  *) fail "wrong arguments" ;;
esac
