#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A layer of src includes from itself and from those before it only; compat/lwp
# comes after all of them.
set -euo pipefail
cd "$(dirname "$0")/../.."
layers=(base obs arch lwp sched thread sync process api interpose compat)

declare -A rank
for i in "${!layers[@]}"; do rank[${layers[i]}]=$i; done

bad=0
while read -r file; do
  layer=${file#src/}
  layer=${layer%%/*}
  if [[ -z ${rank[$layer]-} ]]; then
    echo "$file: $layer is no layer of ${layers[*]}"
    bad=1
    continue
  fi
  while read -r header; do
    other=${header%%/*}
    # Public headers, which have no directory, are above nothing.
    [[ $header == */* && $other != absl ]] || continue
    if [[ -z ${rank[$other]-} ]]; then
      echo "$file: \"$header\" is in no layer"
      bad=1
    elif ((rank[$other] > rank[$layer])); then
      echo "$file: \"$header\" is of a higher layer"
      bad=1
    fi
  done < <(sed -n 's/^ *# *include *"\([^"]*\)".*/\1/p' "$file")
done < <(tools/lint/files.sh '^(src|compat/lwp)/.*\.(cc|h)$')
exit $bad
