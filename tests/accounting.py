"""`accounting.py REQUESTS`: every request is accounted for, with a fault of the engine every two seconds.

Three journals are held against each other: what the clients heard, what the fake engine's inits were given to run, and
what front and broker say in their logs. Exit code 0 when they agree and nothing is left.
"""

import collections
import json
import random
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "system"))

import faults  # noqa: E402
from engine import Engine  # noqa: E402
from gateway import Gateway  # noqa: E402

CLIENTS = 8
FAULT_SECONDS = 2.0
FAULTS = [
    faults.close(), faults.close(after=True), faults.status(500), faults.status(409),
    faults.status(500, after=True), faults.hang(), faults.hang(after=True), faults.cut_head(),
    faults.cut_body(), faults.garbage(), faults.slow(0.2), faults.Boot(ready=False),
    faults.Boot(die=True),
]


class Client(threading.Thread):
    """Sends its share one after the other. Its journal: what was heard of each marker."""

    def __init__(self, gateway, name, count):
        super().__init__(daemon=True)
        self._gateway, self._name, self._count = gateway, name, count
        self.journal = {}

    def run(self):
        with self._gateway.client(timeout=60) as client:
            for number in range(self._count):
                marker = f"{self._name}-{number}"
                answer = client.post({"code": json.dumps({"stdout": marker}), "timeout": 5}).receive()
                body = answer.json()
                self.journal[marker] = (answer.status, body.get("status"), body.get("stdout"))
                if answer.status != 200:
                    time.sleep(0.02)


def disturb(engine, end, told):
    """One fault after the other, at random but repeatable; now and then the whole engine goes and comes back."""
    dice = random.Random(1)
    while not end.wait(FAULT_SECONDS):
        if dice.random() < 0.2:
            engine.stop()
            end.wait(0.3)
            engine.start()
            told["restart"] += 1
        else:
            fault = dice.choice(FAULTS)
            kind = "boot" if isinstance(fault, faults.Boot) else "any"
            engine.script(kind, fault, nth=dice.randint(1, 5), count=dice.randint(1, 6))
            told[kind] += 1
            end.wait(FAULT_SECONDS / 2)
            engine.heal()


def heard_against_ran(heard, ran):
    """What the clients heard, against what the inits were given."""
    for marker, (status, verdict, stdout) in heard.items():
        times = ran[marker]
        if status == 200 and verdict == "success":
            good = times == 1 and stdout == marker
        elif status == 200:  # the engine went with a job on its way: it may have run, and nobody says more
            good = times <= 1 and verdict == "failed"
        else:
            good = status == 503 and times == 0
        if not good:
            yield f"{marker}: heard {status} {verdict} {stdout!r}, ran {times} times"
    for marker in ran - collections.Counter(list(heard)):
        yield f"{marker}: ran, and nobody asked"


def heard_against_logs(heard, gateway):
    """What the clients heard, against the counts of front and broker."""
    ended = collections.Counter()
    for event in gateway.events("request_ended"):
        if event["method"] == "POST":
            ended[event["status"]] += 1
    asked = collections.Counter(status for status, _, _ in heard.values())
    if ended != asked:
        yield f"the front counts {dict(ended)}, the clients heard {dict(asked)}"
    served = {event["run_id"] for event in gateway.events("request_ended")
              if event["status"] == 200 and event["run_id"]}
    runs = collections.Counter(event["run_id"] for event in gateway.events("run_ended"))
    if set(runs) != served or set(runs.values()) != {1}:
        yield f"runs that the broker ended and the front did not serve, or the other way: {set(runs) ^ served}"


def play(engine, requests):
    """The differences found."""
    end, told = threading.Event(), collections.Counter()
    with Gateway(f"unix://{engine.path}", MAYFLY_WARM=4, MAYFLY_MAX_BOXES=16,
                 MAYFLY_ENGINE_TIMEOUT_MS=1000) as gateway:
        clients = [Client(gateway, f"c{n}", requests // CLIENTS) for n in range(CLIENTS)]
        disturber = threading.Thread(target=disturb, args=(engine, end, told), daemon=True)
        begun = time.monotonic()
        for thread in (*clients, disturber):
            thread.start()
        for client in clients:
            client.join()
        end.set()
        disturber.join()
        engine.heal()
        seconds = time.monotonic() - begun
        gateway.wait_health()
        codes = gateway.stop()
        heard = {marker: what for client in clients for marker, what in client.journal.items()}
        ran = collections.Counter(json.loads(run.job.source)["stdout"] for run in engine.runs)
        differences = [*heard_against_ran(heard, ran), *heard_against_logs(heard, gateway)]
    counts = collections.Counter((status, verdict) for status, verdict, _ in heard.values())
    print(f"{len(heard)} requests in {seconds:.0f} s, {sum(told.values())} faults {dict(told)}: {dict(counts)}")
    if len(heard) != requests // CLIENTS * CLIENTS:
        differences.append(f"{requests // CLIENTS * CLIENTS - len(heard)} requests were never answered")
    if codes != [0]:
        differences.append(f"exit codes {codes}")
    if engine.managed():
        differences.append(f"{len(engine.managed())} containers are left")
    return differences


def main(requests):
    with tempfile.TemporaryDirectory(prefix="mayfly-engine-") as folder, \
            Engine(f"{folder}/docker.sock") as engine:
        differences = play(engine, requests)
    for difference in differences[:20]:
        print(difference)
    print(f"{len(differences)} differences")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
