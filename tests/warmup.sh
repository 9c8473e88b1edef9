#!/bin/bash
# warmup.sh - `make warmup-test`: each program of tests/docker/fidelity in a box that is leased at each step of its warm-up.
# Takes hours: `make test` runs each program at one step, and each step with a program or two. On a private engine, where
# none runs. What is given to it is pytest's.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=deploy/lib.sh
. deploy/lib.sh

prepare_boxes
WARMUP_STEPS=all PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 -m pytest -q -p no:cacheprovider \
    tests/docker/test_warmup.py -k test_program_at_a_step "$@"
