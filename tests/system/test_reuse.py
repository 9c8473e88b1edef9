"""Several runs of one owner in one box: the runs that may use it, and the causes of its end."""

import collections
import json
import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import faults
import pytest

from gateway import Process
from helpers import bearer, entry, gated, running, settled, until

SHARED = {"MAYFLY_BOX_RUNS": 100, "MAYFLY_WARM": 1, "MAYFLY_MAX_BOXES": 8}


def kept(engine, count):
    engine.wait(lambda: len(engine.kept()) == count, f"{count} boxes kept")


def known(engine, gateway, kept_count, fresh=0, key=None):
    """Wait until so many boxes are kept and at least so many fresh ones are ready, and the broker knows it: it hears of each
    box a moment after the engine, and tells its numbers once a second."""
    engine.wait(lambda: len(engine.kept()) == kept_count and len(engine.ready()) >= fresh,
                f"{kept_count} boxes kept, {fresh} fresh ones")
    begun = time.monotonic()

    def is_told():
        asked = time.monotonic()
        found = gateway.metrics([bearer(key)] if key else [])
        return (asked - found.sum("mayfly_status_age_seconds") > begun
                and found.sum("mayfly_boxes_kept") == kept_count
                and found.sum("mayfly_boxes", state="ready") >= kept_count + fresh)
    until(is_told, f"the broker knows {kept_count} kept boxes, {fresh} fresh ones")


def boxes_of(engine):
    return [run.box for run in engine.runs]


def reasons(gateway):
    return [event["error"] for event in gateway.events("box_retired")]


def retired(gateway, *wanted):
    """Wait until as many boxes are retired, for these reasons."""
    until(lambda: len(reasons(gateway)) >= len(wanted), f"{wanted}: {reasons(gateway)}")
    assert sorted(reasons(gateway)) == sorted(wanted)


def ask(gateway, directive, key=None, **fields):
    """The answer to one request with this key."""
    headers = [bearer(key)] if key else []
    with gateway.post({"code": json.dumps(directive), **fields}, headers=headers) as client:
        response = client.receive()
    assert response.status == 200, response.body
    return response.json()


# ---- who may have it ----

def test_by_default_each_run_has_a_container_of_its_own(engine, start):
    gateway = start(MAYFLY_WARM=1)
    for _ in range(5):
        assert ask(gateway, {})["start"] != "reused"
    assert len(set(boxes_of(engine))) == 5
    assert not any(run.job.keeps_box for run in engine.runs)
    assert not gateway.events("box_retired")


def test_a_box_serves_as_many_runs_as_it_may(engine, start):
    gateway = start(**SHARED | {"MAYFLY_BOX_RUNS": 3})
    known(engine, gateway, 0, fresh=1)
    starts = []
    for number in range(6):
        starts.append(ask(gateway, {})["start"])
        known(engine, gateway, 0 if number % 3 == 2 else 1, fresh=1)
    assert starts == ["warm", "reused", "reused"] * 2
    first, second = boxes_of(engine)[0], boxes_of(engine)[3]
    assert boxes_of(engine) == [first] * 3 + [second] * 3 and first != second
    assert [run.job.keeps_box for run in engine.runs] == [True, True, False] * 2
    retired(gateway, "number", "number")
    assert {event["runs"] for event in gateway.events("box_retired")} == {3}
    metrics = gateway.wait_metrics(lambda found: found.sum("mayfly_boxes_retired_total") == 2)
    assert metrics.value("mayfly_boxes_retired_total", reason="number") == 2
    assert metrics.sum("mayfly_box_resets_total") == metrics.value("mayfly_box_reset_duration_seconds_count") == 4
    assert metrics.value("mayfly_run_starts_total", runtime="python", start="reused") == 4
    assert metrics.value("mayfly_run_queue_duration_seconds_count", start="reused") == 4
    assert metrics.value("mayfly_run_overhead_seconds_count", start="reused") == 4


def test_kept_boxes_are_counted_apart(engine, start):
    gateway = start(**SHARED)
    ask(gateway, {})
    kept(engine, 1)
    gateway.wait_metrics(lambda found: found.sum("mayfly_boxes_kept") == 1
                         and found.value("mayfly_boxes", state="ready") == 2)
    listed = gateway.request("GET", "/api/v1/runtimes").json()["runtimes"]
    assert listed[0]["warm"] == 1, "a kept box is ready for nobody else"


def test_a_run_with_a_container_of_its_own_shares_none(engine, start):
    gateway = start(**SHARED)
    ask(gateway, {})
    known(engine, gateway, 1, fresh=1)
    assert ask(gateway, {}, isolation="container")["start"] == "warm"
    assert ask(gateway, {}, isolation="auto")["start"] == "reused"
    first, own, last = engine.runs
    assert first.box == last.box != own.box
    assert not own.job.keeps_box
    settled_boxes = {box.name for box in engine.kept()}
    assert own.box not in settled_boxes


@pytest.mark.parametrize("value", ["key", "", None, 1, ["container"]])
def test_a_wrong_isolation_is_named(shared, value):
    with shared.post({"code": "1", "isolation": value}) as client:
        answer = client.receive()
    assert answer.status == 422
    assert answer.json()["errors"][0]["field"] == "isolation"


def test_the_isolation_is_part_of_what_an_idempotency_key_stands_for(shared):
    def post(**fields):
        with shared.post({"code": "1", **fields}, headers=[("idempotency-key", "of-isolation")]) as client:
            return client.receive().status
    assert post(isolation="container") == 200
    assert post(isolation="container") == 200
    assert post() == 422


def test_a_key_may_allow_itself_more_or_less_than_the_gateway(engine, start, keys_file):
    for default, own, used in ((1, {"box_runs": 2}, True), (5, {"box_runs": 1}, False), (5, {}, True), (1, {}, False)):
        gateway = start(**SHARED | {"MAYFLY_BOX_RUNS": default}, MAYFLY_KEYS_FILE=keys_file(entry("a", **own)))
        ask(gateway, {}, "a")
        known(engine, gateway, int(used), fresh=1, key="a")
        assert (ask(gateway, {}, "a")["start"] == "reused") == used, (default, own)
        gateway.stop()


def test_a_box_is_one_owner_s(engine, start, keys_file):
    gateway = start(**SHARED, MAYFLY_KEYS_FILE=keys_file(entry("a"), entry("b"), entry("ab")))
    for key in ("a", "b", "ab"):
        assert json.loads(ask(gateway, {"leave": key, "look": True}, key)["stdout"]) == []
        engine.wait(engine.ready, "a fresh box")
    known(engine, gateway, 3, key="a")
    for key in ("b", "ab", "a"):
        answer = ask(gateway, {"look": True}, key)
        assert (answer["start"], json.loads(answer["stdout"])) == ("reused", [key])
        known(engine, gateway, 3, key="a")


def test_a_client_cannot_say_whose_it_is(engine, start, keys_file):
    gateway = start(**SHARED, MAYFLY_KEYS_FILE=keys_file(entry("a"), entry("b")))
    ask(gateway, {}, "a")
    known(engine, gateway, 1, key="a")
    for field in ({"owner": "a"}, {"key": "a"}, {"box_runs": 2}):
        with gateway.post({"code": "1", **field}, headers=[bearer("b")]) as client:
            assert client.receive().status == 422
    assert ask(gateway, {}, "b")["start"] != "reused"
    assert [run.job.owner for run in engine.runs] == ["a", "b"]


def test_no_run_of_a_walk_finds_what_another_owner_has_left(engine, start, keys_file):
    """Each program leaves its owner's name in its box, and looks for those of others. Some end in bad ways."""
    owners = ["a", "b", "c", "d"]
    ends = [{}, {}, {}, {"exit": 1}, {"signal": 11}, {"oom": True}, {"reset": "dirty"}, {"reset": "die"},
            {"lose": "after_started"}, {"sleep_ms": 5}, {"flood_bytes": 3000}]
    gateway = start(**SHARED | {"MAYFLY_BOX_RUNS": 6, "MAYFLY_WARM": 2, "MAYFLY_PARALLEL_STARTS": 4},
                    MAYFLY_KEYS_FILE=keys_file(*map(entry, owners)))

    def play(number):
        dice = random.Random(number)
        found = collections.Counter()
        for _ in range(60):
            owner = dice.choice(owners)
            fields = {"isolation": "container"} if dice.random() < 0.1 else {}
            if dice.random() < 0.2:
                fields["limits"] = {"pids": 20}
            directive = {"leave": owner, "look": True, **dice.choice(ends)}
            body = {"code": json.dumps(directive), "limits": {}, **fields}
            body["limits"] |= {"output_bytes": 2000}
            with gateway.post(body, headers=[bearer(owner)]) as client:
                if dice.random() < 0.05:
                    continue  # it hangs up
                answer = client.receive().json()
            if answer.get("stdout", "").startswith("["):
                left = json.loads(answer["stdout"].partition("]")[0] + "]")
                assert set(left) <= {owner}, f"{owner} found {left}"
                assert bool(left) == (answer["start"] == "reused")
                assert not (left and "isolation" in fields)
                found[answer["start"]] += 1
        return found

    with ThreadPoolExecutor(6) as pool:
        starts = sum(pool.map(play, range(6)), collections.Counter())
    assert starts["reused"] > 30, starts
    for box in collections.defaultdict(set, _owners_by_box(engine)).values():
        assert len(box) == 1


def _owners_by_box(engine):
    owners = collections.defaultdict(set)
    for run in engine.runs:
        owners[run.box].add(run.job.owner)
    return owners


# ---- until when ----

def test_nobody_waits_for_the_reset(engine, start):
    gateway = start(**SHARED)
    answer = ask(gateway, {"stdout": "x", "reset_gate": "clean"})
    assert answer["stdout"] == "x"
    gateway.wait_metrics(lambda found: found.value("mayfly_boxes", state="resetting") == 1)
    engine.open("clean")
    gateway.wait_metrics(lambda found: found.sum("mayfly_boxes_kept") == 1)


def test_a_run_waits_for_its_owner_s_reset_rather_than_for_a_start(engine, start):
    gateway = start(**SHARED | {"MAYFLY_WARM": 0})
    ask(gateway, {"reset_gate": "clean"})
    creates = len(engine.calls("create"))
    with gateway.post({"code": "{}"}) as client:
        gateway.wait_metrics(lambda found: found.sum("mayfly_runs_waiting") == 1)
        engine.open("clean")
        assert client.receive().json()["start"] == "reused"
    assert len(engine.calls("create")) == creates


@pytest.mark.parametrize("setting, reason", [({"MAYFLY_BOX_IDLE_MS": 300}, "idle"),
                                             ({"MAYFLY_BOX_AGE_MS": 3000}, "age")])
def test_a_box_waits_so_long_only(engine, start, setting, reason):
    gateway = start(**SHARED | {"MAYFLY_WARM": 0}, **setting)
    ask(gateway, {})
    retired(gateway, reason)
    settled(engine, 0)
    gateway.wait_metrics(lambda found: found.sum("mayfly_box_resets_total") == 1)
    assert not gateway.events("box_left")


@pytest.mark.parametrize("directive, fields, reason", [
    ({"sleep_ms": 60000}, {"timeout": 0.2}, "timeout"), ({"signal": 11}, {}, "signal"), ({"oom": True}, {}, "oom"),
    ({"cpu_time": True}, {"limits": {"cpu_time": 1}}, "cpu_time"),
    ({"flood_bytes": 2000}, {"limits": {"output_bytes": 1000}}, "output"),
    ({"pids_refused": 1}, {}, "limit"), ({"inodes_limit": 9}, {}, "limit"), ({"room_bytes": 9}, {}, "limit"),
    ({"lose": "after_started"}, {}, "lost"), ({"lose_at_end": "oom"}, {}, "oom"), ({"wire": "garbage"}, {}, "lost"),
    ({"reset": "dirty"}, {}, "unclean"), ({"reset": "die"}, {}, "lost"), ({"reset": "garbage"}, {}, "lost"),
    ({"reset": "another_run"}, {}, "lost"), ({"reset": "empty_end"}, {}, "lost"), ({"reset": "twice"}, {}, "lost"),
    ({"reset": "silent"}, {}, "late"),
])
def test_an_end_that_is_not_good_is_the_box_s(engine, start, directive, fields, reason):
    """Init says READY after each of these ends, as one would that has been taken over."""
    gateway = start(**SHARED)
    ask(gateway, directive, **fields)
    engine.wait(lambda: not engine.kept(), "the box is gone")
    retired(gateway, reason)
    if directive.get("reset") == "dirty":
        assert gateway.events("box_retired")[0]["detail"] == "processes"
    known(engine, gateway, 0, fresh=1)
    assert ask(gateway, {})["start"] == "warm"
    gateway.wait_health(200)


def test_an_exit_code_is_no_reason_to_give_a_box_up(engine, start):
    gateway = start(**SHARED)
    assert ask(gateway, {"exit": 3})["return_code"] == 3
    known(engine, gateway, 1)
    assert ask(gateway, {})["start"] == "reused"


def test_a_hang_up_retires_the_box(engine, start):
    gateway = start(**SHARED)
    ask(gateway, {})
    known(engine, gateway, 1)
    client = gateway.post(gated("never"))
    running(engine, 1)
    assert engine.runs[0].box == engine.runs[1].box
    client.hang_up()
    retired(gateway, "canceled")
    kept(engine, 0)


def test_a_hang_up_after_the_end_does_not(engine, start):
    gateway = start(**SHARED)
    client = gateway.post({"code": json.dumps({"reset_gate": "clean"})})
    client.receive()
    client.hang_up()
    engine.open("clean")
    gateway.wait_metrics(lambda found: found.sum("mayfly_boxes_kept") == 1)
    assert ask(gateway, {})["start"] == "reused"


# ---- others need its place ----

def test_an_idle_box_gives_way_to_another_owner_s_run(engine, start, keys_file):
    gateway = start(**SHARED | {"MAYFLY_WARM": 0, "MAYFLY_MAX_BOXES": 2},
                    MAYFLY_KEYS_FILE=keys_file(entry("a"), entry("b")))
    with gateway.post(gated("later"), headers=[bearer("a")]) as later, \
            gateway.post(gated("first"), headers=[bearer("a")]) as first:
        running(engine, 2)
        engine.open("first")
        assert first.receive().status == 200
        known(engine, gateway, 1, key="a")
        (longest_idle,) = engine.kept()
        engine.open("later")
        assert later.receive().status == 200
    known(engine, gateway, 2, key="a")
    answer = ask(gateway, {}, "b")
    assert answer["start"] == "cold"
    retired(gateway, "evicted")
    (event,) = gateway.events("box_retired")
    assert event["box"] == longest_idle.name
    assert ask(gateway, {}, "a")["start"] == "reused"


def test_an_owner_with_many_boxes_and_runs_does_not_starve_another(engine, start, keys_file):
    gateway = start(**SHARED | {"MAYFLY_WARM": 0, "MAYFLY_MAX_BOXES": 2},
                    MAYFLY_KEYS_FILE=keys_file(entry("crowd"), entry("other")))

    def crowd(_):
        for _ in range(25):
            ask(gateway, {"sleep_ms": 5}, "crowd")

    with ThreadPoolExecutor(8) as pool:
        crowds = [pool.submit(crowd, number) for number in range(8)]
        engine.wait(lambda: len(engine.runs) > 20, "the crowd runs")
        before = len(engine.runs)
        ask(gateway, {}, "other")
        served = [run.job.owner for run in engine.runs[before:]].index("other")
        for each in crowds:
            each.result()
    assert served < 60, f"{served} runs of the crowd came before"
    assert sum(run.job.owner == "crowd" for run in engine.runs) == 200


def test_kept_boxes_leave_room_for_warm_ones(engine, start):
    gateway = start(**SHARED | {"MAYFLY_WARM": 2, "MAYFLY_MAX_BOXES": 4})
    settled(engine, 2)
    clients = [gateway.post(gated("all")) for _ in range(4)]
    running(engine, 4)
    engine.open("all")
    for client in clients:
        assert client.receive().status == 200
        client.close()
    engine.wait(lambda: len(engine.ready()) == 2 and len(engine.kept()) == 2, "two of each")
    retired(gateway, "evicted", "evicted")


# ---- trouble ----

def test_a_lost_engine_takes_every_kept_box_along(engine, start):
    gateway = start(**SHARED)
    ask(gateway, {})
    known(engine, gateway, 1)
    before = set(boxes_of(engine))
    engine.stop()
    gateway.wait_health(503)
    engine.start()
    gateway.wait_health(200)
    known(engine, gateway, 0, fresh=1)
    assert ask(gateway, {})["start"] == "warm"
    assert engine.runs[-1].box not in before
    assert set(reasons(gateway)) <= {"lost", "engine"} and len(reasons(gateway)) == 1


def test_a_sandbox_that_fails_its_test_keeps_no_box(engine, start):
    gateway = start(**SHARED, MAYFLY_CANARY_S=1)
    ask(gateway, {})
    known(engine, gateway, 1)
    engine.canary = {"network interfaces": "eth0 lo"}
    gateway.wait_health(503, timeout=30)
    kept(engine, 0)
    retired(gateway, "engine")


def test_a_front_that_is_replaced_finds_its_owners_boxes(engine, start):
    gateway = start(**SHARED, apart=True)
    ask(gateway, {})
    known(engine, gateway, 1)
    with gateway.post(gated("never", stdout="x")):
        running(engine, 1)
        known(engine, gateway, 0, fresh=1)
        with gateway.post({"code": json.dumps({"sleep_ms": 1})}) as other:
            assert other.receive().json()["start"] == "warm"
        known(engine, gateway, 1)
        gateway.processes[1].stop(signal.SIGKILL)
        retired(gateway, "canceled")
    gateway.processes[1] = gateway.process = Process("front", gateway.settings)
    gateway.wait_health(200)
    assert ask(gateway, {})["start"] == "reused"


@pytest.mark.parametrize("kind", ["delete", "any"])
def test_engine_faults_leave_no_box_behind(engine, start, kind):
    gateway = start(**SHARED | {"MAYFLY_BOX_RUNS": 2}, MAYFLY_ENGINE_TIMEOUT_MS=1000)
    engine.script(kind, faults.status(500), nth=2, count=3)
    for _ in range(10):
        gateway.execute({})
    engine.heal()
    gateway.wait_health(200)
    assert gateway.stop() == [0]
    assert not engine.managed()


def test_a_stop_removes_what_is_kept(engine, start):
    gateway = start(**SHARED, apart=True)
    broker = gateway.processes[0]
    known(engine, gateway, 0, fresh=1)
    with gateway.post(gated("last")) as client:
        running(engine, 1)
        ask(gateway, {})
        known(engine, gateway, 1)
        broker.popen.terminate()
        kept(engine, 0)
        engine.open("last")
        assert client.receive().json()["start"] == "warm"
    assert broker.wait() == 0
    assert reasons(gateway) == ["stopped", "stopped"]
    assert not engine.managed()
