#!/bin/bash
# rootless_docker.sh - Docker without root, in a root of its own (run.sh): rootless_docker.sh RUNTIME.
#
# As Docker's own dockerd-rootless.sh has it: rootlesskit makes namespaces in which the user is root, and dockerd runs in
# there with a containerd of its own. Boxes have no network, but dockerd 26 fails at /version where rootlesskit has none.
set -euo pipefail
. deploy/lib.sh

state=$MAYFLY_STATE/engine runtime=$1
folder=/run/user/1000

if [ "${2:-}" = inside ]; then
    # The copies of /run and /etc have what root's engine keeps there: links, which are ours to remove.
    rm -f /run/docker /run/containerd /run/xtables.lock
    exec dockerd --rootless --host "unix://$state/run/docker.sock" --data-root "$state/data/docker" \
        --exec-root "$folder/docker" --pidfile "$folder/dockerd.pid" --default-runtime "$runtime" --log-level warn \
        --add-runtime "crun=$(command -v crun)" --bridge=none --iptables=false --ip6tables=false --ip-forward=false \
        --ip-masq=false --userland-proxy=false
fi
# slirp4netns needs the device of tunnels, which udev opens to everybody; these mounts are ours.
if ! setpriv --reuid=1000 --regid=1000 --clear-groups test -w /dev/net/tun; then
    mknod -m 666 /run/tun c 10 200
    mount --bind /run/tun /dev/net/tun
fi
[ ! -e /sys/fs/cgroup/unified ] || deploy/engine.sh cgroups
chown -R rootless: "$state"
mkdir -p $folder
chown rootless: $folder
exec setpriv --reuid=1000 --regid=1000 --init-groups env HOME=/home/rootless XDG_RUNTIME_DIR=$folder \
    rootlesskit --state-dir="$folder/rootlesskit" --net=slirp4netns --disable-host-loopback --copy-up=/etc --copy-up=/run --propagation=rslave \
    "$0" "$runtime" inside
