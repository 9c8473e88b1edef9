"""Sum up the JUnit files of a folder: `count.py FOLDER`. The last line is "N passed, N failed", and each test that
failed has a line above it.

A skipped test counts as failed, because it has proved nothing. So does each name in the folder's file `failed`, unless
failures were counted already: something went wrong outside of any test.
"""

import html
import re
import sys
from pathlib import Path

SUITE = re.compile(r"<testsuite ([^>]*)>")
BROKEN = re.compile(r"<testcase ([^>]*[^/>])>\s*<(failure|error|skipped)\b")


def number(attributes, name):
    found = re.search(rf'\b{name}="(\d+)"', attributes)
    return int(found[1]) if found else 0


def text(attributes, name):
    found = re.search(rf'\b{name}="([^"]*)"', attributes)
    return html.unescape(found[1]) if found else ""


def main(folder):
    total = bad = skipped = 0
    for path in sorted(folder.glob("*.xml")):
        # Read as text: cmocka writes one document after another, and a crashed test an unfinished one.
        document = path.read_text(encoding="utf-8", errors="replace")
        for attributes, how in BROKEN.findall(document):
            print(f"{how}: {text(attributes, 'classname') or path.stem} {text(attributes, 'name')}")
        for attributes in SUITE.findall(document):
            total += number(attributes, "tests")
            bad += number(attributes, "failures") + number(attributes, "errors")
            skipped += number(attributes, "skipped")
    broken = folder / "failed"
    names = broken.read_text(encoding="utf-8").splitlines() if broken.exists() else []
    if names:
        print("failed:", ", ".join(names))
    if skipped:
        print(f"{skipped} tests were skipped, which counts as failing")
    passed = total - bad - skipped
    failed = max(bad + skipped, len(names))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
