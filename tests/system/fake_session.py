"""The state that a session's box keeps from run to run, for FakeInit: names, files, the interpreter's generation.

Members of a cell's directive, besides those of fake_init:

    set                    names to keep: {name: value}. They are lost with the interpreter
    get                    write all names to stdout, as JSON
    recall                 a text to remember, as a name is; then write all of them to stdout, as a JSON list
    write                  files to make: {path: text}. They outlive the interpreter
    stubborn               it does not obey an interrupt: the interpreter is killed
    dies                   the interpreter ends with this exit code
    dies_later             it ends after the run
    drops                  so many bytes are written while no cell runs, and are dropped

A run without a cell writes its files, removes those that it names, and sends those that its globs match. A path that begins
with "unwritable" cannot be written.
"""

import json
import re

import wire

FILES_MAX = 256
KEYBOARD_INTERRUPT = "KeyboardInterrupt\0\0Traceback (most recent call last):\0KeyboardInterrupt\0"


class Session:
    def __init__(self):
        self.generation = 1
        self.names = {}
        self.files = {}
        self.dropped = 0

    def lose(self):
        """Lose the state: the interpreter has ended, and the next one has no names."""
        self.generation += 1
        self.names = {}

    def take_files(self, job):
        """Write and remove the job's files. Returns the reason of a failure, or ""."""
        for path in job.removed:
            if self.files.pop(path, None) is None:
                return "a file to remove is not there"
        for path, content in job.files.items():
            if path.startswith("unwritable"):
                return "a file of the job cannot be written: Is a directory"
            self.files[path] = bytes(content)
        return ""

    def begin_cell(self, directive):
        self.names.update(directive.get("set", {}))
        self.files.update({path: text.encode() for path, text in directive.get("write", {}).items()})
        if "recall" in directive:
            self.names["recalled"] = [*self.names.get("recalled", []), directive["recall"]]
            return json.dumps(self.names["recalled"]).encode()
        return json.dumps(self.names).encode() if directive.get("get") else b""

    def artifacts(self, job):
        """Returns the files that the job's globs match, cut to its caps, and the number of files that are left out."""
        found = [path for path in sorted(self.files) if any(_matches(glob, path) for glob in job.outputs)]
        if job.files_bytes == 0:
            return [], 0
        left, sent = job.files_bytes, []
        for path in found[:FILES_MAX]:
            content = self.files[path][:min(job.file_bytes, left)]
            left -= len(content)
            sent.append(wire.Artifact(content, path, size_bytes=len(self.files[path])))
        return sent, len(found[FILES_MAX:])


def _set(piece):
    """Returns a glob's "[!a-z]" as a regular expression."""
    is_not = piece[1] == "!"
    return ("[^" if is_not else "[") + piece[1 + is_not:-1].replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]") + "]"


def _matches(glob, path):
    pattern = ""
    for piece in re.findall(r"\*\*/|\*\*|\*|\?|\[!?\]?[^]]*\]|.", glob):
        pattern += {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}.get(piece) or (
            _set(piece) if len(piece) > 1 else re.escape(piece))
    return re.fullmatch(pattern, path) is not None
