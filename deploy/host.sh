#!/bin/bash
# host.sh - where Mayfly is built and run: on this host as it is, or in a Debian 12 root on it.
#
#   deploy/host.sh COMMAND...       run a command where Mayfly's packages are
#   deploy/host.sh --for "PURPOSES" COMMAND...
#                                   the same for these purposes of setup.sh, after a line that says what host this is and
#                                   what is done about it: how `make run`, `make test` and `make lint` begin
#   deploy/host.sh --upgrade        install Debian 12's later fixes in the root
#   deploy/host.sh --purge          delete the root
#
# A host is used as it is when its release has every package of the purposes (setup.sh has the list), when they are
# installed already, or with MAYFLY_SETUP=skip. Without --for, the purposes are those of `make run`. For any other host,
# a Debian 12 root is made once, below $MAYFLY_STATE/debian-12 (default /var/lib/mayfly/debian-12): with mmdebstrap
# where there is apt, else from the image debian:bookworm-slim that an engine pulls. Needs root or sudo, and Debian's
# archive for what is missing.
#
# Only /usr, /etc and /var belong to the root. All else is this host's: kernel, network, processes, control groups,
# /dev, /run with the engine's socket, /tmp, homes, the checkout, $MAYFLY_STATE, files that settings name, name servers.
# So a private engine can run in the root too, and signals and exit codes of a command work as usual. The mounts are in
# a namespace that ends with its last process, even if that is killed.
#
# setup.sh installs into the root as it does elsewhere. Programs that were built in the root cannot run outside of it.
# If the way to run changes, the built files are deleted and built again.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd -P)
# shellcheck source=deploy/lib.sh
. "$here/deploy/lib.sh"

readonly ROOT_SECONDS=1800 END_SECONDS=20
readonly archive=http://deb.debian.org keys=/usr/share/keyrings/debian-archive-keyring.gpg
readonly public_base=debian:bookworm-slim
state=$(realpath -m "${MAYFLY_STATE:-/var/lib/mayfly}")
base=$state/debian-12 # only root may enter: users of this host must not run its setuid programs
root=$base/root
making='' # the process group that makes a root

# --- this host, in words ---------------------------------------------------------------------------------------------

host_name() {
    local PRETTY_NAME='an unknown system'
    [ ! -r /etc/os-release ] || . /etc/os-release
    echo "$PRETTY_NAME"
}

# "a, b, c and 4 more"
some_of() {
    local names=("$@")
    printf '%s' "${names[0]:-}"
    [ $# -lt 2 ] || printf ', %s' "${names[@]:1:2}"
    [ $# -lt 4 ] || printf ' and %d more' $(($# - 3))
}

can_make_root() {
    [ -e "$root" ] || command -v apt-get mmdebstrap docker >/dev/null
}

describe() {
    local lack
    lack="has no suitable $(some_of "$@")"
    [ -n "$("$here/deploy/setup.sh" --release)" ] || lack='is none of the releases whose packages are known to suit'
    if [ "${MAYFLY_SETUP:-}" = skip ]; then
        echo "host: $(host_name), used as it is, with the packages that it has (MAYFLY_SETUP=skip)"
    elif [ $# = 0 ]; then
        echo "host: $(host_name), used as it is: it has every package"
    elif can_make_root; then
        echo "host: $(host_name) $lack: Mayfly is built and run in a Debian 12 root, $base"
    else
        echo "host: $(host_name) $lack, and has nothing to make a Debian 12 root with"
        die "it needs apt or mmdebstrap; with a Docker engine and its client 'docker compose up --build' is enough" \
            "(deploy/docs/hosts.md)"
    fi
}

# --- making the root -------------------------------------------------------------------------------------------------

# This host's settings for reaching archives.
apt_options() {
    ! command -v apt-config >/dev/null || apt-config dump Acquire::http Acquire::https |
        sed -n 's/^\(.*".*";\)$/--aptopt=\1/p'
}

by_mmdebstrap() {
    local options signed="[signed-by=$keys]"
    mapfile -t options < <(apt_options)
    mmdebstrap --quiet --variant=minbase "${options[@]}" --aptopt='Acquire::Languages "none"' \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' bookworm "$1" \
        "deb $signed $archive/debian bookworm main" "deb $signed $archive/debian bookworm-updates main" \
        "deb $signed $archive/debian-security bookworm-security main"
}

by_engine() {
    local docker container status=0
    docker=$(docker_client)
    container=$("$docker" create "$public_base") || return
    "$docker" export "$container" | tar -C "$1" -xf - || status=$?
    "$docker" rm "$container" >/dev/null || status=$?
    return $status
}

# Make the first contents of a root. Mounts that are needed for this are in a namespace of their own.
fill() {
    local new=$1 file
    if command -v mmdebstrap >/dev/null; then
        by_mmdebstrap "$new"
    else
        by_engine "$new"
    fi
    date +%F >"$new$root_mark"
    # No package may start a daemon in the root when it is installed or upgraded.
    printf '#!/bin/sh\nexit 101\n' >"$new/usr/sbin/policy-rc.d"
    chmod 755 "$new/usr/sbin/policy-rc.d"
    for file in /usr/local/share/ca-certificates/*.crt; do
        [ ! -r "$file" ] || install -D -m 644 "$file" "$new$file"
    done
    # The names that mounts need.
    rm -f "$new"/etc/{resolv.conf,hosts}
    touch "$new"/etc/{resolv.conf,hosts}
}

make_root() {
    local log=$base.log unfinished=$base.unfinished status=0
    mkdir -p "$state"
    exec {lock}>"$base.lock"
    flock -w $ROOT_SECONDS "$lock" || die "another process is making $base and did not end in time"
    [ ! -e "$root" ] || return 0
    ! command -v apt-get >/dev/null || "$here/deploy/setup.sh" host
    rm -rf --one-file-system "$unfinished"
    mkdir -p "$unfinished/root"
    tick "host: making the Debian 12 root, once"
    set -m # a process group of its own, for on_signal
    timeout --kill-after=$END_SECONDS --foreground $ROOT_SECONDS unshare --mount --propagation private \
        "$here/deploy/host.sh" --fill "$unfinished/root" </dev/null >"$log" 2>&1 {lock}>&- &
    making=$!
    set +m
    wait "$making" || status=$?
    making=
    untick
    if [ $status != 0 ]; then
        tail -n 20 "$log" >&2
        die 'could not make a Debian 12 root'
    fi
    chmod 755 "$unfinished/root"
    chmod 700 "$unfinished"
    mv "$unfinished" "$base"
    rm -f "$log"
    exec {lock}>&-
}

# If the first packages cannot be installed, the root is still valid, and the next command installs them.
complete_root() {
    [ ! -e "$base/complete" ] || return 0
    namespace "$here/deploy/setup.sh" root
    touch "$base/complete"
}

# Send SIGTERM to the process group that makes a root, and then kill it.
end_making() {
    local deadline=$((SECONDS + END_SECONDS))
    trap '' INT TERM HUP
    untick
    if [ -n "$making" ]; then
        kill -TERM -- "-$making" 2>/dev/null || true
        while kill -0 -- "-$making" 2>/dev/null && [ $SECONDS -lt $deadline ]; do sleep 0.1; done
        kill -KILL -- "-$making" 2>/dev/null || true
        rm -rf --one-file-system "$base.unfinished" "$base.log"
    fi
}

# --- in the root -----------------------------------------------------------------------------------------------------

# Bind a path of the host to the same path in the root. Nothing is done for a path in a folder that is shared as a
# whole.
share() {
    local path
    path=$(realpath -m "$1")
    case $path in /usr/?* | /etc/?* | /var/?*) ;; *) return 0 ;; esac
    [ -e "$path" ] || return 0
    if [ -d "$path" ]; then
        mkdir -p "$root$path"
    else
        mkdir -p "$(dirname "$root$path")"
        [ -e "$root$path" ] || : >"$root$path"
    fi
    mount --bind "$path" "$root$path"
}

# The folder that a setting's file is in: editors write new files. But of a folder that is the root's own, the file.
share_file() {
    [ -n "$1" ] || return 0
    case $(dirname "$(realpath -m "$1")") in
    /etc | /usr | /var | /usr/local | /var/lib) share "$1" ;;
    *) share "$(dirname "$(realpath -m "$1")")" ;;
    esac
}

# Bind a folder of the host's /, with all mounts in it, unless it is one of the folders that belong to the root.
share_top() {
    local path=$1
    case $path in /usr | /etc | /var | /boot | /bin | /sbin | /lib* | /lost+found) return 0 ;; esac
    if [ -L "$path" ]; then
        [ -e "$root$path" ] || cp -P "$path" "$root$path"
    elif [ -d "$path" ]; then
        mkdir -p "$root$path"
        mount --rbind "$path" "$root$path"
    fi
}

# The same name may mean different files there.
share_names() {
    local file
    for file in /etc/resolv.conf /etc/hosts; do
        [ ! -s "$file" ] || mount --bind "$(realpath "$file")" "$root$file"
    done
    share /etc/npmrc
}

# In a mount namespace: change to the root and become the command. The state folder comes first, because nothing is
# mounted below it yet.
inside() {
    local cwd=$PWD top file
    top=/$(cut -d/ -f2 <<<"$state")
    share_top "$top"
    share "$state"
    for file in /*; do [ "$file" = "$top" ] || share_top "$file"; done
    share /var/lib/mayfly
    share /var/tmp
    share /etc/mayfly
    share_names
    share "$here"
    share "$cwd"
    share "${HOME:-/}"
    for file in "${MAYFLY_KEYS_FILE:-}" "${MAYFLY_SECCOMP:-}" "${MAYFLY_ENV:-}"; do share_file "$file"; done
    mount --rbind "$root" "$root"
    cd "$root"
    pivot_root . .
    umount --lazy .
    exec chroot . /usr/bin/env --chdir="$cwd" PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 "$@"
}

namespace() {
    unshare --mount --propagation slave "$here/deploy/host.sh" --inside "$@"
}

# --- in between ------------------------------------------------------------------------------------------------------

# Delete files that were built on the other system, because they do not work on this one. $1: host or root.
keep_apart() {
    local mark=$here/build/in-root built=host
    [ ! -e "$mark" ] || built=root
    [ "$built" != "$1" ] || return 0
    rm -rf "$here"/build/{release,asan,fuzz,init} "$mark"
    [ "$1" = host ] || { mkdir -p "$here/build" && touch "$mark"; }
}

# Continue as root, with the whole environment. The command gets the name of the calling user.
again_as_root() {
    local settings
    mapfile -d '' -t settings < <(env -0)
    command -v sudo >/dev/null || die 'the Debian 12 root needs root: run this as root, or install sudo'
    exec sudo env -i "${settings[@]}" HOST_CALLER="$(id -u):$(id -g)" "$0" "$@"
}

in_root() {
    [ "$(id -u)" = 0 ] || again_as_root --enter "$@"
    trap end_making EXIT
    trap 'exit 130' INT TERM HUP
    [ -e "$root" ] || make_root
    complete_root
    trap - INT TERM HUP EXIT
    exec unshare --mount --propagation slave "$here/deploy/host.sh" --inside "$@"
}

# Print the processes that have the root as /. Their mount tables name it by a path in its file system: by the end of
# its path here, or by a longer path if we ourselves are in a root of that file system.
users_of_root() {
    local pid
    for pid in $(cd /proc && echo [0-9]*); do
        ! awk -v root="$root" '
            function ends(text, end) { return substr(text, length(text) - length(end) + 1) == end }
            $5 == "/" && length($4) > 1 && (ends(root, $4) || ends($4, root)) { found = 1 }
            END { exit !found }' "/proc/$pid/mountinfo" 2>/dev/null || echo "$pid"
    done | xargs
}

purge() {
    local users
    [ "$(id -u)" = 0 ] || again_as_root --purge
    ! grep -qF " $base/" /proc/self/mountinfo || die "something is mounted below $base"
    users=$(users_of_root)
    [ -z "$users" ] || die "it is in use by the processes $users"
    rm -rf --one-file-system "$base" "$base".{unfinished,log,lock}
    rmdir "$state" 2>/dev/null || true
}

purposes=$run_purposes announced=
case ${1:-} in
--for)
    purposes=$2 announced=yes
    shift 2
    ;;
--enter) shift && in_root "$@" ;;
--inside) shift && inside "$@" ;;
--fill) fill "$2" && exit ;;
--purge) purge && exit ;;
--upgrade)
    [ -e "$root" ] || die "there is no root at $base"
    in_root sh -c 'mount -t tmpfs -o mode=755 run /run && apt-get update -q && apt-get upgrade -y -q'
    ;;
'' | -*) die 'usage: host.sh [--for "PURPOSES"] COMMAND... | --upgrade | --purge' ;;
esac
# shellcheck disable=SC2086 # one word for each
mapfile -t lacks < <("$here/deploy/setup.sh" --lacks $purposes)
[ -z "$announced" ] || describe "${lacks[@]}"
builds=$announced where=root
[ "${1##*/}" != make ] || builds=yes
[ ${#lacks[@]} != 0 ] || where=host
[ -z "$builds" ] || keep_apart $where
[ $where = root ] || exec "$@"
in_root "$@"
