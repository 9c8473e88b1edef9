#!/bin/bash
# soak.sh - runs `make soak`, the long runs. 1. Two runs under faults account for every request, by the journals of
# clients, engine, gateway and metrics (accounting.py): SOAK_REQUESTS (200000) on the fake engine, and
# SOAK_REAL_REQUESTS (20000) on a private real engine. 2. Sessions run under faults on such an engine for
# SOAK_SESSIONS_SECONDS (180), and each cell is accounted for (session_soak.py). 3. 10,000 idle or slow connections are
# open beside normal clients (bench/door.py). 4. Programs of all kinds run without a pause on a real engine for
# SOAK_MINUTES (30). In 1 and 4, half of the time boxes serve one run, and half of the time several runs of an owner.
# Fails when an answer is wrong, when a request is unaccounted for, when a session's state is lost in silence, when a
# program has run twice or an answer has another program's secret, when the crowd costs more than 64 MiB, or when front
# or broker hold more descriptors or notably more memory than after the first round.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=deploy/lib.sh
. deploy/lib.sh

prepare_boxes
/usr/bin/python3 tests/accounting.py fake "${SOAK_REQUESTS:-200000}"
as_root env DOCKER_HOST="$DOCKER_HOST" /usr/bin/python3 tests/accounting.py real "${SOAK_REAL_REQUESTS:-20000}"
as_root env DOCKER_HOST="$DOCKER_HOST" /usr/bin/python3 tests/session_soak.py "${SOAK_SESSIONS_SECONDS:-180}"
/usr/bin/python3 tests/bench/door.py
/usr/bin/python3 tests/soak.py "${SOAK_MINUTES:-30}"
