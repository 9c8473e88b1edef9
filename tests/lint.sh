#!/bin/bash
# lint.sh - runs `make lint`: format, static analysis, scripts, manual, layers. Continues after a failure, and fails at
# the end.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=deploy/lib.sh
. deploy/lib.sh
failed=0

# Run a check with this name. Its output appears only if it fails.
check() {
    local name=$1 started=$EPOCHREALTIME output status=ok
    shift
    output=$("$@" 2>&1) || status=FAILED
    printf '%-14s %6s  %5.1f s\n' "$name" "$status" "$(seconds_since "$started")"
    [ $status = ok ] && return
    printf '%s\n' "$output"
    failed=$((failed + 1))
}

# Show only the findings: clang-tidy also counts the suppressed ones on standard error.
tidy() {
    make -s compile_commands.json &&
        files '*.c' | xargs -P "$(nproc)" -n 2 clang-tidy -p . --quiet 2>/dev/null
}

cppcheck_all() {
    files '*.c' | grep -v '^tests/' |
        xargs cppcheck -q -j "$(nproc)" --std=c11 --library=posix -D_GNU_SOURCE -DH2O_USE_EPOLL=1 -Igateway \
            --enable=warning,performance,portability --inline-suppr --suppress=missingInclude --suppress=getpwnamCalled --suppress=readdirCalled --suppress=comparePointers \
            --error-exitcode=1
}

python() {
    local list
    # Some programs of the fidelity corpus are wrong on purpose.
    mapfile -t list < <(files '*.py' | grep -v '^tests/docker/fidelity/')
    [ ${#list[@]} = 0 ] && return
    PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 -c '
import sys
for name in sys.argv[1:]:
    compile(open(name, encoding="utf-8").read(), name, "exec")' "${list[@]}" && /usr/bin/python3 -m pyflakes "${list[@]}"
}

# Check the manifests of Kubernetes. Each check is also tried on a manifest that is broken on purpose, and must fail
# there.
kubernetes() {
    tests/kubernetes/tools.sh && node tests/kubernetes/check.mjs && node --test tests/kubernetes/broken.test.mjs
}

# The playground's TypeScript; esbuild only takes its types out.
types() {
    npm_packages gateway/web && npm_packages tests/browser &&
        tests/browser/node_modules/.bin/tsc -p gateway/web/playground
}

# Check the form of the API's description; tests/conformance compares it with the gateway.
openapi() {
    npm_packages tests/conformance &&
        REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true tests/conformance/node_modules/.bin/redocly lint \
            --config tests/conformance/redocly.yaml gateway/web/openapi.yaml
}

if [ "${1:-}" != here ]; then
    exec deploy/host.sh --for 'build web lint' tests/lint.sh here
fi
deploy/setup.sh build web lint || exit 1
mapfile -t c_files < <(files '*.c' '*.h')
mapfile -t scripts < <(files '*.sh' .ci/run)
[ ${#c_files[@]} -gt 0 ] || die 'no files to look at: is this a git checkout?'
check clang-format clang-format --dry-run -Werror "${c_files[@]}"
check rules tests/rules.sh
check shellcheck shellcheck -x "${scripts[@]}"
check manual mandoc -Tlint -Wwarning deploy/mayfly.1
check settings deploy/settings.sh --check
check python python
check types types
check kubernetes kubernetes
check openapi openapi
check cppcheck cppcheck_all
check clang-tidy tidy
[ $failed = 0 ] || { echo "lint: $failed checks failed"; exit 1; }
echo 'lint: all checks passed'
