#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Locks are held where the annotations say so, as clang sees it.  Attributes
# that gcc alone knows (`copy`) are no mistake.
set -euo pipefail
cd "$(dirname "$0")/../.."
shopt -s nullglob
# check FLAGS FILES...
check() {
  local flags=$1
  shift
  # shellcheck disable=SC2086
  printf '%s\n' "$@" | xargs -P "$(nproc)" -n 4 clang++ -std=c++20 \
    -fsyntax-only $flags -I. -Isrc -Iinclude -Wall -Wextra -Wthread-safety \
    -Wthread-safety-beta -Wno-unknown-attributes -Werror
}
check '' src/*/*.cc
check -Icompat/include compat/lwp/*.cc
# The SunOS 4 library, a client of the other.
check '-Icompat/sunos4/src' compat/sunos4/{src,nbio}/*.cc
