# shellcheck shell=bash disable=SC2154,SC2034 # run.sh sets some, and reads others
# cross.sh - Mayfly for another architecture than this machine's; sourced by run.sh.
#
# The gateway is cross-built with Debian's toolchain against the libraries of the machine's own root. Root and images are
# made by their own programs, which the kernel here hands to QEMU's user mode (binfmt_misc).

readonly binfmt=/proc/sys/fs/binfmt_misc
build=build registered='' mounted=''

start_foreign_programs() {
    local name=qemu-aarch64
    deploy/setup.sh vm-arm64
    if [ ! -e $binfmt/register ]; then
        mount -t binfmt_misc binfmt_misc $binfmt
        mounted=$binfmt
    fi
    [ ! -e $binfmt/$name ] || return 0
    grep -v '^#' /usr/lib/binfmt.d/$name.conf >$binfmt/register
    registered=$binfmt/$name
}

# What was not there before us.
stop_foreign_programs() {
    [ -z "$registered" ] || echo -1 >"$registered"
    [ -z "$mounted" ] || umount "$mounted"
    registered='' mounted=''
}

# build/release of this checkout, or of a copy of it below $state.
build_for_machine() {
    local copy=$state/build-$arch sysroot=$state/sysroot-$arch
    step 'mayfly, its pages and init' make -s -j "$(nproc)" pages all
    [ "$arch" != "$host_arch" ] || return 0
    make_root bookworm
    if [ ! -e "$sysroot/.key" ] || ! cmp -s "$state/bookworm-$arch.key" "$sysroot/.key"; then
        rm -rf --one-file-system "$sysroot"
        mkdir -p "$sysroot"
        unpack "$state/bookworm-$arch.tar" "$sysroot" --exclude='./dev/*' --exclude='./boot/*'
        cp "$state/bookworm-$arch.key" "$sysroot/.key"
    fi
    mkdir -p "$copy"
    { files && echo build/web/assets.c && find build/web -type f; } | tar -cf - -T - | tar -C "$copy" -xf -
    touch "$copy/build/web/assets.c"
    step "mayfly for $arch" make -s -C "$copy" -j "$(nproc)" CC=aarch64-linux-gnu-gcc AR=aarch64-linux-gnu-ar \
        CFLAGS="--sysroot=$sysroot" LDFLAGS="--sysroot=$sysroot" build/release/mayfly build/release/mayfly-init
    build=$copy/build
}
