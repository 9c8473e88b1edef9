"""The wire format of gateway/common/wire.h, for tests: frames, fields, jobs and outcomes.

Written from the header, not from the C code, so that the two implementations check each other.
"""

import struct
from dataclasses import dataclass, field

VERSION = 1
HEADER = struct.Struct(">BBHIQ")  # type, version, zero, payload bytes, run id
FIELD = struct.Struct(">HI")  # tag, length

RUN, CANCEL, INTERRUPT = 1, 2, 3
READY, STATUS, PAIRED, STARTED, OUTPUT, FILE, DISPLAY, END, REFUSED, RUNTIMES, GONE, SESSION = range(16, 28)
STDOUT, STDERR = 1, 2
TYPE_NAMES = {
    RUN: "run", CANCEL: "cancel", INTERRUPT: "interrupt", READY: "ready", STATUS: "status", PAIRED: "paired",
    STARTED: "started", OUTPUT: "output", FILE: "file", DISPLAY: "display", END: "end",
    REFUSED: "refused", RUNTIMES: "runtimes", GONE: "gone", SESSION: "session",
}

TAG_RUNTIME, TAG_TIMEOUT_MS, TAG_QUEUE_TIMEOUT_MS, TAG_MEMORY_BYTES, TAG_CPU_MILLIS = range(1, 6)
TAG_PIDS, TAG_OUTPUT_BYTES, TAG_SOURCE, TAG_STDIN, TAG_ARG, TAG_ENV = range(6, 12)
TAG_FILE_PATH, TAG_FILE_CONTENT, TAG_OUTPUT_GLOB, TAG_OWNER = range(12, 16)
TAG_FILES_BYTES, TAG_DISPLAYS_BYTES, TAG_FILE_BYTES = range(16, 19)
TAG_CPU_TIME_MS, TAG_OUTPUT_MERGED, TAG_LINE_BUFFERED = range(20, 23)
TAG_BOX_SCOPE = 24
TAG_COLD = 49
TAG_ROOM_BYTES = 50
TAG_BOX_RUNS = 23
TAG_CELL, TAG_SESSION_MS, TAG_EXECUTION, TAG_TAKES_TURN = range(26, 30)
TAG_FILE_REMOVE = 31
TAG_SESSION_NAME, TAG_SESSION_RECORD, TAG_SESSION_IDLE_MS, TAG_SESSION_STATE, TAG_SESSION_REASON = range(128, 133)
TAG_SESSION_CREATED_MS, TAG_SESSION_EXPIRES_MS, TAG_SESSION_IDLE_EXPIRES_MS, TAG_SESSION_ENDED_MS = range(133, 137)
TAG_SESSION_FORGOTTEN_MS, TAG_SESSION_CELLS, TAG_SESSION_DEED = range(137, 140)
TAG_DISPLAY_NUMBER, TAG_IS_RESULT, TAG_GENERATION, TAG_DROPPED_BYTES = range(53, 57)
TAG_RUN_KEEP, TAG_WARMTH = 51, 52
TAG_VERDICT, TAG_EXIT_CODE, TAG_SIGNAL, TAG_WALL_NS, TAG_CPU_NS = range(32, 37)
TAG_PEAK_MEMORY_BYTES, TAG_OOM_KILLS, TAG_STDOUT_BYTES, TAG_STDERR_BYTES = range(37, 41)
TAG_STDOUT_KEPT_BYTES, TAG_STDERR_KEPT_BYTES, TAG_TEXT = range(41, 44)
TAG_SIZE_BYTES, TAG_MEDIA_TYPE, TAG_LEFT_OUT_COUNT = range(44, 47)
TAG_PIDS_REFUSED, TAG_INODES_LIMIT = range(47, 49)
TAG_QUEUE_NS, TAG_WARM, TAG_KIND, TAG_RETRY_MS, TAG_REUSED = range(64, 69)
TAG_READY, TAG_SAMPLES, TAG_METRIC, TAG_LABEL, TAG_NUMBER, TAG_HISTOGRAM = range(96, 102)

ERROR_MEDIA_TYPE = "application/vnd.mayfly.error"

EXITED, SIGNALED, TIMEOUT, OOM, LOST, CPU_TIME = range(1, 7)

ERR_NONE, ERR_INVALID, ERR_BUSY, ERR_DRAINING, ERR_ENGINE = range(0, 5)
ERR_GONE, ERR_TIMEOUT, ERR_PROTOCOL, ERR_SYSTEM = range(5, 9)
ERR_SESSION_BUSY, ERR_SESSION_GONE, ERR_SESSION_TAKEN, ERR_SESSION_LIMIT = range(9, 13)


SESSION_IDLE, SESSION_BUSY, SESSION_GONE = range(1, 4)
SESSION_END, SESSION_KEEP, SESSION_INTERRUPT = range(1, 4)
SESSION_REASONS = ["none", "idle_timeout", "max_lifetime", "memory_limit", "crashed", "deleted", "engine_lost",
                   "gateway_restart", "evicted"]


class WireError(Exception):
    """Bytes that are no frame or no field."""


@dataclass
class Frame:
    type: int
    run_id: int
    payload: bytes

    def __repr__(self):
        name = TYPE_NAMES.get(self.type, self.type)
        return f"Frame({name}, {self.run_id:016x}, {len(self.payload)} bytes)"


def frame(type_, run_id=0, payload=b""):
    """One frame as bytes."""
    return HEADER.pack(type_, VERSION, 0, len(payload), run_id) + payload


def put(tag, value):
    """One field as bytes: an int becomes 8 bytes, a str UTF-8."""
    if isinstance(value, int):
        value = struct.pack(">Q", value)
    elif isinstance(value, str):
        value = value.encode()
    return FIELD.pack(tag, len(value)) + value


def fields(payload):
    """The fields of a payload, in order, as (tag, bytes)."""
    position = 0
    while position < len(payload):
        if len(payload) - position < FIELD.size:
            raise WireError("a field's header is cut")
        tag, length = FIELD.unpack_from(payload, position)
        position += FIELD.size
        if len(payload) - position < length:
            raise WireError("a field's value is cut")
        yield tag, payload[position:position + length]
        position += length


def number(value):
    if len(value) != 8:
        raise WireError("a number field is not 8 bytes")
    return struct.unpack(">Q", value)[0]


class Parser:
    """Takes bytes in pieces of any size, and returns whole frames."""

    def __init__(self):
        self._rest = bytearray()

    def feed(self, data):
        """The frames that `data` completes."""
        self._rest += data
        found = []
        while len(self._rest) >= HEADER.size:
            type_, version, zero, length, run_id = HEADER.unpack_from(self._rest)
            if type_ not in TYPE_NAMES or version != VERSION or zero != 0:
                raise WireError(f"not a frame: {bytes(self._rest[:HEADER.size])!r}")
            if len(self._rest) < HEADER.size + length:
                break
            payload = bytes(self._rest[HEADER.size:HEADER.size + length])
            del self._rest[:HEADER.size + length]
            found.append(Frame(type_, run_id, payload))
        return found

    @property
    def pending(self):
        """How many bytes of an unfinished frame are held."""
        return len(self._rest)


@dataclass
class Job:
    """A job; encode() returns the payload of its RUN frame."""

    source: bytes | str
    runtime: str = "python"
    owner: str = ""
    timeout_ms: int = 30000
    queue_timeout_ms: int = 10000
    memory_bytes: int = 256 << 20
    cpu_millis: int = 1000
    pids: int = 64
    cpu_time_ms: int = 0
    output_merged: bool = False
    line_buffered: bool = False
    is_cell: bool = False
    box_scope: int = 0
    session_ms: int = 0
    session_name: str = ""
    session_idle_ms: int = 0
    session_record: bytes = b""
    execution: str = ""
    takes_turn: bool = False
    removed: list = field(default_factory=list)
    keeps_box: bool = False
    box_runs: int = 1
    output_bytes: int = 1 << 20
    displays_bytes: int = 0
    stdin: bytes | str = b""
    args: list = field(default_factory=list)
    env: dict = field(default_factory=dict)
    files: dict = field(default_factory=dict)
    outputs: list = field(default_factory=list)
    files_bytes: int = 0
    file_bytes: int = 0

    def encode(self):
        parts = [
            put(TAG_RUNTIME, self.runtime), put(TAG_OWNER, self.owner),
            put(TAG_TIMEOUT_MS, self.timeout_ms),
            put(TAG_QUEUE_TIMEOUT_MS, self.queue_timeout_ms), put(TAG_BOX_RUNS, self.box_runs),
            put(TAG_MEMORY_BYTES, self.memory_bytes), put(TAG_CPU_MILLIS, self.cpu_millis),
            put(TAG_PIDS, self.pids), put(TAG_OUTPUT_BYTES, self.output_bytes),
            put(TAG_DISPLAYS_BYTES, self.displays_bytes), put(TAG_CPU_TIME_MS, self.cpu_time_ms),
            put(TAG_OUTPUT_MERGED, int(self.output_merged)), put(TAG_LINE_BUFFERED, int(self.line_buffered)),
            put(TAG_SOURCE, self.source), put(TAG_STDIN, self.stdin),
            put(TAG_FILES_BYTES, self.files_bytes), put(TAG_FILE_BYTES, self.file_bytes),
        ]
        parts += [put(TAG_RUN_KEEP, 1)] if self.keeps_box else []
        parts += [put(TAG_CELL, 1)] if self.is_cell else []
        parts += [put(TAG_BOX_SCOPE, self.box_scope)] if self.box_scope else []
        if self.session_ms:
            parts += [put(TAG_SESSION_MS, self.session_ms), put(TAG_EXECUTION, self.execution),
                      put(TAG_TAKES_TURN, int(self.takes_turn))]
        if self.session_name:
            parts += [put(TAG_SESSION_NAME, self.session_name), put(TAG_SESSION_IDLE_MS, self.session_idle_ms),
                      put(TAG_SESSION_RECORD, self.session_record)]
        parts += [put(TAG_FILE_REMOVE, path) for path in self.removed]
        parts += [put(TAG_ARG, arg) for arg in self.args]
        parts += [put(TAG_ENV, f"{name}={value}") for name, value in self.env.items()]
        for path, content in self.files.items():
            parts += [put(TAG_FILE_PATH, path), put(TAG_FILE_CONTENT, content)]
        parts += [put(TAG_OUTPUT_GLOB, glob) for glob in self.outputs]
        return b"".join(parts)

    def frame(self, run_id=1):
        return frame(RUN, run_id, self.encode())


@dataclass
class Outcome:
    """The outcome of a run; encode() returns the payload of its END frame."""

    verdict: int = EXITED
    exit_code: int = 0
    signal: int = 0
    wall_ns: int = 1_000_000
    cpu_ns: int = 1_000_000
    peak_memory_bytes: int = 0
    oom_kills: int = 0
    pids_refused_count: int = 0
    inodes_limit: int = 0
    stdout_bytes: int = 0
    stderr_bytes: int = 0
    stdout_kept_bytes: int = 0
    stderr_kept_bytes: int = 0
    left_out_count: int = 0
    room_bytes: int = 0
    generation: int = 0  # of a session only, as the next
    dropped_bytes: int = 0
    text: str = ""

    _NUMBERS = {
        TAG_VERDICT: "verdict", TAG_EXIT_CODE: "exit_code", TAG_SIGNAL: "signal",
        TAG_WALL_NS: "wall_ns", TAG_CPU_NS: "cpu_ns",
        TAG_PEAK_MEMORY_BYTES: "peak_memory_bytes", TAG_OOM_KILLS: "oom_kills",
        TAG_STDOUT_BYTES: "stdout_bytes", TAG_STDERR_BYTES: "stderr_bytes",
        TAG_STDOUT_KEPT_BYTES: "stdout_kept_bytes", TAG_STDERR_KEPT_BYTES: "stderr_kept_bytes",
        TAG_LEFT_OUT_COUNT: "left_out_count", TAG_PIDS_REFUSED: "pids_refused_count",
        TAG_INODES_LIMIT: "inodes_limit", TAG_ROOM_BYTES: "room_bytes", TAG_GENERATION: "generation",
        TAG_DROPPED_BYTES: "dropped_bytes",
    }

    def encode(self):
        parts = [put(tag, getattr(self, name)) for tag, name in self._NUMBERS.items()]
        return b"".join(parts) + put(TAG_TEXT, self.text)

    def frame(self, run_id=1):
        return frame(END, run_id, self.encode())

    @classmethod
    def decode(cls, payload):
        outcome = cls()
        for tag, value in fields(payload):
            if tag in cls._NUMBERS:
                setattr(outcome, cls._NUMBERS[tag], number(value))
            elif tag == TAG_TEXT:
                outcome.text = value.decode()
        return outcome


def output(run_id, stream, data):
    """An OUTPUT frame as bytes."""
    return frame(OUTPUT, run_id, bytes([stream]) + data)


@dataclass
class Artifact:
    """A FILE frame's payload (path) or a DISPLAY frame's (media_type)."""

    content: bytes
    path: str = ""
    media_type: str = ""
    size_bytes: int | None = None  # of the content, when nothing else is said
    number: int = 0
    is_result: bool = False

    def encode(self):
        size = len(self.content) if self.size_bytes is None else self.size_bytes
        return (put(TAG_FILE_PATH, self.path) if self.path else b"") \
            + (put(TAG_MEDIA_TYPE, self.media_type) if self.media_type else b"") \
            + (put(TAG_DISPLAY_NUMBER, self.number) if self.number else b"") \
            + (put(TAG_IS_RESULT, 1) if self.is_result else b"") \
            + put(TAG_SIZE_BYTES, size) + put(TAG_FILE_CONTENT, self.content)

    def frame(self, run_id=1):
        return frame(FILE if self.path else DISPLAY, run_id, self.encode())

    @classmethod
    def decode(cls, payload):
        values = dict(fields(payload))
        return cls(values[TAG_FILE_CONTENT], values.get(TAG_FILE_PATH, b"").decode(),
                   values.get(TAG_MEDIA_TYPE, b"").decode(), number(values[TAG_SIZE_BYTES]),
                   number(values.get(TAG_DISPLAY_NUMBER, bytes(8))), TAG_IS_RESULT in values)


@dataclass
class SessionNotice:
    """A notice of a session from the broker: the payload of a SESSION frame."""

    state: int = SESSION_IDLE
    reason: int = 0  # an index of SESSION_REASONS
    owner: str = ""
    name: str = ""
    runtime: str = "python"
    memory_bytes: int = 256 << 20
    cpu_millis: int = 1000
    pids: int = 64
    life_ms: int = 0
    idle_ms: int = 0
    created_ms: int = 0
    expires_ms: int = 0
    idle_expires_ms: int = 0
    ended_ms: int = 0
    forgotten_ms: int = 0
    cells_count: int = 0
    generation: int = 0
    peak_memory_bytes: int = 0
    execution: str = ""
    record: bytes = b""

    _NUMBERS = {
        TAG_SESSION_STATE: "state", TAG_SESSION_REASON: "reason", TAG_MEMORY_BYTES: "memory_bytes",
        TAG_CPU_MILLIS: "cpu_millis", TAG_PIDS: "pids", TAG_SESSION_MS: "life_ms", TAG_SESSION_IDLE_MS: "idle_ms",
        TAG_SESSION_CREATED_MS: "created_ms", TAG_SESSION_EXPIRES_MS: "expires_ms",
        TAG_SESSION_IDLE_EXPIRES_MS: "idle_expires_ms", TAG_SESSION_ENDED_MS: "ended_ms",
        TAG_SESSION_FORGOTTEN_MS: "forgotten_ms", TAG_SESSION_CELLS: "cells_count", TAG_GENERATION: "generation",
        TAG_PEAK_MEMORY_BYTES: "peak_memory_bytes",
    }
    _TEXTS = {TAG_OWNER: "owner", TAG_SESSION_NAME: "name", TAG_RUNTIME: "runtime", TAG_EXECUTION: "execution"}

    def encode(self):
        parts = [put(tag, getattr(self, name)) for tag, name in {**self._NUMBERS, **self._TEXTS}.items()]
        return b"".join(parts) + (put(TAG_SESSION_RECORD, self.record) if self.record else b"")

    def frame(self, session_id):
        return frame(SESSION, session_id, self.encode())

    @classmethod
    def decode(cls, payload):
        notice = cls()
        for tag, value in fields(payload):
            if tag in cls._NUMBERS:
                setattr(notice, cls._NUMBERS[tag], number(value))
            elif tag in cls._TEXTS:
                setattr(notice, cls._TEXTS[tag], value.decode())
            elif tag == TAG_SESSION_RECORD:
                notice.record = value
        return notice


def session_order(session_id, deed, idle_ms=0, execution=""):
    """A front's SESSION frame as bytes."""
    return frame(SESSION, session_id, put(TAG_SESSION_DEED, deed) + put(TAG_SESSION_IDLE_MS, idle_ms)
                 + put(TAG_EXECUTION, execution))


def refused(run_id, kind, text):
    """A REFUSED frame as bytes."""
    return frame(REFUSED, run_id, put(TAG_KIND, kind) + put(TAG_TEXT, text) + put(TAG_RETRY_MS, 0))


def decode_job(payload):
    """Decode a RUN payload to a Job (bytes stay bytes), for fakes that replace init or broker."""
    names = {
        TAG_TIMEOUT_MS: "timeout_ms", TAG_QUEUE_TIMEOUT_MS: "queue_timeout_ms",
        TAG_MEMORY_BYTES: "memory_bytes", TAG_CPU_MILLIS: "cpu_millis", TAG_PIDS: "pids",
        TAG_OUTPUT_BYTES: "output_bytes", TAG_FILES_BYTES: "files_bytes",
        TAG_SESSION_MS: "session_ms", TAG_FILE_BYTES: "file_bytes", TAG_CPU_TIME_MS: "cpu_time_ms", TAG_BOX_RUNS: "box_runs",
        TAG_BOX_SCOPE: "box_scope", TAG_SESSION_IDLE_MS: "session_idle_ms",
    }
    switches = {TAG_OUTPUT_MERGED: "output_merged", TAG_LINE_BUFFERED: "line_buffered", TAG_RUN_KEEP: "keeps_box",
                TAG_CELL: "is_cell", TAG_TAKES_TURN: "takes_turn"}
    job = Job(source=b"")
    path = None
    for tag, value in fields(payload):
        if tag in names:
            setattr(job, names[tag], number(value))
        elif tag in switches:
            setattr(job, switches[tag], number(value) == 1)
        elif tag == TAG_RUNTIME:
            job.runtime = value.decode()
        elif tag == TAG_SESSION_NAME:
            job.session_name = value.decode()
        elif tag == TAG_SESSION_RECORD:
            job.session_record = value
        elif tag == TAG_EXECUTION:
            job.execution = value.decode()
        elif tag == TAG_OWNER:
            job.owner = value.decode()
        elif tag == TAG_SOURCE:
            job.source = value
        elif tag == TAG_STDIN:
            job.stdin = value
        elif tag == TAG_FILE_REMOVE:
            job.removed.append(value.decode())
        elif tag == TAG_ARG:
            job.args.append(value.decode())
        elif tag == TAG_ENV:
            name, _, text = value.decode().partition("=")
            job.env[name] = text
        elif tag == TAG_FILE_PATH:
            path = value.decode()
        elif tag == TAG_FILE_CONTENT:
            job.files[path] = value
        elif tag == TAG_OUTPUT_GLOB:
            job.outputs.append(value.decode())
    return job
