#!/usr/bin/python3
"""What the engines' tests found, kept beside each engine's state, and as a table.

    table.py note FOLDER RUNTIME EXPECTED     read what the tests left there, write result.json; fails when an engine is
                                              not served, or refused, as expected
    table.py print FOLDER NAMES               a table of all results that are there
    table.py write FOLDER NAMES PAGE          the same, between the markers of a page
"""

import datetime
import http.client
import json
import re
import socket
import sys
import xml.etree.ElementTree
from pathlib import Path

BEGIN, END = "<!-- engines: begin -->", "<!-- engines: end -->"
NOT_RUN = "not run"
HEAD = ["engine", "OCI runtime", "API", "cgroup", "self-test", "tests", "served"]


class Connection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path):
        super().__init__("engine", timeout=10)
        self._path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def version_of(folder):
    """The engine's own word on what it is; "" when it does not answer."""
    try:
        connection = Connection(folder / "engine/run/docker.sock")
        connection.request("GET", "/version")
        answer = json.load(connection.getresponse())
    except (OSError, ValueError):
        return {"engine": "", "api": ""}
    names = [part.get("Name", "") for part in answer.get("Components") or []]
    name = "Podman" if "Podman Engine" in names else "Docker"
    return {"engine": f"{name} {re.split('[+~-]', answer['Version'])[0]}", "api": answer["ApiVersion"]}


def self_test(folder):
    """(whether it passed, how the table tells it, the engine, the names of the checks that failed)"""
    try:
        answer = json.loads((folder / "check.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False, "it did not start", {}, []
    (runtime,) = answer["runtimes"]
    checks = runtime["checks"]
    wrong = [each["name"] for each in checks if not each["ok"] and not each.get("differs")]
    different = [each["name"] for each in checks if each.get("differs")]
    if runtime["error"]:
        return False, runtime["error"], answer["engine"] or {}, []
    if len(checks) == 1 and wrong:
        return False, checks[0]["seen"], answer["engine"], wrong
    text = f"{len(checks) - len(wrong)} of {len(checks)}"
    for word, names in (("other, not weaker", different), ("weaker", wrong)):
        if names:
            text += f"; {word}: " + (", ".join(names) if len(names) < 6 else f"{len(names)} checks")
    return answer["ok"], text, answer["engine"], wrong


def tests(folder):
    """(whether all passed, how the table tells it)"""
    try:
        root = xml.etree.ElementTree.parse(folder / "tests.xml").getroot()
    except (OSError, xml.etree.ElementTree.ParseError):
        return False, NOT_RUN
    suites = list(root.iter("testsuite"))
    count = sum(int(suite.get("tests")) for suite in suites)
    bad = sum(int(suite.get(kind)) for suite in suites for kind in ("failures", "errors", "skipped"))
    return count > 0 and bad == 0, f"{count - bad} of {count}"


def note(folder, runtime, expected):
    passed, checked, engine, wrong = self_test(folder)
    all_passed, tested = tests(folder)
    served = "yes" if passed and all_passed else "no" if not passed else "not as it should"
    result = version_of(folder) | {
        "name": folder.name, "date": datetime.date.today().isoformat(), "oci_runtime": runtime,
        "cgroup": (engine or {}).get("cgroup", ""), "self_test": checked, "tests": tested, "served": served}
    (folder / "result.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(f"{folder.name}: {result['engine']}, self-test {checked}, tests {tested}", file=sys.stderr)
    word, _, reasons = expected.partition(":")
    wanted = "yes" if word in ("served", result["cgroup"]) else "no"
    is_for_these = not reasons or sorted(reasons.split(",")) == sorted(re.sub(r"\W+", "-", name) for name in wrong)
    return served == wanted and is_for_these and (all_passed or tested == NOT_RUN) and result["engine"] != ""


def rows(folder, names):
    for name in names:
        try:
            found = json.loads((folder / name / "result.json").read_text(encoding="utf-8"))
        except OSError:
            continue
        rootless = ", rootless" if name.endswith("-rootless") else ""
        yield found["date"], [found["engine"] + rootless, found["oci_runtime"], found["api"], found["cgroup"],
                              found["self_test"], found["tests"], found["served"]]


def table(folder, names):
    found = list(rows(folder, names))
    if not found:
        return "no results"
    lines = [HEAD, ["---"] * len(HEAD)] + [row for _, row in found]
    dates = sorted(date for date, _ in found)
    return "\n".join(["| " + " | ".join(line) + " |" for line in lines] + ["", f"As of {dates[0]}."
                      if dates[0] == dates[-1] else f"As of {dates[0]} to {dates[-1]}."])


def write(folder, names, page):
    text = page.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    page.write_text(f"{before}{BEGIN}\n{table(folder, names)}\n{END}{after}", encoding="utf-8")


def main(command, folder, *words):
    if command == "note":
        return 0 if note(Path(folder), *words) else 1
    if command == "print":
        print(table(Path(folder), words[0].split()))
    elif command == "write":
        write(Path(folder), words[0].split(), Path(words[1]))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
