"""An engine that fails, is slow, or disappears: the answers during that time, and the recovery."""

import socket
import time

import pytest

from faults import FOREVER, Boot, hang, slow, status
from helpers import gated, running, settled, until


@pytest.mark.parametrize("kind", ["create", "attach", "start"])
def test_a_failing_engine_is_asked_with_back_off_and_recovery_is_quick(engine, start, kind):
    gateway = start(MAYFLY_WARM=2)
    settled(engine, 2)
    engine.script(kind, status(500), count=FOREVER)
    for box in engine.ready():
        engine.crash(box)
    gateway.wait_health(503, "/health")
    assert gateway.request("GET", "/health").json()["status"] != "healthy"
    code, answer = gateway.execute({})
    assert code == 503 and answer["status"] == 503
    begun = time.monotonic()
    time.sleep(1.5)
    assert len(engine.calls("create", since=begun)) <= 20
    engine.heal()
    healed = time.monotonic()
    gateway.wait_health(200, "/health", timeout=5)
    assert gateway.execute({})[0] == 200
    assert time.monotonic() - healed < 3
    settled(engine, 2)
    assert not [run for run in engine.runs if run.job.source == b"{}"][1:]


NO_RUNTIME = ("failed to create task for container: failed to create shim task: OCI runtime create failed: unable to "
              "retrieve OCI runtime error (open /run/containerd/io.containerd.runtime.v2.task/moby/" + "0f" * 32 +
              "/log.json: no such file or directory): exec: \"crun\": executable file not found in $PATH: unknown")


@pytest.mark.parametrize("kind,code,message,cause,remedy", [
    ("start", 400, NO_RUNTIME, 'exec: "crun": executable file not found in $PATH: unknown', "MAYFLY_OCI_RUNTIME"),
    ("start", 500, "error setting seccomp filter: errno 22", "errno 22", "MAYFLY_SECCOMP"),
    ("create", 400, "Unknown runtime specified nosuch", "Unknown runtime specified nosuch", "MAYFLY_OCI_RUNTIME"),
    ("create", 500, "write /var/lib/docker/tmp/x: no space left on device", "no space left on device", "free space"),
])
def test_why_boxes_cannot_be_started_is_told_everywhere(engine, start, kind, code, message, cause, remedy):
    """In the log, on the health page and to the client: the engine's own words up to the cause, and what helps."""
    gateway = start(MAYFLY_WARM=2)
    settled(engine, 2)
    engine.script(kind, status(code, message=message), count=FOREVER)
    for box in engine.ready():
        engine.crash(box)
    health = gateway.wait_health(503, "/health", text=remedy).json()
    _, answer = gateway.execute({})
    left = [event for event in gateway.events("box_left") if event["state"] in ("creating", "starting")]
    assert left and all(cause in event["error"] and remedy in event["hint"] for event in left), left
    for text in (str(health), answer["detail"]):
        text = text.replace("\\", "")
        assert cause in text and remedy in text, text
        assert "attach" not in text, text


def test_a_container_that_comes_after_its_create_was_given_up_is_removed(engine, start):
    """A first DELETE has found nothing. It is tried again: nobody waits for a sweep half a minute later."""
    gateway = start(MAYFLY_WARM=1, MAYFLY_PARALLEL_STARTS=1, MAYFLY_ENGINE_TIMEOUT_MS=2000)
    settled(engine, 1)
    engine.script("create", slow(3))
    begun = time.monotonic()
    engine.crash(engine.ready()[0])
    late = engine.wait(lambda: engine.calls("create", since=begun), "a box in the first one's place")[0].subject
    engine.wait(lambda: [call for call in engine.calls("delete") if (call.subject, call.status) == (late, 204)],
                "the late one removed", 20)
    settled(engine, 1)
    assert not gateway.events("box_reaped")


def test_an_engine_restart_is_survived(engine, start):
    gateway = start(MAYFLY_WARM=2)
    with gateway.post(gated("g")) as client:
        running(engine, 1)
        engine.stop()
        response = client.receive()
    assert response.status == 200 and response.json()["status"] == "failed"
    gateway.wait_health(503, "/health")
    begun = time.monotonic()
    code, _ = gateway.execute({})
    assert code == 503 and time.monotonic() - begun < 3
    engine.start()
    back = time.monotonic()
    gateway.wait_health(200, "/health", timeout=5)
    assert gateway.execute({})[0] == 200
    assert time.monotonic() - back < 2.5
    settled(engine, 2)


def test_a_socket_that_nobody_listens_on(engine, start):
    gateway = start()
    engine.stop()
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(engine.path)
        gateway.wait_health(503)
        assert gateway.execute({})[0] == 503
    engine.start()
    gateway.wait_health(200, timeout=5)
    assert gateway.execute({})[0] == 200


def test_an_engine_that_comes_later_is_found(engine, start):
    engine.stop()
    gateway = start(wait_ready=False)
    assert gateway.request("GET", "/livez").status == 200
    assert gateway.request("GET", "/readyz").status == 503
    assert gateway.execute({})[0] == 503
    engine.start()
    gateway.wait_health(200, timeout=5)
    assert gateway.execute({})[0] == 200


def test_a_missing_image_is_named_in_the_health_page(engine, start):
    images, engine.images = engine.images, {}
    gateway = start(wait_ready=False)
    gateway.wait_health(503, "/health", text="image")
    engine.images = images
    gateway.wait_health(200, timeout=5)


def test_an_image_that_speaks_another_protocol_is_refused(engine, start):
    engine.add_image("mayfly-python:latest", mayfly_protocol="99")
    gateway = start(wait_ready=False)
    gateway.wait_health(503, "/health", text="protocol")
    assert not engine.calls("create")
    engine.add_image("mayfly-python:latest")
    gateway.wait_health(200, timeout=5)


def test_a_limit_that_the_engine_drops_is_a_failure(engine, start):
    engine.warnings = ["Your kernel does not support swap limit capabilities"]
    gateway = start(wait_ready=False)
    gateway.wait_health(503, "/health", text="swap limit")
    assert gateway.execute({})[0] == 503 and not engine.runs
    engine.warnings = []
    gateway.wait_health(200, timeout=5)


HARMLESS = ["IPv4 forwarding is disabled. Networking will not work.",
            "[DEPRECATION NOTICE]: API is accessible without encryption"]


def test_warnings_that_say_nothing_of_a_limit_are_harmless(engine, start):
    engine.warnings = HARMLESS
    gateway = start()
    assert gateway.execute({})[0] == 200


@pytest.mark.parametrize("warning", [
    "Your kernel does not support PIDs limit capabilities or the cgroup is not mounted. PIDs limit discarded.",
    "The requested image's platform (linux/arm64) does not match the detected host platform", "", None, 7, "[DEPR"], ids=str)
def test_a_warning_behind_harmless_ones_counts(engine, start, warning):
    engine.warnings = [*HARMLESS, warning]
    gateway = start(wait_ready=False)
    gateway.wait_health(503, "/health", text="boxes cannot be started")
    assert gateway.execute({})[0] == 503 and not engine.runs
    engine.warnings = []
    gateway.wait_health(200, timeout=5)


CANNOT = {
    "memory limits": {"MemoryLimit": False}, "swap limits": {"SwapLimit": False},
    "pids limits": {"PidsLimit": False}, "CPU limits": {"CpuCfsQuota": False},
    "seccomp": {"SecurityOptions": ["name=apparmor"]}, "architecture": {"Architecture": "riscv64"},
}


@pytest.mark.parametrize("what, says", CANNOT.items(), ids=CANNOT)
def test_an_engine_that_cannot_enforce_a_limit_is_refused(engine, start, what, says):
    engine.info = says
    gateway = start(wait_ready=False)
    gateway.wait_health(503, "/health", text=what)
    assert gateway.execute({})[0] == 503 and not engine.calls("create")
    engine.info = {}
    gateway.wait_health(200, timeout=5)


def test_an_oci_runtime_that_the_engine_lacks_is_named(engine, start):
    gateway = start(wait_ready=False, MAYFLY_OCI_RUNTIME="runsc")
    gateway.wait_health(503, "/health", text="runsc")
    assert not engine.calls("create")
    engine.info = {"Runtimes": {"runc": {}, "runsc": {}}}
    gateway.wait_health(200, timeout=5)
    assert {call.body["HostConfig"]["Runtime"] for call in engine.calls("create")} == {"runsc"}


@pytest.mark.parametrize("options, apparmor, userns", [
    ([], "not enforced", "not enforced"), (["name=apparmor", "name=userns"], "docker-default", "remapped"),
], ids=["bare", "all"])
def test_the_log_says_what_is_enforced_and_what_is_not(engine, start, options, apparmor, userns):
    engine.info = {"SecurityOptions": ["name=seccomp,profile=default", *options]}
    (told,) = start().events("sandbox")
    assert (told["oci_runtime"], told["cgroup"], told["seccomp"]) == ("runc", "v1", "own")
    assert (told["apparmor"], told["userns"]) == (apparmor, userns)
    assert [told[limit] for limit in ("memory", "swap", "pids", "cpu")] == ["enforced"] * 4
    given = "apparmor=docker-default" in engine.calls("create")[0].body["HostConfig"]["SecurityOpt"]
    assert given == (apparmor == "docker-default")


# What engines answer to, by their version: the newest API, the oldest, and what is spoken with them.
WINDOWS = {
    "20.10": ((1, 41), (1, 12), "1.41"), "25.0": ((1, 44), (1, 24), "1.44"), "26.1": ((1, 45), (1, 24), "1.45"),
    "27.5": ((1, 47), (1, 24), "1.47"), "28.0": ((1, 48), (1, 24), "1.48"), "28.5": ((1, 51), (1, 24), "1.51"),
    "29.0": ((1, 52), (1, 44), "1.51"), "29.2": ((1, 53), (1, 44), "1.51"), "29.3": ((1, 54), (1, 40), "1.51"),
    "29.7": ((1, 55), (1, 40), "1.51"), "of a strict operator": ((1, 55), (1, 51), "1.51"),
}


@pytest.mark.parametrize("newest, oldest, spoken", WINDOWS.values(), ids=WINDOWS)
def test_the_version_is_negotiated(engine, start, newest, oldest, spoken):
    engine.api, engine.min_api = newest, oldest
    gateway = start()
    assert gateway.execute({})[0] == 200
    versions = {call.target.split("/")[1] for call in engine.calls("create") + engine.calls("attach")}
    assert versions == {"v" + spoken}
    assert not [call for call in engine.journal if call.status == 400]


@pytest.mark.parametrize("newest, oldest", [((1, 40), (1, 12)), ((1, 90), (1, 52))], ids=str)
def test_an_engine_that_speaks_no_version_of_ours_is_refused_with_both_windows(engine, start, newest, oldest):
    engine.api, engine.min_api = newest, oldest
    gateway = start(wait_ready=False)
    both = f"speaks API 1.{oldest[1]} to 1.{newest[1]}; Mayfly needs one of 1.41 to 1.51"
    gateway.wait_health(503, "/health", text=both)
    assert not engine.managed()


OLD, NEW = ((1, 41), (1, 12)), ((1, 55), (1, 44))


@pytest.mark.parametrize("before, after, spoken", [(OLD, NEW, "1.51"), (NEW, OLD, "1.41")], ids=["newer", "older"])
def test_an_engine_that_is_replaced_under_us_is_asked_anew(engine, start, before, after, spoken):
    """No call meets the gap; the first in the old version is refused with 400."""
    engine.api, engine.min_api = before
    gateway = start(MAYFLY_WARM=1)
    canaries = len(engine.canaries)
    engine.api, engine.min_api = after
    engine.version = "99.1"
    until(lambda: gateway.execute({})[0] and gateway.events("engine_replaced"), "it is seen")
    until(lambda: len(engine.canaries) > canaries and gateway.execute({})[0] == 200,
          "another engine has its self-test, and serves")
    assert engine.calls("create")[-1].target.startswith(f"/v{spoken}/")
    (event,) = gateway.events("engine_replaced")
    assert "was 20.10.24" in event["error"] and f"99.1, API {spoken}" in event["error"]


BOOTS = {
    "dies": Boot(die=True),
    "dies with a last word": Boot(die=True, stderr=b"mayfly-init: no template\n"),
    "garbage": Boot(ready=False, stdout=b"Segmentation fault\n" * 10),
    "huge engine frame": Boot(ready=False, raw=b"\x01\0\0\0\xff\xff\xff\xff"),
    "bad engine frame": Boot(ready=False, raw=b"HTTP/1.1 200 OK\r\n\r\n"),
    "daemon's error text": Boot(ready=False, raw=b"\x03\0\0\0\0\0\0\x05oops!"),
    "unknown engine stream": Boot(ready=False, raw=b"\x07\0\0\0\0\0\0\x01x"),
    "a million empty engine frames": Boot(ready=False, raw=b"\x01\0\0\0\0\0\0\0" * 1_000_000),
    "half a frame": Boot(ready=False, die=True, stdout=b"\x10\x01\0"),
    "never ready": Boot(ready=False),
}


@pytest.mark.parametrize("boot", BOOTS.values(), ids=BOOTS)
def test_a_box_that_does_not_get_ready_is_replaced(engine, start, boot):
    engine.script("boot", boot, count=2)
    gateway = start(MAYFLY_WARM=2, MAYFLY_ENGINE_TIMEOUT_MS=1000)
    settled(engine, 2)
    assert gateway.execute({"stdout": "x"})[1]["stdout"] == "x"


def test_chatter_of_init_on_stderr_is_harmless(engine, start):
    engine.script("boot", Boot(stderr=b"mayfly-init: cgroup v1\n" * 3), count=FOREVER)
    gateway = start()
    assert gateway.execute({"stderr": "mine"})[1]["stderr"] == "mine"


@pytest.mark.parametrize("fault", [status(500), status(409), hang(), hang(after=True)], ids=str)
def test_removal_is_repeated_until_the_box_is_gone(engine, start, fault):
    gateway = start(MAYFLY_WARM=1, MAYFLY_ENGINE_TIMEOUT_MS=1000)
    engine.script("delete", fault, count=2)
    begun = time.monotonic()
    assert gateway.execute({"stdout": "x"})[1]["stdout"] == "x"
    assert time.monotonic() - begun < 0.9, "nobody waits for the removal"
    settled(engine, 1)


def test_a_slow_engine_delays_and_does_not_fail(engine, start):
    for kind in ("create", "attach", "start"):
        engine.script(kind, slow(0.2), count=FOREVER)
    gateway = start(MAYFLY_WARM=1)
    assert [gateway.execute({})[0] for _ in range(3)] == [200] * 3
