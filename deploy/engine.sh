#!/bin/bash
# engine.sh - a private Docker engine, for machines where none runs.
#
#   deploy/engine.sh start             start it, unless it runs; returns when it answers
#   deploy/engine.sh stop [--purge]    stop it and all it started; with --purge delete its images and state too, all of
#                                      $MAYFLY_STATE/engine; runner-image/build.sh's base-*.tar beside it stays
#   deploy/engine.sh status            exit code 0: answers, 1: runs but does not answer, 3: stopped
#   deploy/engine.sh env               print the settings for docker and mayfly, for eval; MAYFLY_RUNTIMES, too, where
#                                      it is not set and all images of runner-image/build.sh are there
#
# Settings from the environment:
#   MAYFLY_STATE            state folder; each has an engine of its own (/var/lib/mayfly)
#   MAYFLY_ENGINE_RUNTIME   crun, runc or runsc; default: crun where it works, else runc
#   MAYFLY_ENGINE_TIMEOUT_MS  a setting of Mayfly; above 10000, start and stop may take longer by the same factor
#   MAYFLY_ENGINE_BRIDGE=1  with Docker's own network. Boxes have no network, so the default is to leave the host's alone
#
# How it works. Everything lives under $MAYFLY_STATE/engine: data (kept from start to start), run (sockets and pids,
# thrown away), log. dockerd, its containerd and the shims share a private mount namespace. Mounts made there (overlays,
# network namespaces, cgroups) are invisible to the host and vanish with its last process, so even a killed engine
# leaves none behind. In this namespace, /sys/fs/cgroup can also be arranged as the engine needs it, without a change
# for the host:
#
#   cgroup v1, v2    as they are
#   hybrid           the v1 hierarchies only: crun refuses a host with /sys/fs/cgroup/unified
#   none mounted     v2, or v1 where its controllers are already bound to v1
#
# The state of containers is kept in memory, in this namespace: otherwise each box would write some thirty files to the
# disk and sync most of them. So containers are lost when the engine stops, but images are kept. The engine's Go
# programs collect garbage a quarter as often as by default. runner-image/README.md has the effect of both.
#
# Pid files are not trusted. A process belongs to the engine if it has the name of one of its programs and our
# containerd's socket among its arguments. A process belongs to a box if it is in a cgroup below ours.
set -euo pipefail
# shellcheck source=deploy/lib.sh
. "$(dirname "$0")/lib.sh"

READY_SECONDS=$(patience 60) STOP_SECONDS=$(patience 30)
readonly READY_SECONDS STOP_SECONDS KILL_SECONDS=10

state=$(realpath -m "${MAYFLY_STATE:-/var/lib/mayfly}")/engine
data=$state/data
run=$state/run
log=$state/log
lock=$(dirname "$state")/.engine.lock
socket=$run/docker.sock
containerd_socket=$run/containerd.sock
cgroup=mayfly-$(printf %s "$state" | sha256sum | cut -c 1-8)

# --- what runs -------------------------------------------------------------------------------------------------

# The pids of this engine's processes, of the kinds named in $1 (an extended regular expression on the program's name).
engine_pids() {
    local file pid
    { grep -lsE "^($1)" /proc/[0-9]*/comm || true; } | while read -r file; do
        pid=${file//[!0-9]/}
        if { tr '\0' '\n' <"/proc/$pid/cmdline"; } 2>/dev/null | grep -qxF -e "$containerd_socket"; then
            echo "$pid"
        fi
    done
}

all_pids() {
    engine_pids 'dockerd|containerd'
}

# Our cgroups, innermost first, in every hierarchy.
cgroups() {
    find /sys/fs/cgroup -depth -type d -path "*/$cgroup*" 2>/dev/null || true
}

box_pids() {
    cgroups | while read -r group; do cat "$group/cgroup.procs" 2>/dev/null || true; done | sort -un
}

# Wait until the command in $2... prints nothing; fail after $1 seconds.
wait_until_none() {
    local deadline=$((SECONDS + $1))
    shift
    while [ -n "$("$@")" ]; do
        [ $SECONDS -lt $deadline ] || return 1
        sleep 0.05
    done
}

# --- inside the private mount namespace ---------------------------------------------------------------------------

in_private_mounts() {
    # Propagation slave: what the host mounts later appears inside, and nothing from inside appears on the host.
    unshare --mount --propagation slave "$0" "$@"
}

mount_v1_hierarchies() {
    local name hierarchy enabled
    mount -t tmpfs -o mode=755 cgroup /sys/fs/cgroup
    while read -r name hierarchy _ enabled; do
        [ "$hierarchy:$enabled" != 0:1 ] || continue
        mkdir "/sys/fs/cgroup/$name"
        mount -t cgroup -o "$name" cgroup "/sys/fs/cgroup/$name"
    done < <(grep -v '^#' /proc/cgroups)
}

# A copy of /sys/fs/cgroup without `unified`, laid over it. It must be read-only: where crun finds no unified
# hierarchy but may write, it leaves a folder of that name with a file in it for each box. (Unmounting unified alone
# would leave these in the host's /sys/fs/cgroup, hidden under the mount.)
hide_unified() {
    local copy=$run/cgroup entry
    mkdir -p "$copy"
    mount -t tmpfs -o mode=755 cgroup "$copy"
    for entry in /sys/fs/cgroup/*; do
        if [ -L "$entry" ]; then
            cp -P "$entry" "$copy/"
        elif [ -e "$entry/cgroup.procs" ] && [ "${entry##*/}" != unified ]; then
            mkdir "$copy/${entry##*/}"
            mount --bind "$entry" "$copy/${entry##*/}"
        fi
    done
    mount -o remount,ro "$copy"
    mount --move "$copy" /sys/fs/cgroup
}

arrange_cgroups() {
    if ! grep -q ' - cgroup2\? ' /proc/self/mountinfo; then
        if awk '!/^#/ && $2 != 0 { bound = 1 } END { exit !bound }' /proc/cgroups; then
            mount_v1_hierarchies
        else
            mount -t cgroup2 cgroup2 /sys/fs/cgroup
        fi
    elif [ -e /sys/fs/cgroup/unified/cgroup.controllers ]; then
        hide_unified
    fi
    [ -e /sys/fs/cgroup/cgroup.controllers ] || [ -e /sys/fs/cgroup/devices/cgroup.procs ] ||
        die "no devices cgroup at /sys/fs/cgroup; the engine needs cgroup v2, or v1 with cpu, devices, memory and pids"
}

# Succeed if this OCI runtime can start a container with a limit here. This is tried with the host's /usr, read-only.
runtime_works() {
    local bundle=$run/probe status=0
    mkdir -p "$bundle"/rootfs/{usr,proc,dev}
    ln -s usr/lib "$bundle/rootfs/lib"
    ln -s usr/lib64 "$bundle/rootfs/lib64"
    cat >"$bundle/config.json" <<-END
	{"ociVersion": "1.0.2", "root": {"path": "rootfs", "readonly": true},
	 "process": {"cwd": "/", "args": ["/usr/bin/true"], "user": {"uid": 65534, "gid": 65534}, "noNewPrivileges": true},
	 "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"},
	            {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "size=64k"]},
	            {"destination": "/usr", "type": "bind", "source": "/usr", "options": ["rbind", "ro"]}],
	 "linux": {"cgroupsPath": "/$cgroup/probe", "resources": {"memory": {"limit": 67108864}, "pids": {"limit": 32}},
	           "namespaces": [{"type": "pid"}, {"type": "mount"}, {"type": "ipc"}, {"type": "network"}]}}
	END
    "$1" --root "$run/probe/state" run --bundle "$bundle" "$cgroup" </dev/null || status=$?
    rm -rf "$bundle"
    return $status
}

choose_runtime() {
    if [ -n "${MAYFLY_ENGINE_RUNTIME:-}" ]; then
        echo "$MAYFLY_ENGINE_RUNTIME"
    elif command -v crun >/dev/null && runtime_works crun >&2; then
        echo crun
    else
        echo runc
    fi
}

write_settings() {
    cat >"$run/containerd.toml" <<-END
	version = 2
	disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]
	root = "$data/containerd"
	state = "$run/containerd"
	[grpc]
	address = "$containerd_socket"
	END
    daemon_settings >"$run/daemon.json"
}

# Without this setting, Docker before 25 would keep its key in /etc/docker; later versions do not know the setting.
# gVisor needs options of its own: that boxes have no network, and that it applies the seccomp profile.
daemon_settings() {
    echo '{'
    [ "$(docker_major)" -ge 25 ] || echo "\"deprecated-key-path\": \"$data/key.json\","
    echo '"runtimes": {'
    ! command -v runsc >/dev/null ||
        echo '"runsc": {"path": "runsc", "runtimeArgs": ["--network=none", "--oci-seccomp"]},'
    echo "\"crun\": {\"path\": \"$(command -v crun || echo crun)\"}}}"
}

docker_major() {
    dockerd --version | sed 's/^[^0-9]*\([0-9]*\).*/\1/'
}

# Mount memory over folders that dockerd and containerd would write to the disk. A container's layer must be on the
# disk, beside the layers of the images. From Docker 29 on, containerd keeps the images.
keep_in_memory() {
    local folder folders=("$run/containerd" "$run/docker" "$data/docker/containers"
        "$data/docker/image/overlay2/layerdb/mounts")
    [ "$(docker_major)" -ge 29 ] || folders+=("$data/containerd")
    for folder in "${folders[@]}"; do
        mkdir -p "$folder"
        mount -t tmpfs -o mode=711 engine "$folder"
    done
}

# Remove the layers of containers that an earlier engine has left and that this one does not know. Each has a second
# layer beside it, whose name ends in -init.
forget_containers() {
    local init layer
    for init in "$data"/docker/overlay2/*-init; do
        for layer in "$init" "${init%-init}"; do
            [ ! -s "$layer/link" ] || rm -rf "$data/docker/overlay2/l/$(cat "$layer/link")"
            rm -rf "$layer"
        done
    done
}

# Become dockerd. containerd is started here and not by dockerd, because dockerd would use the system's containerd if
# one runs.
serve() {
    local runtime network=() folder
    arrange_cgroups
    # containerd and dockerd keep the sockets of shims and plugins in these folders, whatever their settings are.
    for folder in /run/containerd /run/docker; do
        mkdir -p $folder
        mount -t tmpfs -o mode=711 engine $folder
    done
    keep_in_memory
    forget_containers
    runtime=$(choose_runtime)
    say "engine: OCI runtime $runtime"
    write_settings
    export GOGC=${GOGC:-400}
    if [ -z "${MAYFLY_ENGINE_BRIDGE:-}" ]; then
        network=(--bridge=none --iptables=false --ip6tables=false --ip-forward=false --ip-masq=false
            --userland-proxy=false)
    elif [ ! -e /sys/class/net/docker0 ]; then
        touch "$run/made-bridge"
    fi
    containerd --config "$run/containerd.toml" --address "$containerd_socket" --log-level warn &
    exec dockerd --config-file "$run/daemon.json" --host "unix://$socket" --containerd "$containerd_socket" \
        --data-root "$data/docker" --exec-root "$run/docker" --pidfile "$run/dockerd.pid" \
        --exec-opt native.cgroupdriver=cgroupfs --cgroup-parent "/$cgroup" \
        --default-runtime "$runtime" --log-level warn "${network[@]}"
}

# --- start and stop ------------------------------------------------------------------------------------------------

# Wait until the engine whose first process is $1 answers. Fail when that process has ended, or at the deadline.
wait_ready() {
    local deadline=$((SECONDS + READY_SECONDS))
    until engine_answers "$socket"; do
        kill -0 "$1" 2>/dev/null && [ $SECONDS -lt $deadline ] || return 1
        sleep 0.05
    done
}

start() {
    if engine_answers "$socket"; then
        say "engine: already answers at unix://$socket"
        return
    fi
    end # what a killed engine may have left
    mkdir -p "$data" "$run"
    chmod 711 "$state" "$data"
    setsid unshare --mount --propagation slave "$0" serve </dev/null >"$log" 2>&1 9>&- &
    if ! wait_ready $!; then
        say "engine: did not answer within $READY_SECONDS s; the end of $log:"
        tail -n 15 "$log" >&2
        end
        exit 1
    fi
    say "engine: answers at unix://$socket"
}

# Send SIGTERM to the processes that $2... lists, and kill those that have not ended after $1 seconds.
end_processes() {
    local seconds=$1 pids
    shift
    pids=$("$@")
    [ -n "$pids" ] || return 0
    # shellcheck disable=SC2086 # one word for each pid
    kill -TERM $pids 2>/dev/null || true
    wait_until_none "$seconds" "$@" || kill_processes "$@"
}

kill_processes() {
    local pids
    pids=$("$@")
    # shellcheck disable=SC2086
    [ -z "$pids" ] || kill -KILL $pids 2>/dev/null || true
    wait_until_none $KILL_SECONDS "$@" || die "could not end these processes: $("$@" | xargs)"
}

# Remove mounts from the host's mount namespace, which an engine that was started in another way may have left for this
# folder.
unmount_all() {
    local target
    while read -r target; do
        umount --lazy "$(printf '%b' "$target")"
    done < <(awk -v below="$state/" 'index($5, below) == 1 { print $5 }' /proc/self/mountinfo | tac)
}

# Remove the parts of Docker's network that are left on the host. No other engine can need them, because none existed
# when ours started.
remove_bridge() {
    local rules
    ip link delete docker0 2>/dev/null || true
    rules=$(iptables-save | grep -vE 'DOCKER|docker0|br-[0-9a-f]{12}')
    iptables-restore <<<"$rules"
}

# Call this in private mounts, because the cgroups may be mounted only there.
sweep_boxes() {
    local group
    arrange_cgroups
    kill_processes box_pids
    cgroups | while read -r group; do
        rmdir "$group"
    done
}

# End dockerd first, because it ends its boxes. The last steps remove traces that only a killed dockerd leaves.
end() {
    end_processes "$STOP_SECONDS" engine_pids dockerd
    end_processes $KILL_SECONDS engine_pids 'containerd$'
    kill_processes all_pids
    [ ! -e "$run" ] || in_private_mounts sweep
    unmount_all
    [ ! -e "$run/made-bridge" ] || remove_bridge
    rm -rf "$run"
    [ -n "$(pidof dockerd containerd)" ] || rmdir /run/containerd /run/docker 2>/dev/null || true
}

stop() {
    end
    if [ "${1:-}" = --purge ]; then
        rm -rf "$state" "$lock"
        rmdir "$(dirname "$state")" 2>/dev/null || true
    fi
    say "engine: stopped"
}

status() {
    if engine_answers "$socket"; then
        echo "answers at unix://$socket"
    elif [ -n "$(all_pids)" ]; then
        echo "running but not answering; see $log"
        return 1
    else
        echo "stopped"
        return 3
    fi
}

has_image() {
    curl -fsS --max-time "$(patience 2)" --unix-socket "$socket" "http://engine/images/$1/json" >/dev/null 2>&1
}

has_our_images() {
    local runtime
    for runtime in $(our_runtime_names); do
        has_image "mayfly-$runtime:$base_tag" || return
    done
}

env_lines() {
    echo "export DOCKER_HOST=unix://$socket"
    [ -n "${MAYFLY_RUNTIMES:-}" ] || ! has_our_images || echo "export MAYFLY_RUNTIMES=$all_runtimes"
}

# Only one command at a time may use a state folder. A purge deletes the lock that it holds, so a command that has
# waited for this lock tries again.
alone() {
    until [ "$lock" -ef /proc/self/fd/9 ]; do
        mkdir -p "$(dirname "$lock")"
        exec 9>"$lock"
        flock -w $((READY_SECONDS + STOP_SECONDS)) 9 || die "another start or stop of this engine did not end in time"
    done
}

# If `make run` uses host.sh's root, its engine is in that root too.
if [ ! -e "$root_mark" ] && [ -e "$(dirname "$state")/debian-12" ]; then
    case ${1:-} in
    here) shift ;;
    start | stop | status | env) exec "$(dirname "$0")/host.sh" "$(realpath "$0")" here "$@" ;;
    esac
fi
[ "${1:-}" != here ] || shift
[ "$(id -u)" = 0 ] || die "an engine needs root"
[ ${#socket} -lt 90 ] || die "MAYFLY_STATE is too long: a Unix socket's path has at most 107 bytes"
case "${1:-} ${2:-}" in
'start ') alone && start ;;
'stop ' | 'stop --purge') alone && stop "${2:-}" ;;
'status ') status ;;
'env ') env_lines ;;
'serve ') serve ;;
'sweep ') sweep_boxes ;;
'cgroups ') arrange_cgroups ;;
*) die "usage: engine.sh start | stop [--purge] | status | env" ;;
esac
