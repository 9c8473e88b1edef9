#!/bin/bash
# podman.sh - Podman's service, in a root of its own (run.sh): podman.sh podman|podman-rootless RUNTIME.
set -euo pipefail
. deploy/lib.sh

kind=$1 runtime=$2
state=$MAYFLY_STATE/engine
runroot=/run/podman-of-mayfly # at most 50 characters

# In the private mounts: crun refuses a host with both kinds of cgroups.
arrange_cgroups() {
    [ ! -e /sys/fs/cgroup/unified ] || deploy/engine.sh cgroups
}

settings() {
    mkdir -p /etc/containers
    cat >/etc/containers/containers.conf <<-END
	[engine]
	cgroup_manager = "cgroupfs"
	events_logger = "file"
	runtime = "$runtime"
	[network]
	default_rootless_network_cmd = "slirp4netns"
	END
    echo '{"default": [{"type": "insecureAcceptAnything"}]}' >/etc/containers/policy.json
}

service() {
    export PODMAN_IGNORE_CGROUPSV1_WARNING=1
    cd / # Podman's helpers leave files in their directory
    exec "$@" podman --root "$state/data" --runroot "$runroot" system service --time 0 \
        "unix://$state/run/docker.sock"
}

settings
arrange_cgroups
if [ "$kind" = podman ]; then
    service
fi
chown -R rootless: "$state"
mkdir -p /run/user/1000 $runroot
chown rootless: /run/user/1000 $runroot
service setpriv --reuid=1000 --regid=1000 --init-groups env HOME=/home/rootless XDG_RUNTIME_DIR=/run/user/1000
