#!/bin/bash
# run.sh - runs `make engines-test`: tests a gateway with real boxes on each engine that users have.
#
# ENGINES="docker-28-crun podman-5-runc" runs only these. Results are kept from run to run; TABLE=yes writes the results
# of all engines into deploy/docs/engines.md. Exits with 0 if each engine is served or refused as the list in this file
# expects.
#
# An engine comes from the Debian release that has it. mmdebstrap makes a root of that release, which is kept below
# $MAYFLY_STATE/engines/roots (default /var/lib/mayfly/...); a deleted root is made again from the present archive. The
# engine runs in it, in namespaces for mounts and processes; network, kernel and cgroups are this machine's. Its state
# folder has the same path inside and outside, and so has its socket. deploy/engine.sh starts Docker in the root as it
# does elsewhere. When the first process of the namespace ends, all others end.
#
# Needs root and Debian's archive. The images come from an engine that answers, or from a private one.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=deploy/lib.sh
. deploy/lib.sh

readonly START_SECONDS=60 END_SECONDS=30 CHECK_SECONDS=120 TEST_SECONDS=900
readonly image=mayfly-python:latest
readonly packages=ca-certificates,docker.io,containerd,runc,crun,podman,uidmap,fuse-overlayfs,rootlesskit,slirp4netns,iproute2,procps

# Name, Debian release, kind, OCI runtime, and whether a gateway serves on it; v2: on a machine with cgroup v2, while on
# v1 it refuses, since limits are not enforced without root there, and crun leaves a folder writable; refused: for these
# checks of the self-test alone, named by their letters, and for no other reason.
readonly engines='
docker-20-runc       bookworm  docker           runc   served
docker-20-crun       bookworm  docker           crun   served
docker-20-rootless   bookworm  docker-rootless  runc   v2
docker-26-runc       trixie    docker           runc   served
docker-26-crun       trixie    docker           crun   served
docker-26-runsc      trixie    docker           runsc  refused:init-s-secrets
docker-26-rootless   trixie    docker-rootless  runc   v2
docker-28-runc       sid       docker           runc   served
docker-28-crun       sid       docker           crun   served
docker-28-rootless   sid       docker-rootless  runc   v2
podman-4-runc        bookworm  podman           runc   served
podman-4-crun        bookworm  podman           crun   v2
podman-4-rootless    bookworm  podman-rootless  crun   v2
podman-5-runc        trixie    podman           runc   served
podman-5-crun        trixie    podman           crun   v2
podman-5-rootless    trixie    podman-rootless  crun   v2
podman-new-runc      sid       podman           runc   served
podman-new-crun      sid       podman           crun   v2
podman-new-rootless  sid       podman-rootless  crun   v2
'
all=$(realpath -m "${MAYFLY_STATE:-/var/lib/mayfly}")/engines
inside='' settings=() name='' testing='' our_engine=''

# --- roots and images --------------------------------------------------------------------------------------------

# This machine's own mirror of Debian, for a release that its sources do not list.
mirror() {
    # shellcheck disable=SC2016 # apt's own variables
    apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' |
        awk '$2 !~ /-/ && !found { print $1; found = 1 }'
}

# This machine's settings for reaching the archive.
apt_options() {
    apt-config dump Acquire::Check-Valid-Until Acquire::Check-Date Acquire::http Acquire::https |
        sed -n 's/^\(.*".*";\)$/--aptopt=\1/p'
}

make_root() {
    local release=$1 root=$all/roots/$1 options source wanted=$packages
    [ "$release" != trixie ] || wanted+=,runsc
    [ "$wanted" != "$(cat "$root/packages" 2>/dev/null)" ] || return 0
    mapfile -t options < <(apt_options)
    source=$(mirror)
    say "a root of Debian $release ..."
    rm -rf --one-file-system "$root" "$root.unfinished"
    mkdir -p "$all/roots"
    nice mmdebstrap --quiet --variant=minbase --components=main --include="$wanted" "${options[@]}" \
        --aptopt='Acquire::Languages "none"' --dpkgopt='path-exclude=/usr/share/doc/*' \
        --dpkgopt='path-exclude=/usr/share/man/*' "$release" "$root.unfinished" ${source:+"$source"}
    chroot "$root.unfinished" useradd --create-home --uid 1000 rootless
    echo "$wanted" >"$root.unfinished/packages"
    mv "$root.unfinished" "$root"
}

# Build the present image of the boxes on an engine that answers, and save it for the other engines.
save_image() {
    local docker id
    docker=$(docker_client)
    use_engine
    nice runner-image/build.sh python
    id=$("$docker" image inspect --format '{{.Id}}' $image)
    mkdir -p "$all"
    if [ "$id" != "$(cat "$all/image.id" 2>/dev/null)" ]; then
        "$docker" save -o "$all/image.tar" $image
        echo "$id" >"$all/image.id"
    fi
    stop_our_engine
    unset DOCKER_HOST
}

stop_our_engine() {
    [ -z "$our_engine" ] || deploy/engine.sh stop
    our_engine=
}

# --- in the namespaces ---------------------------------------------------------------------------------------------

# Change to the root. A folder with mounts of the host is bound with all of them, but mounts made in the root do not
# reach the host.
enter() {
    local root=$1 state=$2
    shift 2
    mount --bind "$root" "$root"
    cd "$root"
    mount -t proc proc proc
    mount --rbind /sys sys
    mount --rbind /dev dev
    mount -t tmpfs -o mode=755 run run
    mount -t tmpfs -o mode=1777 tmp tmp
    mkdir -p ".$state" tmp/mayfly
    mount --bind "$state" ".$state"
    mount --bind "$OLDPWD" tmp/mayfly
    mount -o remount,bind,ro tmp/mayfly
    pivot_root . .
    umount --lazy .
    # This shell stays, to reap orphans.
    # shellcheck disable=SC2016 # for the shell in there
    exec chroot . /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 MAYFLY_STATE="$state" \
        bash -c 'cd /tmp/mayfly && "$@"; exit' serve "$@"
}

# --- an engine's life ----------------------------------------------------------------------------------------------

socket() {
    echo "$all/$name/engine/run/docker.sock"
}

begin() {
    local root=$1 kind=$2 runtime=$3 deadline=$((SECONDS + START_SECONDS)) command
    mkdir -p "$all/$name/engine"/{data,run}
    chmod 711 "$all/$name" "$all/$name/engine"
    case $kind in
    docker) command=(env MAYFLY_ENGINE_RUNTIME="$runtime" deploy/engine.sh serve) ;;
    docker-rootless) command=(tests/engines/rootless_docker.sh "$runtime") ;;
    *) command=(tests/engines/podman.sh "$kind" "$runtime") ;;
    esac
    setsid unshare --mount --propagation slave --pid --ipc --fork --kill-child tests/engines/run.sh enter "$root" \
        "$all/$name" "${command[@]}" </dev/null >"$all/$name/log" 2>&1 &
    inside=$!
    until engine_answers "$(socket)"; do
        if [ $SECONDS -ge $deadline ] || ! kill -0 "$inside" 2>/dev/null; then
            tail -n 15 "$all/$name/log" >&2
            return 1
        fi
        sleep 0.1
    done
}

# Ask the engine to end, and then end the namespace. Cgroups that are left are empty by then.
end() {
    local deadline=$((SECONDS + END_SECONDS)) group
    [ -n "$name" ] || return 0
    MAYFLY_STATE=$all/$name deploy/engine.sh stop 2>/dev/null || true
    { # without output: bash would report that it was killed
        while [ -n "$inside" ] && kill -KILL -- "-$inside" && [ $SECONDS -lt $deadline ]; do
            sleep 0.1
        done
        [ -z "$inside" ] || wait "$inside"
    } 2>/dev/null || true
    inside=
    find /sys/fs/cgroup -depth -type d -path '*/libpod_parent*' 2>/dev/null | while read -r group; do
        rmdir "$group" 2>/dev/null || true
    done
    rm -rf --one-file-system "${all:?}/$name/engine"
    name=
}

# A signal cleans up everything. It is passed on to the tests first, because they have boxes to remove.
clean_up() {
    local deadline=$((SECONDS + END_SECONDS))
    trap '' INT TERM HUP
    [ -z "$testing" ] || kill -INT -- "-$testing" 2>/dev/null || true
    while [ -n "$testing" ] && kill -0 -- "-$testing" 2>/dev/null && [ $SECONDS -lt $deadline ]; do
        sleep 0.1
    done
    end
    rm -rf --one-file-system "$all"/roots/*.unfinished
    stop_our_engine
}

# --- what is tested -------------------------------------------------------------------------------------------------

# Run the tests in a process group of their own, which a signal reaches as a Ctrl-C would.
in_group() {
    local status=0
    set -m
    "$@" </dev/null &
    testing=$!
    set +m
    wait $testing || status=$?
    testing=
    return $status
}

run_check() {
    # Without root, ids come from the 65536 ids of a user. The folder of the socket belongs to that user, not to us.
    settings=()
    [ "${1%-rootless}" = "$1" ] || settings=(MAYFLY_UID_BASE=1000 MAYFLY_UID_BLOCKS=1 MAYFLY_PROFILE_FOLDER="$all/$name")
    env "${settings[@]}" DOCKER_HOST="unix://$(socket)" timeout $CHECK_SECONDS build/release/mayfly check --json >"$all/$name/check.json"
}

# Run files of tests; the table gets their results.
run_tests() {
    DOCKER_HOST=unix://$(socket) MAYFLY_TEST_SETTINGS="${settings[*]}" MAYFLY_BIN=$PWD/build/release/mayfly PYTHONDONTWRITEBYTECODE=1 \
        in_group nice -n 19 timeout --foreground -s INT -k $END_SECONDS $TEST_SECONDS \
        /usr/bin/python3 -m pytest -p no:cacheprovider -q -rf --junit-xml="$all/$name/tests.xml" \
        "$@"
}

# An engine that is refused may have other tests.
try_tests() {
    if run_check "$1"; then
        run_tests tests/docker/test_gateway.py tests/engines/test_limits.py tests/docker/test_leftovers.py
    elif [ "$2" = runsc ]; then
        run_tests tests/engines/test_gvisor.py
    fi
}

# Write the result; fail unless it is the one in the list.
try() {
    local release=$2 kind=$3 runtime=$4 expected=$5 status=0
    name=$1
    say "--- $name"
    make_root "$release"
    rm -f "$all/$name"/{check.json,tests.xml}
    begin "$all/roots/$release" "$kind" "$runtime" || status=1
    if [ $status = 0 ]; then
        "$(docker_client)" -H "unix://$(socket)" load -q -i "$all/image.tar" >/dev/null
        try_tests "$kind" "$runtime" || true
    fi
    tests/engines/table.py note "$all/$name" "$runtime" "$expected" || status=1
    end
    return $status
}

main() {
    local line failed=() words
    [ "$(id -u)" = 0 ] || die 'needs root'
    deploy/setup.sh image engine test
    make -s all
    trap clean_up EXIT
    trap 'exit 130' INT TERM HUP
    save_image
    for line in ${ENGINES:-$(awk 'NF { print $1 }' <<<"$engines")}; do
        read -ra words < <(awk -v name="$line" '$1 == name' <<<"$engines")
        [ ${#words[@]} = 5 ] || die "there is no engine $line; there are: $(awk 'NF { print $1 }' <<<"$engines" | xargs)"
        try "${words[@]}" || failed+=("$line")
    done
    tests/engines/table.py print "$all" "$(awk 'NF { print $1 }' <<<"$engines" | xargs)"
    [ -z "${TABLE:-}" ] || tests/engines/table.py write "$all" "$(awk 'NF { print $1 }' <<<"$engines" | xargs)" deploy/docs/engines.md
    [ ${#failed[@]} = 0 ] || die "not as they should be: ${failed[*]}"
}

if [ "${1:-}" = enter ]; then
    shift
    enter "$@"
fi
main
