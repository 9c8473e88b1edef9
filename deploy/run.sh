#!/bin/bash
# run.sh - does `make run`: from the packages to a gateway that answers, in the foreground. Its first line names this
# host, and says where Mayfly is built and run (host.sh).
#
# Ctrl-C, or SIGTERM, lets the gateway end its runs and stops the engine if it was started here; a second signal does
# not wait for the runs, and a third kills the gateway. SIGTERMs within two seconds count as one, because a SIGTERM to
# make's process group comes twice: make passes it on. Ends with the gateway's exit code when that ends by itself.
# Settings: those of `mayfly config --explain` (MAYFLY_LISTEN among them), MAYFLY_STATE of engine.sh, and
# MAYFLY_BASE_SUITE of runner-image/build.sh.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=deploy/lib.sh
. deploy/lib.sh

READY_SECONDS=$(patience 60)
readonly READY_SECONDS KILL_SECONDS=10 TWICE_CS=200
listen=${MAYFLY_LISTEN:-127.0.0.1:8000}
port=${listen##*:} host=${listen%:*}
case $host in '' | 127.0.0.1 | 0.0.0.0 | '[::]') host=localhost ;; esac
url=http://$host:$port
export MAYFLY_RUNTIMES=${MAYFLY_RUNTIMES:-$all_runtimes}
if [ "${1:-}" = '' ]; then
    ! (exec 3<>"/dev/tcp/${host//[][]/}/$port") 2>/dev/null ||
        die "port $port is in use; choose another one: MAYFLY_LISTEN=127.0.0.1:8001 make run"
    exec deploy/host.sh --for "$run_purposes" deploy/run.sh here
fi
log=$(mktemp)
gateway=
our_engine=
started=$EPOCHREALTIME

begin() {
    started=$EPOCHREALTIME
}

# Print the one line of a finished step.
progress() {
    untick
    printf '[%d/5] %-50s %6s s\n' "$1" "$2" "$(seconds_since "$started")"
}

fail() {
    say "$1"
    tail -n 20 "$log" >&2
    exit 1
}

build() {
    tick '[2/5] building mayfly'
    as_caller make -s -j "$(nproc)" build/release/mayfly >"$log" 2>&1 || fail 'Mayfly could not be built; the end of the log:'
}

names_image() {
    [[ $MAYFLY_RUNTIMES, == *=mayfly-$1:$2[=,]* ]]
}

# Build our images that the runtimes name, for each Debian. For the chosen Debian, python is always built. MAYFLY_IMAGE
# and MAYFLY_BASE apply to the chosen one.
build_images() {
    local each tag runtime wanted
    for each in $base_suites; do
        tag=$(image_tag "$each") wanted=()
        for runtime in $(our_runtime_names); do
            ! { [ "$each $runtime" = "$base_suite python" ] || names_image "$runtime" "$tag"; } || wanted+=("$runtime")
        done
        if [ "$each" = "$base_suite" ]; then
            runner-image/build.sh "${wanted[@]}"
        elif [ ${#wanted[@]} -gt 0 ]; then
            env -u MAYFLY_IMAGE -u MAYFLY_BASE MAYFLY_BASE_SUITE="$each" runner-image/build.sh "${wanted[@]}"
        fi
    done
}

serve() {
    local deadline=$((SECONDS + READY_SECONDS))
    is_terminal || say '[5/5] starting the gateway ...' # on a terminal, its log shows this
    # Start it in a group of its own: otherwise a Ctrl-C would reach it too, and a second signal means "do not wait for
    # the runs".
    setsid build/release/mayfly serve &
    gateway=$!
    until build/release/mayfly health >/dev/null 2>&1; do
        [ $signals = 0 ] || exit 130
        kill -0 "$gateway" 2>/dev/null || die 'the gateway ended before it was ready; its last messages are above'
        [ $SECONDS -lt $deadline ] || die "the gateway was not ready within $READY_SECONDS s"
        sleep 0.2
    done
}

signals=0 # the number of signals that were sent on purpose
woken=0   # the number of times that a signal may have ended a wait
on_signal() {
    signals=$((signals + 1)) woken=$((woken + 1))
    if [ -z "$gateway" ]; then
        exit 130
    elif [ "$signals" = 1 ]; then
        say 'ending; waiting for the runs'
        kill -TERM "$gateway" 2>/dev/null || true
    elif [ "$signals" = 2 ]; then
        say 'ending at once'
        kill -TERM "$gateway" 2>/dev/null || true
    else
        say 'killed; boxes that are left end by themselves and are removed at the next start'
        kill -KILL -- "-$gateway" 2>/dev/null || true
        wait "$gateway" 2>/dev/null || true # wait here, so that bash prints no message about it
    fi
}

termed_cs=
on_term() {
    local uptime rest
    woken=$((woken + 1))
    read -r uptime rest </proc/uptime # from a clock that is never set, in hundredths of a second
    uptime=${uptime/./}
    [ -z "$termed_cs" ] || [ $((uptime - termed_cs)) -gt "$TWICE_CS" ] || return 0
    termed_cs=$uptime
    on_signal
}

# Wait until all processes of the gateway have ended, and set its exit code. After a gateway was killed, its children
# live for some moments. A signal ends a `wait` early; its result then says nothing about the gateway.
wait_for_gateway() {
    local status seen deadline
    while :; do
        seen=$woken status=0
        wait "$gateway" || status=$?
        [ "$seen" != "$woken" ] || break
    done
    deadline=$((SECONDS + KILL_SECONDS))
    while kill -0 -- "-$gateway" 2>/dev/null && [ $SECONDS -lt $deadline ]; do
        sleep 0.05
    done
    return $status
}

# Clean up, also after a failure between two steps. Once the gateway has ended, signals are ignored, because the
# remaining steps are short and must be done.
clean_up() {
    local status=$?
    if [ -n "$gateway" ]; then
        [ "$signals" != 0 ] || kill -TERM "$gateway" 2>/dev/null || true
        wait_for_gateway || true
    fi
    trap '' INT TERM HUP
    untick
    [ -z "$our_engine" ] || deploy/engine.sh stop || status=1
    rm -f "$log"
    exit "$status"
}

# The packages and the build belong to the calling user; engine and gateway run as root.
as_root_from_here() {
    local settings
    [ "$(id -u)" != 0 ] || return 0
    mapfile -t settings < <(env | grep -E '^(MAYFLY_[A-Z_]*|DOCKER_HOST)=')
    command -v sudo >/dev/null || die 'the engine needs root: run this as root, or install sudo'
    rm -f "$log"
    exec sudo env "${settings[@]}" "$PWD/deploy/run.sh" built
}

trap clean_up EXIT
trap on_signal INT HUP
trap on_term TERM
if [ "$1" = here ]; then
    # shellcheck disable=SC2086 # one word for each
    deploy/setup.sh $run_purposes
    progress 1 'Debian packages are there'
    begin
    build
    progress 2 'built mayfly'
    as_root_from_here
fi
# Check settings and keys as the user who will start the gateway. So a setting that it would refuse is reported before
# the long steps.
build/release/mayfly serve --print-config >/dev/null || exit
begin
tick '[3/5] looking for a Docker engine'
use_engine 2>"$log" || fail 'No Docker engine:'
progress 3 "engine answers${our_engine:+, a private one}"
begin
build_images
progress 4 'runner images are there'
begin
serve
progress 5 "gateway is ready at $url"
key='' key_file='' where='' elsewhere='' mayfly=build/release/mayfly
[ ! -e "$root_mark" ] || mayfly="deploy/host.sh $mayfly" # its libraries exist only in the root
[ "$url" = http://localhost:8000 ] || elsewhere=" --url $url"
if [ -n "${MAYFLY_KEYS_FILE:-}" ]; then
    # shellcheck disable=SC2016 # for the shell of who copies the line
    key=' -H "Authorization: Bearer $KEY"' key_file=' --key-file <(echo "$KEY")'
    where="KEY is a key whose entry is in $MAYFLY_KEYS_FILE; $mayfly key new NAME makes both. "
fi
cat <<END

  curl -s ${url#http://}/api/v1/execute$key -H 'content-type: application/json' -d '{"code":"print(2+2)","timeout":5}'
  echo 'print(2+2)' | $mayfly run$elsewhere$key_file -

${where}Ctrl-C ends it.
END
status=0
wait_for_gateway || status=$?
gateway=
[ $status = 0 ] || [ "$signals" != 0 ] || say "the gateway ended by itself, exit code $status"
exit $status
