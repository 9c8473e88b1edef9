#!/bin/bash
# soak.sh - `make soak`: programs of every fate without a pause, for SOAK_MINUTES (60), on a real engine. Fails when an
# answer is wrong, or when front or broker hold more descriptors or notably more memory than after the first round.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=deploy/lib.sh
. deploy/lib.sh

our_engine=
deploy/setup.sh build runtime engine image test
make -s all
trap '[ -z "$our_engine" ] || deploy/engine.sh stop' EXIT
use_engine
runner-image/build.sh
/usr/bin/python3 tests/soak.py "${SOAK_MINUTES:-60}"
