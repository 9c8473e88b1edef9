#!/bin/bash
# enter.sh - runs a command in the root of another Debian, as if it ran on this machine: `enter.sh ROOT COMMAND...`.
#
# A mount namespace of its own has that root as /, with this machine's /proc, /sys, /dev, /run, /tmp and /root: the engine's
# socket and the checkout among them; and the files of the engine. Network, processes, cgroups and systemd are this machine's.
set -euo pipefail

if [ "$1" != --inside ]; then
    exec unshare --mount --propagation slave "$0" --inside "$@"
fi
root=$2
shift 2
mount --bind "$root" "$root"
for folder in proc sys dev run tmp root; do
    mount --rbind "/$folder" "$root/$folder"
done
mount --bind /var/lib/docker "$root/var/lib/docker"
here=$PWD
cd "$root"
pivot_root . .
umount --lazy .
export SYSTEMD_IGNORE_CHROOT=1 # the one that runs is meant
exec chroot . /usr/bin/env --chdir="$here" "$@"
