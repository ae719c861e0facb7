#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Every file says its licence in its first lines, in a comment of its own kind.
# Excepted: the licence, and the files of settings, which are not works.
set -euo pipefail
cd "$(dirname "$0")/../.."
bad=0
while read -r file; do
  case $file in
    LICENSE | .git* | .clang-format | .clang-tidy) continue ;;
  esac
  if ! head -n 5 "$file" | grep -q 'SPDX-License-Identifier: MIT'; then
    echo "$file: no line with SPDX-License-Identifier: MIT at the top"
    bad=1
  fi
done < <(tools/lint/files.sh)
exit $bad
