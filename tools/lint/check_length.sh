#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# No file of code has more than 400 lines.
set -euo pipefail
cd "$(dirname "$0")/../.."
most=400
bad=0
while read -r file; do
  lines=$(wc -l <"$file")
  if ((lines > most)); then
    echo "$file: $lines lines, more than $most"
    bad=1
  fi
done < <(tools/lint/files.sh \
  '\.(cc|h|c|sh|py|cmake)$|(^|/)CMakeLists\.txt$|^(dev|\.ci/run|bench/run|tools/sol(cc|CC|run)|tools/solscan/solscan)$')
exit $bad
