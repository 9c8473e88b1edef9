"""The interpreter of a session: runs one cell after the other in __main__, as mayfly-init hands them over.

protocol.h describes the messages between init and this process. A cell leaves everything to the next one: variables,
event loop, threads and files. Cells come through a descriptor with a high number. A program can misuse this descriptor,
so init believes only the report that a cell has ended. If no report comes, init ends this process.

Before the first cell, only modules are imported that every interpreter has imported already.
"""

import _socket
import builtins
import os
import sys

import mayfly_cell
import mayfly_displays

FD_MIN = 1001
ARRAY_BYTES = _socket.CMSG_LEN(4)
# Numbers of wire_tag.h.
SOURCE, STDIN, DISPLAYS_BYTES, OUTPUT_MERGED = 8, 9, 17, 21
HEADER_BYTES, FIELD_HEADER_BYTES = 16, 6


def fields_of(frame):
    """Returns the fields of a RUN frame by tag. Of several fields with one tag, the last counts."""
    fields, at = {}, HEADER_BYTES
    while at + FIELD_HEADER_BYTES <= len(frame):
        tag = int.from_bytes(frame[at:at + 2], "big")
        end = at + FIELD_HEADER_BYTES + int.from_bytes(frame[at + 2:at + FIELD_HEADER_BYTES], "big")
        fields[tag] = frame[at + FIELD_HEADER_BYTES:end]
        at = end
    return fields


def read_all(fd):
    """Returns the whole content of a file in memory, and closes the file."""
    parts = []
    while part := os.pread(fd, 1 << 20, sum(map(len, parts))):
        parts.append(part)
    os.close(fd)
    return b"".join(parts)


class Interrupts:
    """Lets SIGINT interrupt a running cell and nothing else.

    Between cells, SIGINT is ignored, and the program's handler is kept for the next cell.
    """

    def __init__(self):
        import _signal
        self.signal = _signal
        self.handler = _signal.getsignal(_signal.SIGINT)
        self.refuse()

    def allow(self):
        self.signal.signal(self.signal.SIGINT, self.handler)

    def refuse(self):
        while True:
            try:
                handler = self.signal.getsignal(self.signal.SIGINT)
                self.signal.signal(self.signal.SIGINT, self.signal.SIG_IGN)
            except KeyboardInterrupt:
                continue  # it came too late for the cell
            if handler is not None and handler != self.signal.SIG_IGN:
                self.handler = handler
            return


class Input:
    """The standard input of each cell: a file in memory, as sys.stdin and as descriptor 0."""

    @staticmethod
    def replace(data):
        import io
        fd = os.memfd_create("stdin")
        os.write(fd, data) if data else None
        os.lseek(fd, 0, os.SEEK_SET)
        os.dup2(fd, 0, inheritable=True)
        os.close(fd)
        sys.stdin = sys.__stdin__ = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, closefd=False)), "utf-8",
                                                     "surrogateescape")


class Output:
    """Descriptor 2 of each cell: the pipe of stderr, or that of stdout if the job merges them.

    It is set only when this changes, so a cell's own redirection lasts beyond the cell.
    """

    def __init__(self):
        import fcntl
        self.pipes = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, FD_MIN) for fd in (2, 1)]
        self.is_merged = False

    def merge(self, is_merged):
        if is_merged != self.is_merged:
            os.dup2(self.pipes[is_merged], 2, inheritable=True)
        self.is_merged = is_merged


def keep_source(path, source):
    """Keep the lines of a cell for tracebacks, which would look for them in a file."""
    import linecache
    text = source.decode("utf-8", "replace")
    linecache.cache[path] = (len(source), None, text.splitlines(True), path)


def exit_code(reason):
    """Returns the exit code of a cell that calls sys.exit(reason). The session continues."""
    if reason is None:
        return 0
    if isinstance(reason, int):
        return reason & 0xFF
    print(reason, file=sys.stderr)
    return 1


def flush():
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):
            pass


def show_figures():
    """Show the figures that the cell has left open, and close them, as a notebook does."""
    helpers = sys.modules.get("matplotlib._pylab_helpers")
    if helpers is not None:
        mayfly_displays.show_left_open()
        helpers.Gcf.destroy_all()


class Session:
    def __init__(self, control_fd):
        import fcntl
        fd = fcntl.fcntl(control_fd, fcntl.F_DUPFD_CLOEXEC, FD_MIN)
        os.close(control_fd)
        self.control = _socket.socket(fileno=fd)
        self.names = sys.modules["__main__"].__dict__
        for name in ("__file__", "__cached__"):
            self.names.pop(name, None)
        self.loop = mayfly_cell.Loop()
        self.count = 0
        self.pid = os.getpid()
        self.interrupts = Interrupts()
        self.output = Output()

    def next_cell(self):
        """Wait for the next cell. Returns its fields, or None when init has ended."""
        while True:
            try:
                word, parts, *_ = self.control.recvmsg(1, _socket.CMSG_SPACE(4))
            except KeyboardInterrupt:
                continue
            if not word:
                return None
            for level, kind, data in parts:
                if level == _socket.SOL_SOCKET and kind == _socket.SCM_RIGHTS:
                    return fields_of(read_all(int.from_bytes(data[:4], sys.byteorder)))

    def run(self, source, path):
        """Returns the exit code."""
        try:
            self.interrupts.allow()
            code = mayfly_cell.run_source(source, self.names, path, self.loop)
            show_figures()
        except SystemExit as end:
            code = exit_code(end.code)
        except BaseException as error:  # an interrupt between our own lines
            mayfly_cell.report(error, path)
            code = 1
        finally:
            self.interrupts.refuse()
        return 1 if code == mayfly_cell.INTERRUPTED else code

    def serve(self):
        self.control.sendmsg([b"s"])
        while (fields := self.next_cell()) is not None:
            self.count += 1
            path = f"<cell {self.count}>"
            source = fields.get(SOURCE, b"")
            mayfly_displays.begin(int.from_bytes(fields.get(DISPLAYS_BYTES, b""), "big"))
            Input.replace(fields.get(STDIN, b""))
            self.output.merge(any(fields.get(OUTPUT_MERGED, b"")))
            keep_source(path, source)
            code = self.run(source, path)
            flush()
            if os.getpid() != self.pid:
                os._exit(code)  # a process that the cell has forked
            self.control.sendmsg([b"e" + bytes([code])])


def remember(value):
    builtins._ = value


def run(control_fd):
    """Serve until init has ended."""
    mayfly_cell.begin()
    mayfly_cell.on_value = remember
    Session(control_fd).serve()
    os._exit(0)
