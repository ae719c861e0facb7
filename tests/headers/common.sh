# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2034,SC2254
#
# Shared by the header checks: sourced, never run.  Needs $1, a directory with
# all headers as they are installed, and takes the compilers from CC and CXX.  LT_ONLY, a
# pattern of standards ("c99", "c++*"), narrows a run, and so does LT_FIRST, to
# the first compiler of each language.

set -u
include=${1:?usage: $0 include-directory}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/lt-headers.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

c_standards='c89 c99 c11 c17 c2x gnu89 gnu99 gnu11 gnu17 gnu2x'
cxx_standards='c++98 c++03 c++11 c++14 c++17 c++20 c++2b'
strict='-pedantic-errors -Wall -Wextra -Werror'

# compilers FIRST OTHER...: FIRST and those of the others that are installed
# and are not the same compiler by another name.
compilers() {
  seen=
  for compiler_ in "$@"; do
    version_=$($compiler_ --version 2>/dev/null) || continue
    version_=$(echo "$version_" | sed -n '1s/^[^ ]* *//p')
    case $seen in *"|$version_|"*) continue ;; esac
    seen="$seen|$version_|"
    echo "$compiler_"
    [ -z "${LT_FIRST-}" ] || break
  done
}

die() {
  echo "$0: $*" >&2
  exit 2
}

# list_modes: writes $work/modes, one line "language standard compiler" for
# everything to be tried.
list_modes() {
  for standard_ in $c_standards; do
    wanted "$standard_" || continue
    compilers "${CC:-cc}" gcc clang | sed "s/^/c $standard_ /"
  done >"$work/modes"
  for standard_ in $cxx_standards; do
    wanted "$standard_" || continue
    compilers "${CXX:-c++}" g++ clang++ | sed "s/^/c++ $standard_ /"
  done >>"$work/modes"
  [ -s "$work/modes" ] || die 'no compiler'
}

# headers: the names of all headers for programs; refused: those of them that
# say only that something is not there, in the words "no ... on Linux".
headers() {
  (cd "$include" && find . -name '*.h' | sed 's,^\./,,; /^bits\//d' | sort)
}
refused() {
  (cd "$include" && headers | xargs grep -l '^#error .*: no .* on Linux;')
}
usable() {
  refused >"$work/refused"
  headers | grep -vxF -f "$work/refused"
}

# wanted STANDARD: is it one of this run?
wanted() {
  case $1 in ${LT_ONLY:-*}) ;; *) return 1 ;; esac
}

# The headers as they are without the overlays, for a compiler that is pointed
# to the source tree's include directory.
copy_public() {
  mkdir -p "$work/public"
  cp -R "$include/thread.h" "$include/synch.h" "$include/bits" \
    "$work/public/" || die 'cannot copy'
}

# include_in FILE NAME...: writes the lines that include these headers.  An
# empty file would pass every check, so it had better be written.
include_in() {
  file_=$1
  shift
  printf '#include <%s>\n' "$@" >"$file_" || die "cannot write $file_"
}
