#!/bin/bash
# build.sh - builds the pages: build.sh FOLDER fills the folder, FOLDER/assets.c last. Called by make, in the top folder.
# Needs node and npm (deploy/setup.sh web), and the npm registry once after each change of package-lock.json.
set -euo pipefail
out=$1
web=gateway/web

command -v npm >/dev/null || {
    echo "The pages are built with node and npm, and there is no npm here: deploy/setup.sh web installs both." >&2
    exit 1
}
if ! cmp -s $web/package-lock.json $web/node_modules/installed-lock.json; then
    npm ci --prefix $web --loglevel=error >/dev/null
    cp $web/package-lock.json $web/node_modules/installed-lock.json
fi
version=$(sed -n 's/^#define MAYFLY_VERSION "\(.*\)"$/\1/p' gateway/main.c gateway/common/*.h)
exec node $web/build.mjs "$out" "$version"
