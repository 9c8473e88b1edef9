#!/usr/bin/python3
"""documents.py - prints each file, heading, test and function that a document names but that does not exist.

usage: tests/documents.py DOCUMENT...

It looks at links and pictures, and at paths and words between backticks. A path begins in one of BASES or in the
document's folder; the name of a file alone stands for any file of that name. `tests/x.py::test_y` names a test. A word
with an underscore must be a word of some file. Words in capitals are placeholders, and files below build/ are made by
the build.
"""
import fnmatch
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PATH = re.compile(r"`([\w.*/-]+(?:\.(?:c|h|py|sh|md|mjs|yml|yaml|json|txt)|/))(?:::(\w+))?`")
WORD = re.compile(r"`(?!x_|mayfly_)([a-z]\w*_\w+)`")  # metrics have a test of their own, and style.md has patterns
LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]+))?\)")
PICTURE = re.compile(r'\bsrc(?:set)?="([^":]+)"')
BASES = ("", "gateway/", "tests/", "deploy/", "deploy/kubernetes/")
# Files of readers, of boxes and of other projects.
OTHERS = {"tests/system/test_example.py", "ci/program.py", "noun.c", "noun.h", "strbuf.h", "multi.c", "json.py", "main.py",
          "mayfly-seccomp-*.json"}


def listed():
    """Every file that git has or would have, as a path below the root."""
    said = subprocess.run(["git", "-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                          check=True, capture_output=True, text=True).stdout.splitlines()
    return [name for name in said if (ROOT / name).is_file()]


def words(files):
    """Every word of every text that is no document, and the name of every file."""
    texts = [name for name in files if re.search(r"\.(?:c|h|py|sh|mjs|ts|ya?ml|json|1)$", name)]
    return {Path(name).stem for name in files}.union(
        *(re.findall(r"\w+", (ROOT / name).read_text("utf-8", "replace")) for name in texts))


def anchors(document):
    """Of its headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", document.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def find(name, folder, files):
    """The file, or the first of those that a pattern or a name alone stands for; None where there is none."""
    if "/" not in name:
        return next((file for file in files if fnmatch.fnmatch(file.rpartition("/")[2], name)), None)
    for base in (f"{folder}/", *BASES):
        path = base + name
        if name.endswith("/") and (ROOT / path).is_dir():
            return path
        if found := next((file for file in files if fnmatch.fnmatch(file, path)), None):
            return found
    return None


def faults(document, files, known):
    text = document.read_text("utf-8")
    folder = document.parent.relative_to(ROOT).as_posix()
    for name, test in PATH.findall(text):
        if name.startswith(("/", "build/")) or re.search("[A-Z]{3}", name.replace("README", "")) or name in OTHERS:
            continue
        found = find(name, folder, files)
        if not found:
            yield name
        elif test and not re.search(rf"^def {test}\(", (ROOT / found).read_text("utf-8"), re.MULTILINE):
            yield f"{name}::{test}"
    yield from (word for word in WORD.findall(text) if word not in known)
    yield from (path for path in PICTURE.findall(text) if not (document.parent / path).exists())
    for target, anchor in LINK.findall(text):
        if ":" in target:
            continue
        path = document.parent / target if target else document
        if not path.exists():
            yield target
        elif anchor and anchor not in anchors(path):
            yield f"{target}#{anchor}"


def main(documents):
    files = listed()
    known = words(files)
    for given in documents:
        for fault in faults((ROOT / given).resolve(), files, known):
            print(f"{given}: {fault}")


if __name__ == "__main__":
    main(sys.argv[1:])
