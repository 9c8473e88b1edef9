#!/bin/bash
# run.sh - `make cpython-test`: CPython's test suite in boxes and under the bare interpreter, compared (compare.py). Takes
# about an hour. On a private engine, where none runs. What is given to it is compare.py's:
#
#   tests/cpython/run.sh [--write] [MODULE...]
#
# REUSE=1 has each module in a box that has served before. MAYFLY_BASE_SUITE=trixie is Debian 13's Python 3.13; the default
# is Debian 12's 3.11.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=deploy/lib.sh
. deploy/lib.sh

prepare_boxes
PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 tests/cpython/compare.py "$@"
