#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The manual pages pass mandoc's lint.
set -eu
cd "$(dirname "$0")/../.."
exec tests/man/check_lint.sh man
