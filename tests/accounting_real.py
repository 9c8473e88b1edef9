"""A real engine's side of accounting.py: a private one, faults of it and of what the broker sees of it, and containerd's
journal of what ran.

containerd is not told of the faults, and lives through them: what it says of the boxes' tasks is the engine's journal.
"""

import collections
import json
import os
import re
import resource
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from ownengine import OwnEngine
from realengine import Engine

CONTAINER_ID = re.compile(r"[0-9a-f]{64}")
EVENT = re.compile(r".* (/tasks/(?:start|exit)) (\{.*\})")
# The marker, and the layer that this box alone has: a success says in which box it was had.
PROGRAM = """
import re
print(input(), re.search(r"upperdir=(\\S+?)/diff", open("/proc/self/mountinfo").read())[1], end="")
"""


def living_containers():
    """The ids of all containers on this machine that have a process."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/cgroup"):
        try:
            found.update(CONTAINER_ID.findall(path.read_text(encoding="ascii", errors="replace")))
        except (FileNotFoundError, ProcessLookupError):
            pass  # it has ended meanwhile
    return found


class Tasks:
    """The containers whose first process was started, and of which it has ended, by containerd's word."""

    def __init__(self, state):
        self.started, self.ended = set(), set()
        self._events = subprocess.Popen(
            ["ctr", "--address", f"{state}/engine/run/containerd.sock", "--namespace", "moby", "events"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self._events.stdout:
            if match := EVENT.fullmatch(line.rstrip()):
                event = json.loads(match[2])
                if match[1] == "/tasks/start":
                    self.started.add(event["container_id"])
                elif event["id"] == event["container_id"]:
                    self.ended.add(event["container_id"])

    def stop(self):
        self._events.terminate()
        self._reader.join(10)
        self._events.wait(10)


class RealSide:
    settings = {"MAYFLY_WARM": 4, "MAYFLY_MAX_BOXES": 12, "MAYFLY_ENGINE_TIMEOUT_MS": 2000,
                "MAYFLY_QUEUE_TIMEOUT_MS": 15000}

    fault_seconds = 4.0
    pause_s = 0.1

    def __init__(self, submissions=0.0):
        self.submissions = submissions
        self._folder = tempfile.TemporaryDirectory(prefix="mayfly-accounts-")
        self._engine = OwnEngine(self._folder.name)
        self.docker_host = self._engine.host
        self._tasks = None
        self._faults = [self._stopped, self._stopped, self._killed, self._hidden, self._box_removed,
                        self._no_descriptors]

    def __enter__(self):
        try:
            self._engine.start()
            self._engine.take_image(Engine())
            self._tasks = Tasks(self._folder.name)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self._tasks:
            self._tasks.stop()
        self._engine.stop(purge=True)
        self._folder.cleanup()

    def program(self, marker):
        return {"code": PROGRAM, "stdin": marker}

    def submission(self, markers):
        return {"code": PROGRAM, "tests": [{"stdin": marker} for marker in markers]}

    def disturb(self, gateway, dice, end):
        fault = dice.choice(self._faults)
        fault(gateway, dice, end)
        return fault.__name__.strip("_")

    def _stopped(self, _gateway, dice, end):
        """dockerd takes connections and says nothing, for less or for more than our patience."""
        self._engine.signal(signal.SIGSTOP)
        end.wait(dice.choice([0.2, 1, 4]))
        self._engine.signal(signal.SIGCONT)

    def _killed(self, _gateway, _dice, _end):
        self._engine.restart()
        self._engine.wait_answers()

    def _hidden(self, _gateway, dice, end):
        hidden = self._engine.socket + ".hidden"
        os.rename(self._engine.socket, hidden)
        end.wait(dice.choice([0.1, 2]))
        os.rename(hidden, self._engine.socket)

    def _box_removed(self, _gateway, dice, _end):
        """By a stranger, whatever the box is doing."""
        if boxes := self._engine.managed("status=running"):
            self._engine.run("rm", "--force", *dice.sample(boxes, min(3, len(boxes))))

    def _no_descriptors(self, gateway, _dice, end):
        """The broker can open nothing more."""
        broker = gateway.pids()["broker"]
        soft, hard = resource.prlimit(broker, resource.RLIMIT_NOFILE)
        held = len(os.listdir(f"/proc/{broker}/fd"))
        resource.prlimit(broker, resource.RLIMIT_NOFILE, (max(8, held - 2), hard))
        end.wait(0.5)
        resource.prlimit(broker, resource.RLIMIT_NOFILE, (soft, hard))

    def heal(self):
        self._engine.wait_answers()

    def differences(self, heard, metrics):
        boxes = collections.defaultdict(set)  # who ran in each
        for request, heard_of in heard.items():
            for marker, what in heard_of.programs(request):
                if what.word != "success":
                    continue
                said, _, box = what.stdout.partition(" ")
                boxes[box].add(request)
                if said != marker or not box:
                    yield f"{marker}: heard {what}"
        for box, requests in boxes.items():
            if len(requests) > 1:
                yield f"programs of {len(requests)} requests ran in the box of layer {box}: {sorted(requests)}"
        yield from self._tasks_against(boxes, metrics)
        if left := self._left():
            yield f"{len(left)} containers are left: {left}"

    def _left(self):
        """What the engine has not removed a good while after it was told to."""
        deadline = time.monotonic() + 60
        while (left := self._engine.managed()) and time.monotonic() < deadline:
            time.sleep(0.2)
        return left

    def _tasks_against(self, boxes, metrics):
        started = len(self._tasks.started)
        answered = metrics.value("mayfly_engine_calls_total", call="start", outcome="ok")
        called = metrics.sum("mayfly_engine_calls_total", call="start")
        ready = metrics.value("mayfly_box_start_duration_seconds_count")
        reused = metrics.sum("mayfly_run_starts_total", start="reused")
        ran = metrics.sum("mayfly_run_starts_total") - reused + sum(
            metrics.value("mayfly_canary_runs_total", result=result) for result in ("passed", "failed"))
        print(f"{started} boxes were started, {ready:g} became ready, {ran:g} were given a run, "
              f"{len(boxes)} told of a success", flush=True)
        # After the last metrics a box or two may still have been started.
        if not max(answered, ready) <= started <= called + self.settings["MAYFLY_MAX_BOXES"]:
            yield f"{called:g} starts were asked for, {answered:g} answered; containerd saw {started}"
        if not len(boxes) <= ran <= ready:
            yield f"{len(boxes)} boxes told of a success, {ran:g} were given a run, {ready:g} became ready"
        # containerd may miss the end of a box that dies as dockerd does: what counts is that nothing of it lives.
        unseen = self._tasks.started - self._tasks.ended
        if unseen:
            print(f"containerd told no end of {sorted(unseen)}", flush=True)
        if alive := unseen & living_containers():
            yield f"{len(alive)} boxes live on: {sorted(alive)}"
