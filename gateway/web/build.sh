#!/bin/bash
# build.sh - builds the pages: build.sh FOLDER fills the folder, FOLDER/assets.c last. Called by make, in the top folder.
# Needs node and npm (deploy/setup.sh web), and the npm registry once after each change of package-lock.json.
set -euo pipefail
# shellcheck source=deploy/lib.sh
. deploy/lib.sh
out=$1
web=gateway/web

npm_packages $web
version=$(sed -n 's/^#define MAYFLY_VERSION "\(.*\)"$/\1/p' gateway/main.c gateway/common/*.h)
exec node $web/build.mjs "$out" "$version"
