#!/bin/bash
# soak.sh - `make soak`: the long runs. First SOAK_REQUESTS (200000) against the fake engine, with a fault every two
# seconds, each held against three journals (accounting.py); then programs of every fate without a pause on a real
# engine for SOAK_MINUTES (30). Fails when an answer is wrong, when a request is unaccounted for, or when front or broker
# hold more descriptors or notably more memory than after the first round.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=deploy/lib.sh
. deploy/lib.sh

prepare_boxes
/usr/bin/python3 tests/accounting.py "${SOAK_REQUESTS:-200000}"
/usr/bin/python3 tests/soak.py "${SOAK_MINUTES:-30}"
