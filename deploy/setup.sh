#!/bin/bash
# setup.sh - the one list of packages, and their installation.
#
#   deploy/setup.sh PURPOSE...          install what is missing for these purposes
#   deploy/setup.sh --list PURPOSE...   print the package names
#   deploy/setup.sh --lacks PURPOSE...  print the packages that this host neither has nor can have from its release
#   deploy/setup.sh --release           print this host's release, if it is one of those that the list knows
#
# Does nothing, without network and in milliseconds, when everything is there. Installs as root or through sudo. With
# MAYFLY_SETUP=skip nothing is checked: the packages, or equal ones on another system, must be there.
#
# Releases. Each row names the releases with a suitable package: 12 and 13 are Debian's, 24.04 is Ubuntu's, `any` is
# every system with apt. If a release lacks a package, host.sh uses a Debian 12 root. A package is suitable if it is not
# older than the least version, and works like Debian 12's. All tests run with Debian 12's packages. On other releases,
# only the packages of `make run` were tried; for the rest, the column only means that the archive has them.
#
# Versions. The archive of a release keeps only the newest revision of a package: pinning an exact revision would break
# on the day of its next security fix. So the list has the upstream version that Mayfly was tested with, as the least
# accepted version, and any security revision of it is accepted. Debian 12 never updates these packages to another
# upstream version, except those that follow upstream's own fixes (OpenSSL, git, curl, chromium). The npm packages of
# the pages and of some tests are pinned, with hashes, by the package-lock.json beside each package.json.
set -euo pipefail
# shellcheck source=deploy/lib.sh
. "$(dirname "$0")/lib.sh"

# purpose, package, least version, releases; the revision of Debian 12 tested with (or of another one, named) and why.
packages='
host     mmdebstrap               1.3.5        any         # 13: 1.5.7-1+deb13u1  makes a Debian 12 root (host.sh)
host     debian-archive-keyring   2023         any         # 13: 2025.1          the keys of its archive
host     mount                    2.38         any         # 13: 2.41.5-0+deb13u1  what mmdebstrap and host.sh mount with
root     git                      1:2.39       12          # 1:2.39.5-0+deb12u3  what a host brings by itself, in that root:
root     make                     4.3          12          # 4.3-4.1             all that make run begins with
root     ca-certificates          20230311     12          # 20230311+deb12u1
build    gcc                      4:12.2       12,13,24.04 # 4:12.2.0-3          -D_FORTIFY_SOURCE=3 needs 12
build    libc6-dev                2.36         12,13,24.04 # 2.36-9+deb12u14     also links the static init
build    make                     4.3          12,13,24.04 # 4.3-4.1
build    libh2o-evloop-dev        2.2.5        12,24.04    # 2.2.5+dfsg2-7       HTTP of the front; after Debian 12: deploy/docs/h2o.md
build    libssl-dev               3.0          12,13,24.04 # 3.0.22-1~deb12u2    h2o.h includes it
build    libcurl4-openssl-dev     7.88.1       12,13,24.04 # 7.88.1-10+deb12u15  the broker talks to the engine
build    libjson-c-dev            0.16         12,13,24.04 # 0.16-2
build    libedit-dev              3.1-20221030 12,13,24.04 # 3.1-20221030-2      edits the lines of mayfly repl; BSD, and readline is GPL
web      nodejs                   18.13        12,13,24.04 # 18.20.4+dfsg-1~deb12u3  runs the build of the pages
web      npm                      9.2          12,13,24.04 # 9.2.0~ds1-1         fetches what they are made of
runtime  libh2o-evloop0.13        2.2.5        12,24.04    # 2.2.5+dfsg2-7       what a built gateway loads
runtime  libcurl4                 7.88.1       12,13,24.04 # 7.88.1-10+deb12u15
runtime  libjson-c5               0.16         12,13,24.04 # 0.16-2
runtime  libedit2                 3.1-20221030 12,13,24.04 # 3.1-20221030-2      with libtinfo6 and libbsd0
engine   docker.io                20.10.24     12,13,24.04 # 20.10.24+dfsg1-1+deb12u1+b6
engine   containerd               1.6.20~      12,13,24.04 # 1.6.20~ds1-1+deb12u3
engine   runc                     1.1.5        12,13,24.04 # 1.1.5+ds1-1+deb12u1
engine   crun                     1.8.1        12,13       # 1.8.1-1+deb12u1     a quarter less CPU for each box than runc;
#                                                          24.04: 1.14.1 refuses what its containerd 2.2 asks
engine   apparmor                 3.0.8        12,13,24.04 # 3.0.8-3             the engine confines boxes with it where the kernel can
engine   curl                     7.88.1       12,13,24.04 # 7.88.1-10+deb12u15  asks engine and gateway whether they are up
image    mmdebstrap               1.3.5        12,13,24.04 # 1.3.5-7             makes the base image where no registry is in reach
test     libcmocka-dev            1.1.5        12,13,24.04 # 1.1.5-2.1
test     python3                  3.11         12          # 3.11.2-1+b1        that of the boxes, which it is compared with
test     python3-pytest           7.2.1        12,13,24.04 # 7.2.1-2
test     python3-pytest-xdist     3.1.0        12,13,24.04 # 3.1.0-1             two files of tests at once
test     python3-jsonschema       4.10         12,13,24.04 # 4.10.3-1            judges what the description of the API says
test     python3-nbformat         5.5          12,13,24.04 # 5.5.0-1             judges what the notebook saves
test     chromium                 120          12,13       # 156.0.8078.79-1~deb12u1  the pages are tested in it; Ubuntu has a snap
test     clang                    1:14         12          # 1:14.0-55.7~deb12u1 libFuzzer
test     libclang-rt-14-dev       1:14         12          # 1:14.0.6-12         its runtime, of the same version, and the sanitizers
test     systemd                  252          12,13,24.04 # 252.38-1~deb12u1    systemd-analyze judges the units
test     systemd-container        252          12,13,24.04 # 252.38-1~deb12u1    boots them
test     mmdebstrap               1.3.5        12,13,24.04 # 1.3.5-7             in a Debian of their own
test     mandoc                   1.14.6       12,13,24.04 # 1.14.6-1+b1         renders the manual page
test     prometheus               2.42         12,13,24.04 # 2.42.0+ds-5+deb12u1 its promtool reads our metrics, as Prometheus would
compose  docker-compose           1.29.2       12,13,24.04 # 1.29.2-3            brings up docker-compose.yml
compose  python3-yaml             6.0          12,13,24.04 # 6.0-3+b2            reads the examples of deploy/ci
compose  iproute2                 6.1          12,13,24.04 # 6.1.0-3             an engine in a network of its own
compose  iptables                 1.8          12,13,24.04 # 1.8.9-2             whose rules these are
swarm    haproxy                  2.6.12       12,13,24.04 # 2.6.12-1+deb12u4    the proxy in front of the nodes
swarm    iproute2                 6.1          12,13,24.04 # 6.1.0-3             engines in networks of their own, on one switch
swarm    iptables                 1.8          12,13,24.04 # 1.8.9-2             whose rules these are
vm       qemu-system-x86          1:7.2        12,13,24.04 # 1:7.2+dfsg-7+deb12u18  the machine of make vm-test
vm       qemu-utils               1:7.2        12,13,24.04 # 1:7.2+dfsg-7+deb12u18  a disk that a run may write to, over one that is kept
vm       e2fsprogs                1.47         12,13,24.04 # 1.47.0-2            writes a folder into a filesystem without mounting it
vm       mmdebstrap               1.3.5        12,13,24.04 # 1.3.5-7             makes what is in it
vm       openssh-client           1:9.2        12,13,24.04 # 1:9.2p1-2+deb12u6   commands in the machine
vm-arm64 qemu-system-arm          1:7.2        12,13,24.04 # 1:7.2+dfsg-7+deb12u18  the machine where VM_ARCH=arm64
vm-arm64 qemu-user-static         1:7.2        12,13,24.04 # 1:7.2+dfsg-7+deb12u18  runs what makes its root and its images
vm-arm64 arch-test                0.20         12,13,24.04 # 0.20-1              by which mmdebstrap knows that it can
vm-arm64 gcc-aarch64-linux-gnu    4:12.2       12,13,24.04 # 4:12.2.0-3          cross-builds the gateway
vm-arm64 libc6-dev-arm64-cross    2.36         12,13,24.04 # 2.36-8cross1       what the cross linker starts a program with
bench    python3-fastapi          0.92         12,13,24.04 # 0.92.0-1            the service that Mayfly is compared with
bench    python3-uvicorn          0.17.6       12,13,24.04 # 0.17.6-1            serves it
bench    python3-pandas           1.5.3        12,13,24.04 # 1.5.3+dfsg-2        what its programs import, as those of python-data do
bench    python3-matplotlib       3.6.3        12,13,24.04 # 3.6.3-1+b1          draws the plots
lint     clang-format             1:14         12          # 1:14.0-55.7~deb12u1 another version formats differently
lint     clang-tidy               1:14         12          # 1:14.0-55.7~deb12u1
lint     cppcheck                 2.10         12,13,24.04 # 2.10-2
lint     shellcheck               0.9.0        12,13,24.04 # 0.9.0-1
lint     libcmocka-dev            1.1.5        12,13,24.04 # 1.1.5-2.1           headers of the tests, for clang-tidy
lint     mandoc                   1.14.6       12,13,24.04 # 1.14.6-1+b1         checks the manual page
lint     libpython3.11-dev        3.11         12          # 3.11.2-6+deb12u6    headers of the Python template, for clang-tidy
lint     python3                  3.11         12,13,24.04 # 3.11.2-1+b1
lint     pyflakes3                2.5.0        12,13,24.04 # 2.5.0-1
lint     git                      1:2.39       12,13,24.04 # 1:2.39.5-0+deb12u3  lists the files to look at
'

# Print "package least-version releases" lines for the purposes named in $*.
wanted() {
    local purpose
    for purpose; do
        sed -n "s/^$purpose  *\([^ ]*\)  *\([^ ]*\)  *\([^ ]*\).*/\1 \2 \3/p" <<<"$packages" | grep . ||
            die "there is no purpose '$purpose'; the purposes are: $(awk '/^[a-z]/ { print $1 }' <<<"$packages" | uniq | xargs)"
    done
}

# Print the lines of standard input whose package is not installed, or too old. A package that another one provides
# counts as installed: upstream's nodejs has its own npm, and conflicts with Debian's.
missing() {
    local installed provided name least releases have
    command -v dpkg-query >/dev/null || { cat && return; }
    installed=$(dpkg-query -W -f='${binary:Package} ${db:Status-Status} ${Version}\n' 2>/dev/null |
        sed -n 's/^\([^ :]*\)[^ ]* installed /\1 /p')
    provided=$(dpkg-query -W -f='${db:Status-Status}, ${Provides}\n' 2>/dev/null |
        sed -n 's/^installed, //p' | tr ',' '\n' | sed 's/^ *\([^ ]*\).*/\1/')
    while read -r name least releases; do
        have=$(sed -n "s/^${name//./\\.} //p" <<<"$installed")
        if [ -n "$have" ]; then
            ! dpkg --compare-versions "$have" lt "$least" || echo "$name $least $releases"
        elif ! grep -qxF -e "$name" <<<"$provided"; then
            echo "$name $least $releases"
        fi
    done
}

# Print this host's release as the list names it; nothing if the list does not have it.
release() {
    local ID='' VERSION_ID=''
    [ ! -r /etc/os-release ] || . /etc/os-release
    case $ID:$VERSION_ID in
    debian:12 | debian:13 | ubuntu:24.04) echo "$VERSION_ID" ;;
    esac
}

# Print the lines of standard input (from wanted) for which this host's release has no suitable package.
unsuited() {
    grep -vE " (([0-9.]+,)*$(release | sed 's/\./\\./g; s/^$/none/')(,[0-9.]+)*|any)\$" || true
}

names() {
    cut -d' ' -f1 | sort -u
}

# Fail where this host's release does not have what the lines in $1 name.
require_release() {
    local PRETTY_NAME='an unknown system' unsuited
    [ ! -r /etc/os-release ] || . /etc/os-release
    unsuited=$(unsuited <<<"$1" | names | xargs)
    [ -z "$unsuited" ] ||
        die "$PRETTY_NAME has no suitable package for: $unsuited. deploy/host.sh COMMAND runs a command in a Debian 12" \
            "root; or provide these yourself and set MAYFLY_SETUP=skip"
    command -v apt-get >/dev/null || die "$PRETTY_NAME has no apt-get to install: $(names <<<"$1" | xargs)"
}

# In host.sh's root, /run is the host's. The packages in the root must not touch the host's services.
apt_install() {
    local apart=()
    [ ! -e "$root_mark" ] || apart=(unshare --mount sh -c 'mount -t tmpfs -o mode=755 run /run && exec "$@"' apart)
    as_root "${apart[@]}" apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"
}

is_installed() {
    dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed
}

# Print the units of those of these packages that are not installed yet.
new_units() {
    local name
    for name; do
        case $name in
        docker.io) is_installed docker.io || echo docker.service docker.socket containerd.service ;;
        prometheus) is_installed prometheus || echo prometheus.service ;;
        haproxy) is_installed haproxy || echo haproxy.service ;;
        esac
    done
}

# Installing docker.io starts a dockerd for the whole system and enables it for each boot, and prometheus does likewise.
# Nobody has asked for these daemons: our scripts start a private engine when they need one, and we use only promtool of
# prometheus. So daemons may not be started while we install, unless the system already has a policy of its own, or no
# new package has a daemon.
install_without_daemons() {
    local policy=/usr/sbin/policy-rc.d status=0 units unit
    units=$(new_units "$@" | xargs)
    if [ -e $policy ] || [ -z "$units" ]; then
        apt_install "$@"
        return
    fi
    trap 'as_root rm -f '$policy EXIT
    printf '#!/bin/sh\nexit 101\n' | as_root install -m 755 /dev/stdin $policy
    apt_install "$@" || status=$?
    as_root rm -f $policy
    trap - EXIT
    if [ $status = 0 ] && command -v systemctl >/dev/null; then
        for unit in $units; do
            [ ! -e "/lib/systemd/system/$unit" ] || as_root systemctl --quiet disable "$unit"
        done
    fi
    return $status
}

# Fetch the archive's lists only if installing with the present lists fails: they are missing on a fresh machine, and
# out of date on an old one.
install_missing() {
    local log status=0
    log=$(mktemp)
    say "setup: installing $*"
    tick 'setup: installing'
    if ! install_without_daemons "$@" >"$log" 2>&1; then
        say "setup: fetching the package lists first"
        tick 'setup: fetching and installing'
        { as_root apt-get update -q && install_without_daemons "$@"; } >"$log" 2>&1 || status=$?
    fi
    untick
    [ $status = 0 ] || tail -n 20 "$log" >&2
    rm -f "$log"
    [ $status = 0 ] || die "could not install: $*"
}

export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
case ${1:-} in
--list)
    shift
    wanted "$@" | names
    exit
    ;;
--release) release && exit ;;
esac
[ "${MAYFLY_SETUP:-}" != skip ] || exit 0
only_say=
if [ "${1:-}" = --lacks ]; then
    only_say=yes
    shift
fi
[ $# -gt 0 ] || die "usage: setup.sh [--list | --lacks] PURPOSE... | --release"
list=$(wanted "$@" | sort -u)
lacking=$(missing <<<"$list")
[ -n "$lacking" ] || exit 0
if [ -n "$only_say" ]; then
    unsuited <<<"$lacking" | names
    exit
fi
require_release "$lacking"
# shellcheck disable=SC2046 # one word for each package
install_missing $(names <<<"$lacking")
lacking=$(missing <<<"$lacking")
[ -z "$lacking" ] || die "the packages in this archive are too old; Mayfly needs at least: $(cut -d' ' -f1,2 <<<"$lacking" | xargs)"
