"""Front or broker is killed at every step of a run while the other stands still: nothing runs twice, and no program ran
whose client got 429 or 5xx."""

import json
import os
import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from faults import FOREVER, Boot
from gateway import Process

MIB = 1 << 20
SEEDS = 6
CROWD = 24
FILL = "x" * (MIB // 2)  # more than the socket between front and broker holds


def ask(gateway, name, **directive):
    """(HTTP status, answer); (0, None) when the connection ended first. The name finds the run in the engine's record."""
    try:
        with gateway.client(120) as client:
            response = client.post({"code": json.dumps({"name": name, **directive}), "timeout": 30}).receive()
            return response.status, response.json()
    except OSError:
        return 0, None


def runs_of(engine, name):
    return [run for run in list(engine.runs) if json.loads(run.job.source).get("name") == name]


def passed_on(engine, name):
    """Wait until the broker has had the run's END: only then does it remove the box."""
    box = runs_of(engine, name)[0].box
    engine.wait(lambda: [call for call in engine.calls("delete") if call.subject == box], f"the end of {name}", 30)


def stop(pid):
    os.kill(pid, signal.SIGSTOP)


def go_on(pid):
    os.kill(pid, signal.SIGCONT)


def kill(process):
    process.popen.kill()
    process.wait()


def expect_kept_promises(engine, answers):
    for name, (status, answer) in answers.items():
        count = len(runs_of(engine, name))
        assert count <= 1, f"{name} ran {count} times"
        if status in (429, 503):
            assert count == 0, f"{name} was told {status} {answer}, and ran"
        else:
            assert status in (0, 200), (name, status, answer)


class Scene:
    """Front and broker apart, and requests under way."""

    def __init__(self, engine, start, **settings):
        self.engine = engine
        self.gateway = start(apart=True, MAYFLY_MAX_TIMEOUT_MS=60000, **settings)
        self.broker, self.front = self.gateway.processes
        self.pool = ThreadPoolExecutor(CROWD)
        self.asked = {}

    def ask(self, name, **directive):
        self.asked[name] = self.pool.submit(ask, self.gateway, name, **directive)

    def ran(self, name, end=None):
        """Wait until the run has reached its init, or has ended so."""
        self.engine.wait(lambda: [run for run in runs_of(self.engine, name) if end in (None, run.end)],
                         f"{name} in its box", 30)

    def waiting(self, count):
        self.gateway.wait_metrics(lambda seen: seen.value("mayfly_runs_waiting") == count)

    def answers(self):
        answers = {name: future.result() for name, future in self.asked.items()}
        self.pool.shutdown()
        expect_kept_promises(self.engine, answers)
        return {name: (status, answer and answer.get("status")) for name, (status, answer) in answers.items()}

    def restart_broker(self):
        self.broker = Process("broker", self.gateway.settings)
        self.gateway.processes[0] = self.broker


@pytest.fixture
def scene(engine, start):
    def make(**settings):
        return Scene(engine, start, **settings)
    yield make
    engine.heal()


def end(scene):
    """A new broker serves the front. What the dead one's boxes have left is the reaper's, in time."""
    scene.restart_broker()
    scene.gateway.wait_health(200)
    assert ask(scene.gateway, "after all")[0] == 200
    scene.gateway.stop()
    scene.engine.containers.clear()


def test_the_broker_dies_while_a_run_waits(scene, engine):
    here = scene(MAYFLY_WARM=0)
    engine.script("boot", Boot(ready=False), count=FOREVER)
    here.ask("waits")
    here.waiting(1)
    stop(here.front.pid)
    kill(here.broker)
    go_on(here.front.pid)
    assert here.answers() == {"waits": (503, 503)}
    engine.heal()
    end(here)


def test_the_broker_dies_when_the_job_has_gone_in(scene, engine):
    """PAIRED stands in the front's socket, unread."""
    here = scene(MAYFLY_WARM=0)
    engine.script("boot", Boot(gate="boot"), count=FOREVER)
    here.ask("begins", gate="never")
    here.waiting(1)
    stop(here.front.pid)
    engine.open("boot")
    here.ran("begins")
    kill(here.broker)
    go_on(here.front.pid)
    assert here.answers() == {"begins": (200, "failed")}
    engine.heal()
    end(here)


def stop_behind_a_full_socket(scene, engine):
    """A scene whose front is stopped, its socket full of one run's output, and a box is ready for another run, "late"."""
    here = scene(MAYFLY_WARM=0, MAYFLY_MAX_BOXES=4)
    here.ask("fills", gate="fill", late_stdout=FILL)
    here.ran("fills")
    engine.script("boot", Boot(gate="boot"), count=FOREVER)
    here.ask("late")
    here.waiting(1)
    stop(here.front.pid)
    engine.open("fill")
    passed_on(engine, "fills")
    engine.open("boot")
    engine.wait(lambda: engine.ready(), "a box for it", 30)
    return here


def test_the_broker_dies_while_paired_waits_for_the_front(scene, engine):
    """The socket is full of another run's output: no further job goes into a box."""
    here = stop_behind_a_full_socket(scene, engine)
    time.sleep(1)  # the broker would have sent the job long ago
    kill(here.broker)
    go_on(here.front.pid)
    answers = here.answers()
    assert answers["late"] == (503, 503) and answers["fills"][0] == 200, answers
    engine.heal()
    end(here)


def test_a_run_whose_front_reads_again_begins(scene, engine):
    here = stop_behind_a_full_socket(scene, engine)
    go_on(here.front.pid)
    assert here.answers() == {"fills": (200, "success"), "late": (200, "success")}
    assert here.gateway.stop() == [0, 0]


@pytest.mark.parametrize("serve", [False, True])
def test_the_broker_dies_after_the_end_was_written(engine, start, serve):
    """END stands in the front's socket: the answer is what the program did."""
    gateway = start(apart=not serve)
    pids = gateway.pids()
    with gateway.client(60) as client:
        client.post({"code": json.dumps({"name": "ends", "gate": "end", "exit": 3})})
        engine.wait(lambda: runs_of(engine, "ends"), "the run in its box")
        stop(pids["front"])
        engine.open("end")
        passed_on(engine, "ends")
        os.kill(pids["broker"], signal.SIGKILL)
        go_on(pids["front"])
        answer = client.receive()
    assert answer.status == 200 and answer.json()["return_code"] == 3, answer
    for process in gateway.processes:
        process.stop()
    engine.containers.clear()


@pytest.mark.parametrize("warm", [0, 2])
def test_the_front_dies_while_the_broker_stands_still(scene, engine, warm):
    """Its runs are in the broker's socket, waiting, and in their boxes: none of them runs on or twice."""
    here = scene(MAYFLY_WARM=warm)
    if warm:
        here.ask("runs", gate="never")
        here.ran("runs")
    else:
        engine.script("boot", Boot(ready=False), count=FOREVER)
        here.ask("waits")
        here.waiting(1)
    stop(here.broker.pid)
    here.ask("sent", gate="never")
    kill(here.front)
    go_on(here.broker.pid)
    answers = here.answers()
    assert {status for status, _ in answers.values()} == {0}
    engine.heal()
    engine.wait(lambda: all(run.end for run in engine.runs), "no program runs on", 30)
    assert here.broker.stop() == 0
    engine.wait(lambda: not engine.managed(), "no box is left", 30)


def crowd(here, luck):
    for number in range(CROWD):
        directive = luck.choice([{}, {"late_stdout": FILL}, {"sleep_ms": luck.randrange(300)},
                                 {"sleep_ms": luck.randrange(300), "late_stdout": FILL}])
        here.ask(f"{number}", **directive)


def wait_for_some(engine, count):
    engine.wait(lambda: len(engine.runs) >= count, f"{count} runs", 60)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_the_broker_is_killed_at_any_moment_while_the_front_stands_still(scene, engine, seed):
    luck = random.Random(seed)
    here = scene(MAYFLY_WARM=2, MAYFLY_MAX_BOXES=6)
    crowd(here, luck)
    wait_for_some(engine, luck.randrange(1, CROWD // 2))
    stop(here.front.pid)
    time.sleep(luck.random())
    kill(here.broker)
    go_on(here.front.pid)
    here.answers()
    end(here)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_the_front_is_killed_at_any_moment_while_the_broker_stands_still(scene, engine, seed):
    luck = random.Random(seed)
    here = scene(MAYFLY_WARM=2, MAYFLY_MAX_BOXES=6)
    crowd(here, luck)
    wait_for_some(engine, luck.randrange(1, CROWD // 2))
    stop(here.broker.pid)
    time.sleep(luck.random())
    kill(here.front)
    go_on(here.broker.pid)
    here.answers()
    engine.wait(lambda: all(run.end for run in engine.runs), "no program runs on", 30)
    assert here.broker.stop() == 0
