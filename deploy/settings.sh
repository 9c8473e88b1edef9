#!/bin/bash
# settings.sh - deploy/env.example and README.md's table of settings, made from the program's own table.
#
#   deploy/settings.sh           write both
#   deploy/settings.sh --check   fail, and print the differences, if they are not up to date
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=deploy/lib.sh
. deploy/lib.sh

readonly begin='<!-- settings: written by deploy/settings.sh -->' end='<!-- settings end -->'

example() {
    cat <<'END'
# Mayfly's settings, each at its default: written by deploy/settings.sh. Where a default is empty, it depends on the
# machine or on other settings. A size is in bytes, or has the unit KiB, MiB, GiB or TiB. An empty value counts as unset.

END
    build/release/mayfly config --example
}

# Print each setting of the example, its comment and its assignment, as one row.
table() {
    echo '| setting | default | meaning |'
    echo '|---|---|---|'
    build/release/mayfly config --example | awk '
        /^# / { meaning = substr($0, 3) }
        /^#[A-Z]/ {
            at = index($0, "=")
            value = substr($0, at + 1)
            printf "| `%s` | %s | %s |\n", substr($0, 2, at - 2), value == "" ? "" : "`" value "`", meaning
        }'
}

readme() {
    awk -v begin="$begin" -v end="$end" '$0 == begin { exit } { print }' README.md
    echo "$begin"
    table
    echo "$end"
    awk -v end="$end" 'found { print } $0 == end { found = 1 }' README.md
}

made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
make -s build/release/mayfly
for line in "$begin" "$end"; do
    grep -qxF "$line" README.md || die "README.md lacks this line beside its table of settings: $line"
done
example >"$made/env.example"
readme >"$made/README.md"
if [ "${1:-}" = --check ]; then
    for name in deploy/env.example README.md; do
        diff "$name" "$made/${name##*/}" || die 'the settings have changed: run deploy/settings.sh'
    done
else
    cp "$made/env.example" deploy/env.example
    cp "$made/README.md" README.md
fi
