"""`accounting.py fake|real REQUESTS`: accounts for every request, while the engine has a fault every few seconds.

Clients send one program after the other; a few hang up. Four journals are held against each other: what the clients
heard, what the engine did, what front and broker say in their logs, and what /metrics says at the end. Exit code 0 when
they agree and nothing is left. Half of the requests have submissions of several tests among them: each test is a
program of its own, and accounted for as one. Half of both are with boxes that serve several runs of one owner
(MAYFLY_BOX_RUNS): then it is told, too, who had which box. Every program has a secret of its own, leaves it in its box
and looks for any other (ownsecret.py).

The fake engine (accounting_fake.py) knows of every program whether it ran, and how often. On a real one
(accounting_real.py; a private one, as root, with the boxes' image from DOCKER_HOST) dockerd is stopped, killed and hidden,
and containerd says which boxes ran.
"""

import collections
import hashlib
import random
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "system"))
sys.path.insert(0, str(Path(__file__).resolve().parent / "docker"))

import owners  # noqa: E402
import ownsecret  # noqa: E402
from gateway import Gateway  # noqa: E402

CLIENTS = 8
HANG_UPS = 0.03  # of all requests
TESTS = 5  # of a submission
SUBMISSIONS = 0.2  # of all requests, where there are any
BOX_RUNS = 20  # that a box may serve, where it may serve several
OWNERS = ("a", "b", "c")  # of the clients, in turns, where boxes serve several runs
COSTLY, KILLED = 0.05, 0.03  # of all programs: leave what costs the box; kill themselves
SETTLE_SECONDS = 60  # a real engine that has just come back has boxes to remove, and to make
# What is heard, and how the broker counts it.
VERDICTS = {"success": "exited", "error": "signaled", "failed": "lost", "timeout": "timeout"}
KINDS = {"busy": ["busy"], "engine_unavailable": ["engine", "gone", "timeout", "protocol"]}


@dataclass
class Heard:
    """A line of a client's journal: the answer about its program."""

    status: int = 0  # 0: it hung up
    word: str = ""   # the answer's status, or the problem's code; of a test that has not run: not_run
    stdout: str = ""
    stderr: str = ""
    start: str = ""
    run_id: str = ""
    owner: str = ""
    secrets: frozenset = frozenset()  # all secrets anywhere in the answer
    tests: tuple = ()  # the markers of a submission's tests
    reports: dict = field(default_factory=dict)  # by marker; empty if there was no answer

    def programs(self, marker):
        """(marker, Heard) of each program of the request."""
        unheard = Heard(self.status, self.word)
        return [(test, self.reports.get(test, unheard)) for test in self.tests] or [(marker, self)]


def trace_of(marker):
    """Each request has a trace of its own, which the log lines of its runs have."""
    return hashlib.md5(marker.encode(), usedforsecurity=False).hexdigest()


def hung_up_traces(heard):
    """The traces of the requests whose clients did not wait. The front may have answered some of them anyway."""
    return {trace_of(marker) for marker, what in heard.items() if what.status == 0}


def heard_of(answer, tests, owner):
    """Returns the report of an answer about its program, or about the program of each test."""
    body = answer.json()
    heard = Heard(answer.status, body.get("code") or body["status"], *told_of(body), owner,
                  frozenset(ownsecret.found(answer.body)), tests)
    for marker, test in zip(tests, body.get("tests", ())):
        word = "not_run" if test["verdict"] == "not_run" else test["status"]
        heard.reports[marker] = Heard(200, word, *told_of(test), owner)
    return heard


def told_of(answer):
    """stdout, stderr, start and id."""
    return [answer.get(name) or "" for name in ("stdout", "stderr", "start", "id")]


class Client(threading.Thread):
    """A client that sends its share of the requests one after the other."""

    def __init__(self, gateway, side, name, count, owner):
        super().__init__(daemon=True)
        self._gateway, self._side, self._name, self._count, self._owner = gateway, side, name, count, owner
        self._dice = random.Random(name)
        self.journal = {}

    def run(self):
        client = self._gateway.client(timeout=90)
        for number in range(self._count):
            marker = f"{self._name}-{number}"
            tests = ()
            if self._dice.random() < self._side.submissions:
                tests = tuple(f"{marker}-{test}" for test in range(TESTS))
            program = self._side.submission(tests) if tests else self._side.program(marker, self._kind())
            client.post(program | {"timeout": 5},
                        headers=[("traceparent", f"00-{trace_of(marker)}-00000000000000ff-01"), *owners.headers(self._owner)])
            if self._dice.random() < HANG_UPS:
                time.sleep(self._dice.random() * 0.01)
                client.close()
                self.journal[marker] = Heard(owner=self._owner, tests=tests)
                client = self._gateway.client(timeout=90)
                continue
            answer = client.receive()
            self.journal[marker] = heard_of(answer, tests, self._owner)
            if answer.status != 200:
                time.sleep(self._side.pause_s)
        client.close()

    def _kind(self):
        """Returns the additional task of the next program."""
        return self._dice.choices(["plain", "costly", "killed"], [1 - COSTLY - KILLED, COSTLY, KILLED])[0]


def disturb(side, gateway, end, told):
    """Cause one fault after the other, at random but repeatable."""
    dice = random.Random(1)
    while not end.wait(side.fault_seconds):
        told[side.disturb(gateway, dice, end)] += 1


def heard_against_logs(heard, gateway):
    """Compare the answers that the clients got with the log lines of front and broker."""
    ended = [event for event in gateway.events("request_ended") if event["method"] == "POST"]
    hung_up = sum(what.status == 0 for what in heard.values())
    more = collections.Counter(event["status"] for event in ended)
    more.subtract(what.status for what in heard.values() if what.status)
    if min(more.values()) < 0 or sum(more.values()) != hung_up:
        yield f"beyond what was heard the front answered {dict(more)}, and {hung_up} clients hung up"
    yield from runs_against_logs(heard, ended, gateway)


def runs_against_logs(heard, ended, gateway):
    """Which runs were served, by the clients' and the front's word, against those that the broker ended. A client that
    hangs up on a submission knows none of its runs, but their trace does."""
    submissions = {what.run_id for what in heard.values() if what.reports}
    served = {event["run_id"] for event in ended if event["status"] == 200}
    if missing := submissions - served:
        yield f"submissions that were heard of, and that the front did not answer: {missing}"
    unheard = {trace_of(marker) for marker, what in heard.items() if what.status == 0 and what.tests}
    submissions |= {event["run_id"] for event in ended if event["trace_id"] in unheard}
    served -= submissions
    served |= {test.run_id for what in heard.values() for test in what.reports.values() if test.word != "not_run"}
    perhaps = {event["run_id"] for event in ended if event["status"] == 499}
    hung_up, runs = hung_up_traces(heard), collections.Counter()
    for event in gateway.events("run_ended"):
        runs[event["run_id"]] += 1
        if event["trace_id"] in hung_up:
            perhaps.add(event["run_id"])
    if not served <= set(runs) <= served | perhaps or set(runs.values()) != {1}:
        yield (f"runs that were served, and that the broker did not end: {served - set(runs)}; that it ended, and that were "
               f"not served: {set(runs) - served - perhaps}; or that it ended twice")


def heard_against_metrics(heard, metrics):
    """Compare the answers that the clients got with /metrics: every request is counted once, as its kind."""
    counted = collections.Counter()
    for labels, value in metrics.all("mayfly_http_requests_total", route="/api/v1/execute", method="POST"):
        counted[int(labels["status"])] += int(value)
    hung_up = sum(what.status == 0 for what in heard.values())
    by_status = collections.Counter(what.status for what in heard.values() if what.status)
    if sum(counted.values()) != len(heard) or any(counted[status] < n for status, n in by_status.items()):
        yield f"the front counts {dict(counted)}, heard were {dict(by_status)} and {hung_up} hung up"
    if any(what.tests for what in heard.values()):
        yield from tests_against_metrics(heard, metrics)
    else:
        yield from runs_against_metrics(heard, metrics, hung_up)
    yield from law(metrics)


def runs_against_metrics(heard, metrics, hung_up):
    """Each request is one run."""
    # A client that hangs up while its request waits to be read, or to be sent to the broker, has no run.
    without_run = len(heard) - metrics.sum("mayfly_runs_submitted_total")
    if not 0 <= without_run <= hung_up:
        yield f"{metrics.sum('mayfly_runs_submitted_total'):g} runs came to the broker, of {len(heard)} requests"
    more = metrics.sum("mayfly_runs_canceled_total")
    words = collections.Counter(what.word for what in heard.values())
    for word, verdict in VERDICTS.items():
        beyond = metrics.sum("mayfly_runs_total", verdict=verdict) - words.pop(word, 0)
        more += beyond
        if beyond < 0:
            yield f"{-beyond:g} runs ended as {word}, and are not counted"
    for word, kinds in KINDS.items():
        beyond = sum(metrics.sum("mayfly_runs_refused_total", kind=kind) for kind in kinds) - words.pop(word, 0)
        more += beyond
        if beyond < 0:
            yield f"{-beyond:g} runs were refused as {word}, and are not counted"
    if more != hung_up - without_run:
        yield f"{more:g} more runs are counted than were heard of, and {hung_up - without_run:g} clients hung up on runs"
    if set(words) - {""}:
        yield f"heard, and not known here: {dict(words)}"


def tests_against_metrics(heard, metrics):
    """Some requests are several runs. A test that is refused is tried again, and its client hears only of the last try.
    So the number of ended runs is exact, and the number of refused runs is a minimum."""
    words, verdicts, unheard = collections.Counter(), collections.Counter(), 0
    for marker, what in heard.items():
        programs = what.programs(marker) if what.reports or what.status == 0 else [(marker, what)]
        words.update(program.word for _, program in programs)
        unheard += len(programs) if what.status == 0 else 0
        if what.reports:
            verdicts.update({"success": "passed"}.get(test.word, test.word) for test in what.reports.values())
    for word, verdict in VERDICTS.items():
        beyond = metrics.sum("mayfly_runs_total", verdict=verdict) - words.pop(word, 0)
        if not 0 <= beyond <= unheard:
            yield f"{beyond:g} more runs ended as {word} than were heard of; {unheard} programs were hung up on"
    for word, kinds in KINDS.items():
        beyond = sum(metrics.sum("mayfly_runs_refused_total", kind=kind) for kind in kinds) - words.pop(word, 0)
        if beyond < 0:
            yield f"{-beyond:g} runs were refused as {word}, and are not counted"
    for verdict in set(verdicts) | {labels["verdict"] for labels, _ in metrics.all("mayfly_tests_total")}:
        beyond = metrics.sum("mayfly_tests_total", verdict=verdict) - verdicts[verdict]
        if not 0 <= beyond <= unheard:
            yield f"{beyond:g} more tests are counted as {verdict} than were heard of"
    if set(words) - {"", "not_run"}:
        yield f"heard, and not known here: {dict(words)}"


def law(metrics):
    """Check the relations between the metrics themselves, when nothing is running."""
    ended = metrics.sum("mayfly_runs_total")
    gone = ended + metrics.sum("mayfly_runs_refused_total") + metrics.sum("mayfly_runs_canceled_total")
    if metrics.sum("mayfly_runs_submitted_total") != gone:
        yield f"{metrics.sum('mayfly_runs_submitted_total'):g} runs came, {gone:g} went"
    for name in ("mayfly_run_duration_seconds_count", "mayfly_run_output_bytes_count"):
        for labels, value in metrics.all(name):
            if value != ended:
                yield f"{name}{labels} is {value:g}, and {ended:g} runs ended"
    starts, queued = metrics.sum("mayfly_run_starts_total"), metrics.sum("mayfly_run_queue_duration_seconds_count")
    if starts != queued or starts < ended:
        yield f"{starts:g} runs got a box, {queued:g} waits for one ended, {ended:g} runs ended"
    reused, resets = metrics.sum("mayfly_run_starts_total", start="reused"), metrics.sum("mayfly_box_resets_total")
    left = resets - metrics.sum("mayfly_boxes_kept")
    if reused > left:
        yield f"{reused:g} runs had a used box, of {resets:g} that were proven clean, and some are left"
    for labels, value in metrics.all("mayfly_engine_call_duration_seconds_count"):
        if metrics.sum("mayfly_engine_calls_total", **labels) != value:
            yield f"{labels}: calls by outcome, and their durations, are not as many"


def tenant_of(side, marker, request, heard):
    """Returns the tenant of a program: only programs of the same tenant may follow each other in one box."""
    if heard.tests or side.box_runs == 1:
        return heard.owner, request
    return heard.owner, ""


def box_against_tenants(side, box, runs):
    """Returns the mistakes among the programs of a box, each given as (program, request, answer to the request)."""
    tenants = {tenant_of(side, *run) for run in runs}
    if len(tenants) > 1:
        yield f"box {box} served {sorted(tenants)}: {sorted(marker for marker, _, _ in runs)}"
    if len(runs) > side.box_runs and not runs[0][2].tests:
        yield f"box {box} served {len(runs)} runs, and may serve {side.box_runs}"


def settled_metrics(gateway, headers):
    """/metrics once the broker has told of the time after all was over, with no box on its way any more: the engine is
    asked nothing then."""
    now = time.monotonic()

    def is_settled(found):
        moving = sum(found.sum("mayfly_boxes", state=state) for state in ("creating", "attaching", "starting", "resetting", "removing"))
        moving += found.value("mayfly_runs_running") + found.value("mayfly_runs_waiting")
        # Boxes that are kept for their owner are ready, too, while warm ones may still be missing after failed starts.
        ready = found.sum("mayfly_boxes", state="ready") - found.value("mayfly_boxes_kept")
        warm = ready >= gateway.settings["MAYFLY_WARM"]
        return time.monotonic() - found.sum("mayfly_status_age_seconds") > now and warm and moving == 0

    return gateway.wait_metrics(is_settled, SETTLE_SECONDS, headers)


def play(side, requests):
    """Run everything, and return the differences that were found."""
    end, told = threading.Event(), collections.Counter()
    names = OWNERS if side.box_runs > 1 else ("",)
    with tempfile.TemporaryDirectory(prefix="mayfly-keys-") as folder, ExitStack() as stack:
        keys = {"MAYFLY_KEYS_FILE": owners.write(folder, *names)} if names[0] else {}
        gateway = stack.enter_context(Gateway(side.docker_host, MAYFLY_BOX_RUNS=side.box_runs, **keys, **side.settings))
        clients = [Client(gateway, side, f"c{n}", requests // CLIENTS, names[n % len(names)]) for n in range(CLIENTS)]
        begun = time.monotonic()
        with ThreadPoolExecutor(1) as pool:
            disturber = pool.submit(disturb, side, gateway, end, told)
            for client in clients:
                client.start()
            for client in clients:
                client.join()
            end.set()
            disturber.result()
        side.heal()
        seconds = time.monotonic() - begun
        gateway.wait_health(timeout=60)
        metrics = settled_metrics(gateway, owners.headers(names[0]))
        codes = gateway.stop()
        heard = {marker: what for client in clients for marker, what in client.journal.items()}
        differences = [*heard_against_logs(heard, gateway), *heard_against_metrics(heard, metrics),
                       *side.differences(heard, metrics, gateway)]
    counts = collections.Counter((what.status, what.word) for what in heard.values())
    tests = collections.Counter(test.word for what in heard.values() for test in what.reports.values())
    if tests:
        print(f"tests of {sum(1 for what in heard.values() if what.tests)} submissions: {dict(tests)}", flush=True)
    starts = collections.Counter(program.start for marker, what in heard.items()
                                 for _, program in what.programs(marker) if program.start)
    print(f"runs of a box: {side.box_runs}; boxes heard of: {dict(starts)}")
    print(f"{len(heard)} requests in {seconds:.0f} s, {sum(told.values())} faults {dict(told)}: {dict(counts)}",
          flush=True)
    if len(heard) != requests // CLIENTS * CLIENTS:
        differences.append(f"{requests // CLIENTS * CLIENTS - len(heard)} requests were never answered")
    if not told:
        differences.append("there was no fault")
    if codes != [0]:
        differences.append(f"exit codes {codes}")
    return differences


def main(kind, requests):
    if kind == "fake":
        from accounting_fake import FakeSide as Side
    else:
        from accounting_real import RealSide as Side
    differences = []
    for box_runs in (1, BOX_RUNS):
        for submissions in (0, SUBMISSIONS):
            with Side(submissions=submissions, box_runs=box_runs) as side:
                differences += play(side, requests // 4)
    for difference in differences[:20]:
        print(difference)
    print(f"{len(differences)} differences")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
