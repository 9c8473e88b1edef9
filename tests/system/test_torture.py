"""The n-th engine call fails, for every n and in every way: each request still gets exactly one answer, a program never
runs when the answer says that it did not, nothing is left behind, and the gateway recovers."""

import json
import tempfile
from concurrent.futures import ThreadPoolExecutor

import pytest

from crowd import is_sanitized, rss_bytes
from engine import Engine
from faults import FOREVER, close, cut_body, cut_head, drip, garbage, hang, raw, status, warnings
from gateway import BINARY, Gateway

FAULTS = {
    "closed": close(), "closed after": close(after=True), "500": status(500), "404": status(404),
    "409": status(409), "500 after": status(500, after=True), "hang": hang(),
    "hang after": hang(after=True), "cut in the header": cut_head(),
    "cut in the header after": cut_head(after=True), "cut in the body": cut_body(),
    "garbage": garbage(),
}


def said(body, line="200 OK", header="Content-Type: application/json"):
    return raw(f"HTTP/1.1 {line}\r\n{header}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)


OUTLANDISH = {
    "503": status(503, after=True), "a byte now and then": drip(),
    "HTML": said(b"<html>", header="Content-Type: text/html"),
    "JSON cut short": said(b'{"Id":"'), "JSON of 100 MB": said(b'"' + b"x" * (100 << 20) + b'"'),
    "a header of 10 MB": said(b"{}", header="X: " + "y" * (10 << 20)),
    "10 MB of headers": said(b"{}", header="X: y\r\n" * (2 << 20) + "Z: z"),
    "an id with slashes": said(b'{"Id":"' + b"../" * 21 + b'a","Warnings":[]}', "201 Created"),
    "an id of 10 KB": said(b'{"Id":"' + b"a" * 10240 + b'","Warnings":[]}', "201 Created"),
    "a status of letters": said(b"{}", "abc"), "a status of 999": said(b"{}", "999 Odd"),
}
KINDS = ("version", "info", "image", "list", "create", "attach", "start", "delete", "inspect")
BROKER_GROWTH_BYTES = 64 << 20
STARTUP_CALLS = 13  # version, info, image, list, the canary's box and the first, with one to spare
ROUND_CALLS = 9    # two boxes: create, attach, start, delete, with one to spare
PARALLEL = 8
SWEPT_S = 60       # two of the reaper's sweeps: what an engine makes later than any patience is theirs


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


def play_outlandish(fault):
    """Every kind of call meets it, while runs come."""
    def play(engine):
        with Gateway(**settings(engine)) as gateway:
            broker = gateway.pids()["broker"]
            held = rss_bytes(broker)
            for kind in KINDS:
                engine.script(kind, fault)
            for number in range(3):
                one_answer(gateway, engine, f"warm {number}")
                one_answer(gateway, engine, f"cold {number}", limits={"pids": 30})
            gateway.wait_health(200, "/health")
            engine.wait(lambda: len(engine.ready()) == 1 and len(engine.managed()) == 1, "one box, ready", SWEPT_S)
            assert one_answer(gateway, engine, "after all") == 200
            assert is_sanitized(BINARY) or rss_bytes(broker, "VmHWM") - held < BROKER_GROWTH_BYTES
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


def test_outlandish_answers():
    in_parallel(play_outlandish, [(fault,) for fault in OUTLANDISH.values()])


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
