"""The self-test of the sandbox: no run is served before it has passed, or after it has failed."""

import json
import subprocess

import pytest

from faults import FOREVER, status
from gateway import BINARY
from helpers import settled, until

FAILED = "the sandbox's self-test failed in runtime python: network interfaces"
WEAK = {"network interfaces": "eth0 lo"}
OTHER = {"mount points": "/ /box /dev /dev/mqueue /dev/pts /dev/shm /proc /sys /tmp"}  # as Docker 28 makes it


def reason(gateway):
    return gateway.request("GET", "/health").body.decode()


def is_refused(engine, gateway):
    status_, answer = gateway.execute({})
    assert (status_, engine.runs) == (503, []), answer
    return answer["detail"]


def test_nobody_is_served_from_a_box_that_is_not_as_promised(engine, start):
    engine.canary = WEAK
    gateway = start(wait_ready=False)
    gateway.wait_health(503, text=FAILED)
    assert FAILED in is_refused(engine, gateway)
    gateway.process.wait_line('"canary_failed"')
    failed = gateway.events("canary_failed")[0]
    assert (failed["check"], failed["expected"], failed["seen"]) == ("network interfaces", "lo", "eth0 lo")
    engine.canary = {}
    gateway.wait_health(200)
    assert gateway.execute({})[0] == 200


def test_what_is_other_and_no_weaker_is_served_and_logged_once(engine, start):
    engine.canary = OTHER
    gateway = start(MAYFLY_CANARY_S=1)
    assert gateway.execute({})[0] == 200
    until(lambda: len(gateway.events("canary_passed")) == 3, "three canaries have passed")
    (event,) = gateway.events("canary_differs")
    assert (event["check"], event["seen"], event["level"]) == ("mount points", OTHER["mount points"], "warning")
    engine.canary = OTHER | {"devices": "null random urandom zero"}
    gateway.process.wait_line('"check":"devices"')
    engine.canary = OTHER | WEAK
    gateway.wait_health(503, text=FAILED)


def test_each_runtime_is_looked_at(engine, start):
    engine.add_image("other:latest")
    engine.canary = WEAK | {"image": "other:latest"}
    gateway = start(wait_ready=False, MAYFLY_RUNTIMES="python=mayfly-python:latest,other=other:latest", MAYFLY_WARM=1)
    gateway.wait_health(503, text="the sandbox's self-test failed in runtime other: network interfaces")
    is_refused(engine, gateway)
    gateway.process.wait_line('"canary_failed"')
    assert [event["runtime"] for event in gateway.events("canary_passed")] == ["python"]
    assert {event["runtime"] for event in gateway.events("canary_failed")} == {"other"}
    engine.canary = {}
    gateway.wait_health(200)
    assert gateway.execute({})[0] == 200


def test_a_failed_self_test_is_repeated_with_back_off(engine, start):
    engine.canary = WEAK
    gateway = start(wait_ready=False)
    until(lambda: len(gateway.events("canary_failed")) == 3, "three canaries have failed")
    first, second, third = (run.begun for run in engine.canaries[:3])
    assert second - first > 0.9 and third - second > 1.8


WRONG = {
    "no JSON": {"stdout": "fine"}, "no object": {"stdout": "[]"}, "nothing": {"stdout": ""},
    "no field": {"stdout": "{}"}, "wrong types": {"stdout": json.dumps({"capabilities": 0, "swap": None})},
    "fails": {"exit": 1}, "is killed": {"signal": 31}, "floods": {"flood_bytes": 1 << 20},
}


@pytest.mark.parametrize("directive", WRONG.values(), ids=WRONG)
def test_a_canary_that_does_not_report_has_failed(engine, start, directive):
    engine.canary = {"directive": directive}
    gateway = start(wait_ready=False)
    gateway.wait_health(503, text="the sandbox's self-test failed in runtime python")
    is_refused(engine, gateway)


def test_a_lost_canary_is_sent_again(engine, start):
    engine.canary = {"directive": {"lose": "after_started"}}
    gateway = start(wait_ready=False)
    gateway.wait_health(503, text="could not be run")
    engine.canary = {}
    gateway.wait_health(200, timeout=3)
    assert gateway.execute({})[0] == 200


def test_boxes_that_cannot_be_made_are_the_reason_that_is_told(engine, start):
    engine.script("create", status(500), count=FOREVER)
    gateway = start(wait_ready=False)
    gateway.wait_health(503, text="boxes cannot be started")
    engine.heal()
    gateway.wait_health(200, timeout=5)


def test_it_is_repeated_and_what_it_finds_counts(engine, start):
    gateway = start(MAYFLY_WARM=2, MAYFLY_CANARY_S=1)
    until(lambda: len(engine.canaries) >= 2, "a second canary")
    assert gateway.execute({})[0] == 200
    engine.canary = WEAK
    gateway.wait_health(503, text=FAILED)
    assert len(engine.runs) == 1
    assert gateway.execute({})[0] == 503 and len(engine.runs) == 1
    engine.canary = {}
    gateway.wait_health(200)
    settled(engine, 2)


def test_a_lost_canary_takes_no_trust_away(engine, start):
    gateway = start(MAYFLY_WARM=2, MAYFLY_CANARY_S=1)
    engine.canary = {"directive": {"lose": "before_started"}}
    until(lambda: gateway.events("canary_lost"), "a canary is lost")
    assert gateway.execute({})[0] == 200


def test_each_return_of_the_engine_has_its_self_test(engine, start):
    gateway = start()
    seen = len(engine.canaries)
    engine.stop()
    gateway.wait_health(503)
    engine.canary = WEAK
    engine.start()
    gateway.wait_health(503, text=FAILED)
    assert len(engine.canaries) > seen
    is_refused(engine, gateway)


def test_the_canary_is_no_run_for_the_counters(engine, start):
    gateway = start()
    gateway.execute({})
    metrics = gateway.wait_metrics(lambda found: found.sum("mayfly_runs_submitted_total"))
    assert metrics.sum("mayfly_runs_submitted_total") == metrics.sum("mayfly_run_starts_total") == 1
    assert metrics.value("mayfly_canary_runs_total", result="passed") == 1


# ---- mayfly check ----

def check(engine, *options, **settings):
    return subprocess.run([BINARY, "check", *options], capture_output=True, timeout=60, check=False,
                          env={"DOCKER_HOST": f"unix://{engine.path}", **settings})


BOTH = "python=mayfly-python:latest,data=mayfly-data:1"


def test_check_prints_a_table(engine):
    done = check(engine)
    first, _, runtime, head, *lines, _, last = done.stdout.decode().splitlines()
    assert done.returncode == 0, done
    assert "20.10.24" in first and runtime == "runtime python, image mayfly-python:latest"
    assert head.split() == ["check", "expected", "found"]
    rows = [" ".join(line.split()) for line in lines]
    assert "ok network interfaces lo lo" in rows
    assert [row for row in rows if row.startswith("ok mount points / ") and row.endswith("/tmp the same")]
    assert last == f"{len(lines)} checks, all ok"
    assert not engine.managed() and len(engine.canaries) == 1


def test_check_looks_at_every_runtime(engine):
    engine.add_image("mayfly-data:1")
    text = check(engine, MAYFLY_RUNTIMES=BOTH).stdout.decode()
    assert text.count(" checks, all ok") == text.count("\nruntime ") == len(engine.canaries) == 2
    images = [call.body["Image"] for call in engine.calls("create")]
    assert len(set(images)) == 2, images
    text = check(engine, "--runtime", "data", MAYFLY_RUNTIMES=BOTH).stdout.decode()
    assert "\nruntime data, image mayfly-data:1\n" in text and "mayfly-python" not in text
    assert not engine.managed()


def test_an_image_that_is_missing_hides_nothing_of_the_others(engine):
    done = check(engine, "--json", MAYFLY_RUNTIMES="gone=mayfly-gone:1,python=mayfly-python:latest")
    answer = json.loads(done.stdout)
    gone, found = answer["runtimes"]
    assert (done.returncode, answer["ok"], gone["ok"], found["ok"]) == (1, False, False, True)
    assert gone["error"] == "the engine has no image mayfly-gone:1" and "runner-image/build.sh" in gone["hint"]
    assert (found["name"], found["image"], found["error"]) == ("python", "mayfly-python:latest", None)
    assert answer["engine"]["version"].startswith("20.10") and gone["checks"] == [] != found["checks"]


def test_check_names_what_differs(engine):
    engine.canary = WEAK
    done = check(engine)
    assert done.returncode == 1
    (line,) = [line for line in done.stdout.decode().splitlines() if line.startswith("FAIL")]
    assert line.split() == "FAIL network interfaces lo eth0 lo".split()
    assert not engine.managed()


def test_check_speaks_json(engine):
    engine.canary = WEAK
    done = check(engine, "--json")
    answer = json.loads(done.stdout)
    assert done.returncode == 1 and answer["ok"] is False
    assert answer["engine"]["version"].startswith("20.10") and answer["engine"]["cgroup"] == "v1"
    (failed,) = [each for each in answer["runtimes"][0]["checks"] if not each["ok"]]
    assert failed == {"name": "network interfaces", "expected": "lo", "seen": "eth0 lo", "ok": False,
                      "differs": False}


def test_check_shows_what_is_other_and_no_weaker(engine):
    engine.canary = OTHER
    done = check(engine)
    lines = done.stdout.decode().splitlines()
    (line,) = [line for line in lines if line.startswith("diff")]
    assert done.returncode == 0 and line.endswith(OTHER["mount points"]), lines
    assert lines[-1].endswith(" checks, all ok, 1 not as expected but no weaker")
    answer = json.loads(check(engine, "--json").stdout)
    (other,) = [each for each in answer["runtimes"][0]["checks"] if each["differs"]]
    assert answer["ok"] is True and other["ok"] is True and other["name"] == "mount points"


def test_check_prints_what_a_box_is_created_with(engine):
    done = check(engine, "--print-create")
    body = json.loads(done.stdout)
    assert done.returncode == 0 and body["HostConfig"]["NetworkMode"] == "none"
    assert not engine.calls("create")


def test_check_says_when_there_is_no_engine(engine):
    engine.stop()
    done = check(engine, "--json")
    answer = json.loads(done.stdout)
    (only,) = answer["runtimes"]
    assert done.returncode == 1 and answer["ok"] is False and answer["engine"] is None
    assert answer["engine_socket"] == str(engine.path)
    assert only["error"] == "engine: cannot connect: No such file or directory"
    text = check(engine, MAYFLY_RUNTIMES=BOTH).stdout.decode()
    assert text.count(only["error"]) == text.count(str(engine.path)) == 1
    assert "DOCKER_HOST" in text and "deploy/engine.sh" in text


def test_a_gateway_names_the_socket_that_it_tried(engine, start):
    engine.stop()
    gateway = start(wait_ready=False)
    gateway.wait_health(503, text="engine: cannot connect: No such file or directory")
    gateway.process.wait_line('"engine_down"')
    (down,) = gateway.events("engine_down")
    assert down["socket"] == str(engine.path) and "deploy/engine.sh" in down["hint"]
    assert str(engine.path) not in reason(gateway), "clients are told no path of this machine"


def test_check_says_why_there_is_no_box(engine):
    engine.script("start", status(500), count=FOREVER)
    done = check(engine, "--json")
    answer = json.loads(done.stdout)
    assert done.returncode == 1
    (only,) = answer["runtimes"][0]["checks"]
    assert only["name"] == "box" and "boxes cannot be started" in only["seen"]
    engine.wait(lambda: not engine.managed(), "nothing is left")


def test_check_refuses_a_runtime_that_it_does_not_know(engine):
    done = check(engine, "--runtime", "cobol")
    assert (done.returncode, done.stderr) == (2, b'mayfly: check: MAYFLY_RUNTIMES has no runtime "cobol"\n')


# ---- a profile of the operator's ----

def test_an_operators_profile_is_used(engine, start, tmp_path):
    profile = tmp_path / "profile.json"
    profile.write_text('{"defaultAction": "SCMP_ACT_ALLOW"}')
    engine.canary = {"system calls": "101 270"}  # what it allows is not ours to judge
    start(MAYFLY_SECCOMP=profile)
    options = engine.calls("create")[0].body["HostConfig"]["SecurityOpt"]
    assert options[1] == 'seccomp={"defaultAction": "SCMP_ACT_ALLOW"}'


@pytest.mark.parametrize("content", [None, "", "{", "[]"], ids=str)
def test_a_profile_that_is_none_stops_the_start(engine, tmp_path, content):
    profile = tmp_path / "profile.json"
    if content is not None:
        profile.write_text(content)
    done = subprocess.run([BINARY, "check"], capture_output=True, timeout=60, check=False,
                          env={"DOCKER_HOST": f"unix://{engine.path}", "MAYFLY_SECCOMP": str(profile)})
    assert done.returncode == 1 and b"MAYFLY_SECCOMP is" in done.stdout, done
    assert not engine.calls("create")
