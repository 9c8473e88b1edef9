#!/bin/bash
# rules.sh - checks the rules of the code base that can be checked by grep. Prints each breach; fails if there is one.
set -uo pipefail
shopt -s lastpipe # so that breach, at the end of a pipe, counts in this shell
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=deploy/lib.sh
. deploy/lib.sh
breaches=0

# Report the breaches of a rule, which come on standard input.
breach() {
    local lines
    lines=$(cat)
    [ -n "$lines" ] || return 0
    printf 'rule broken: %s (%d)\n' "$1" "$(wc -l <<<"$lines")"
    head -n 10 <<<"$lines" | cut -c 1-200
    breaches=$((breaches + 1))
}

# Print the lines of the files $2... that match the pattern $1.
lines() {
    local pattern=$1
    shift
    [ $# = 0 ] || grep -nHE -e "$pattern" -- "$@"
}

c_files() {
    files "${@/%//*.[ch]}"
}

# Like lines, but only in C code: comments and quoted texts are blanked first.
code() {
    local pattern=$1
    shift
    [ $# = 0 ] || perl -0777 -ne '
        s{/\*.*?\*/|//[^\n]*|"(?:[^"\\\n]|\\.)*"}{ (my $blank = $&) =~ s/[^\n]//g; $blank }gse;
        my $n = 0;
        for (split /\n/) { $n++; print "$ARGV:$n:$_\n" if m{'"$pattern"'} }' -- "$@"
}

# Like lines, but only in comments of C: code and quoted texts are blanked first.
comments() {
    local pattern=$1
    shift
    [ $# = 0 ] || perl -0777 -ne '
        s{(/\*.*?\*/|//[^\n]*)|"(?:[^"\\\n]|\\.)*"|\x27(?:[^\x27\\\n]|\\.)*\x27|[^\n]}{ $1 // "" }gse;
        my $n = 0;
        for (split /\n/) { $n++; print "$ARGV:$n:$_\n" if m{'"$pattern"'} }' -- "$@"
}

mapfile -t ours < <(c_files gateway runner-image)
mapfile -t all_c < <(files '*.c' '*.h')
mapfile -t common < <(c_files gateway/common)
mapfile -t front < <(c_files gateway/front)
mapfile -t front_http < <(c_files gateway/front/http)
mapfile -t front_keys < <(c_files gateway/front/keys)
mapfile -t front_runs < <(c_files gateway/front/runs)
mapfile -t front_api < <(c_files gateway/front/api)
mapfile -t front_dialects < <(c_files gateway/front/dialects)
mapfile -t broker < <(c_files gateway/broker)
mapfile -t broker_loop < <(c_files gateway/broker/loop)
mapfile -t broker_engine < <(c_files gateway/broker/engine)
mapfile -t broker_pool < <(c_files gateway/broker/pool)
mapfile -t broker_selftest < <(c_files gateway/broker/selftest)
mapfile -t client < <(c_files gateway/client)
mapfile -t init < <(c_files runner-image/init)

# --- layers: main -> front | broker | client -> common, and each outside library behind one of them

{
    lines '#include [<"]h2o' "${all_c[@]}"
    code '\b(h2o_[a-z]|H2O_[A-Z])' "${all_c[@]}"
} | grep -vE '^(gateway/front/http/|tests/unit/test_(exchange|connection)\.c:)' |
    breach 'h2o only in its adapter, gateway/front/http'
lines '#include <curl/' "${ours[@]}" | grep -vE '^gateway/(broker|client)/' |
    breach 'curl only in gateway/broker and gateway/client'
lines '#include <json' "${ours[@]}" | grep -vE '^gateway/common/json[a-z_]*\.c:' |
    breach 'json-c only behind gateway/common/json.h'
lines '#include <histedit' "${ours[@]}" | grep -vE '^gateway/client/(prompt|recall)\.[ch]:' |
    breach 'libedit only in the prompt of gateway/client'
lines '#include "' "${common[@]}" | grep -v '#include "common/' |
    breach 'common includes nothing above it'
lines '#include "' "${front[@]}" | grep -vE '#include "(front|common|web)/' |
    breach 'front includes front and common'
lines '#include "' "${broker[@]}" | grep -vE '#include "(broker|common)/' |
    breach 'broker includes broker and common'
# The broker's floors: broker -> selftest -> pool -> engine -> loop. Each includes those below it.
lines '#include "' "${broker_loop[@]}" | grep -vE '#include "(broker/loop|common)/' |
    breach 'broker/loop includes loop and common'
lines '#include "' "${broker_engine[@]}" | grep -vE '#include "(broker/(engine|loop)|common)/' |
    breach 'broker/engine includes engine and loop'
lines '#include "' "${broker_pool[@]}" | grep -vE '#include "(broker/(pool|engine|loop)|common)/' |
    breach 'broker/pool includes pool, engine and loop'
lines '#include "' "${broker_selftest[@]}" | grep -vE '#include "(broker/(selftest|pool|engine|loop)|common)/' |
    breach 'broker/selftest includes selftest, pool, engine and loop'
lines '#include "' "${client[@]}" | grep -vE '#include "(client|common)/' |
    breach 'client includes client and common'
# The front's floors: front -> dialects -> api -> runs -> keys -> http -> reactor, metrics. Each includes those below it.
lines '#include "front/' gateway/front/{reactor,metrics}.[ch] | grep -vE '#include "front/(reactor|metrics)\.h' |
    breach "the front's reactor and metrics include common"
lines '#include "front/' "${front_http[@]}" | grep -vE '#include "front/(http/|(reactor|metrics)\.h)' |
    breach 'front/http includes http, reactor and metrics'
lines '#include "front/' "${front_keys[@]}" | grep -vE '#include "front/((keys|http)/|(reactor|metrics)\.h)' |
    breach 'front/keys includes keys, http, reactor and metrics'
lines '#include "front/' "${front_runs[@]}" | grep -vE '#include "front/((runs|keys|http)/|(reactor|metrics)\.h)' |
    breach 'front/runs includes runs, keys, http, reactor and metrics'
lines '#include "front/' "${front_api[@]}" | grep -vE '#include "front/((api|runs|keys|http)/|(reactor|metrics)\.h)' |
    breach 'front/api includes api, runs, keys, http, reactor and metrics'
# A dialect has no policy: the API decides on a caller's rights, and a dialect never sees a key, a link or a connection.
lines '#include "front/' "${front_dialects[@]}" |
    grep -vE '#include "front/(dialects|api|runs)/|#include "front/http/(problem|accept_header)\.h' |
    breach 'front/dialects includes dialects, api, runs, and of http problems and Accept'
lines '#include "front/(api/(service|portion|desk)|runs/(link|outbox|archive|idempotency))' "${front_dialects[@]}" |
    breach 'a dialect knows runs by their executions and transcripts alone'
code '\b(account|claim|gate|keys)_[a-z]+\(|\bexecution_begin\(|\blink_[a-z]+\(' "${front_dialects[@]}" |
    breach 'a dialect has no policy of its own'
lines '#include "(broker|client|web)/|#include <(h2o|curl|json|openssl)' "${front_dialects[@]}" |
    breach 'a dialect includes nothing of the outside'
lines '#include "front/dialects/' "${all_c[@]}" | grep -vE '^(gateway/front/(dialects/|front\.c:)|tests/(unit|fuzz)/)' |
    breach 'only front.c knows the dialects'
for dialect in gateway/front/dialects/*.h; do
    noun=$(basename "$dialect" .h)
    [ "$noun" = dialects ] || lines '#include "front/dialects/' "${front_dialects[@]}" |
        grep -F "/dialects/${noun%%_*}" | grep -F "\"front/dialects/" |
        grep -vE "^gateway/front/dialects/(${noun%%_*}[_.]|dialects\.)|\"front/dialects/dialects\.h" | grep -F "\"front/dialects/${noun%%_*}"
done | sort -u | breach 'no dialect includes another'
lines '#include "(front|broker|client|web)/|#include <(h2o|curl|json)' "${init[@]}" |
    breach 'init includes init and common'
tests/includes.py --circles gateway/broker gateway/common gateway/client runner-image/init |
    breach 'no circle of includes among nouns'
code '->state\s*=[^=]' "${broker[@]}" | grep -E 'box->state' | tail -n +3 |
    breach "a box's state is written at its birth and by its setter"
code '->state\s*=[^=]' "${front[@]}" | grep -E '(exchange|connection)->state' | grep -vE '^gateway/front/http/(exchange|connection)_state\.c:' |
    breach "an exchange's and a connection's state is written by its setter"
tests/includes.py --circles gateway/front | breach 'no circle of includes among the nouns of the front'

# --- what C may call

code '\b(strcpy|strncpy|strcat|strncat|sprintf|vsprintf|sscanf|gets|atoi|atol|atoll|atof|strtok|strtok_r|alloca|system|popen|sleep|usleep|nanosleep|tmpnam|mktemp)\s*\(' \
    "${ours[@]}" | breach 'no banned function'
code '\bstrto(l|ll|ul|ull|d|f|ld|imax|umax)\s*\(' "${ours[@]}" | grep -vE '^gateway/common/(number|json_token)\.c:' |
    breach 'numbers are parsed by common/number.h'
code '\bmalloc\s*\(' "${ours[@]}" |
    breach 'memory comes zeroed, from calloc'
code '\brealloc\s*\(' "${ours[@]}" | grep -vE '^gateway/(common/buf|front/http/connection)\.c:' |
    breach 'growing memory is a struct buf'

# --- one version

code '^#define MAYFLY_VERSION\b' "${all_c[@]}" | grep -v '^gateway/common/version\.h:' |
    breach 'the version is written in gateway/common/version.h'
deploy/version.sh --check |
    breach 'other files name the same version: deploy/version.sh writes it'
{
    lines '^  version: ' gateway/web/openapi.yaml | grep -v ' 0\.0\.0$'
    lines '^  "version": ' gateway/web/package.json tests/*/package.json
} | breach "the API's description and our packages have no version of their own"

# --- size and shape

for file in "${ours[@]}"; do
    limit=450
    [ "${file%.h}" = "$file" ] || limit=150
    length=$(wc -l <"$file")
    [ "$length" -le $limit ] || echo "$file: $length lines, at most $limit"
    [ "$length" -le 400 ] || head -n 5 "$file" | grep -q 'One subject' || echo "$file: $length lines, and no word on why"
done | breach 'files are short; one of more than 400 lines says first why it is one subject'
for file in "${all_c[@]}"; do
    LC_ALL=C.UTF-8 grep -HnoE '^.{101,}' "$file" | sed 's/\(:[0-9]*\):.*/\1: over 100 columns/'
done | breach 'lines have at most 100 columns'
for file in "${ours[@]}"; do
    [ "${file%.h}" = "$file" ] || head -n 1 "$file" | grep -qE '^/\* '"${file##*/}"' - ' || echo "$file"
done | breach 'a header begins by saying what it is: /* name.h - ... */'
for file in "${ours[@]}"; do
    if [ "${file%.c}" = "$file" ] || [ ! -f "${file%.c}.h" ]; then continue; fi
    grep -m1 '#include' "$file" | grep -qE "\"([a-z]+/)*$(basename "${file%.c}")(_[a-z]+)?\.h\"|<Python.h>" || echo "$file"
done | breach 'a file includes its own header first (after Python.h, which insists)'
# The gateway has one hand.
mapfile -t one_hand < <(c_files gateway/broker gateway/common gateway/front)
# A macro keeps the parentheses around its argument, as ANY_OF of seccomp.c does.
code '\bsizeof\((?!\(|(const|struct|union|enum|bool|char|int|void|\w+_t)\b)' "${one_hand[@]}" | grep -vF '((json), ' |
    breach 'sizeof x; parentheses are for types'
# The first include is the file's own header. After that, no system header follows one of ours (json.c renames some
# names of json-c).
for file in "${one_hand[@]}"; do
    grep -n '^#include' "$file" | sed 1d | awk -v file="$file" -F: '/"/ { ours = 1 } /</ && ours && !/json-c/ { print file ":" $1 ":" $2 }'
done | breach 'includes stand in the order own, system, ours'
perl -0777 -ne 'while (/^( *)(?:for|while) \((?:[^{};]|;(?! *\n))*?\)\n *(?:if|for|while|switch) \(.*$/gm) {
        my $line = 1 + (substr($_, 0, $-[0]) =~ tr/\n//); print "$ARGV:$line\n" }' "${one_hand[@]}" |
    breach 'a loop around a statement with a body of its own has braces'
perl -0777 -ne 'while (/struct \w+_events \{(.*?)\n\};/gs) {
        print "$ARGV: $1\n" for grep { !/^on_/ } $1 =~ /\(\*(\w+)\)\(/g }' "${one_hand[@]}" |
    breach 'the members of events are named on_...'
lines 'LOG_STR\("reason"' "${one_hand[@]}" |
    breach 'the log says why in the field "error"'
comments '^\s*(/\*|//) (Of|What|Where|Who|Whom|Whose)\b' "${ours[@]}" |
    breach 'comments are sentences, and begin with no fragment'
comments '\b([Ll]ends?|[Ll]ent)\b' "${ours[@]}" |
    breach 'a function borrows, and its result is valid until ...: nothing is lent'
# In the broker in texts of the log, too.
{
    words='\b(under way|for ever|is told|are told|is over|are over|go(es)? on|in vain|stands|lets? go of)\b'
    comments "$words" "${ours[@]}"
    lines "$words" "${broker[@]}"
} | sort -u -t: -k1,2 |
    breach 'one word for an idea: pending, for the life of, hears, has finished, continues, no-op, is, frees'
mapfile -t text < <(files gateway runner-image deploy tests .ci Makefile docker-compose.yml README.md .github | grep -v '^tests/fuzz/corpus/')
# Texts use the spelling of the API and the metrics. A literal word of another protocol is an exception.
others_words='notifications/cancelled' # MCP's method
lines '[Cc]ancell(ed|ing)' "${text[@]}" | grep -vE "$others_words|^(tests/rules\.sh|gateway/docs/style\.md):" |
    breach 'canceled and canceling have one l'
lines '\b(TO''DO|FIX''ME|XX''X)\b' "${text[@]}" |
    breach 'nothing is left for later'
files . | cut -d/ -f1 | sort -u |
    grep -vxE 'gateway|runner-image|deploy|tests|Makefile|docker-compose\.yml|README\.md|LICENSE|\..+' |
    breach 'the top level holds only what belongs there'

mapfile -t documents < <(files '*.md')
tests/documents.py "${documents[@]}" | breach 'what documents name is there: files, headings, tests'

sed -n 's/^| \(Docker\|Podman\) \([0-9.]*\).*/\2/p' deploy/docs/engines.md | sort -u | while read -r version; do
    grep -qF "$version" .github/CHANGELOG.md || echo "$version"
done | breach "the changelog names every engine of deploy/docs/engines.md"

# Print the quoted words of a call, up to its fields.
events() {
    perl -0777 -ne '
        while (/\b(?:log_event|enter)\(([^;]*?)(?:\bLOG_(?:STR|U64|I64|BOOL|END)\b|&\(struct|;)/gs) {
            my $words = $1;
            print "$1\n" while $words =~ /"([a-z0-9_]+)"/g }' "${ours[@]}" | sort -u
}

# shellcheck disable=SC2016 # backticks of Markdown
comm -3 <(events) <(sed -n 's/^| \(`[^|]*`\) |.*/\1/p' deploy/docs/events.md | grep -oE "[a-z0-9_]+" | sort -u) |
    breach "deploy/docs/events.md's table has each event of the log, and no other"

[ $breaches = 0 ] || { echo "$breaches rules broken"; exit 1; }
