#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Scripts parse, each in the shell that the first line or, in a file for
# sourcing, a line for shellcheck names.
set -euo pipefail
cd "$(dirname "$0")/../.."
bad=0
while read -r file; do
  case $(grep -m 1 -E '^#!|^# shellcheck shell=' "$file" || true) in
    '#!'*bash | '# '*=bash*) bash -n "$file" || bad=1 ;;
    '#!'*/sh | '# '*=sh*) sh -n "$file" || bad=1 ;;
    *)
      if [[ $file == *.sh ]]; then
        echo "$file: names no shell"
        bad=1
      fi ;;
  esac
done < <(tools/lint/files.sh)
exit $bad
