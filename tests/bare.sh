#!/bin/bash
# bare.sh - runs `make bare-test`: targets of the Makefile, each on a new system with nothing but git, make and
# certificates. It proves that deploy/setup.sh lists every package, whatever this machine has installed.
#
#   TARGETS="first-run lint"   these only; all of them: first-run lint test compose-test swarm-test, in about an hour
#   SUITE=bookworm             or trixie, where they go on in a Debian 12 root (deploy/host.sh), or noble, Ubuntu 24.04
#   UBUNTU_MIRROR=             for noble: the address of its archive
#   UBUNTU_KEYS=               and its keyring (/usr/share/keyrings/ubuntu-archive-keyring.gpg)
#
# The test uses the last commit. Needs root, the archives for mmdebstrap, and npm's registry for most targets.
#
# A root filesystem is made below /var/tmp, which must be on a disk, because an engine's overlays do not work on another
# overlay. It is entered in namespaces for mounts, processes and System V IPC. Network, kernel and cgroups are this
# machine's. The root gets this machine's settings for reaching registries: name servers, certificates, npmrc, proxies.
# The first signal is passed on and lets the tests clean up. The second kills the namespace; empty cgroups of its
# engines then stay. The root is deleted in any case.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=deploy/lib.sh
. deploy/lib.sh

readonly TARGET_SECONDS=3600 KILL_SECONDS=20
readonly packages=git,make,ca-certificates
readonly suite=${SUITE:-bookworm}
root='' inside='' signals=0

make_root() {
    local sources=()
    case $suite in
    bookworm | trixie) ;;
    noble)
        local keys=${UBUNTU_KEYS:-/usr/share/keyrings/ubuntu-archive-keyring.gpg} part
        [ -r "$keys" ] || die "there is no $keys, to know Ubuntu's archive by; UBUNTU_KEYS names another file"
        [ -n "${UBUNTU_MIRROR:-}" ] || die 'noble comes from the archive of Ubuntu that UBUNTU_MIRROR names'
        for part in noble noble-updates noble-security; do
            sources+=("deb [signed-by=$keys] $UBUNTU_MIRROR $part main universe")
        done
        ;;
    *) die "there is no suite $suite here: bookworm, trixie, noble" ;;
    esac
    mmdebstrap --quiet --variant=minbase --include=apt,$packages --aptopt='Acquire::Languages "none"' \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' "$suite" "$root/system" \
        "${sources[@]}"
    [ "$suite" != noble ] || sed -i 's/ \[signed-by=[^]]*\]//' "$root/system/etc/apt/sources.list"
}

# This machine's settings for reaching registries.
take_over_access() {
    local file
    for file in /etc/resolv.conf /etc/hosts /etc/npmrc ~/.npmrc /usr/local/share/ca-certificates/*.crt; do
        [ ! -r "$file" ] || install -D -m 600 "$file" "$root/system$file"
    done
    chmod 644 "$root"/system/etc/{resolv.conf,hosts}
    chroot "$root/system" update-ca-certificates >/dev/null 2>&1
}

take_over_settings() {
    env | grep -iE '^(https?_proxy|no_proxy|all_proxy|npm_config_[a-z_]*|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|TERM|CI)=' || true
}

# In the namespaces: change to the root, and become its first process, which ends with the target.
enter() {
    local system=$1 target=$2
    shift 2
    mount --bind "$system" "$system"
    cd "$system"
    mount -t proc proc proc
    mount --rbind /sys sys
    mount --rbind /dev dev
    mount -t tmpfs -o mode=1777 shm dev/shm
    mount -t tmpfs -o mode=755 run run
    pivot_root . .
    umount --lazy .
    # The shell stays after it has started make, to reap orphans.
    # shellcheck disable=SC2016 # for the shell in there
    exec chroot . /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "$@" \
        bash -c 'cd && git -c init.defaultBranch=main clone -q -c advice.detachedHead=false mayfly.bundle mayfly && cd mayfly && make "$0"; exit' "$target"
}

on_signal() {
    signals=$((signals + 1))
    [ -n "$inside" ] || exit 130
    if [ $signals = 1 ]; then
        kill -INT -- "-$inside" 2>/dev/null || true
    else
        kill_inside
    fi
}

# When the first process of the namespace ends, the kernel ends all others in it.
kill_inside() {
    local deadline=$((SECONDS + KILL_SECONDS))
    while kill -KILL -- "-$inside" 2>/dev/null && [ $SECONDS -lt $deadline ]; do
        sleep 0.1
    done
}

clean_up() {
    trap '' INT TERM HUP
    [ -z "$inside" ] || kill_inside
    [ -z "$root" ] || rm -rf --one-file-system "$root"
}

run_inside() {
    local status settings
    mapfile -t settings < <(take_over_settings)
    set -m # a process group of its own, which signals reach as a Ctrl-C would
    timeout --kill-after=10 --foreground $TARGET_SECONDS unshare --mount --pid --ipc --fork --kill-child \
        tests/bare.sh enter "$root/system" "$1" "${settings[@]}" </dev/null &
    inside=$!
    set +m
    while kill -0 "$inside" 2>/dev/null; do
        status=0
        wait "$inside" || status=$?
    done
    inside=
    return $status
}

target() {
    local status=0
    say "--- make $1, on $suite with $packages"
    root=$(mktemp -d /var/tmp/mayfly-bare.XXXXXX)
    chmod 755 "$root"
    make_root
    take_over_access
    git -c safe.directory='*' bundle create --quiet "$root/system/root/mayfly.bundle" HEAD
    run_inside "$1" || status=$?
    rm -rf --one-file-system "$root"
    root=
    say "--- make $1: exit code $status"
    [ $status = 0 ] || failed+=("$1")
}

if [ "${1:-}" = enter ]; then
    shift
    enter "$@"
fi
[ "$(id -u)" = 0 ] || die 'needs root'
deploy/setup.sh image
trap clean_up EXIT
trap on_signal INT TERM HUP
failed=()
for name in ${TARGETS:-first-run lint test compose-test swarm-test}; do
    target "$name"
    [ $signals = 0 ] || exit 130
done
[ ${#failed[@]} = 0 ] || die "failed: ${failed[*]}"
