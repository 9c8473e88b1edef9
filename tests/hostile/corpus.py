"""The hostile programs, ready to be sent."""

import base64
import re
from pathlib import Path

from expected import End

FOLDER = Path(__file__).parent
IMPORT = re.compile(r"^from (attempts|farewell) import .*\n", re.MULTILINE)


def names():
    return sorted(path.stem for path in (FOLDER / "programs").glob("*.py"))


def with_tools(text):
    """With the tools that it imports in place of their import: a program is one file."""
    return IMPORT.sub(lambda found: (FOLDER / "tools" / f"{found[1]}.py").read_text(encoding="utf-8"), text)


def text_of(name):
    return with_tools((FOLDER / "programs" / f"{name}.py").read_text(encoding="utf-8"))


def differences(row, answer):
    """Where an answer is not as its row has it: a list of sentences."""
    stdout = answer["stdout"]
    if isinstance(row.stdout, bytes):
        stdout = base64.b64decode(stdout)
    operations, stdout = split_operations(row, stdout)
    found = [f"{name}: {operations.get(name, 'nothing was printed')}, expected {right}"
             for name, right in row.operations.items() if operations.get(name) not in right.split("|")]
    end = End(answer["status"], answer["return_code"], answer["signal"], answer["reason"])
    if end not in row.ends:
        found.append(f"it ended as {end}")
    if row.stdout is not None and not is_all(row.stdout, stdout):
        found.append(f"stdout is {stdout[:500]!r}")
    if row.stderr is not None and not re.search(row.stderr, answer["stderr"], re.DOTALL):
        found.append(f"stderr is {answer['stderr'][-500:]!r}")
    if row.stderr is None and end.return_code == 0 and answer["stderr"]:
        found.append(f"stderr is {answer['stderr'][-500:]!r}")
    if row.message is not None and row.message not in (answer["message"] or ""):
        found.append(f"the message is {answer['message']!r}")
    files = {file["path"]: file["content"] for file in answer["files"]}
    if not any(are_files(expected, files) for expected in row.files):
        found.append(f"files are {files}")
    cut = tuple(name for name in ("stdout", "stderr") if answer[name + "_truncated"])
    if cut != (truncation_by_reason(end) if row.truncated is None else row.truncated):
        found.append(f"cut are {cut}")
    return found + [f"{name} is {answer[name]}" for name, value in row.sizes.items() if answer[name] != value]


def truncation_by_reason(end):
    return ("stdout",) if end.reason == "output_limit" else ()


def are_files(expected, files):
    """None as an expected content: anything."""
    return expected.keys() == files.keys() and all(
        content in (None, files[path]) for path, content in expected.items())


def is_all(expected, text):
    return text == expected if isinstance(expected, bytes) else re.fullmatch(expected, text, re.DOTALL)


def split_operations(row, stdout):
    """How each operation ended, and the text without these lines."""
    if not row.operations:
        return {}, stdout
    seen, rest = {}, ""
    for line in stdout.splitlines(keepends=True):
        said = re.fullmatch(r"(.+): (\w+)\n", line)
        if said and said[1] in row.operations:
            seen[said[1]] = said[2]
        else:
            rest += line
    return seen, rest
