#!/bin/bash
# run.sh - `make bench`: Mayfly's speed as ratios, against what the same machine does at the same time without it.
#
# Uses the engine that DOCKER_HOST names, else the standard socket, else starts a private one for the time of the run.
# Builds what is missing. Prints a table; asserts nothing, since a busy machine is no bug.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=deploy/lib.sh
. deploy/lib.sh

prepare_boxes
runner-image/build.sh python-data
/usr/bin/python3 tests/bench/bench.py "$@"
[ $# -gt 0 ] || { /usr/bin/python3 tests/bench/door.py && /usr/bin/python3 tests/bench/stream.py && /usr/bin/python3 tests/bench/docs.py; }
