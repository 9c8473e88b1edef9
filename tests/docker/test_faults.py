"""The engine's absence and the deaths of our own processes, on a real engine, under load.

After each: one terminal answer for every request, of the right class; service again without a restart of ours; and at
the end nothing left on the engine or the machine. What a fault costs in time is printed, not asserted.
"""

import os
import resource
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import pytest

from eventstream import EVENTS, EventStream
from gateway import Gateway
from ownengine import OwnEngine
from realengine import IMAGE

SETTINGS = {"MAYFLY_WARM": 2, "MAYFLY_MAX_BOXES": 6, "MAYFLY_ENGINE_TIMEOUT_MS": 4000,
            "MAYFLY_QUEUE_TIMEOUT_MS": 15000}
CLIENTS = 3
# What a client may hear while things break. 5xx: the program did not run; `failed`: it may have.
GOOD = (200, "success")
ALLOWED = {GOOD, (200, "failed"), (200, "timeout"), (503, None)}
ANSWER_SECONDS = 30
MAX_TIMEOUT_S = 30  # of the gateway's settings


@pytest.fixture(scope="module")
def own(engine, tmp_path_factory):
    running = OwnEngine(tmp_path_factory.mktemp("own-engine"))
    running.start()
    try:
        running.take_image(engine)
        yield running
    finally:
        running.stop(purge=True)


@pytest.fixture
def gateway(own):
    with Gateway(own.host, **SETTINGS) as running:
        yield running
    wait_gone(own)


def wait_gone(own, timeout=60, idle_shims=True):
    """Until the engine has no container of any gateway, and the machine nothing of any."""
    deadline = time.monotonic() + timeout
    while (left := own.managed() or own.remains(idle_shims)) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not left, own.inspect(own.managed())


class Load:
    """Clients that ask one thing after the other until told to stop, and remember what they heard."""

    def __init__(self, gateway):
        self._gateway, self._end = gateway, threading.Event()
        self.answers, self.slowest = [], 0.0
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._ask, daemon=True) for _ in range(CLIENTS)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        for thread in self._threads:
            thread.join(ANSWER_SECONDS + 10)
            assert not thread.is_alive(), "a client was never answered"

    def _ask(self):
        while not self._end.is_set():
            begun = time.monotonic()
            heard = self._once()
            with self._lock:
                self.answers.append(heard)
                self.slowest = max(self.slowest, time.monotonic() - begun)
            if heard != GOOD:
                self._end.wait(0.05)

    def _once(self):
        try:
            with self._gateway.client(ANSWER_SECONDS) as client:
                response = client.post({"code": "import time; time.sleep(0.05); print(1)",
                                        "timeout": 2}).receive()
        except ConnectionError:
            return "connection", None
        answer = response.json()
        if response.status == 200 and answer["status"] == "success":
            assert answer["stdout"] == "1\n"
        return response.status, answer["status"] if response.status == 200 else None

    def wait_for(self, what, more=1, timeout=60):
        """Until that answer has been heard this many times more."""
        wanted = self.answers.count(what) + more
        deadline = time.monotonic() + timeout
        while self.answers.count(what) < wanted:
            assert time.monotonic() < deadline, f"no {what} in {self.answers[-20:]}\n{self._gateway.log()}"
            time.sleep(0.01)

    def wait_for_other(self, timeout=60, or_event=None):
        """Until something else than success has been heard from now on, or logged as that event."""
        seen, logged = len(self.answers), len(self._gateway.events(or_event))
        deadline = time.monotonic() + timeout
        while not [heard for heard in self.answers[seen:] if heard != GOOD]:
            if or_event and len(self._gateway.events(or_event)) > logged:
                return
            assert time.monotonic() < deadline, f"the fault was not noticed\n{self._gateway.log()}"
            time.sleep(0.01)

    def check(self, what, allowed=ALLOWED):
        heard = set(self.answers)
        print(f"{what}: {len(self.answers)} answers, slowest {self.slowest:.2f} s, {heard}")
        assert heard <= allowed, heard


def recover(gateway, load, what):
    """Service must come back by itself; how long it took is printed."""
    begun = time.monotonic()
    load.wait_for(GOOD, 3)
    gateway.wait_health()
    print(f"{what}: served again after {time.monotonic() - begun:.2f} s")


def test_engine_killed(own, gateway):
    with Load(gateway) as load:
        load.wait_for(GOOD, 5)
        own.kill()
        load.wait_for_other()
        gateway.wait_health(503)
        own.start()
        recover(gateway, load, "engine killed")
    load.check("engine killed")


def test_engine_terminated(own, gateway):
    with Load(gateway) as load:
        load.wait_for(GOOD, 5)
        own.stop()
        gateway.wait_health(503)
        own.start()
        recover(gateway, load, "engine terminated")
    load.check("engine terminated")


def test_the_gateway_is_told_to_stop_under_load(own):
    """Readiness goes at once; what runs is finished and answered; what comes is refused; and the process ends."""
    with Gateway(own.host, **SETTINGS) as gateway, Load(gateway) as load:
        load.wait_for(GOOD, 5)
        # Programs that have started when the stop comes, and that have yet to end.
        streams = [EventStream(gateway.post({"code": "print(input())\nimport time; time.sleep(3); print(1)",
                                             "stdin": "begun", "timeout": 30}, headers=[EVENTS])) for _ in range(2)]
        for stream in streams:
            stream.until("started")
        with gateway.client() as visitor:
            assert visitor.request("GET", "/readyz").status == 200
            os.kill(gateway.process.pid, signal.SIGTERM)
            gateway.process.wait_line('"draining"')
            assert visitor.request("GET", "/readyz").status == 503
        for stream in streams:
            with stream:
                result = stream.until("result")[-1].data
            assert (result["status"], result["stdout"]) == ("success", "begun\n1\n"), result
        assert gateway.process.wait(timeout=MAX_TIMEOUT_S + 5) == 0
    load.check("gateway terminated", {GOOD, (503, None), ("connection", None)})
    wait_gone(own)


def test_engine_stopped_for_a_while(own, gateway):
    """SIGSTOP: it takes connections and says nothing."""
    with Load(gateway) as load:
        load.wait_for(GOOD, 5)
        own.signal(signal.SIGSTOP)
        try:
            load.wait_for_other()
            gateway.wait_health(503)
        finally:
            own.signal(signal.SIGCONT)
        recover(gateway, load, "engine stopped")
    load.check("engine stopped")


def test_socket_gone_and_back(own, gateway):
    hidden = own.socket + ".hidden"
    with Load(gateway) as load:
        load.wait_for(GOOD, 5)
        os.rename(own.socket, hidden)
        try:
            load.wait_for_other()
        finally:
            os.rename(hidden, own.socket)
        recover(gateway, load, "socket gone")
    load.check("socket gone")


def test_image_removed(own, gateway):
    with Load(gateway) as load:
        load.wait_for(GOOD, 5)
        own.docker("rmi", "-f", IMAGE)
        gateway.wait_health(503, text=IMAGE, timeout=60)
        own.load_image()
        recover(gateway, load, "image removed")
    load.check("image removed")


@pytest.mark.parametrize("role", ["broker", "front"])
def test_a_role_is_killed(own, role):
    """serve ends, non-zero; the boxes end with their stdin, and the next gateway removes what is left."""
    with Gateway(own.host, **SETTINGS) as gateway:
        with Load(gateway) as load:
            load.wait_for(GOOD, 5)
            os.kill(gateway.pids()[role], signal.SIGKILL)
            assert gateway.process.wait(timeout=60) != 0
        load.check(f"{role} killed", ALLOWED | {("connection", None)})
    wait_exited(own)
    with Gateway(own.host, **SETTINGS) as successor:
        assert successor.execute("print(1)")[1]["stdout"] == "1\n"
        wait_only(own, successor)
    wait_gone(own)


def test_the_gateway_is_killed(own):
    with Gateway(own.host, **SETTINGS) as gateway:
        with Load(gateway) as load:
            load.wait_for(GOOD, 5)
            for pid in (gateway.process.pid, *gateway.pids().values()):
                os.kill(pid, signal.SIGKILL)
            gateway.process.wait()
        load.check("gateway killed", ALLOWED | {("connection", None)})
    wait_exited(own)
    with Gateway(own.host, **SETTINGS) as successor:
        wait_only(own, successor)
    wait_gone(own)


def wait_exited(own, timeout=60):
    """Boxes whose gateway is gone end by themselves."""
    deadline = time.monotonic() + timeout
    running = True
    while running and time.monotonic() < deadline:
        running = own.docker("ps", "-q", "--filter", "label=mayfly.managed=1").split()
        time.sleep(0.2)
    assert not running


def wait_only(own, gateway, timeout=60):
    """Until the engine has boxes of this gateway only."""
    (started,) = gateway.events("broker_started")
    mine = set()
    deadline = time.monotonic() + timeout
    while (every := set(own.managed())) != mine or not every:
        assert time.monotonic() < deadline, every - mine
        mine = set(own.managed(f"label=mayfly.instance={started['instance']}"))
        time.sleep(0.2)


def test_two_gateways_leave_each_other_alone(own):
    with Gateway(own.host, **SETTINGS) as first, Gateway(own.host, **SETTINGS) as second:
        with Load(first) as load, Load(second) as other:
            load.wait_for(GOOD, 10)
            other.wait_for(GOOD, 10)
        for name, heard in (("first", load), ("second", other)):
            heard.check(name, {GOOD})
        # A sweep of either has seen the other's boxes, and touched none.
        with Gateway(own.host, **SETTINGS) as third:
            third.wait_health()
        for gateway in (first, second):
            assert gateway.execute("print(1)")[1]["start"] in ("warm", "cold")
            assert not gateway.events("box_reaped") and not gateway.events("box_left")
    wait_gone(own)


def test_descriptors_run_out(own, gateway):
    """The broker can open little more: no crash, no leak, and service when it can again. Each box that ends gives
    descriptors back, with which the next may well start: then no client hears of it, only the log."""
    broker = gateway.pids()["broker"]
    soft, hard = resource.prlimit(broker, resource.RLIMIT_NOFILE)
    with Load(gateway) as load:
        load.wait_for(GOOD, 5)
        held = len(os.listdir(f"/proc/{broker}/fd"))
        resource.prlimit(broker, resource.RLIMIT_NOFILE, (max(8, held - 2), hard))
        load.wait_for_other(or_event="box_left")
        resource.prlimit(broker, resource.RLIMIT_NOFILE, (soft, hard))
        recover(gateway, load, "no descriptors")
    load.check("no descriptors")


def test_disk_full_under_the_engine(engine):
    """The engine's own disk has no room: refusals, and service when there is room again."""
    with tempfile.TemporaryDirectory(prefix="mayfly-disk-") as folder:
        disk_full(engine, Path(folder))


def disk_full(engine, folder):
    disk, mount = folder / "disk", folder / "mount"  # short: the engine's socket is below
    mount.mkdir()
    disk.touch()
    os.truncate(disk, 1 << 30)
    run("mkfs.ext4", "-q", "-F", str(disk))
    run("mount", "-o", "loop", str(disk), str(mount))
    try:
        own = OwnEngine(mount)
        own.start()
        try:
            own.take_image(engine)
            with Gateway(own.host, **SETTINGS) as gateway, Load(gateway) as load:
                load.wait_for(GOOD, 3)
                filler = mount / "filler"
                fill(filler)
                load.wait_for_other()
                filler.unlink()
                recover(gateway, load, "disk full")
            load.check("disk full")
            # containerd, which cannot write down what it has started, may forget a shim; no engine's API knows of that.
            wait_gone(own, idle_shims=False)
        finally:
            own.stop(purge=True)
    finally:
        run("umount", str(mount))


def run(*words):
    subprocess.run(words, check=True, timeout=60, stdin=subprocess.DEVNULL, capture_output=True)


def fill(path: Path):
    """Take all the room there is."""
    with open(path, "wb", buffering=0) as file:
        size = 1 << 24
        while size >= 4096:
            try:
                if file.write(b"\0" * size) < size:
                    size //= 2
            except OSError:
                size //= 2
