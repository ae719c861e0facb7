# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034 # used by those who read this
#
# What the tests of solcc share: a scratch directory, a run with its output
# kept apart, and assertions that name the command they are about.

unset SOLCC_CC SOLCC_CXX SOLCC_INCLUDE SOLCC_LIBDIR SOLCC_RPATH
export LC_ALL=C

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
checks=0
failures=0

# Runs a command; leaves its results in $status, $stdout and $stderr.
run() {
  ran=$*
  status=0
  "$@" >"$work/stdout" 2>"$work/stderr" || status=$?
  stdout=$(<"$work/stdout")
  stderr=$(<"$work/stderr")
}

# is WHAT ACTUAL EXPECTED
is() {
  checks=$((checks + 1))
  [[ $2 == "$3" ]] && return
  failures=$((failures + 1))
  printf 'FAILED: %s\n  %s: %s\n  expected: %s\n' "$ran" "$1" "$2" "$3"
}

# has WHAT ACTUAL PART: PART is somewhere in it.
has() {
  checks=$((checks + 1))
  [[ $2 == *"$3"* ]] && return
  failures=$((failures + 1))
  printf 'FAILED: %s\n  %s: %s\n  does not contain: %s\n' "$ran" "$1" "$2" "$3"
}

# A run that succeeded.
good() {
  is "status ($stderr)" "$status" 0
}

# Ends the test; a table that was read as empty must not pass.
finish() {
  printf '%d checks, %d failed\n' "$checks" "$failures"
  ((checks >= $1)) || { printf 'FAILED: fewer than %d checks\n' "$1"; exit 1; }
  ((failures == 0)) || exit 1
}
