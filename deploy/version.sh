#!/bin/bash
# version.sh - writes Mayfly's version into the files that cannot read it from its one place, gateway/common/version.h.
#
#   deploy/version.sh           write it
#   deploy/version.sh --check   print each line that has another version, and fail if there is one
#
# The build reads that header for the program, the API's description, the images' tags and the installed manual.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=deploy/lib.sh
. deploy/lib.sh

version=$(version)
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || die "gateway/common/version.h has no version like 1.2.3"
mapfile -t tagged < <(files 'deploy/kubernetes/*.yaml')
mapfile -t told < <(files '*.md' | grep -vxF .github/CHANGELOG.md)
readonly tag='^ *newTag: .*' image='mayfly(-runner-images)?:[0-9]+\.[0-9]+\.[0-9]+'

others() {
    grep -nHoE "$tag" "${tagged[@]}"
    grep -nHoE "$image" "${told[@]}"
}

if [ "${1:-}" = --check ]; then
    wrong=$(others | grep -vE "[: ]${version//./\\.}\$" || true)
    [ -n "$wrong" ] || exit 0
    echo "$wrong"
    exit 1
fi
sed -i -E "s/^( *newTag: ).*/\1$version/" "${tagged[@]}"
sed -i -E "s/(mayfly(-runner-images)?:)[0-9]+\.[0-9]+\.[0-9]+/\1$version/" "${told[@]}"
