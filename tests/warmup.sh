#!/bin/bash
# warmup.sh - runs `make warmup-test`: each program of tests/docker/fidelity in a box that is leased at each step of its
# warm-up. This takes hours; `make test` runs each program at one step, and each step with one or two programs. Starts a
# private engine if none runs. Its arguments are passed to pytest.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=deploy/lib.sh
. deploy/lib.sh

prepare_boxes
WARMUP_STEPS=all PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 -m pytest -q -p no:cacheprovider \
    tests/docker/test_warmup.py -k test_program_at_a_step "$@"
