#!/bin/bash
# images.sh - builds the two images that the manifests name, on the present engine.
#
#   deploy/kubernetes/images.sh [PREFIX [mayfly | runner-images]]
#
# makes PREFIXmayfly:VERSION (deploy/Dockerfile) and PREFIXmayfly-runner-images:VERSION, an archive of runner images
# with a client to load it; or one of them. PREFIX is a registry's name with its slash, such as example.com/. You must
# push the images yourself. runner-image/build.sh makes the runner images beforehand.
#
# Settings from the environment:
#   DOCKER_HOST     the engine; default: the standard socket
#   MAYFLY_BASE     base image of the gateway's, any Debian 12 (debian:bookworm-slim)
#   MAYFLY_CLIENT   image with a docker client, base of the archive's (docker:29-cli)
#   MAYFLY_RUNNERS  runner images to take, by name; default: every one that this engine has
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=deploy/lib.sh
. deploy/lib.sh

prefix=${1:-}
docker=$(docker_client)
version=$(version)

gateway() {
    "$docker" build --quiet --network host --file deploy/Dockerfile --tag "${prefix}mayfly:$version" \
        --build-arg "BASE=${MAYFLY_BASE:-debian:bookworm-slim}" . >/dev/null
    say "${prefix}mayfly:$version"
}

runners() {
    "$docker" image ls --filter label=mayfly.template --format '{{.Repository}}:{{.Tag}}' | grep -v '<none>'
}

archive() {
    local names
    names=${MAYFLY_RUNNERS:-$(runners)} || die "this engine has no runner image; runner-image/build.sh makes one"
    cp deploy/kubernetes/runner-images/Dockerfile "$context/"
    # shellcheck disable=SC2086 # one word for each image
    "$docker" save --output "$context/runner-images.tar" $names
    chmod 644 "$context/runner-images.tar" # docker save makes it its owner's only, and who loads it is another
    "$docker" build --quiet --tag "${prefix}mayfly-runner-images:$version" \
        --build-arg "CLIENT=${MAYFLY_CLIENT:-docker:29-cli}" "$context" >/dev/null
    say "${prefix}mayfly-runner-images:$version with $names"
}

context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
case "${2:-all}" in
all) gateway && archive ;;
mayfly) gateway ;;
runner-images) archive ;;
*) die "usage: images.sh [PREFIX [mayfly | runner-images]]" ;;
esac
