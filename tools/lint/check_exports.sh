#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The shared library exports the names of its map and no others.  Looks at
# build/release, where there is one, or at the library that is given.
# usage: check_exports.sh [LIBRARY]
set -euo pipefail
cd "$(dirname "$0")/../.."
library=${1:-build/release/libthread.so}
if [[ $# == 0 && ! -e $library ]]; then
  echo "exports: nothing is built yet; test install.tree looks at it again"
  exit 0
fi
expected=$(tools/lint/map_names.sh)
exported=$(nm -D --defined-only --format=posix "$library" |
  awk '$2 != "A" { sub(/@.*/, "", $1); print $1 }' | sort -u)
[[ -n $expected ]]
diff <(echo "$expected") <(echo "$exported") |
  sed -n "s/^</$(basename "$library") lacks/p; s/^>/not in the map:/p" |
  { ! grep .; }
