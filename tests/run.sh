#!/bin/bash
# run.sh - runs `make test`: unit tests, system tests against a fake engine, tests on a real one; C also under the
# sanitizers. Its last line is "N passed, N failed" for all tests together. A skipped test counts as failed.
#
# Its first line names this host, and says where the tests run (deploy/host.sh). Needs root, or sudo. If no engine runs,
# it starts a private one under a temporary folder, and leaves nothing of it behind. PARTS="unit system" runs only these
# parts. The parts compose, swarm and python run only when they are named (make compose-test, make swarm-test, make
# python-test). The part python has the tests that depend on the Python in the boxes: MAYFLY_BASE_SUITE=trixie runs them
# on the images of Debian 13.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=deploy/lib.sh
. deploy/lib.sh

readonly parts=" ${PARTS:-unit fuzz system docker} "
purposes='build web runtime engine image test'
[[ $parts != *' docker '* && $parts != *' python '* ]] || purposes+=' bench'
[[ $parts != *' compose '* ]] || purposes+=' compose'
[[ $parts != *' swarm '* ]] || purposes+=' swarm'
readonly purposes
[ "${1:-}" = here ] || exec deploy/host.sh --for "$purposes" tests/run.sh here
readonly UNIT_SECONDS=120 PYTEST_SECONDS=3600
# Each fuzzer searches for new inputs for this time. Only CI uses a long time.
readonly FUZZ_SECONDS=${FUZZ_SECONDS:-$([ -n "${CI:-}" ] && echo 60 || echo 0)}
readonly FUZZERS_AT_ONCE=4
readonly END_SECONDS=90                 # for what an interrupted run has begun
readonly base_archive=base-$base_suite.tar # of runner-image/build.sh
results=$(mktemp -d)
state=$(mktemp -d /tmp/mayfly-test.XXXXXX) # of a private engine; short, for there are sockets below
export PYTHONDONTWRITEBYTECODE=1
export ASAN_OPTIONS=detect_leaks=1:exitcode=99 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1

stop_private_engine() {
    as_root env MAYFLY_STATE="$state" deploy/engine.sh stop --purge
}

is_time_limit() {
    [ "$(cat "/proc/$1/comm")" = timeout ]
}

# Print our processes, without those that a time limit ends.
descendants() {
    local pid
    # shellcheck disable=SC2013 # they are words
    for pid in $(cat "/proc/$1/task"/*/children); do
        echo "$pid"
        is_time_limit "$pid" || descendants "$pid"
    done
}

# Tests get it like a Ctrl-C, and clean up.
end_everything() {
    local pids pid deadline=$((SECONDS + END_SECONDS))
    mapfile -t pids < <(descendants $$ 2>/dev/null)
    for pid in "${pids[@]}"; do
        if is_time_limit "$pid"; then
            as_root kill -INT "$pid"
        else
            as_root kill "$pid"
        fi
    done 2>/dev/null
    for pid in "${pids[@]}"; do
        while [ -e "/proc/$pid" ] && [ $SECONDS -lt $deadline ]; do sleep 0.1; done
    done
}

clean_up() {
    trap '' INT TERM HUP
    end_everything
    [ ! -e "$state/engine" ] || stop_private_engine
    as_root rm -rf "$results" "$state"
}

# Run a command under a name. Its output appears only if it fails. The tests are counted by the JUnit files that it
# writes into the results. If the command fails and these have no failure, that counts as one.
part() {
    local name=$1 log started=$EPOCHREALTIME status=ok reason
    log=$(mktemp "$results/log.XXXXXX")
    shift
    "$@" >"$log" 2>&1 || status=FAILED
    printf '%-40s %-6s %7s s\n' "$name" $status "$(seconds_since "$started")"
    [ $status = ok ] && return
    tail -n 300 "$log"
    reason=$(grep -m 1 '^SUMMARY: ' "$log") || true # of a sanitizer or a fuzzer
    echo "$name${reason:+ ($reason)}" >>"$results/failed"
    return 1
}

# Write the JUnit file of a test that is one program.
counted() {
    local name=$1 failures=0
    shift
    "$@" || failures=1
    echo "<testsuite name=\"$name\" tests=\"1\" failures=\"$failures\"></testsuite>" >"$results/$name.xml"
    return $failures
}

# Run all unit tests of a build, each with a time limit: a test that hangs counts as failed.
unit() {
    local name xml status=0
    for name in $(make -s --no-print-directory list-units); do
        xml=$results/$1-$name.xml
        CMOCKA_MESSAGE_OUTPUT=xml CMOCKA_XML_FILE=$xml timeout $UNIT_SECONDS build/"$1"/unit/"$name" && continue
        echo "--- $name failed, exit code $?"
        [ ! -e "$xml" ] || cat "$xml"
        status=1
    done
    return $status
}

# Run a folder of tests, several files at once; further arguments are its environment. If it takes too long, it is ended
# as by a Ctrl-C, so that it cleans up.
pytest() {
    local name=$1 files_at_once=$2
    shift 2
    as_root env --default-signal=INT "$@" timeout -s INT -k $END_SECONDS $PYTEST_SECONDS \
        /usr/bin/python3 -m pytest -p no:cacheprovider -q -rfEs --durations=5 -n "$files_at_once" --dist loadfile \
        --junit-xml="$results/$name.xml" "tests/${name%%-*}"
}

# Run each fuzzer for its time, a few at once, at the lowest priority: most of the tests that run beside them wait for
# events.
fuzz() {
    local name started=0
    for name in $(make -s --no-print-directory list-fuzzers); do
        part "$name, $FUZZ_SECONDS s" counted "run-$name" "${behind_all[@]}" \
            make -s fuzz FUZZ="$name" FUZZ_SECONDS="$FUZZ_SECONDS" &
        [ $((++started % FUZZERS_AT_ONCE)) != 0 ] || wait
    done
    wait
}

# Find an engine that answers, or start a private one with its own state. A base image that was bootstrapped earlier is
# used again.
start_engine() {
    local found
    found=$(find_engine) || return
    if [ -z "$found" ]; then
        [ ! -s "/var/lib/mayfly/$base_archive" ] || cp "/var/lib/mayfly/$base_archive" "$state/"
        as_root env MAYFLY_STATE="$state" deploy/engine.sh start || return
        found=unix://$state/engine/run/docker.sock
        export MAYFLY_STATE=$state
    fi
    export DOCKER_HOST=$found
}

system() {
    pytest system-"$1" 2 MAYFLY_BIN="$PWD/build/$1/mayfly"
}

# Compare the API's description with the gateway. Run the system tests once more, with each gateway behind a proxy that
# checks it by the description.
description() {
    part 'conformance' pytest conformance 0 MAYFLY_BIN="$PWD/build/release/mayfly"
    part 'system, through a proxy' pytest system-proxied 0 MAYFLY_BIN="$PWD/build/release/mayfly" \
        PYTHONPATH="$PWD/tests/conformance" PYTEST_ADDOPTS='-p through_proxy'
}

# Run a folder of tests on an engine, several files at once.
boxes() {
    part "$1" pytest "$1" "$2" MAYFLY_BIN="$PWD/build/release/mayfly" DOCKER_HOST="$DOCKER_HOST" \
        MAYFLY_BASE_SUITE="$base_suite"
}

# Run at most two files at once: these tests keep a machine busy, and some fail on a busy machine.
on_boxes() {
    if wants docker; then
        boxes docker 2
        boxes hostile 0 # its programs keep both cores busy as they are
        boxes deploy 2
        boxes browser 0 # as Chromium does
    elif wants python; then
        boxes docker 2
        boxes hostile 0
    fi
    ! wants compose || boxes compose 0
    ! wants swarm || boxes swarm 0
}

boxes_are_wanted() {
    wants docker || wants python || wants compose || wants swarm
}

images() {
    part 'runner images' as_root env DOCKER_HOST="$DOCKER_HOST" MAYFLY_STATE="${MAYFLY_STATE:-}" \
        MAYFLY_BASE_SUITE="$base_suite" runner-image/build.sh
}

wants() {
    [[ $parts == *" $1 "* ]]
}

main() {
    local name targets='all asan unit-build' running=() images_pid=
    [[ $parts != ' compose ' && $parts != ' swarm ' && $parts != ' python ' ]] || targets=all
    # shellcheck disable=SC2086 # one word for each
    part 'packages' deploy/setup.sh $purposes || return
    if boxes_are_wanted && part 'engine' start_engine; then
        images &
        images_pid=$!
    fi
    # shellcheck disable=SC2086 # one word for each
    part 'build' as_caller make -s -j "$(nproc)" $targets || return
    if wants system; then
        part 'system' system release & # most of it is waiting
        running+=($!)
        part 'system, sanitized' system asan &
        running+=($!)
        # Packages from npm belong to the calling user, as the build does.
        # shellcheck disable=SC2016 # for the shell in there
        part 'npm' as_caller bash -c '. deploy/lib.sh; npm_packages "$0"' tests/conformance && description &
        running+=($!)
        # shellcheck disable=SC2016 # for the shell in there
        part 'npm, clients of MCP' as_caller bash -c '. deploy/lib.sh; npm_packages "$0"' tests/mcp &&
            part 'clients of MCP' pytest mcp 2 MAYFLY_BIN="$PWD/build/release/mayfly" &
        running+=($!)
    fi
    if wants fuzz && part 'build fuzzers' as_caller make -s -j "$(nproc)" fuzz-build; then
        for name in $(make -s --no-print-directory list-fuzzers); do
            part "corpus of $name" counted "$name" build/fuzz/"$name" -runs=0 "tests/fuzz/corpus/${name#fuzz_}"
        done
        [ "$FUZZ_SECONDS" = 0 ] || fuzz &
    fi
    if wants unit; then
        part 'unit' unit release
        part 'unit, sanitized' unit asan
    fi
    [ ${#running[@]} = 0 ] || wait "${running[@]}"
    if [ -n "$images_pid" ] && wait $images_pid; then
        on_boxes
    fi
    wait
    [ ! -e "$state/engine" ] || part 'engine stopped' stop_private_engine
}

trap clean_up EXIT
trap 'exit 130' INT TERM HUP
main & # what waits for a job hears a signal at once
wait $!
/usr/bin/python3 tests/count.py "$results"
