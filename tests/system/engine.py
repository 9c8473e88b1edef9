"""A scripted Docker engine on a Unix socket.

It answers the calls that the broker makes as Docker 20.10 (API 1.41) does, keeps the set of containers that exist, and
writes a journal of every call. A FakeInit is at the other end of each attach stream. Any call, by kind and number, can
be made to fail in any way: see `script` and faults.py.

    with Engine(path) as engine:
        engine.script("create", status(500), nth=3)
        ...
        engine.wait(lambda: not engine.containers, "every container removed")

It behaves like the real engine in the following ways, because these cause mistakes in brokers: bytes sent on an attach
connection before the 101 are lost; DELETE of a box whose output nobody reads hangs until the attach connection closes;
a start answers 304, a missing container 404, a name in use and a removal in progress 409; a version above ours 400;
long answers come chunked.

The engine lives in one thread with an asyncio loop. Tests read its state from their own thread, and change it only by
the methods of Engine.
"""

import asyncio
import json
import os
import re
import secrets
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

import fake_podman
import wire
from connection import Connection
from fake_init import FakeInit
from faults import Boot, Fault

ROUTES = [
    ("ping", "GET", re.compile(r"/_ping")),
    ("version", "GET", re.compile(r"/version")),
    ("info", "GET", re.compile(r"/info")),
    ("image", "GET", re.compile(r"/images/(.+)/json")),
    ("list", "GET", re.compile(r"/containers/json")),
    ("create", "POST", re.compile(r"/containers/create")),
    ("attach", "POST", re.compile(r"/containers/([^/]+)/attach")),
    ("start", "POST", re.compile(r"/containers/([^/]+)/start")),
    ("inspect", "GET", re.compile(r"/containers/([^/]+)/json")),
    ("stats", "GET", re.compile(r"/containers/([^/]+)/stats")),
    ("delete", "DELETE", re.compile(r"/containers/([^/]+)")),
]
VERSION_PREFIX = re.compile(r"/v(\d+)\.(\d+)(/.*)")
OWN_PREFIX = re.compile(r"/v4\.0\.0(/libpod/.*)")  # paths of Podman's interface
NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")
UNREAD_MAX_BYTES = 1 << 20  # dockerd buffers this much of a stream that nobody reads
ACCEPT_TURNS = 5  # of asyncio's loop, from accept() to a connection's task; with one to spare


@dataclass
class Call:
    """A line of the journal."""

    kind: str
    method: str
    target: str
    subject: str        # the container's or image's name, as in the request
    body: dict | None
    time: float
    status: int = 0     # 0: no answer (yet)


@dataclass(eq=False)
class Container:
    name: str
    config: dict
    id: str = field(default_factory=lambda: secrets.token_hex(32))
    state: str = "created"
    exit_code: int = 0
    oom_killed: bool = False
    stream: Connection | None = None
    init: FakeInit | None = None
    removing: bool = False
    created: float = field(default_factory=time.time)

    @property
    def labels(self):
        return self.config.get("Labels") or {}

    def ended(self, exit_code, oom_killed=False):
        """PID 1 has ended: the stream ends once all written bytes have been read."""
        if self.state != "running":
            return
        self.state, self.exit_code, self.oom_killed = "exited", exit_code, oom_killed
        if self.stream:
            self.stream.close()


class EngineError(Exception):
    """An answer other than 2xx, in the words of dockerd."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code, self.message = code, message


class Engine:
    def __init__(self, path, image="mayfly-python:latest"):
        self.path = str(path)
        self.api, self.min_api = (1, 41), (1, 12)
        self.version = "20.10.24+dfsg1"
        self.is_podman = False
        self.cpus = os.cpu_count() or 1
        self.info = {}               # the differences of /info from that of a healthy engine
        self.warnings = []           # of every create
        self.images = {}
        self.add_image(image)
        self.containers = {}         # by id: everything that `docker ps -a` would list
        self.ghosts = {}             # by id: containers that are listed although they do not exist
        self.journal = []
        self.runs = []               # every RUN frame that an init received: fake_init.Run
        self.canary = {}             # the differences of the self-test's report from that of a healthy box: fake_canary.py
        self.canaries = []           # the self-test's runs, which are not in runs
        # The share of a CPU that a box uses, and the periods of a limit in each second
        self.cpu = {"share": 1.0, "periods": 10}
        self.boot_s = 0.0            # from start to READY
        self._script = []            # [kind, fault, calls until it begins, calls it lasts]
        self._released = asyncio.Event()
        self._gates = {}
        self._changed = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._server = None
        self._connections = set()

    # ---- for tests: any thread ----

    def __enter__(self):
        self._thread.start()
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        self._on_loop(self._cancel_all())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def start(self):
        """Listen on the socket, for the first time or again."""
        self._on_loop(self._listen())

    def stop(self):
        """Stop, as if dockerd was killed: the socket disappears, connections are cut, containers die."""
        self._on_loop(self._shut())

    def script(self, kind, fault, nth=1, count=1):
        """Apply `fault` to the nth call of this kind from now on, and to count - 1 more. The kind "any" is every call,
        "boot" is the start of an init (fault is a Boot)."""
        self._on_loop(self._add_fault([kind, fault, nth - 1, count]))

    def heal(self):
        """Forget the script; calls that hang end with a closed connection."""
        self._on_loop(self._heal())

    def open(self, gate):
        """Let every program that waits at this gate continue, now or later."""
        self._on_loop(self._open(gate))

    def crash(self, container, oom=False):
        """Let PID 1 of this box die, by itself or because memory ran out."""
        self._on_loop(self._crash(container, oom))

    def add_image(self, name, **labels):
        known = {"mayfly.template": "/usr/lib/mayfly/python-template", "mayfly.protocol": str(wire.VERSION)}
        known.update({key.replace("_", "."): value for key, value in labels.items()})
        self.images[name] = {"Id": "sha256:" + secrets.token_hex(32), "RepoTags": [name],
                             "Os": "linux", "Architecture": "amd64",
                             "Config": {"Labels": known, "Volumes": None, "User": "",
                                        "Env": ["PATH=/usr/bin:/bin"]}}

    def add_container(self, name, labels, state="running"):
        """Add a container that exists already, of an earlier gateway or of another user."""
        container = Container(name, {"Labels": labels, "Image": "x"}, state=state)
        self.containers[container.id] = container
        return container

    def add_ghost(self, labels):
        """Add a ghost, as seen with dockerd 20.10: the list has a container without a name, but every other call
        answers 404 for it."""
        ghost = Container("", {"Labels": labels}, state="removing")
        self.ghosts[ghost.id] = ghost
        return ghost

    def wait(self, condition, what, timeout=30):
        """Wait until condition() is true; it is checked again at each event. Returns its value."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while not (value := condition()):
                left = deadline - time.monotonic()
                if left <= 0:
                    raise AssertionError(f"within {timeout} s: {what}\n{self.describe()}")
                self._changed.wait(min(left, 0.25))
        return value

    def managed(self, state=None):
        return [box for box in list(self.containers.values())
                if box.labels.get("mayfly.managed") == "1" and state in (None, box.state)]

    def ready(self):
        """Returns the boxes that have sent READY and have not got a run."""
        return [box for box in self.managed("running") if box.init and box.init.ready
                and not box.init.runs]

    def kept(self):
        """Returns the boxes that have run a program and run none now."""
        return [box for box in self.managed("running") if box.init and box.init.ready
                and box.init.runs and all(run.end for run in box.init.runs) and not box.init.session]

    def sessions(self):
        """Returns the boxes of sessions."""
        return [box for box in self.managed("running") if box.init and box.init.session]

    def calls(self, kind, since=0.0):
        return [call for call in list(self.journal) if call.kind == kind and call.time >= since]

    def describe(self):
        boxes = [f"  {box.name} {box.state} {'ready' if box.init and box.init.ready else ''}"
                 for box in list(self.containers.values())]
        calls = [f"  {call.time:.3f} {call.kind} {call.subject} {call.status}"
                 for call in self.journal[-25:]]
        return "\n".join([f"{len(boxes)} containers", *boxes[:20], "last calls", *calls])

    def _on_loop(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    # ---- inside the loop ----

    def changed(self):
        with self._changed:
            self._changed.notify_all()

    async def _crash(self, container, oom):
        container.init.exit(137 if oom else 139, oom)

    async def passed(self, gate):
        """For a program: wait at a gate."""
        await self._gates.setdefault(gate, asyncio.Event()).wait()

    async def _open(self, gate):
        self._gates.setdefault(gate, asyncio.Event()).set()

    async def _add_fault(self, line):
        self._script.append(line)

    async def _heal(self):
        self._script.clear()
        self._released.set()
        self._released = asyncio.Event()

    async def _listen(self):
        if os.path.exists(self.path):
            os.unlink(self.path)
        self._server = await self._loop.create_unix_server(
            lambda: Connection(self._serve), self.path, backlog=1024)
        os.chmod(self.path, 0o600)
        self.changed()

    async def _shut(self):
        if self._server:
            await self._stop_accepting()
            self._server.close()
            self._server = None
        if os.path.exists(self.path):
            os.unlink(self.path)
        for connection in list(self._connections):
            connection.abort()
        for container in self.containers.values():
            if container.init:
                container.init.kill()
            container.ended(137)
        self.changed()

    async def _stop_accepting(self):
        """Stop accepting. First let every connection that asyncio has accepted get to _serve, because otherwise it
        would leak and hang."""
        for listener in self._server.sockets:
            self._loop.remove_reader(listener.fileno())
        for _ in range(ACCEPT_TURNS):
            await asyncio.sleep(0)

    async def _cancel_all(self):
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def next_fault(self, kind):
        """Returns the fault that the script has for this call, if any. Counts the call in every entry of the script
        that matches it."""
        found = None
        for line in self._script:
            if line[0] != kind and not (line[0] == "any" and kind != "boot"):
                continue
            if line[2] > 0:
                line[2] -= 1
            elif line[3] > 0 and found is None:
                line[3] -= 1
                found = line[1]
        return found

    async def _serve(self, connection):
        self._connections.add(connection)
        try:
            while request := await connection.read_request():
                if not await self._answer(connection, request):
                    break
        finally:
            self._connections.discard(connection)
            connection.close()
            self.changed()

    async def _answer(self, connection, request):
        """Serve one request. Returns False when the connection cannot be used any more."""
        kind, subject, problem = self._route(request)
        call = Call(kind, request.method, request.target, subject, request.json(), time.monotonic())
        self.journal.append(call)
        fault = self.next_fault(kind) or Fault()
        if fault.action and not fault.after:
            if fault.action != "slow":
                return await self._misbehave(connection, call, fault)
            await asyncio.sleep(fault.delay_s)
        try:
            if problem:
                raise problem
            answer = await getattr(self, "_do_" + kind)(connection, request, subject)
        except EngineError as error:
            answer = error.code, {"message": error.message}
        if fault.action == "warnings" and isinstance(answer[1], dict):
            answer[1]["Warnings"] = list(fault.warnings)
        elif fault.action and fault.after:
            if answer[0] == 101:
                call.status = 101  # it has gone out already
            return await self._misbehave(connection, call, fault, answer[0])
        call.status = answer[0]
        if call.status == 101:
            return await self._attached(connection, subject)
        connection.answer(*answer)
        self.changed()
        return True

    async def _misbehave(self, connection, call, fault, code=200):
        if fault.action == "status":
            call.status = fault.status
            if call.kind == "delete" and fault.status == 404:
                await self._forget(call.subject)
            if call.kind == "start":
                await self._end_stream(call.subject)
            connection.answer(fault.status, {"message": fault.message})
            self.changed()
            return True
        if fault.action == "hang":
            self.changed()
            await self._hung(connection)
        elif fault.action == "cut_head":
            connection.write(b"HTTP/1.1 201 Crea")
        elif fault.action == "cut_body":
            call.status = code
            connection.cut_answer(code)
        elif fault.action == "raw":
            call.status = code
            connection.write(fault.data)
        elif fault.action == "drip":
            self.changed()
            await self._drip(connection, fault)
        elif fault.action == "garbage":
            call.status = code if code != 101 else 200
            connection.answer(code if code != 101 else 200, None, b"<html>not an engine</html>\n")
            return code != 101
        return False

    async def _end_stream(self, subject):
        """End the stream, as dockerd does for a container that cannot be started, before it reports the reason."""
        container = self.containers.get(subject)
        if container and container.stream and container.state == "created":
            container.stream.close()
            await container.stream.lost.wait()

    async def _forget(self, subject):
        """Forget a container, because the engine has answered that there is no such container."""
        try:
            container = self._find(subject)
        except EngineError:
            return
        if container.init:
            container.init.kill()
        container.ended(137)
        self.containers.pop(container.id)

    async def _hung(self, connection):
        """Wait until the peer closes the connection, or the test heals the engine."""
        waits = [asyncio.ensure_future(event.wait()) for event in (connection.eof, self._released)]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()

    async def _drip(self, connection, fault):
        hung = asyncio.ensure_future(self._hung(connection))
        for byte in fault.data:
            connection.write(bytes([byte]))
            if (await asyncio.wait([hung], timeout=fault.delay_s))[0]:
                return
        hung.cancel()

    def _route(self, request):
        url = urlsplit(request.target)
        path, problem = url.path, None
        request.query = {name: values[0] for name, values in parse_qs(url.query).items()}
        if self.is_podman and (match := OWN_PREFIX.fullmatch(path)):
            return "create", (request.json() or {}).get("name", ""), None
        if match := VERSION_PREFIX.fullmatch(path):
            asked, path = (int(match[1]), int(match[2])), match[3]
            name = f"client version {asked[0]}.{asked[1]} is too"
            if asked > self.api:
                problem = EngineError(400, f"{name} new. Maximum supported API version is "
                                           f"{self.api[0]}.{self.api[1]}")
            elif asked < self.min_api:
                problem = EngineError(400, f"{name} old. Minimum supported API version is "
                                           f"{self.min_api[0]}.{self.min_api[1]}, please upgrade")
        for kind, method, pattern in ROUTES:
            if method == request.method and (match := pattern.fullmatch(path)):
                subject = match[1] if pattern.groups else request.query.get("name", "")
                return kind, unquote(subject), problem
        return "unknown", path, EngineError(404, "page not found")

    def _find(self, subject):
        if subject in self.containers:
            return self.containers[subject]
        for container in self.containers.values():
            if subject == container.name:
                return container
        raise EngineError(404, f"No such container: {subject}")

    # ---- the calls ----

    async def _do_ping(self, _connection, _request, _subject):
        return 200, None, b"OK"

    async def _do_version(self, _connection, _request, _subject):
        podman = fake_podman.VERSION if self.is_podman else {}
        return 200, {"Version": self.version, "ApiVersion": "%d.%d" % self.api,
                     "MinAPIVersion": "%d.%d" % self.min_api, "Os": "linux", "Arch": "amd64"} | podman

    async def _do_info(self, _connection, _request, _subject):
        return 200, {"ID": "FAKE", "Architecture": "x86_64", "NCPU": self.cpus, "MemTotal": 8 << 30, "MemoryLimit": True,
                     "SwapLimit": True, "PidsLimit": True, "CpuCfsPeriod": True,
                     "CpuCfsQuota": True, "OomKillDisable": True, "CgroupVersion": "1",
                     "CgroupDriver": "cgroupfs", "ServerVersion": "20.10.24+dfsg1",
                     "SecurityOptions": ["name=seccomp,profile=default"],
                     "Runtimes": {"runc": {"path": "runc"}, "crun": {"path": "crun"}},
                     "DefaultRuntime": "runc"} | (fake_podman.INFO if self.is_podman else {}) | self.info

    async def _do_image(self, _connection, _request, subject):
        for image in self.images.values():
            if subject in (image["Id"], *image["RepoTags"]):
                return 200, image
        raise EngineError(404, f"No such image: {subject}")

    async def _do_create(self, _connection, request, name):
        config = request.json()
        if self.is_podman:
            problem = "an interface that cannot fence" if "/libpod/" not in request.target else fake_podman.problem_with(config)
            if problem:
                raise EngineError(500, "container create: " + problem)
            name, config = fake_podman.as_docker(config)
        if request.headers.get("content-type") != "application/json":
            raise EngineError(400, "Content-Type specified must be 'application/json'")
        if not isinstance(config, dict):
            raise EngineError(500, "unexpected EOF")
        await self._do_image(None, None, config.get("Image"))
        if name and not NAME.fullmatch(name):
            raise EngineError(400, f"Invalid container name ({name})")
        host = config.get("HostConfig", {})
        if 0 < host.get("Memory", 0) < 6 << 20:
            raise EngineError(400, "Minimum memory limit allowed is 6MB")
        if host.get("NanoCpus", 0) > self.cpus * 10**9:
            raise EngineError(400, f"Range of CPUs is from 0.01 to {self.cpus}.00")
        if any(name == box.name for box in self.containers.values()):
            raise EngineError(409, f'Conflict. The container name "/{name}" is already in use')
        container = Container(name or secrets.token_hex(8), config)
        self.containers[container.id] = container
        return 201, {"Id": container.id, "Warnings": list(self.warnings)}

    async def _do_attach(self, connection, request, subject):
        self._find(subject)
        kind = "raw-stream" if self.api < (1, 42) else "multiplexed-stream"
        upgrade = request.headers.get("upgrade") == "tcp"
        connection.hijack(f"application/vnd.docker.{kind}", upgrade)
        return 101, None

    async def _attached(self, connection, subject):
        """Hold the stream until either end closes it."""
        container = self._find(subject)
        connection.limit_unread(UNREAD_MAX_BYTES)
        container.stream = connection
        self.changed()
        if container.state == "exited":
            return False
        await connection.eof.wait()
        if container.init:
            container.init.stdin_changed()
        return False

    async def _do_start(self, _connection, _request, subject):
        container = self._find(subject)
        if container.state == "running":
            return 304, None
        if container.removing:
            raise EngineError(409, f"container {container.id} is marked for removal")
        container.state = "running"
        container.init = FakeInit(self, container, self.next_fault("boot") or Boot(delay_s=self.boot_s))
        return 204, None

    async def _do_inspect(self, _connection, _request, subject):
        box = self._find(subject)
        running = box.state == "running"
        return 200, {"Id": box.id, "Name": "/" + box.name, "Config": box.config,
                     "State": {"Status": box.state, "Running": running, "OOMKilled": box.oom_killed,
                               "Dead": False, "ExitCode": box.exit_code, "Error": ""}}

    async def _do_stats(self, _connection, _request, subject):
        self._find(subject)
        now = time.monotonic()
        return 200, {"cpu_stats": {"cpu_usage": {"total_usage": int(now * 1e9 * self.cpu["share"])},
                                   "throttling_data": {"periods": int(now * self.cpu["periods"])}}}

    async def _do_delete(self, connection, request, subject):
        container = self._find(subject)
        if container.removing:
            raise EngineError(409, f"removal of container {container.id} is already in progress")
        if container.state == "running" and request.query.get("force") not in ("1", "true"):
            raise EngineError(409, "You cannot remove a running container. Stop the container before "
                                   "attempting removal or force remove")
        container.removing = True
        if container.init:
            container.init.kill()
        if container.stream and container.stream.unread:
            await container.stream.lost.wait()
        container.ended(137)
        self.containers.pop(container.id, None)
        return 204, None

    async def _do_list(self, _connection, request, _subject):
        wanted = json.loads(request.query.get("filters", "{}")).get("label", [])
        everything = request.query.get("all") in ("1", "true")
        return 200, [
            {"Id": box.id, "Names": ["/" + box.name] if box.name else [], "Image": box.config.get("Image", ""),
             "State": box.state, "Labels": box.labels, "Created": int(box.created)}
            for box in [*self.containers.values(), *self.ghosts.values()]
            if (everything or box.state == "running")
            and all(label in box.labels or label in own for label in wanted
                    for own in [{f"{key}={value}" for key, value in box.labels.items()}])]
