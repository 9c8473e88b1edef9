#!/bin/bash
# rules.sh - the rules of the code base that a grep can hold. Prints each breach; fails when there is one.
set -uo pipefail
shopt -s lastpipe # so that breach, at the end of a pipe, counts in this shell
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=deploy/lib.sh
. deploy/lib.sh
breaches=0

# A rule, and on standard input its breaches.
breach() {
    local lines
    lines=$(cat)
    [ -n "$lines" ] || return 0
    printf 'rule broken: %s (%d)\n' "$1" "$(wc -l <<<"$lines")"
    head -n 10 <<<"$lines" | cut -c 1-200
    breaches=$((breaches + 1))
}

# Lines of the files $2... that match the pattern $1.
lines() {
    local pattern=$1
    shift
    [ $# = 0 ] || grep -nHE -e "$pattern" -- "$@"
}

c_files() {
    files "${@/%//*.[ch]}"
}

# Like lines, in C code only: comments and what stands between quotes are blanked first.
code() {
    local pattern=$1
    shift
    [ $# = 0 ] || perl -0777 -ne '
        s{/\*.*?\*/|//[^\n]*|"(?:[^"\\\n]|\\.)*"}{ (my $blank = $&) =~ s/[^\n]//g; $blank }gse;
        my $n = 0;
        for (split /\n/) { $n++; print "$ARGV:$n:$_\n" if m{'"$pattern"'} }' -- "$@"
}

mapfile -t ours < <(c_files gateway runner-image)
mapfile -t all_c < <(files '*.c' '*.h')
mapfile -t common < <(c_files gateway/common)
mapfile -t front < <(c_files gateway/front)
mapfile -t broker < <(c_files gateway/broker)
mapfile -t client < <(c_files gateway/client)
mapfile -t init < <(c_files runner-image/init)

# --- layers: main -> front | broker | client -> common, and each outside library behind one of them

lines '#include <h2o' "${ours[@]}" | grep -v '^gateway/front/' |
    breach 'h2o only in gateway/front'
lines '#include <curl/' "${ours[@]}" | grep -vE '^gateway/(broker|client)/' |
    breach 'curl only in gateway/broker and gateway/client'
lines '#include <json' "${ours[@]}" | grep -vE '^gateway/common/json[a-z_]*\.c:' |
    breach 'json-c only behind gateway/common/json.h'
lines '#include "' "${common[@]}" | grep -v '#include "common/' |
    breach 'common includes nothing above it'
lines '#include "' "${front[@]}" | grep -vE '#include "(front|common|web)/' |
    breach 'front includes front and common'
lines '#include "' "${broker[@]}" | grep -vE '#include "(broker|common)/' |
    breach 'broker includes broker and common'
lines '#include "' "${client[@]}" | grep -vE '#include "(client|common)/' |
    breach 'client includes client and common'
lines '#include "(front|broker|client|web)/|#include <(h2o|curl|json)' "${init[@]}" |
    breach 'init includes init and common'
code '->state\s*=[^=]' "${broker[@]}" | grep -E 'box->state' | tail -n +3 |
    breach "a box's state is written at its birth and by its setter"

# --- what C may call

code '\b(strcpy|strncpy|strcat|strncat|sprintf|vsprintf|sscanf|gets|atoi|atol|atoll|atof|strtok|strtok_r|alloca|system|popen|sleep|usleep|nanosleep|tmpnam|mktemp)\s*\(' \
    "${ours[@]}" | breach 'no banned function'
code '\bstrto(l|ll|ul|ull|d|f|ld|imax|umax)\s*\(' "${ours[@]}" | grep -vE '^gateway/common/(number|json_scan)\.c:' |
    breach 'numbers are parsed by common/number.h'
code '\bmalloc\s*\(' "${ours[@]}" |
    breach 'memory comes zeroed, from calloc'
code '\brealloc\s*\(' "${ours[@]}" | grep -vE '^gateway/(common/buf|broker/loop)\.c:' |
    breach 'growing memory is a struct buf'

# --- size and shape

for file in "${ours[@]}"; do
    limit=400
    [ "${file%.h}" = "$file" ] || limit=150
    length=$(wc -l <"$file")
    [ "$length" -le $limit ] || echo "$file: $length lines, at most $limit"
done | breach 'files are short'
for file in "${all_c[@]}"; do
    LC_ALL=C.UTF-8 grep -HnoE '^.{101,}' "$file" | sed 's/\(:[0-9]*\):.*/\1: over 100 columns/'
done | breach 'lines have at most 100 columns'
for file in "${ours[@]}"; do
    [ "${file%.h}" = "$file" ] || head -n 1 "$file" | grep -qE '^/\* '"${file##*/}"' - ' || echo "$file"
done | breach 'a header begins by saying what it is: /* name.h - ... */'
for file in "${ours[@]}"; do
    if [ "${file%.c}" = "$file" ] || [ ! -f "${file%.c}.h" ]; then continue; fi
    grep -m1 '#include' "$file" | grep -qE "\"([a-z]+/)?$(basename "${file%.c}")(_[a-z]+)?\.h\"|<Python.h>" || echo "$file"
done | breach 'a file includes its own header first (after Python.h, which insists)'
mapfile -t text < <(files gateway runner-image deploy tests .ci .github Makefile docker-compose.yml README.md | grep -v '^tests/fuzz/corpus/')
lines '\b(TO''DO|FIX''ME|XX''X)\b' "${text[@]}" |
    breach 'nothing is left for later'
files . | cut -d/ -f1 | sort -u |
    grep -vxE 'gateway|runner-image|deploy|tests|Makefile|docker-compose\.yml|README\.md|LICENSE|\..+' |
    breach 'the top level holds only what belongs there'

# shellcheck disable=SC2016 # backticks of Markdown
grep -oE '`(docker|hostile|system|tests|unit)/[^` ]+`' deploy/README.md | tr -d '`' | while IFS= read -r named; do
    file=${named%%::*} name=${named#"${named%%::*}"}
    # shellcheck disable=SC2086 # a pattern stands for its files
    ls -d tests/${file#tests/} >/dev/null 2>&1 && { [ -z "$name" ] || grep -q "^def ${name#::}(" "tests/$file"; } || echo "$named"
done | breach 'the tests that promises name are there'

sed -n 's/^| \(Docker\|Podman\) \([0-9.]*\).*/\2/p' deploy/engines.md | sort -u | while read -r version; do
    grep -qF "$version" .github/CHANGELOG.md || echo "$version"
done | breach "the changelog names every engine of deploy/engines.md"

# The names of a call's first words between quotes, up to its fields.
events() {
    perl -0777 -ne '
        while (/\b(?:log_event|enter)\(([^;]*?)(?:\bLOG_(?:STR|U64|I64|BOOL|END)\b|&\(struct|;)/gs) {
            my $words = $1;
            print "$1\n" while $words =~ /"([a-z0-9_]+)"/g }' "${ours[@]}" | sort -u
}

# shellcheck disable=SC2016 # backticks of Markdown
comm -3 <(events) <(sed -n '/^## Events/,$s/^| \(`[^|]*`\) |.*/\1/p' deploy/README.md | grep -oE "[a-z0-9_]+" | sort -u) |
    breach "deploy/README.md's table has each event of the log, and no other"

[ $breaches = 0 ] || { echo "$breaches rules broken"; exit 1; }
