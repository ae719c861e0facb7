#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Prints the repository's files, one a line: those git knows or would add, or,
# where there is no git, all outside build/.
# usage: files.sh [PATTERN OF EGREP]
set -eu
cd "$(dirname "$0")/../.."
{
  git ls-files -co --exclude-standard 2>/dev/null ||
    find . -name .git -prune -o -path ./build -prune -o -type f -print |
    sed 's|^\./||'
} | while read -r file; do
  [ ! -f "$file" ] || printf '%s\n' "$file"
done | sort | grep -E -- "${1:-.}"
