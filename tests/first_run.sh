#!/bin/bash
# first_run.sh - runs `make first-run`: tests `make run` as on a new system. It checks the first line, an answer to a
# request, `mayfly run`, Ctrl-C, and that no process, mount or control group is left.
#
# Needs what `make run` needs and uses nothing else, so that it works on a bare system. Its state folder is a new one, with
# a Debian 12 root of its own where host.sh makes one, and is deleted at the end; $MAYFLY_STATE names another, which stays.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=deploy/lib.sh
. deploy/lib.sh

readonly READY_SECONDS=2400 ANSWER_SECONDS=60 STOP_SECONDS=120
readonly port=8731
state='' # ours
if [ -z "${MAYFLY_STATE:-}" ]; then
    state=$(mktemp -d /var/tmp/mayfly-first-run.XXXXXX)
    export MAYFLY_STATE=$state
fi
log=$(mktemp)
run='' # the process group of make

on_exit() {
    trap '' INT TERM HUP
    [ -z "$run" ] || end_run || true
    deploy/engine.sh stop >/dev/null 2>&1 || true
    [ -z "$state" ] || rm -rf --one-file-system "$state"
    rm -f "$log"
}

fail() {
    say "first-run: $1; what make run said:"
    cat "$log" >&2
    exit 1
}

is_running() {
    kill -0 -- "-$run" 2>/dev/null
}

# Wait for a line in the output of make run.
wait_for() {
    local deadline=$((SECONDS + READY_SECONDS))
    until grep -q "$1" "$log"; do
        is_running || fail 'it ended early'
        [ $SECONDS -lt $deadline ] || fail "no '$1' in $READY_SECONDS s"
        sleep 0.2
    done
}

end_run() {
    local deadline=$((SECONDS + STOP_SECONDS))
    kill -INT -- "-$run" 2>/dev/null || true
    while is_running; do
        if [ $SECONDS -ge $deadline ]; then
            kill -KILL -- "-$run" 2>/dev/null || true
            return 1
        fi
        sleep 0.1
    done
}

# A bare system has no client but bash.
answer() {
    local code='{"code":"print(6*7)"}' line reply=''
    exec 3<>"/dev/tcp/localhost/$port"
    printf '%s\r\n' 'POST /api/v1/execute HTTP/1.1' 'Host: localhost' 'Content-Type: application/json' \
        "Content-Length: ${#code}" 'Connection: close' '' >&3
    printf '%s' "$code" >&3
    while IFS= read -rt $ANSWER_SECONDS line <&3 || [ -n "$line" ]; do reply+=$line; done
    exec 3>&-
    echo "$reply"
}

# Print mounts, processes and control groups of this state folder or checkout; there must be none.
left() {
    local folder hash
    hash=$(printf %s "$(realpath "$MAYFLY_STATE")/engine" | sha256sum | cut -c 1-8)
    find /sys/fs/cgroup -type d -name "mayfly-$hash*" 2>/dev/null || true
    grep -F "$MAYFLY_STATE" /proc/self/mountinfo || true
    for folder in /proc/[0-9]*; do
        if { tr '\0' ' ' <"$folder/cmdline" | grep -qF "$MAYFLY_STATE"; } 2>/dev/null ||
            { [ "$folder/cwd" -ef . ] && grep -q '^mayfly' "$folder/comm"; } 2>/dev/null; then
            echo "${folder#/proc/}: $(tr '\0' ' ' <"$folder/cmdline" || true)"
        fi
    done 2>/dev/null
}

trap on_exit EXIT
trap 'exit 130' INT TERM HUP
[ "$(id -u)" = 0 ] || die 'needs root'
set -m # a process group of its own, which gets the Ctrl-C
MAYFLY_LISTEN=127.0.0.1:$port env -u MAKELEVEL -u MAKEFLAGS -u MFLAGS make run </dev/null >"$log" 2>&1 &
run=$!
set +m
wait_for 'gateway is ready'
head -n 1 "$log"
head -n 1 "$log" | grep -q '^host: ' || fail 'its first line does not say what host this is'
reply=$(answer)
[[ $reply == *' 200 OK'*'"stdout":"42\n"'* ]] || fail "the answer was: $reply"
say "first-run: answered; $(grep -c . "$log") lines were said"
command=$(sed -n "s/^  echo 'print(2+2)' | \(.*\)/\1/p" "$log")
[ "$(echo 'print(6*7)' | $command)" = 42 ] || fail "not answered by: $command"
end_run || fail "it did not end within $STOP_SECONDS s"
run=
[ -z "$(left)" ] || fail "it left: $(left)"
say 'first-run: stopped, and nothing is left'
