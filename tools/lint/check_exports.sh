#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The shared libraries export the names of their maps and no others.  Looks at
# those of build/release, where there are any, or at the one that is given.
# usage: check_exports.sh [LIBRARY]
set -euo pipefail
cd "$(dirname "$0")/../.."
libraries=("$@")
if (($# == 0)); then
  for library in build/release/{,compat/sunos4/}lib{thread,lwp}.so; do
    [[ ! -e $library ]] || libraries+=("$library")
  done
fi
if ((${#libraries[@]} == 0)); then
  echo "exports: nothing is built yet; test install.tree looks at it again"
  exit 0
fi
bad=0
for library in "${libraries[@]}"; do
  name=$(basename "$library")
  name=${name#lib}
  expected=$(tools/lint/map_names.sh "${name%%.so*}")
  exported=$(nm -D --defined-only --format=posix "$library" |
    awk '$2 != "A" { sub(/@.*/, "", $1); print $1 }' | sort -u)
  [[ -n $expected ]]
  diff <(echo "$expected") <(echo "$exported") |
    sed -n "s/^</$(basename "$library") lacks/p; s/^>/not in the map:/p" |
    { ! grep .; } || bad=1
done
exit $bad
