#!/bin/bash
# run.sh - runs `make bench`: measures Mayfly's speed as ratios, beside work without Mayfly on the same machine at the
# same time.
#
#   tests/bench/run.sh           all parts
#   tests/bench/run.sh PART...   these parts of bench.py
#   tests/bench/run.sh --against CHECKOUT [--at-least TIMES] [PART...]   fresh boxes a second beside another checkout's
#   tests/bench/run.sh --page    `make bench-page`: the comparison, whose plot then goes into README.md
#
# Uses the engine that DOCKER_HOST names, else the standard socket, else starts a private one for the time of the run.
# Builds what is missing. Prints a table, and writes build/bench/page.md with plots. Asserts nothing, since a busy machine
# is no bug.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=deploy/lib.sh
. deploy/lib.sh

export PYTHONDONTWRITEBYTECODE=1
parts=("$@") publish=
[ "${1:-}" != --page ] || parts=(compare) publish=yes
deploy/setup.sh bench
prepare_boxes
runner-image/build.sh python-data
/usr/bin/python3 tests/bench/bench.py "${parts[@]}"
[ -z "$publish" ] || /usr/bin/python3 tests/bench/publish.py
if [ ${#parts[@]} = 0 ]; then
    for alone in door stream docs; do
        /usr/bin/python3 "tests/bench/$alone.py"
    done
fi
