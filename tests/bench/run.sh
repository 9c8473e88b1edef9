#!/bin/bash
# run.sh - `make bench`: Mayfly's speed as ratios, against what the same machine does at the same time without it.
#
# Uses the engine that DOCKER_HOST names, else the standard socket, else starts a private one for the time of the run.
# Builds what is missing. Prints a table; asserts nothing, since a busy machine is no bug.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=deploy/lib.sh
. deploy/lib.sh

find_engine() {
    local socket=${DOCKER_HOST:-unix:///var/run/docker.sock}
    if engine_answers "${socket#unix://}"; then
        export DOCKER_HOST=$socket
        return
    fi
    [ -z "${DOCKER_HOST:-}" ] || die "no engine answers at $DOCKER_HOST"
    eval "$(deploy/engine.sh env)"
    if ! engine_answers "${DOCKER_HOST#unix://}"; then
        trap 'deploy/engine.sh stop' EXIT
        deploy/engine.sh start
    fi
}

deploy/setup.sh build runtime engine image test
make -s all
find_engine
runner-image/build.sh
/usr/bin/python3 tests/bench/bench.py "$@"
