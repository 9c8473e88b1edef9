"""The other end of an attach stream: it plays mayfly-init and the program that init runs.

The source of a job is its directive, a JSON object; anything else is a program that prints "hi". In the order of a run:

    stdout, stderr text to write; stdout_base64 for exact bytes; flood_bytes for that many "x", or other characters:
    flood_text, Latin-1; flood_streams: [1, 2] for both streams flood [character, bytes]: that many bytes of it to both
    streams, in turns piece_bytes size of each OUTPUT frame displays [media type, base64] of each to show; of a cell's
    also [.., number] or [.., number, is result] error texts of the exception that ends a cell: name, value, lines of
    the traceback; error_bytes for so many "e" echo write the job itself to stdout, as JSON gate, sleep_ms wait until
    the test opens the gate; wait that long. start_gate: the same before all else late_stdout text to write after the
    wait; flood_after for that many "x", display_bytes for a display of so many refuse the run is not started: a text
    cold the interpreter could not serve the job: a fresh one runs it files output files sent before the end: [path,
    text] or [path, text, size in bytes], each big_files [count, bytes]: so many, of zeros, each sent when the one
    before has been read large_files the same, filled: [path, Latin-1 text, how often] left_out how many more there were
    exit, signal, oom how the program ends cpu_time it is killed for the CPU time that it has used pids_refused how many
    processes it could not start inodes_limit of the folders that it has filled with files room_bytes of the folders
    that it has filled with bytes lose "before_started" | "after_started" | "oom": the box dies lose_at_end the same,
    when all has been written: "lost" | "oom" silent neither END nor deadline: init has stopped to answer wire what init
    does wrong: a key of WRONG below by_stdin directives by the job's stdin: the one that has it takes this one's place
    leave a text that stays in the box look write the texts that earlier runs have left in this box to stdout, 2: to
    stderr, as a JSON list reset after END, in place of READY: "dirty" (GONE), "silent", "die", "twice" (READY), or a
    key of WRONG reset_gate READY waits until the test opens the gate

A box of a session understands more: fake_session.py.
"""

import asyncio
import base64
import json
import struct
import time
from dataclasses import dataclass, field

import fake_canary
import fake_session
import wire

WARMTH_PERCENT = 75
FRAME_MAX_BYTES = 32768  # the largest that dockerd was seen to send


@dataclass(eq=False)
class Run:
    """The state and the end of a run."""

    job: wire.Job
    box: str
    begun: float = field(default_factory=time.monotonic)
    is_at_gate: bool = False  # its output so far has been sent
    end: str = ""  # "ended", "canceled" (told to, or its stdin closed), "killed" (the box was removed)


def multiplexed(stream, data):
    """Returns Docker's frames for these bytes."""
    return b"".join(
        struct.pack(">BxxxI", stream, len(data[at:at + FRAME_MAX_BYTES])) + data[at:at + FRAME_MAX_BYTES]
        for at in range(0, len(data), FRAME_MAX_BYTES))


def _wrong_type(run_id):
    return bytes([99]) + wire.frame(wire.END, run_id)[1:]


WRONG = {
    "garbage": lambda run_id: b"Traceback (most recent call last):\n" * 3,
    "unknown_type": _wrong_type,
    "version": lambda run_id: b"\x17\x63" + wire.frame(wire.END, run_id)[2:],
    "huge_payload": lambda run_id: wire.HEADER.pack(wire.OUTPUT, wire.VERSION, 0, 0xFFFFFFFF, run_id),
    "another_run": lambda run_id: wire.output(run_id ^ 1, wire.STDOUT, b"forged"),
    "bad_stream": lambda run_id: wire.output(run_id, 7, b"x"),
    "empty_output": lambda run_id: wire.frame(wire.OUTPUT, run_id),
    "empty_end": lambda run_id: wire.frame(wire.END, run_id),
    "bad_end": lambda run_id: wire.Outcome(verdict=77).frame(run_id),
    "downward": lambda run_id: wire.frame(wire.CANCEL, run_id),
    "refused": lambda run_id: wire.frame(wire.REFUSED, run_id, wire.put(wire.TAG_KIND, wire.ERR_BUSY)),
    "started_twice": lambda run_id: wire.frame(wire.STARTED, run_id),
    "file_that_nobody_asked_for": lambda run_id: wire.Artifact(b"", "a").frame(run_id),
    "empty_file": lambda run_id: wire.frame(wire.FILE, run_id),
}


class FakeInit:
    def __init__(self, engine, container, boot):
        self.engine, self.container, self.boot = engine, container, boot
        self.ready = False
        self.runs = []
        self.left = []  # texts that programs have left behind
        self.session = None  # of a session's box: fake_session.Session
        self.interrupts = []  # ids of the runs that were to be interrupted
        self._parser = wire.Parser()
        self._program = self._playing = None
        self._loop = asyncio.get_running_loop()
        entrypoint = container.config.get("Entrypoint") or []
        self._idle_s = (int(entrypoint[2]) if len(entrypoint) > 2 else 3600_000) / 1000
        self._age = self._loop.call_later(self._idle_s, self.exit, 0)
        self._boot = self._loop.create_task(self._start())

    # ---- the container's side ----

    def kill(self):
        """Kill everything by SIGKILL, without a frame."""
        self._mark("killed")
        self._halt()

    def exit(self, code, oom=False):
        self._halt()
        self.container.ended(code, oom)
        self.engine.changed()

    def stdin_changed(self):
        """Handle new bytes on stdin, or its end."""
        stream = self.container.stream
        if not self.ready or self.container.state != "running" or not stream:
            return
        if stream.inbox:
            data = bytes(stream.inbox)
            stream.inbox.clear()
            for frame in self._parser.feed(data):
                self._take(frame)
        if stream.eof.is_set() and self.container.state == "running":
            self._mark("canceled")
            self.exit(0)

    def _halt(self):
        self._age.cancel()
        for task in (self._program, self._boot):
            if task and task is not asyncio.current_task():
                task.cancel()

    def _mark(self, end):
        for run in self.runs:
            run.end = run.end or end

    # ---- its life ----

    async def _start(self):
        boot = self.boot
        if boot.delay_s:
            await asyncio.sleep(boot.delay_s)
        if boot.gate:
            await self.engine.passed(boot.gate)
        stream = self.container.stream
        if boot.stderr:
            self._put(2, boot.stderr)
        if boot.raw and stream:
            stream.write(boot.raw)
        if boot.die:
            return self.exit(1)
        if boot.stdout:
            self._put(1, boot.stdout)
        if boot.ready:
            self._put(1, wire.frame(wire.READY))
            self.ready = True
        self.engine.changed()
        if stream:
            stream.on_input = self.stdin_changed
        self.stdin_changed()

    def _take(self, frame):
        if frame.type == wire.RUN:
            run = Run(wire.decode_job(frame.payload), self.container.name)
            self.runs.append(run)
            is_canary = run.job.source.startswith(fake_canary.MARKS)
            (self.engine.canaries if is_canary else self.engine.runs).append(run)
            self.engine.changed()
            if run.job.session_ms:
                self.session = self.session or fake_session.Session()
                self._idle_s = run.job.session_ms / 1000
            self._age.cancel()
            program = self._playing = Program(self, frame.run_id, run)
            if is_canary:
                program.directive = fake_canary.answer(self.engine, self.container.config, run.job)
            self._program = self._loop.create_task(program.play())
        elif frame.type == wire.INTERRUPT:
            self.interrupts.append(frame.run_id)
            if self.session and self._playing and self._playing.run_id == frame.run_id:
                self._playing.interrupt()
            self.engine.changed()
        else:
            self._mark("canceled")
            self.exit(0)

    async def reset(self, directive):
        """Play the reset: a run has ended well, and the box may serve another one."""
        how = directive.get("reset", "clean")
        if "reset_gate" in directive:
            await self.engine.passed(directive["reset_gate"])
        if how == "dirty":
            self.send(wire.frame(wire.GONE, 0, wire.put(wire.TAG_TEXT, "processes")))
        if how in ("dirty", "die"):
            self.exit(0)
        elif how in WRONG:
            self.send(WRONG[how](0))
        elif how != "silent":
            self._age.cancel()
            self._age = self._loop.call_later(self._idle_s, self.exit, 0)
            self.send(wire.frame(wire.READY) * (2 if how == "twice" else 1))
        self.engine.changed()

    def _put(self, docker_stream, data):
        stream = self.container.stream
        if not stream:
            return
        split = self.boot.split
        if not split:
            return stream.write(multiplexed(docker_stream, data))
        framed = b"".join(multiplexed(docker_stream, data[at:at + split])
                          for at in range(0, len(data), split))
        for at in range(0, len(framed), split):
            stream.write(framed[at:at + split])

    def send(self, data):
        """Write bytes to init's stdout."""
        self._put(1, data)

    async def room(self):
        if self.container.stream:
            await self.container.stream.room()


class Program:
    """One run, which is played by its directive."""

    def __init__(self, init, run_id, run):
        self.init, self.run_id, self.run, self.job = init, run_id, run, run.job
        self.directive = self._read(run.job.source, run.job.stdin)
        if run.job.session_ms and not run.job.is_cell:
            self.directive = {}
        self.behaviour = None
        self.is_interrupted = False
        self.total = {wire.STDOUT: 0, wire.STDERR: 0}
        self.kept = {wire.STDOUT: 0, wire.STDERR: 0}
        self.begun_ns = time.monotonic_ns()

    @staticmethod
    def _read(source, stdin):
        try:
            directive = json.loads(source)
        except ValueError:
            directive = None
        if not isinstance(directive, dict):
            return {"stdout": "hi\n"}
        return directive.get("by_stdin", {}).get(bytes(stdin).decode("latin-1"), directive)

    async def play(self):
        directive, init = self.directive, self.init
        lose = directive.get("lose")
        if lose == "before_started":
            return self._die(1)
        left = list(init.left)
        if "leave" in directive:
            init.left.append(directive["leave"])
        if "refuse" in directive:
            return self._refuse()
        init.send(wire.frame(wire.STARTED, self.run_id, wire.put(wire.TAG_COLD, 1) if "cold" in directive
                             else wire.put(wire.TAG_WARMTH, WARMTH_PERCENT)))
        if lose:
            return self._die(137, oom=lose == "oom")
        if directive.get("look"):
            await self._write(int(directive["look"]), json.dumps(left).encode())
        if "wire" in directive:
            init.send(WRONG[directive["wire"]](self.run_id))
        if init.session and (why := init.session.take_files(self.job)):
            return await self._end(exit_code=1, text=why)
        timeout = None if directive.get("silent") else self.job.timeout_ms / 1000
        if self.is_interrupted:
            return await self._cut(is_late=False)
        self.behaviour = asyncio.ensure_future(self._behave())
        try:
            done, _ = await asyncio.wait([self.behaviour], timeout=timeout)
        finally:
            self.behaviour.cancel()
        if not done or self.is_interrupted:
            return await self._cut(is_late=not done)
        self.behaviour.result()
        if init.session and ({"oom", "cpu_time", "signal", "dies"} & set(directive)):
            init.session.lose()
        if "lose_at_end" in directive:
            return self._die(137, oom=directive["lose_at_end"] == "oom")
        if directive.get("oom"):
            await self._end(verdict=wire.OOM, signal=9, oom_kills=1)
        elif directive.get("cpu_time"):
            await self._end(verdict=wire.CPU_TIME)
        elif "signal" in directive:
            await self._end(verdict=wire.SIGNALED, signal=directive["signal"])
        else:
            await self._end(exit_code=directive.get("dies", directive.get("exit", 0)))

    def interrupt(self):
        """Interrupt the program. Only a session's box does this."""
        if self.behaviour is None or self.behaviour.cancel():
            self.is_interrupted = True

    async def _cut(self, is_late):
        """End the run, because it has taken too long or was interrupted."""
        session = self.init.session
        is_stubborn = session and self.directive.get("stubborn")
        if is_stubborn:
            session.lose()
        elif session and self.job.is_cell:
            self.init.send(wire.Artifact(fake_session.KEYBOARD_INTERRUPT.encode(),
                                         media_type=wire.ERROR_MEDIA_TYPE).frame(self.run_id))
        if is_late:
            await self._end(verdict=wire.TIMEOUT)
        elif is_stubborn:
            await self._end(verdict=wire.SIGNALED, signal=9, text="The cell did not obey the interrupt")
        else:
            await self._end(exit_code=1)

    async def _behave(self):
        directive = self.directive
        if "start_gate" in directive:
            await self.init.engine.passed(directive["start_gate"])
        if self.init.session:
            await self._write(wire.STDOUT, self.init.session.begin_cell(directive))
        if directive.get("echo"):
            await self._write(wire.STDOUT, self._echo())
        await self._write(wire.STDOUT, directive.get("stdout", "").encode())
        await self._write(wire.STDOUT, base64.b64decode(directive.get("stdout_base64", "")))
        await self._write(wire.STDERR, directive.get("stderr", "").encode())
        for media_type, content, *of_cell in directive.get("displays", ()):
            number, is_result = (*of_cell, 0, False)[:2]
            self.init.send(wire.Artifact(base64.b64decode(content), media_type=media_type, number=number,
                                         is_result=is_result).frame(self.run_id))
        if "error" in directive or "error_bytes" in directive:
            texts = "".join(f"{text}\0" for text in directive.get("error", ["e" * directive.get("error_bytes", 0)]))
            self.init.send(wire.Artifact(texts.encode(), media_type=wire.ERROR_MEDIA_TYPE).frame(self.run_id))
        flood = directive.get("flood_bytes", 0)
        text = directive.get("flood_text", "x").encode("latin-1")
        piece = text * ((1 << 16) // len(text))
        while flood > 0:
            for stream in directive.get("flood_streams", [wire.STDOUT]):
                await self._write(stream, piece[:flood])
            flood -= len(piece)
        character, left = directive.get("flood", ["", 0])
        while left > 0:
            for stream in (wire.STDOUT, wire.STDERR):
                await self._write(stream, character.encode() * min(left, 1 << 16))
            left -= 1 << 16
        if "gate" in directive:
            self.run.is_at_gate = True
            await self.init.engine.passed(directive["gate"])
        if "sleep_ms" in directive:
            await asyncio.sleep(directive["sleep_ms"] / 1000)
        await self._write(wire.STDOUT, directive.get("late_stdout", "").encode())
        if size := directive.get("display_bytes", 0):
            self.init.send(wire.Artifact(b"d" * size, media_type="text/plain").frame(self.run_id))
            await self.init.room()
        for left in range(directive.get("flood_after", 0), 0, -(1 << 16)):
            await self._write(wire.STDOUT, b"x" * min(left, 1 << 16))
        count, size = directive.get("big_files", [0, 0])
        for number in range(count):
            self.init.send(wire.Artifact(bytes(size), f"big{number}").frame(self.run_id))
            await self.init.room()
        if directive.get("silent"):
            await asyncio.Event().wait()

    def _echo(self):
        job = self.job
        return json.dumps({
            "runtime": job.runtime, "timeout_ms": job.timeout_ms, "args": job.args, "env": job.env,
            "stdin": job.stdin.decode(), "memory_bytes": job.memory_bytes, "pids": job.pids,
            "cpu_millis": job.cpu_millis, "cpu_time_ms": job.cpu_time_ms,
            "is_cell": job.is_cell, "output_merged": job.output_merged, "line_buffered": job.line_buffered, "output_bytes": job.output_bytes,
            "files": {path: content.decode("latin-1") for path, content in job.files.items()},
            "outputs": job.outputs, "files_bytes": job.files_bytes,
            "file_bytes": job.file_bytes}).encode()

    async def _write(self, stream, data):
        stream = wire.STDOUT if self.job.output_merged else stream
        self.total[stream] += len(data)
        data = data[:self.job.output_bytes - self.kept[stream]]
        self.kept[stream] += len(data)
        piece = self.directive.get("piece_bytes", FRAME_MAX_BYTES)
        for at in range(0, len(data), piece):
            self.init.send(wire.output(self.run_id, stream, data[at:at + piece]))
            await self.init.room()

    def _refuse(self):
        self.run.end = "refused"
        self.init.send(wire.refused(self.run_id, wire.ERR_SYSTEM, self.directive["refuse"]))
        self.init.exit(0)

    def _send_files(self):
        for path, text, *size in self.directive.get("files", []):
            artifact = wire.Artifact(text.encode(), path, size_bytes=size[0] if size else None)
            self.init.send(artifact.frame(self.run_id))
        for path, text, count in self.directive.get("large_files", []):
            self.init.send(wire.Artifact(text.encode("latin-1") * count, path).frame(self.run_id))

    def _die(self, code, oom=False):
        self.run.end = "lost"
        self.init.exit(code, oom)

    def _end_session(self):
        """Send the files of a session's box. Returns the session's fields of END."""
        session = self.init.session
        if not session:
            return {"left_out_count": self.directive.get("left_out", 0)}
        artifacts, left_out = session.artifacts(self.job)
        for artifact in artifacts:
            self.init.send(artifact.frame(self.run_id))
        dropped, session.dropped = session.dropped, self.directive.get("drops", 0)
        told = {"left_out_count": left_out, "generation": session.generation, "dropped_bytes": dropped}
        if self.directive.get("dies_later"):
            session.lose()
        return told

    async def _end(self, **fields):
        self._send_files()
        fields.update(self._end_session())
        outcome = wire.Outcome(
            wall_ns=time.monotonic_ns() - self.begun_ns, peak_memory_bytes=9 << 20,
            pids_refused_count=self.directive.get("pids_refused", 0),
            inodes_limit=self.directive.get("inodes_limit", 0),
            room_bytes=self.directive.get("room_bytes", 0),
            stdout_bytes=self.total[wire.STDOUT], stderr_bytes=self.total[wire.STDERR],
            stdout_kept_bytes=self.kept[wire.STDOUT], stderr_kept_bytes=self.kept[wire.STDERR],
            **fields)
        self.run.end = "ended"
        self.init.send(outcome.frame(self.run_id))
        if not self.job.keeps_box:
            return self.init.exit(0)
        self.init.engine.changed()
        await self.init.reset(self.directive)
