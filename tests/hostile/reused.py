"""A box that serves several runs, made as the broker makes it, and driven by frames."""

import ast
import json
import os
import re
import subprocess
import time
from pathlib import Path

import wire
from box import IMAGE, Box
from gateway import BINARY

FOLDER = Path(__file__).parent
TOOLS = ("attempts", "neighbour")
IMPORT = re.compile(r"^from (attempts|neighbour) import .*\n", re.MULTILINE)
SECONDS = 60


def document(engine):
    """Returns the JSON by which the broker creates a box."""
    done = subprocess.run([BINARY, "check", "--print-create"], capture_output=True, check=True, timeout=SECONDS,
                          env={"DOCKER_HOST": engine.host, "MAYFLY_RUNTIMES": f"python={IMAGE}",
                               "MAYFLY_OCI_RUNTIME": os.environ.get("MAYFLY_OCI_RUNTIME", "")})
    return json.loads(done.stdout)


def deadline():
    return time.monotonic() + SECONDS


def names():
    return sorted(path.stem for path in (FOLDER / "reuse").glob("*.py"))


def text_of(name, folder="reuse"):
    return (FOLDER / folder / f"{name}.py").read_text(encoding="utf-8")


def program(name, ends, folder="reuse"):
    """The program, which does one of its ends, or both. The tools that it imports come before it."""
    texts = [(FOLDER / f"tools/{tool}.py").read_text(encoding="utf-8") for tool in TOOLS]
    return "\n".join([*texts, IMPORT.sub("", text_of(name, folder)), "import errno, json, sys", *ends])


LEAVE = """
try:
    leave()
    print("left")
except OSError as error:
    print("refused", errno.errorcode[error.errno])
sys.stdout.flush()"""
FIND = 'print(json.dumps(bool(find())))'


def job_of(name, folder="reuse"):
    """The fields that the program wants its job to have."""
    for node in ast.parse(text_of(name, folder)).body:
        if isinstance(node, ast.Assign) and node.targets[0].id == "JOB":
            return ast.literal_eval(node.value)
    return {}


class KeptBox(Box):
    """A box whose jobs all keep it."""

    def __init__(self, engine, body):
        super().__init__(engine.socket, body=body)

    def serve(self, text, **job):
        """Serve one run. Returns its result, and the state of the box: None if it is ready again, else the word of
        GONE."""
        result = self.run(text, SECONDS, keeps_box=True, **{"timeout_ms": 30000, **job})
        assert result.outcome, (result.refusal, bytes(self.stderr))
        frame = self.next_frame(deadline())
        assert frame is not None and frame.run_id == 0, (frame, bytes(self.stderr))
        if frame.type == wire.READY:
            return result, None
        assert frame.type == wire.GONE, frame
        self.close_stdin()
        assert self.next_frame(time.monotonic() + SECONDS) is None, "a frame after the last"
        return result, dict(wire.fields(frame.payload))[wire.TAG_TEXT].decode()

    def read_stderr(self):
        """Returns everything on stderr, once the box has ended."""
        while self.read(deadline()):
            continue
        return bytes(self.stderr)


def lines_of(result):
    return bytes(result.stdout).decode().splitlines()
