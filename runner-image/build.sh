#!/bin/bash
# build.sh - builds the boxes' images, each if it is missing or its sources have changed.
#
#   runner-image/build.sh [RUNTIME...]      by default all of our_runtimes in deploy/lib.sh
#
# Settings from the environment:
#   DOCKER_HOST    the engine; default: the standard socket
#   MAYFLY_STATE   state folder, where the bootstrapped base is kept (/var/lib/mayfly)
#   MAYFLY_BASE_SUITE  the Debian that the images are built from: bookworm (12) with Python 3.11, the default, makes
#                  mayfly-python:latest and mayfly-python-data:latest; trixie (13) makes mayfly-python:3.13 and
#                  mayfly-python-data:3.13
#   MAYFLY_IMAGE   another name for the image of the runtime python
#   MAYFLY_BASE    the base image, of that Debian: used as it is; the engine must have it or be able to pull it
#
# Each image has a label, mayfly.sources: a hash over names and contents of everything that the Dockerfile copies. If it
# differs, the sources have changed. The base is debian:bookworm-slim, or trixie-slim, if the engine has it or can pull
# it; otherwise it is bootstrapped from Debian packages. trixie.args has the build arguments that differ.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=deploy/lib.sh
. deploy/lib.sh

readonly public_base=debian:$base_suite-slim own_base=mayfly-base:$base_suite
readonly PULL_SECONDS=20
state=${MAYFLY_STATE:-/var/lib/mayfly}
archive=$state/base-$base_suite.tar
docker=$(docker_client)

# Print names and contents, in an order that does not depend on the locale.
sources_hash() {
    find runner-image gateway/common -type f ! -name '*.pyc' ! -name '*.md' -print0 |
        LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c 1-16
}

label() {
    "$docker" image inspect --format "{{ index .Config.Labels \"$2\" }}" "$1" 2>/dev/null || true
}

has_image() {
    "$docker" image inspect "$1" >/dev/null 2>&1
}

# Run a command. Print one line with its purpose and duration; print its output only when it fails.
step() {
    local what=$1 start output
    shift
    start=$(date +%s%N)
    tick "  $what"
    if ! output=$("$@" 2>&1); then
        say "$output"
        die "$what: failed"
    fi
    say "$(awk -v ns=$(($(date +%s%N) - start)) -v what="$what" \
        'BEGIN { printf "  %-48s %6.1f s", what, ns / 1e9 }')"
}

can_pull() {
    timeout "$PULL_SECONDS" "$docker" pull -q "$1" >/dev/null 2>&1
}

bootstrap() {
    mkdir -p "$state"
    as_root mmdebstrap --quiet --format=tar --variant=minbase --components=main \
        --aptopt='Acquire::Languages "none"' \
        --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' \
        --dpkgopt='path-exclude=/usr/share/doc/*' \
        "$base_suite" "$archive.unfinished.tar"
    as_root mv "$archive.unfinished.tar" "$archive"
}

import() {
    "$docker" import --change 'CMD ["/bin/sh"]' "$archive" "$own_base"
}

# Print the name of a base image that the engine has.
find_base() {
    if [ -n "${MAYFLY_BASE:-}" ]; then
        echo "$MAYFLY_BASE"
    elif has_image "$public_base" || can_pull "$public_base"; then
        echo "$public_base"
    else
        if ! has_image "$own_base"; then
            [ -s "$archive" ] || step 'base image from Debian packages' bootstrap
            step "base image into the engine" import
        fi
        echo "$own_base"
    fi
}

# The build arguments that differ from the Dockerfile's own, each as two lines.
suite_arguments() {
    local line file=runner-image/$base_suite.args
    [ -e "$file" ] || return 0
    while read -r line; do
        printf '%s\n' --build-arg "$line"
    done < <(grep -v '^#' "$file")
}

build() {
    local runtime=$1 sources=$2 image=mayfly-$1:$base_tag base previous arguments
    [ "$runtime" != python ] || image=${MAYFLY_IMAGE:-$image}
    if [ "$(label "$image" mayfly.sources)" = "$sources" ]; then
        say "  image $image is current"
        return
    fi
    base=$(find_base)
    mapfile -t arguments < <(suite_arguments)
    previous=$("$docker" image inspect --format '{{ .Id }}' "$image" 2>/dev/null || true)
    # A build needs package access, and an engine without a bridge has only the host's network to give.
    step "image $image" "$docker" build --network host --build-arg "BASE=$base" --build-arg "SOURCES=$sources" \
        "${arguments[@]}" --target "$runtime" --tag "$image" --file runner-image/Dockerfile .
    # Boxes that still use the previous image keep it; it then stays without a name.
    [ -z "$previous" ] || "$docker" image rm "$previous" >/dev/null 2>&1 || true
}

# shellcheck disable=SC2046 # one word for each runtime
[ $# -gt 0 ] || set -- $(our_runtime_names)
for runtime; do
    grep -q "^FROM .* AS $runtime\$" runner-image/Dockerfile || die "there is no runtime $runtime"
done
"$docker" version >/dev/null 2>&1 || die "no engine answers at ${DOCKER_HOST:-the standard socket}"
sources=$(sources_hash)
for runtime; do
    build "$runtime" "$sources"
done
