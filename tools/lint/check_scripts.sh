#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Scripts parse, each in the shell it names.
set -euo pipefail
cd "$(dirname "$0")/../.."
bad=0
while read -r file; do
  case $(head -n 1 "$file") in
    '#!'*bash*) bash -n "$file" || bad=1 ;;
    '#!'*/sh*) sh -n "$file" || bad=1 ;;
    *)
      if [[ $file == *.sh ]]; then
        echo "$file: the first line names no shell"
        bad=1
      fi ;;
  esac
done < <(tools/lint/files.sh)
exit $bad
