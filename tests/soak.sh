#!/bin/bash
# soak.sh - `make soak`: the long runs. First two accounts of every request under faults, held against the journals of
# clients, engine, gateway and metrics (accounting.py): SOAK_REQUESTS (200000) on the fake engine, SOAK_REAL_REQUESTS (20000)
# on a real one of their own; then SOAK_SESSIONS_SECONDS (180) of sessions under faults on such an engine, with every cell's
# fate accounted for (session_soak.py); then 10,000 connections that idle or drip beside honest clients (bench/door.py); then
# programs of every fate without a pause on a real engine for SOAK_MINUTES (30). Half of each account and of the last is with
# boxes of one run, half with boxes that serve several runs of an owner. Fails when an answer is wrong, when a request is
# unaccounted for, when a session's state is lost in silence, when a program has run twice or an answer has another program's
# secret, when the crowd costs more than 64 MiB, or when front or broker hold more descriptors or notably more memory than
# after the first round.
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
