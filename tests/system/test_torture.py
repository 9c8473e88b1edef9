"""The n-th engine call fails, for every n and in every way: each request still gets exactly one answer, a program never
runs when the answer says that it did not, nothing is left behind, and the gateway recovers."""

import json
import tempfile
from concurrent.futures import ThreadPoolExecutor

import pytest

from engine import Engine
from faults import FOREVER, close, cut_body, cut_head, garbage, hang, status, warnings
from gateway import Gateway

FAULTS = {
    "closed": close(), "closed after": close(after=True), "500": status(500), "404": status(404),
    "409": status(409), "500 after": status(500, after=True), "hang": hang(),
    "hang after": hang(after=True), "cut in the header": cut_head(),
    "cut in the header after": cut_head(after=True), "cut in the body": cut_body(),
    "garbage": garbage(),
}
STARTUP_CALLS = 13  # version, info, image, list, the canary's box and the first, with one to spare
ROUND_CALLS = 9    # two boxes: create, attach, start, delete, with one to spare
PARALLEL = 8


def one_answer(gateway, engine, marker, **fields):
    """Run a program once, and hold the answer against what the engine has seen of it."""
    code = json.dumps({"stdout": marker})
    with gateway.post({"code": code, "timeout": 5, **fields}) as client:
        response = client.receive()
        client.send("GET", "/livez")
        assert client.receive().status == 200, "one answer, and the connection lives on"
    answer = response.json()
    runs = [run for run in engine.runs if run.job.source == code.encode()]
    assert len(runs) <= 1, "a program runs once at most"
    if response.status == 200:
        assert len(runs) == 1
        assert answer["status"] == "failed" or answer["stdout"] == marker, answer
    else:
        assert response.status == 503 and not runs, (response, runs)
    return response.status


def scene(play):
    """Play with an engine and a folder of its own; in the end nothing may be left."""
    with tempfile.TemporaryDirectory(prefix="mayfly-engine-") as folder, \
            Engine(f"{folder}/docker.sock") as engine:
        play(engine)
        engine.heal()
        engine.wait(lambda: not engine.managed(), "no container is left")


def settings(engine):
    return {"docker_host": f"unix://{engine.path}", "MAYFLY_WARM": 1, "MAYFLY_PARALLEL_STARTS": 1,
            "MAYFLY_ENGINE_TIMEOUT_MS": 1000, "MAYFLY_QUEUE_TIMEOUT_MS": 8000}


def play_startup(fault, nth):
    def play(engine):
        engine.script("any", fault, nth=nth)
        with Gateway(**settings(engine)) as gateway:
            assert one_answer(gateway, engine, f"startup {nth}") == 200
            engine.wait(lambda: len(engine.ready()) == 1 and len(engine.managed()) == 1,
                        f"one box, ready, after call {nth} failed")
            assert gateway.stop() == [0]
    scene(play)


def play_rounds(fault):
    def play(engine):
        with Gateway(**settings(engine)) as gateway:
            for nth in range(1, ROUND_CALLS + 1):
                engine.script("any", fault, nth=nth)
                one_answer(gateway, engine, f"warm {nth}")
                one_answer(gateway, engine, f"cold {nth}", limits={"pids": 30})
                gateway.wait_health(200, "/health")
                engine.wait(lambda: len(engine.ready()) == 1 and len(engine.managed()) == 1,
                            f"one box, ready, after call {nth} failed")
                engine.heal()
            assert one_answer(gateway, engine, "after all") == 200
            assert gateway.stop() == [0]
    scene(play)


def play_outage(fault):
    """Every call fails for a while."""
    def play(engine):
        with Gateway(**settings(engine)) as gateway:
            engine.script("any", fault, count=FOREVER)
            for number in range(3):
                one_answer(gateway, engine, f"outage {number}")
            engine.heal()
            gateway.wait_health(200, "/health")
            assert one_answer(gateway, engine, "after all") == 200
            assert gateway.stop() == [0]
    scene(play)


def in_parallel(play, arguments):
    with ThreadPoolExecutor(PARALLEL) as pool:
        for future in [pool.submit(play, *each) for each in arguments]:
            future.result()


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_the_nth_call_at_startup(fault):
    in_parallel(play_startup, [(fault, nth) for nth in range(1, STARTUP_CALLS + 1)])


def test_the_nth_call_while_runs_come():
    in_parallel(play_rounds, [(fault,) for fault in FAULTS.values()])


def test_every_call_for_a_while():
    in_parallel(play_outage, [(fault,) for fault in FAULTS.values()])


def test_the_nth_create_brings_a_warning():
    def play(engine):
        with Gateway(**settings(engine)) as gateway:
            for nth in range(1, 4):
                engine.script("create", warnings("limit discarded"), nth=nth)
                for number in range(3):
                    one_answer(gateway, engine, f"{nth} {number}")
                gateway.wait_health(200, "/health")
                engine.heal()
    scene(play)


def test_a_storm():
    """Many clients at once while the engine fails again and again; some hang up."""
    def play(engine):
        with Gateway(**settings(engine) | {"MAYFLY_WARM": 6, "MAYFLY_PARALLEL_STARTS": 3}) as gateway:
            for number, fault in enumerate(FAULTS.values()):
                engine.script("any", fault, nth=5 + 11 * number)
            with ThreadPoolExecutor(PARALLEL) as pool:
                jobs = [pool.submit(_client, gateway, engine, number) for number in range(PARALLEL)]
                answers = [answer for job in jobs for answer in job.result()]
            assert len(answers) == PARALLEL * 20 and answers.count(200) >= PARALLEL
            engine.heal()
            engine.wait(lambda: len(engine.ready()) == 6 and len(engine.managed()) == 6, "all ready")
            assert gateway.stop() == [0]
    scene(play)


def _client(gateway, engine, number):
    answers = []
    for turn in range(20):
        if turn % 5 == 4:
            gateway.post({"code": json.dumps({"gate": "never"})}).hang_up()
        answers.append(one_answer(gateway, engine, f"storm {number} {turn}"))
        if answers[-1] == 503:
            gateway.wait_health(200, "/health")
    return answers
