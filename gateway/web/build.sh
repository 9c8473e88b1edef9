#!/bin/bash
# build.sh - builds the pages: build.sh FOLDER fills the folder, unless it is current. Called by make, in the top folder.
# Needs node and npm (deploy/setup.sh web), and the npm registry once after each change of package-lock.json.
set -euo pipefail
# shellcheck source=deploy/lib.sh
. deploy/lib.sh
out=$1
web=gateway/web

# Of everything that the pages are made of.
sources_hash() {
    { find $web -name node_modules -prune -o -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum; echo "$version"; } |
        sha256sum
}

version=$(version)
sources=$(sources_hash)
# The times of files tell make too much where they were copied, as into the build of an image.
if [ -e "$out/assets.c" ] && [ "$(cat "$out/sources" 2>/dev/null)" = "$sources" ]; then
    touch "$out/assets.c"
    exit
fi
npm_packages $web
rm -f "$out/sources"
node $web/build.mjs "$out" "$version"
echo "$sources" >"$out/sources"
