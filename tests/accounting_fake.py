"""The fake engine's side of accounting.py: its faults, and its journal."""

import collections
import json
import tempfile

import faults
import ownsecret
from accounting import box_against_tenants
from engine import Engine

FAULTS = [
    faults.close(), faults.close(after=True), faults.status(500), faults.status(409),
    faults.status(500, after=True), faults.hang(), faults.hang(after=True), faults.cut_head(),
    faults.cut_body(), faults.garbage(), faults.slow(0.2), faults.Boot(ready=False),
    faults.Boot(die=True),
]
# The journal's names of the calls, and the metrics'.
CALLS = {"version": "version", "info": "info", "image": "image", "create": "create", "attach": "attach",
         "start": "start", "inspect": "inspect", "delete": "remove", "list": "list"}
ANSWERED = ("ok", "missing", "refused", "malformed")
UNANSWERED = ("timeout", "failed", "canceled")


def directive(marker, **more):
    """Boxes of the fake engine are never clean: each program prints to stderr what earlier programs have left in its
    box."""
    return {"stdout": marker, "look": 2, "leave": ownsecret.of(marker)} | more


def marker_of(job):
    """Of the program that a box was given."""
    return json.loads(job.source).get("stdout") or job.stdin.decode()


def programs_of(heard):
    """By marker: (the request's marker, what was heard of the request, what was heard of the program)."""
    return {marker: (request, of_request, what) for request, of_request in heard.items()
            for marker, what in of_request.programs(request)}


def heard_against_ran(programs, ran):
    """Compare the answers that the clients got with the number of times that each program ran."""
    for marker, (_, _, what) in programs.items():
        times = ran[marker]
        if what.word in ("success", "error"):
            good = times == 1 and what.stdout == marker
        elif what.word == "not_run":
            good = times == 0
        elif what.status == 200:  # the engine went with a job on its way: it may have run, and nobody says more
            good = times <= 1 and what.word == "failed"
        else:
            good = times <= 1 if what.status == 0 else what.status == 503 and times == 0
        if not good:
            yield f"{marker}: {what}, ran {times} times"
    for marker in ran - collections.Counter(list(programs)):
        yield f"{marker}: ran, and nobody asked"


def heard_against_boxes(side, programs, boxes):
    """Compare the answers that the clients got with the programs that ran in each box, in order."""
    expected = collections.defaultdict(set)  # by request: the secrets that its programs were shown, and have not hidden
    for box, markers in boxes.items():
        runs = [(marker, *programs[marker][:2]) for marker in markers if marker in programs]
        yield from box_against_tenants(side, box, runs)
        for number, marker in enumerate(markers):
            earlier = [ownsecret.of(other) for other in markers[:number]]
            request, _, what = programs.get(marker, ("", None, None))
            expected[request].update(earlier)
            if what and what.word in ("success", "error"):
                if json.loads(what.stderr) != earlier:
                    yield f"{marker}: {what}, and before it in box {box} ran {markers[:number]}"
                if (what.start == "reused") != bool(earlier):
                    yield f"{marker}: {what}, as number {number + 1} of box {box}"
    for request, what in {request: what for request, what, _ in programs.values()}.items():
        if strange := what.secrets - expected[request]:
            yield f"{request}: its answer has {strange}"


class OnFakeEngine:
    """A side with a fake engine of its own."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="mayfly-engine-")
        self._engine = Engine(f"{self._folder.name}/docker.sock")
        self.docker_host = f"unix://{self._engine.path}"

    def __enter__(self):
        self._engine.__enter__()
        return self

    def __exit__(self, *_):
        self._engine.__exit__()
        self._folder.cleanup()


class FakeSide(OnFakeEngine):
    settings = {"MAYFLY_WARM": 4, "MAYFLY_MAX_BOXES": 16, "MAYFLY_ENGINE_TIMEOUT_MS": 1000}

    pause_s = 0.02

    def __init__(self, fault_seconds=2.0, box_runs=1, submissions=0.0):
        """fault_seconds: time from one fault to the next; a fault lasts half as long."""
        super().__init__()
        self.fault_seconds, self.box_runs, self.submissions = fault_seconds, box_runs, submissions

    def program(self, marker, kind):
        """Returns the program of this kind. A costly one lets init report its box as unclean."""
        more = {"costly": {"reset": "dirty"}, "killed": {"signal": 9}}
        return {"code": json.dumps(directive(marker, **more.get(kind, {})))}

    def submission(self, markers):
        code = json.dumps({"by_stdin": {marker: directive(marker) for marker in markers}})
        return {"code": code, "tests": [{"stdin": marker, "expected_stdout": marker} for marker in markers]}

    def disturb(self, _gateway, dice, end):
        """Sometimes stop and restart the whole engine; otherwise let some calls or some boxes fail."""
        if dice.random() < 0.2:
            self._engine.stop()
            end.wait(0.3)
            self._engine.start()
            return "restart"
        fault = dice.choice(FAULTS)
        kind = "boot" if isinstance(fault, faults.Boot) else "any"
        self._engine.script(kind, fault, nth=dice.randint(1, 5), count=dice.randint(1, 6))
        end.wait(self.fault_seconds / 2)
        self._engine.heal()
        return kind

    def heal(self):
        self._engine.heal()

    def differences(self, heard, metrics, _gateway):
        programs, boxes = programs_of(heard), collections.defaultdict(list)
        for run in self._engine.runs:
            boxes[run.box].append(marker_of(run.job))
        yield from heard_against_ran(programs, collections.Counter(marker for box in boxes.values() for marker in box))
        yield from heard_against_boxes(self, programs, boxes)
        yield from self._calls_against(metrics)
        if self._engine.managed():
            yield f"{len(self._engine.managed())} containers are left"

    def _calls_against(self, metrics):
        """Compare the calls. The engine has also counted an answer that we did not wait for, or that was lost on its
        way."""
        answered = collections.Counter(CALLS[call.kind] for call in self._engine.journal if call.status)
        for call in CALLS.values():
            got = sum(metrics.value("mayfly_engine_calls_total", call=call, outcome=word) for word in ANSWERED)
            lost = sum(metrics.value("mayfly_engine_calls_total", call=call, outcome=word) for word in UNANSWERED)
            # Between the last metrics and the end the gateway removes its boxes, and looks for what is left of them.
            if not got <= answered[call] or (answered[call] > got + lost and call not in ("remove", "list")):
                yield f"{call}: the engine answered {answered[call]}, of which {got:g} came and {lost:g} may be lost"
