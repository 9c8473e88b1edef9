"""A real engine's side of accounting.py: a private one, faults of it and of what the broker sees of it, and containerd's
journal of what ran.

containerd is not affected by the faults: its list of the boxes' tasks is the engine's journal.
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
from dataclasses import dataclass
from pathlib import Path

import ownsecret
from accounting import Heard, box_against_tenants, hung_up_traces
from ownengine import OwnEngine
from realengine import Engine

CONTAINER_ID = re.compile(r"[0-9a-f]{64}")
EVENT = re.compile(r".* (/tasks/(?:start|exit)) (\{.*\})")
FIRST_NUMBER = 2  # of a program's process, when the box's interpreter becomes the program
NUMBERS_EACH = 2  # of processes, for a run of a box that serves several


@dataclass
class Told:
    """The report of a program of ownsecret.py: its box, named by the layer, and the number of programs that the box has
    had, as counted by the kernel; 0 in a box of one run."""

    marker: str
    request: str
    heard: Heard  # of the program
    of_request: Heard
    said: str
    box: str
    number: int

    @classmethod
    def read(cls, marker, request, heard, of_request):
        said, box, process = (heard.stdout.split() + ["", "", "0"])[:3]
        return cls(marker, request, heard, of_request, said, box, (int(process) - FIRST_NUMBER) // NUMBERS_EACH)


def numbers_against(side, boxes, given_up):
    """The kernel counts a box's programs: a program that ran twice, or that nobody knows of, would be one more. Only
    programs that ended well and whose clients had hung up may be counted without an answer."""
    unheard = 0
    for box, programs in boxes.items():
        numbers = sorted(program.number for program in programs)
        if len(set(numbers)) != len(numbers):
            yield f"box {box}: the kernel counts its runs as {numbers}"
        unheard += numbers[-1] - len(set(numbers) - {0})
        for program in programs:
            if (program.number > 1) != (program.heard.start == "reused"):
                yield f"{program.marker}: as number {program.number} of its box it heard {program.heard.start}"
            if program.number > side.box_runs and not program.of_request.tests:
                yield f"{program.marker}: is number {program.number} of its box"
    reused = sum(program.number > 1 for programs in boxes.values() for program in programs)
    print(f"{reused} programs were told that their box had served before; before them the kernel counts {unheard} that nobody "
          f"heard of, and {given_up} ended well for clients that hung up", flush=True)
    if unheard > given_up:
        yield f"boxes ran {unheard} programs that nobody was told of, and {given_up} ended for clients that hung up"


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

    def __init__(self, submissions=0.0, box_runs=1):
        self.submissions, self.box_runs = submissions, box_runs
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

    def program(self, marker, kind):
        return self._job(marker, kind) | {"code": ownsecret.PROGRAM, "outputs": ["out"]}

    def submission(self, markers):
        return {"code": ownsecret.PROGRAM, "tests": [self._job(marker, "plain") for marker in markers]}

    @staticmethod
    def _job(marker, kind):
        return ownsecret.given(marker) | {"stdin": f"{kind} {marker}\n{ownsecret.of(marker)}"}

    def disturb(self, gateway, dice, end):
        fault = dice.choice(self._faults)
        fault(gateway, dice, end)
        return fault.__name__.strip("_")

    def _stopped(self, _gateway, dice, end):
        """dockerd accepts connections and does not answer, for less or for more time than our timeouts."""
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
        """Another client removes a box, whatever the box is doing."""
        if boxes := self._engine.managed("status=running"):
            self._engine.run("rm", "--force", *dice.sample(boxes, min(3, len(boxes))))

    def _no_descriptors(self, gateway, _dice, end):
        """The broker cannot open any further descriptor."""
        broker = gateway.pids()["broker"]
        soft, hard = resource.prlimit(broker, resource.RLIMIT_NOFILE)
        held = len(os.listdir(f"/proc/{broker}/fd"))
        resource.prlimit(broker, resource.RLIMIT_NOFILE, (max(8, held - 2), hard))
        end.wait(0.5)
        resource.prlimit(broker, resource.RLIMIT_NOFILE, (soft, hard))

    def heal(self):
        self._engine.wait_answers()

    def differences(self, heard, metrics, gateway):
        told = [Told.read(marker, request, what, of_request) for request, of_request in heard.items()
                for marker, what in of_request.programs(request) if what.word in ("success", "error")]
        boxes = collections.defaultdict(list)
        for program in told:
            boxes[program.box].append(program)
            if program.said != program.marker or not program.box:
                yield f"{program.marker}: heard {program.heard}"
        for request, what in heard.items():
            if strange := what.secrets - {ownsecret.of(marker) for marker, _ in what.programs(request)}:
                yield f"{request}: its answer has {strange}"
        for box, programs in boxes.items():
            yield from box_against_tenants(self, box, [(told.marker, told.request, told.of_request) for told in programs])
        hung_up = hung_up_traces(heard)
        ended = [event for event in gateway.events("run_ended")
                 if event["trace_id"] in hung_up and event["verdict"] == "exited"]
        yield from numbers_against(self, boxes, len(ended))
        yield from self._tasks_against(boxes, metrics)
        if left := self._left():
            yield f"{len(left)} containers are left: {left}"

    def _left(self):
        """Returns the containers that the engine has not removed a long time after the order."""
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
