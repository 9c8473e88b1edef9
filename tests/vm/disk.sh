# shellcheck shell=bash disable=SC2154,SC2016,SC2030,SC2031 # run.sh sets some; quotes for another shell; a subshell of its own
# disk.sh - the virtual machine's root filesystem, images and disk; sourced by run.sh.
#
# Everything is kept in $state and made again only when what it is made of has changed:
#
#   SUITE-ARCH.tar, .key        the packages, by mmdebstrap
#   images-ARCH/                a private engine's state, with the images of boxes and of the gateway
#   SUITE-ARCH.raw, .disk-key   the disk, with vmlinuz-SUITE-ARCH and initrd-SUITE-ARCH beside it
#
# A run never writes to the disk itself: it gets an overlay, and the checkout comes as a second disk, a plain tar.
# Nothing of this machine's own configuration goes into the disk, which needs no network once it is made.

readonly boot_packages="systemd-sysv dbus udev kmod openssh-server sudo procps iproute2 iptables libpam-systemd netbase
    ca-certificates git make apparmor"
readonly disk_size=12G

# The Debian packages of a suite's root. Where Mayfly is built for another suite, the engine's alone.
packages() {
    local kernel=linux-image-$arch
    if [ "$1" = bookworm ]; then
        deploy/setup.sh --list build runtime engine compose
        echo python3-pytest
    else
        echo docker.io docker-cli docker-compose containerd runc crun curl python3
        # Podman without root, too.
        echo podman uidmap dbus-user-session
    fi
    echo "$boot_packages $kernel"
}

mmdebstrap_root() {
    local suite=$1 tar=$2 list
    list=$(packages "$suite" | xargs | tr ' ' ',')
    # The initial ram disk has what finds this disk and no more: it is half of the boot, where it is emulated.
    mkdir -p "$state/tmp"
    TMPDIR=$state/tmp mmdebstrap --quiet --mode=root --architectures="$arch" --variant=important --components=main \
        --include="$list" --aptopt='Acquire::Languages "none"' --dpkgopt='path-exclude=/usr/share/doc/*' \
        --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
        --essential-hook='mkdir -p "$1/etc/initramfs-tools/conf.d" "$1/usr/share/initramfs-tools/modules.d"' \
        --essential-hook='echo MODULES=list >"$1/etc/initramfs-tools/conf.d/vm"' \
        --essential-hook='printf "%s\n" virtio_pci virtio_blk ext4 >"$1/usr/share/initramfs-tools/modules.d/vm"' \
        "$suite" "$tar.unfinished.tar"
    mv "$tar.unfinished.tar" "$tar"
}

# Make $state/SUITE-ARCH.tar unless it is there, of the same packages.
make_root() {
    local suite=$1 name key
    name=$state/$suite-$arch
    key=$(packages "$suite" | sha256sum)
    [ ! -s "$name.tar" ] || [ "$key" != "$(cat "$name.key" 2>/dev/null)" ] || return 0
    step "root of $suite, $arch, from Debian packages" mmdebstrap_root "$suite" "$name.tar"
    echo "$key" >"$name.key"
}

# --- images

# On an engine of our own, so that nobody else's is touched. It ends before its folder is copied.
build_images() (
    local base
    export MAYFLY_STATE=$state/images-$arch
    mkdir -p "$MAYFLY_STATE"
    unset DOCKER_HOST MAYFLY_RUNTIMES
    trap 'deploy/engine.sh stop' EXIT
    deploy/engine.sh start
    eval "$(deploy/engine.sh env)"
    if [ "$arch" = "$host_arch" ]; then
        runner-image/build.sh
        base=debian:bookworm-slim
        docker image inspect $base >/dev/null 2>&1 || base=mayfly-base:bookworm
        docker build --quiet --network host --build-arg "BASE=$base" -f deploy/Dockerfile -t mayfly .
    else
        import_foreign_base
        # Where an image begins with nothing, Docker says that it is for this machine's architecture.
        DOCKER_DEFAULT_PLATFORM=linux/$arch MAYFLY_BASE=mayfly-base:$arch runner-image/build.sh python
    fi
    docker image prune --force
)

# A base image of the other architecture. Its programs run here by binfmt_misc. It is loaded, because Docker 20.10's import
# calls every image one of this machine's architecture.
import_foreign_base() {
    local tar=$MAYFLY_STATE/base.tar folder=$MAYFLY_STATE/base
    [ -s "$tar" ] || {
        mmdebstrap --quiet --architectures="$arch" --variant=minbase --components=main \
            --aptopt='Acquire::Languages "none"' --dpkgopt='path-exclude=/usr/share/doc/*' bookworm "$tar.unfinished.tar"
        mv "$tar.unfinished.tar" "$tar"
    }
    ! docker image inspect "mayfly-base:$arch" >/dev/null 2>&1 || return 0
    mkdir -p "$folder"
    ln -f "$tar" "$folder/layer.tar"
    printf '{"architecture": "%s", "os": "linux", "config": {"Cmd": ["/bin/sh"]},
        "rootfs": {"type": "layers", "diff_ids": ["sha256:%s"]}}' "$arch" "$(sha256sum <"$tar" | cut -d ' ' -f 1)" \
        >"$folder/config.json"
    echo "[{\"Config\": \"config.json\", \"RepoTags\": [\"mayfly-base:$arch\"], \"Layers\": [\"layer.tar\"]}]" \
        >"$folder/manifest.json"
    tar -C "$folder" -cf - manifest.json config.json layer.tar | docker load
    rm -r "$folder"
}

# What the images are made of.
images_key() {
    files runner-image gateway Makefile deploy/Dockerfile deploy/setup.sh deploy/lib.sh | LC_ALL=C sort | xargs sha256sum |
        sha256sum
}

make_images() {
    local key folder=$state/images-$arch
    key=$(images_key)
    [ "$key" != "$(cat "$folder/.key" 2>/dev/null)" ] || return 0
    mkdir -p "$folder"
    step "images for $arch" build_images
    echo "$key" >"$folder/.key"
}

# --- disk

# An unpacked root becomes a machine: who may log in, which network, which disk.
finish_root() {
    local root=$1 name=$2 engine=$state/images-$arch/engine/data
    install -D -m 600 "$state/key.pub" "$root/root/.ssh/authorized_keys"
    chmod 700 "$root/root/.ssh"
    echo "$name" >"$root/etc/hostname"
    printf '127.0.0.1 localhost\n127.0.1.1 %s\n::1 localhost\n' "$name" >"$root/etc/hosts"
    echo '/dev/vda / ext4 defaults,noatime 0 1' >"$root/etc/fstab"
    printf '[Match]\nName=en* eth*\n[Network]\nDHCP=ipv4\n' >"$root/etc/systemd/network/80-dhcp.network"
    : >"$root/etc/resolv.conf"
    rm -f "$root"/etc/apt/sources.list.d/* "$root/etc/apt/sources.list"
    # The network waits for nobody: a machine without one would wait for it at each boot.
    systemctl --quiet --root="$root" enable systemd-networkd ssh
    systemctl --quiet --root="$root" disable systemd-networkd-wait-online networking 2>/dev/null || true
    mkdir -p "$root/var/lib/docker" "$root/srv/debian12"
    cp -a "$engine/docker/." "$root/var/lib/docker"
}

# The distribution's service and a private engine of ours keep their images apart.
add_private_engine() {
    mkdir -p "$1/var/lib/mayfly/engine"
    cp -a "$state/images-$arch/engine/data" "$1/var/lib/mayfly/engine/"
}

unpack() {
    tar -C "$2" --xattrs --xattrs-include='*' --numeric-owner -xpf "$1" "${@:3}"
}

write_disk() {
    local name=$suite-$arch root=$state/unpacked
    rm -rf --one-file-system "$root"
    mkdir "$root"
    unpack "$state/$name.tar" "$root"
    cp "$root"/boot/vmlinuz-* "$state/vmlinuz-$name"
    cp "$root"/boot/initrd.img-* "$state/initrd-$name"
    finish_root "$root" "$name"
    if [ "$suite" != bookworm ]; then
        unpack "$state/bookworm-$arch.tar" "$root/srv/debian12" --exclude='./boot/*' --exclude='./lib/modules/*' \
            --exclude='./usr/lib/modules/*' --exclude='./dev/*'
        add_private_engine "$root/srv/debian12"
        mkdir -p "$root/srv/debian12/var/lib/docker"
    else
        add_private_engine "$root"
    fi
    rm -f "$state/$name.raw"
    truncate -s $disk_size "$state/$name.raw"
    mke2fs -q -t ext4 -d "$root" "$state/$name.raw"
    rm -rf --one-file-system "$root"
}

# Make $state/SUITE-ARCH.raw unless it is there, of the same roots, images and script.
make_disk() {
    local name=$suite-$arch key
    [ -s "$state/key" ] || ssh-keygen -q -t ed25519 -N '' -C vm -f "$state/key"
    make_root bookworm
    [ "$suite" = bookworm ] || make_root "$suite"
    make_images
    key=$(cat "$state/$name.key" "$state/bookworm-$arch.key" "$state/images-$arch/.key" "$state/key.pub" tests/vm/disk.sh |
        sha256sum)
    [ ! -s "$state/$name.raw" ] || [ "$key" != "$(cat "$state/$name.disk-key" 2>/dev/null)" ] || return 0
    step "disk of $name" write_disk
    echo "$key" >"$state/$name.disk-key"
}

# The files of this checkout and what was built of them, as a tar that the machine reads from its second disk.
pack_checkout() {
    local out=$1 list
    list=$(mktemp)
    files >"$list"
    find "$build" -maxdepth 2 -type f \( -name mayfly -o -name mayfly-init \) >>"$list"
    # The words of --transform are for whole names; by itself tar takes the / off before.
    tar -cf "$out" --absolute-names --owner=0 --group=0 -T "$list" --transform "s|^$build/|build/|"
    rm -f "$list"
    truncate -s %4096 "$out"
}
