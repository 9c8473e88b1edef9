"""One box on a real engine, driven by frames as the broker drives it, without a gateway in between."""

import http.client
import itertools
import json
import os
import socket
import struct
import time

import wire

# The tag of the images of the chosen Debian (deploy/lib.sh), and the version of its Python.
SUITE = os.environ.get("MAYFLY_BASE_SUITE") or "bookworm"
TAG, PYTHON_VERSION = {"bookworm": ("latest", "3.11.2"), "trixie": ("3.13", "3.13.5")}[SUITE]
PYTHON = tuple(map(int, PYTHON_VERSION.split(".")[:2]))
IMAGE = f"mayfly-python:{TAG}"
DATA_IMAGE = f"mayfly-python-data:{TAG}"
LIBRARY = "/usr/lib/python{}.{}".format(*PYTHON)
TEMPLATE = "/usr/lib/mayfly/python-template"
UID = 201000
WARMUP_STEPS = "MAYFLY_WARMUP_STEPS"
ALL_STEPS = 1000  # more than there are: no job comes before the last
ENV = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/tmp",
       "LANG=C.UTF-8", "USER=mayfly", "LOGNAME=mayfly"]
MIB = 1 << 20

_serials = itertools.count(1)


class Connection(http.client.HTTPConnection):
    """HTTP over the engine's Unix socket."""

    def __init__(self, path, timeout=60):
        super().__init__("engine", timeout=timeout)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def call(path, method, target, body=None):
    """Make a call of the engine's API. Returns its JSON answer; None if it has none."""
    connection = Connection(path)
    try:
        connection.request(method, target, json.dumps(body) if body is not None else None,
                           {"Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status < 300, f"{method} {target}: {answer.status} {text!r}"
        return json.loads(text) if text else None
    finally:
        connection.close()


def create_body(entrypoint, command, memory_bytes=256 * MIB, pids=64, env=ENV, image=IMAGE,
                tmpfs_bytes=64 * MIB, tmpfs_inodes=16384):
    """Returns the hardening that every box has, written independently of spec.c."""
    tmpfs = (f"rw,nosuid,nodev,size={tmpfs_bytes},nr_inodes={tmpfs_inodes},mode=0755,uid={UID},"
             f"gid={UID}")
    return {
        "Image": image, "Entrypoint": entrypoint, "Cmd": command, "Env": env,
        "User": f"{UID}:{UID}", "WorkingDir": "/box", "Tty": False,
        "OpenStdin": True, "StdinOnce": True,
        "AttachStdin": True, "AttachStdout": True, "AttachStderr": True,
        "StopSignal": "SIGKILL", "StopTimeout": 1, "NetworkDisabled": True,
        "HostConfig": {
            "NetworkMode": "none", "ReadonlyRootfs": True, "CapDrop": ["ALL"],
            "SecurityOpt": ["no-new-privileges"], "PidsLimit": pids,
            "Memory": memory_bytes, "MemorySwap": memory_bytes, "NanoCpus": 1000000000,
            "OomScoreAdj": 500, "CgroupnsMode": "private", "IpcMode": "private",
            "ShmSize": 16 * MIB, "Tmpfs": {"/box": tmpfs, "/tmp": tmpfs},
            "LogConfig": {"Type": "none"}, "Ulimits": [{"Name": "core", "Soft": 0, "Hard": 0}],
        },
    }


class Container:
    """A container with its three streams attached. A context: it is removed at the end."""

    def __init__(self, engine_socket, body):
        self._engine = engine_socket
        name = f"mayfly-test-{os.getpid()}-{next(_serials)}"
        created = call(engine_socket, "POST", f"/containers/create?name={name}", body)
        self.id = created["Id"]
        self.stderr = bytearray()
        self.ended = False
        self._rest = bytearray()
        try:
            self._socket = self._attach()
            call(engine_socket, "POST", f"/containers/{self.id}/start")
        except BaseException:
            self.remove()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()
        self.remove()

    def remove(self):
        call(self._engine, "DELETE", f"/containers/{self.id}?force=1&v=1")

    def _attach(self):
        connection = Connection(self._engine)
        connection.connect()
        request = (f"POST /containers/{self.id}/attach?stream=1&stdin=1&stdout=1&stderr=1 HTTP/1.1"
                   "\r\nHost: engine\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n")
        connection.sock.sendall(request.encode())
        head = bytearray()
        while b"\r\n\r\n" not in head:
            got = connection.sock.recv(1)
            assert got, f"attach: {bytes(head)!r}"
            head += got
        assert head.startswith(b"HTTP/1.1 101"), bytes(head)
        return connection.sock

    def send(self, data):
        self._socket.settimeout(60)
        self._socket.sendall(data)

    def close_stdin(self):
        self._socket.shutdown(socket.SHUT_WR)

    def read(self, deadline):
        """Returns the next bytes of the container's stdout; b"" at its end. Its stderr is collected in .stderr."""
        while True:
            while len(self._rest) >= 8:
                stream, length = struct.unpack_from(">B3xI", self._rest)
                if len(self._rest) < 8 + length:
                    break
                data = bytes(self._rest[8:8 + length])
                del self._rest[:8 + length]
                if stream == 1:
                    return data
                self.stderr += data
            left = deadline - time.monotonic()
            assert left > 0, f"nothing came in time; stderr: {bytes(self.stderr)!r}"
            self._socket.settimeout(left)
            got = self._socket.recv(1 << 16)
            if not got:
                self.ended = True
                return b""
            self._rest += got

    def exit_code(self):
        """Wait for the container's end."""
        return call(self._engine, "POST",
                    f"/containers/{self.id}/wait?condition=not-running")["StatusCode"]

    def state(self):
        return call(self._engine, "GET", f"/containers/{self.id}/json")["State"]


class Result:
    """The results of a run: both streams whole, and the outcome (None if END never came)."""

    def __init__(self):
        self.stdout = bytearray()
        self.stderr = bytearray()
        self.outcome = None
        self.frames = []
        self.displays = []  # (media type, content)
        self.output_frames = 0
        self.files = []
        self.refusal = None  # what a REFUSED frame said
        self.cold = None  # whether STARTED said so
        self.warmth = None  # what STARTED said, in percent

    @property
    def returncode(self):
        """Returns the exit code as Python's subprocess has it."""
        if self.outcome.verdict == wire.EXITED:
            return self.outcome.exit_code
        return -self.outcome.signal


class Box(Container):
    """A container whose PID 1 is mayfly-init."""

    def __init__(self, engine_socket, template=(TEMPLATE,), idle_ms=60000, ready=True, steps=ALL_STEPS, body=None,
                 **limits):
        """steps: the warm-up stops after this many steps, and a job is taken only then. None: as in production."""
        if steps is not None and template == (TEMPLATE,):
            limits["env"] = [*limits.get("env", ENV), f"{WARMUP_STEPS}={steps}"]
        super().__init__(engine_socket, body or create_body(
            ["/mayfly-init", "--idle-ms", str(idle_ms), "--"], list(template), **limits))
        self._parser = wire.Parser()
        self._frames = []
        if ready:
            first = self.next_frame(time.monotonic() + 120)
            assert first is not None and first.type == wire.READY, (first, bytes(self.stderr))

    def next_frame(self, deadline):
        """Returns the next frame from init; None at its end."""
        while not self._frames:
            data = self.read(deadline)
            if not data:
                return None
            self._frames += self._parser.feed(data)
        return self._frames.pop(0)

    def collect(self, result, seconds=30, run_id=1):
        """Read frames into result until END or REFUSED, or the end of the stream."""
        deadline = time.monotonic() + seconds
        while result.outcome is None and result.refusal is None:
            frame = self.next_frame(deadline)
            if frame is None:
                break
            assert frame.run_id == run_id, frame
            result.frames.append(frame.type)
            if frame.type == wire.OUTPUT:
                stream = result.stdout if frame.payload[0] == wire.STDOUT else result.stderr
                stream += frame.payload[1:]
                result.output_frames += 1
            elif frame.type == wire.STARTED:
                told = dict(wire.fields(frame.payload))
                result.cold = wire.TAG_COLD in told
                result.warmth = wire.number(told[wire.TAG_WARMTH])
            elif frame.type == wire.DISPLAY:
                parts = dict(wire.fields(frame.payload))
                result.displays.append((parts[wire.TAG_MEDIA_TYPE].decode(),
                                        parts[wire.TAG_FILE_CONTENT]))
            elif frame.type == wire.FILE:
                result.files.append(wire.Artifact.decode(frame.payload))
            elif frame.type == wire.REFUSED:
                result.refusal = dict(wire.fields(frame.payload))[wire.TAG_TEXT].decode()
            elif frame.type == wire.END:
                result.outcome = wire.Outcome.decode(frame.payload)
        return result

    def run(self, source, seconds=90, **job):
        """Run one job to its end."""
        self.send(wire.Job(source, **job).frame(1))
        return self.collect(Result(), seconds)
