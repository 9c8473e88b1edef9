"""Functions that the parts share: rows, commands, waiting, and a client of Mayfly."""

import json
import os
import re
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

SUITE = os.environ.get("SUITE", "bookworm")
SLOW = int(os.environ.get("SLOW", "1"))
ROOT = Path(__file__).resolve().parent.parent.parent
URL = "http://127.0.0.1:8000"
RUNTIMES = "python=mayfly-python:latest"
BOTH_RUNTIMES = f"{RUNTIMES},python-data=mayfly-python-data:latest=1"
DOCKER_UNITS = ["docker.service", "docker.socket", "containerd.service"]
# A slow machine needs one setting, which most times of ours go by; and runs there wait longer for a box.
SETTINGS = {"MAYFLY_SETUP": "skip", "MAYFLY_WARM": "2"} | (
    {"MAYFLY_ENGINE_TIMEOUT_MS": str(10000 * SLOW), "MAYFLY_QUEUE_TIMEOUT_MS": str(30000 * SLOW)} if SLOW > 1 else {})
# A program that is under way while something else happens to it.
LONG = "import time; time.sleep(8); print('whole')"


class Checks:
    def __init__(self):
        self.failed = False

    def row(self, ok, what, seen=""):
        self.failed |= not ok
        text = " ".join(str(seen).split())
        print("ok" if ok else "FAILED", what, text[:160], sep="\t", flush=True)
        return ok


def run(*words, timeout=60, env=None, check=True, cwd=ROOT):
    """The finished process of a command, its output as text."""
    done = subprocess.run(words, cwd=cwd, env=os.environ | SETTINGS | (env or {}), stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=timeout * SLOW, check=False)
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(words)}: exit code {done.returncode}: {(done.stderr or done.stdout)[-600:]}")
    return done


def output(*words, **named):
    return run(*words, **named).stdout.strip()


def read(path):
    """A file's text; empty where it has gone."""
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def wait_until(condition, what, seconds=60, log=str):
    """The condition's value, once it is true; else what the log says belongs to the failure. No event tells it."""
    deadline = time.monotonic() + seconds * SLOW
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds * SLOW} s: {what}\n{log()[-600:]}")
        time.sleep(0.2)
    return value


# ---- the distribution's engine ----

def start_docker():
    run("systemctl", "start", "docker.service")
    return wait_until(docker_info, "the distribution's engine answers")


def docker_info():
    done = run("docker", "info", "--format", "{{json .}}", check=False)
    info = json.loads(done.stdout or "{}")
    return info if done.returncode == 0 and not info.get("ServerErrors") else None


def stop_docker():
    run("systemctl", "stop", *DOCKER_UNITS, timeout=120)


def boxes():
    """The ids of all containers of any gateway."""
    return output("docker", "ps", "--all", "--quiet", "--no-trunc", "--filter", "label=mayfly.managed=1").split()


def instances():
    """The gateways whose boxes the engine has."""
    return set(output("docker", "ps", "--all", "--filter", "label=mayfly.managed=1", "--format",
                      '{{.Label "mayfly.instance"}}').split())


# ---- the gateway ----

def ask(path, body=None, timeout=60):
    """(status, answer) of a request."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(URL + path, data, {"content-type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=timeout * SLOW) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, {}


def execute(code, **fields):
    status, answer = ask("/api/v1/execute", {"code": code, **fields})
    assert status == 200, f"{status} for {code[:60]!r}"
    return answer


def begin(code, **fields):
    """Begin a run that needs no client."""
    status, answer = ask("/api/v1/executions", {"code": code, **fields})
    assert status == 202, f"{status} for {code[:60]!r}"
    return answer["id"]


def is_ready():
    try:
        return ask("/readyz", timeout=5)[0] == 200
    except OSError:
        return False


class Later(threading.Thread):
    """A run that is under way while something else happens."""

    def __init__(self, code, **fields):
        super().__init__(daemon=True)
        self._code, self._fields, self.answer, self.error = code, fields, None, None
        self.start()

    def run(self):
        try:
            self.answer = execute(self._code, **self._fields)
        except (OSError, AssertionError) as error:
            self.error = error

    def end(self):
        """Its answer, or the error in its place."""
        self.join(120 * SLOW)
        return self.answer or {"status": f"no answer: {self.error}"}


def running():
    """How many runs have a box, as the metrics tell."""
    with urllib.request.urlopen(f"{URL}/metrics", timeout=10 * SLOW) as answer:
        found = re.search(r"^mayfly_runs_running (\d+)", answer.read().decode(), re.MULTILINE)
    return int(found[1]) if found else 0


def run_under_way():
    """A run that has a box. The broker tells its numbers once a second: they may be of a run before."""
    wait_until(lambda: running() == 0, "earlier runs are over")
    later = Later(LONG, timeout=25)
    wait_until(lambda: running() == 1, "a run is under way")
    return later


def processes(*names):
    """{pid: name} of the processes that are called so."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        name = read(entry / "comm")
        if name in names:
            found[int(entry.name)] = name
    return found
