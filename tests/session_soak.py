"""`session_soak.py SECONDS`: tests sessions under faults on a real engine, and accounts for each cell.

Each cell adds its own name to a list that its session's interpreter remembers, and writes the whole list. So each
answer shows which cells ran before it, in order. A ledger compares this with the answers that the client got:

- a cell that was answered runs once, and later cells remember it, unless an answer has said that the state is lost;
- a cell that was refused (4xx, 5xx) never runs;
- a cell whose answer was not heard, because its client hung up or the front died, runs once at most;
- a session ends with a reason, and every later answer has the same reason.

Cells end their interpreter, take too long, or ignore an interrupt; clients hang up, and send many cells at once.
Meanwhile front, broker, engine and boxes are killed. The sides (session_soak_fake.py, session_soak_real.py) have the
faults and the cells.
"""

import collections
import itertools
import json
import random
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "system"))
sys.path.insert(0, str(Path(__file__).resolve().parent / "docker"))

from gateway import Gateway, Process  # noqa: E402

SESSIONS = "/api/v1/sessions"
CLIENTS = 4
CELLS = 60  # most cells of a session
STORM = 6  # cells at once
PATIENCE_SECONDS = 60  # for an answer
KINDS = {"plain": 60, "storm": 8, "hang_up": 10, "invalid": 4, "dies": 5, "dies_later": 3, "late": 4, "stubborn": 1, "oom": 2}
REASONS = {"idle_timeout", "max_lifetime", "memory_limit", "crashed", "deleted", "engine_lost", "gateway_restart", "evicted"}


@dataclass
class Answer:
    """A client's answer to a cell."""

    status: int = 0  # 0: nothing; it may have run
    body: dict = field(default_factory=dict)

    @property
    def note(self):
        return self.body.get("session") or {}

    @property
    def reason(self):
        """Returns the reason for the session's end, if the answer has one."""
        return self.body.get("reason") if self.status == 410 else self.note.get("reason")

    @property
    def recalled(self):
        """The list that the cell has written, or None."""
        line = self.body.get("stdout", "").partition("\n")[0]
        try:
            return json.loads(line)
        except ValueError:
            return None


def ask(gateway, method, path, fields=None, answer_seconds=PATIENCE_SECONDS):
    """Send a cell. Returns an Answer with status 0 if the connection ends first. Raises TimeoutError if no answer
    comes."""
    body = b"" if fields is None else json.dumps(fields).encode()
    try:
        with gateway.client(timeout=answer_seconds) as client:
            answer = client.request(method, path, body, [("content-type", "application/json")] if body else [])
    except TimeoutError:
        raise
    except OSError:
        return Answer()
    return Answer(answer.status, json.loads(answer.body) if answer.body else {})


class Ledger:
    """The names that one session's interpreter must remember, according to the answers that its client got."""

    def __init__(self, name):
        self.name = name
        self.generation = 1
        self.bases = [[]]  # the list must begin with one of these
        self.perhaps = set()  # cells that may have run, whose answers were not heard
        self.refused = set()
        self.is_unheard = False  # an answer may have been lost
        self.ended = ""  # the reason
        self.fates = collections.Counter()

    def take(self, answers):
        """Enter the answers of cells that were sent together, [(cell, Answer)]. Yields what is wrong."""
        for cell, answer in answers:
            if answer.status == 0:
                self.perhaps.add(cell)
                self.is_unheard = True
                self.fates["unheard"] += 1
            elif answer.status != 200:
                yield from self._take_refusal(cell, answer)
        ran = [(cell, answer) for cell, answer in answers if answer.status == 200]
        together = {cell for cell, _ in ran}
        for cell, answer in sorted(ran, key=self._order):
            yield from self._take_answer(cell, answer, together)

    @staticmethod
    def _order(entry):
        answer = entry[1]
        return answer.note.get("generation", 0), not answer.note.get("state_lost"), len(answer.recalled or [])

    def _take_refusal(self, cell, answer):
        self.refused.add(cell)
        self.fates[f"refused {answer.status} {answer.body.get('code')}"] += 1
        if answer.status == 410:
            yield from self.end(answer.reason)
        elif answer.status == 404:
            self.ended = "404"

    def end(self, reason):
        if reason not in REASONS:
            yield f"{self.name} is gone for {reason!r}"
        elif self.ended not in ("", reason):
            yield f"{self.name} is gone for {reason!r}, and was for {self.ended!r}"
        self.ended = reason

    def _take_answer(self, cell, answer, together):
        note, recalled = answer.note, answer.recalled
        self.fates[f"{answer.body['status']} {answer.body.get('reason') or ''}".strip()] += 1
        if not note:
            # The front has lost the broker while it ran, and cannot say more; the next answer can.
            self.perhaps.add(cell)
            self.is_unheard = True
            if (answer.body["status"], answer.body.get("reason")) != ("failed", "sandbox"):
                yield f"{cell}: its answer says nothing of the session: {answer}"
            return
        if note["state"] == "gone":
            self.perhaps.add(cell)
            yield from self.end(answer.reason)
            return
        if answer.body["status"] == "failed":
            yield f"{cell}: {answer}, and the session goes on"
        before, self.generation = self.generation, note["generation"]
        is_told = note["state_lost"]
        if self.generation < before or (is_told and self.generation == before and not self.is_unheard):
            yield f"{cell}: generation {self.generation} after {before}: {answer}"
        if self.generation > before and not is_told:
            self.fates["loss told by the generation alone"] += 1
            if not self.is_unheard:
                yield f"{cell}: generation {self.generation} after {before}, and no answer said that the state is lost: {answer}"
            self.bases = [[]]
        self.fates["loss told by state_lost"] += bool(is_told)
        yield from self._remember(cell, answer, recalled, is_told, together)
        self.is_unheard = False

    def _remember(self, cell, answer, recalled, is_told, together):
        """Compare the list with the ledger."""
        if recalled is None:
            if answer.body["status"] == "success":
                yield f"{cell}: it has written no list: {answer}"
            self.perhaps.add(cell)
            self.bases = self.bases if not is_told else [[]]
            return
        bases = [*self.bases, []] if is_told else self.bases
        known = [base for base in bases if recalled[:len(base)] == base]
        if not known:
            yield f"{cell}: it remembers {recalled}, and ought to begin as one of {bases}: {answer}"
        more = recalled[len(max(known, key=len)) if known else 0:]
        if not recalled or recalled[-1] != cell or len(set(recalled)) != len(recalled):
            yield f"{cell}: it remembers {recalled}"
        if strange := set(more) - self.perhaps - together - {cell}:
            yield f"{cell}: it remembers {strange}, refused were {strange & self.refused}: {answer}"
        self.perhaps -= set(more)
        # The state was lost before this cell, or by it.
        self.bases = [recalled] if not is_told else [[], recalled] if recalled[0] == cell else [[]]


class Client(threading.Thread):
    """A client that uses one session after the other until the end."""

    def __init__(self, world, number):
        super().__init__(daemon=True)
        self._world, self._gateway, self._side = world, world.gateway, world.side
        self._dice, self._name = random.Random(number), f"k{number}"
        self._numbers = itertools.count()
        self.ledgers, self.differences = [], []

    def run(self):
        try:
            while not self._world.end.is_set():
                self._have_session()
        except Exception as error:  # an error of this thread would otherwise not be noticed
            self.differences.append(f"{self._name}: {error!r}")

    def _have_session(self):
        answer = ask(self._gateway, "POST", SESSIONS, self._side.session)
        if answer.status != 201:
            if answer.status not in (0, 429, 502, 503, 504):
                self.differences.append(f"{self._name}: {answer} to an opening")
            self._world.fates[f"opening: {answer.status} {answer.body.get('code', '')}"] += 1
            time.sleep(self._side.pause_s)
            return
        ledger, lives = Ledger(answer.body["id"]), self._world.lives.copy()
        self.ledgers.append(ledger)
        for _ in range(CELLS):
            if ledger.ended or self._world.end.is_set():
                break
            self._send(ledger, self._dice.choices([*KINDS], KINDS.values())[0])
        self._see_off(ledger, lives)

    def _send(self, ledger, kind):
        cells = [f"{self._name}-{next(self._numbers)}" for _ in range(STORM if kind == "storm" else 1)]
        if kind == "hang_up":
            self._hang_up(ledger.name, cells[0])
            answers = [Answer()]
        elif kind == "storm":
            with ThreadPoolExecutor(STORM) as pool:
                mores = [self._dice.choice([{}, {"queue_timeout": 5}]) for _ in cells]
                answers = [*pool.map(lambda cell, more: self._ask(ledger.name, cell, "plain", more), cells, mores)]
        else:
            answers = [self._ask(ledger.name, cells[0], kind)]
        self.differences += ledger.take([*zip(cells, answers)])
        if any(answer.status != 200 for answer in answers):
            time.sleep(self._side.pause_s)

    def _ask(self, name, cell, kind, more=()):
        return ask(self._gateway, "POST", f"{SESSIONS}/{name}/executions", {**self._side.cell(cell, kind), **dict(more)})

    def _hang_up(self, name, cell):
        try:
            with self._gateway.client(timeout=PATIENCE_SECONDS) as client:
                client.post(self._side.cell(cell, "slow"), f"{SESSIONS}/{name}/executions")
                time.sleep(self._dice.random() * self._side.pause_s)
        except OSError:
            pass  # the front is away

    def _see_off(self, ledger, lives):
        """Check that an ended session is still reported as ended. Delete a live session, and check that it is reported
        as deleted."""
        path = f"{SESSIONS}/{ledger.name}"
        if not ledger.ended:
            answer = self._until_heard("DELETE", path)
            if answer.status not in (204, 404, 410):
                self.differences.append(f"{ledger.name}: {answer} to its deletion")
        again = self._until_heard("GET", path)
        if again.status == 404:
            # Front and broker have both been killed since: nobody is left who knew it.
            if any(self._world.lives[role] == lives[role] for role in lives):
                self.differences.append(f"{ledger.name} is forgotten, and was {ledger.ended or 'deleted'}")
            ledger.fates["ended: nobody is left who knew it"] += 1
        elif again.status != 410:
            self.differences.append(f"{ledger.name} has ended ({ledger.ended or 'deleted'}): {again}")
        elif ledger.ended != "404":
            self.differences += ledger.end(again.reason)
            ledger.fates[f"ended: {ledger.ended}"] += 1

    def _until_heard(self, method, path):
        """An answer that is no 5xx; faults end before our patience does."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (answer := ask(self._gateway, method, path)).status in (0, 502, 503) and time.monotonic() < deadline:
            time.sleep(self._side.pause_s)
        return answer


class World:
    """A gateway whose front and broker are separate processes, with the number of times that each was killed."""

    def __init__(self, side, gateway):
        self.side, self.gateway = side, gateway
        self.end, self.lives, self.fates = threading.Event(), collections.Counter(front=0, broker=0), collections.Counter()

    def kill(self, role):
        """SIGKILL; a new one is started at once, as an init system would."""
        at = ("broker", "front").index(role)
        process = self.gateway.processes[at]
        self.lives[role] += 1
        process.popen.kill()
        process.wait()
        self.gateway.processes[at] = Process(role, self.gateway.settings)
        if role == "front":
            self.gateway.process = self.gateway.processes[at]

    def disturb(self, told):
        """Each fault in its turn, in an order that is random but repeatable."""
        dice, queue = random.Random(1), []
        while not self.end.wait(self.side.fault_seconds):
            queue = queue or dice.sample(self.side.faults, len(self.side.faults))
            fault = queue.pop()
            if fault in ("front", "broker"):
                self.kill(fault)
            else:
                getattr(self.side, fault)(self, dice)
            told[fault] += 1


def play(side, seconds):
    """The differences found."""
    told = collections.Counter()
    with Gateway(side.docker_host, apart=True, **side.settings) as gateway:
        world = World(side, gateway)
        clients = [Client(world, number) for number in range(CLIENTS)]
        with ThreadPoolExecutor(1) as pool:
            disturber = pool.submit(world.disturb, told)
            for client in clients:
                client.start()
            world.end.wait(seconds)
            world.end.set()
            disturber.result()
        side.heal()
        for client in clients:
            client.join(4 * PATIENCE_SECONDS)
        gateway.wait_health(timeout=90)
        side.settle()
        ledgers = [ledger for client in clients for ledger in client.ledgers]
        differences = [difference for client in clients for difference in client.differences]
        differences += [f"{client.name} does not end" for client in clients if client.is_alive()]
        codes = gateway.stop()
    differences += side.differences(ledgers)
    if codes != [0, 0]:
        differences.append(f"exit codes {codes}")
    tell(ledgers, world.fates, told)
    if not told or not any("success" in ledger.fates for ledger in ledgers):
        differences.append("there was no fault, or no cell that ran")
    return differences


def tell(ledgers, openings, told):
    fates = sum((ledger.fates for ledger in ledgers), openings)
    print(f"{len(ledgers)} sessions; {sum(told.values())} faults: {dict(told)}")
    for fate, count in sorted(fates.items()):
        print(f"{count:7d} {fate}", flush=True)


def main(seconds):
    from session_soak_real import RealSide
    with RealSide() as side:
        differences = play(side, seconds)
    for difference in differences[:20]:
        print(difference)
    print(f"{len(differences)} differences")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1])))
