"""The ways in which a call to the fake engine, or the start of a box, can go wrong."""

from dataclasses import dataclass

FOREVER = 1 << 30  # a count of calls


@dataclass
class Fault:
    """A fault replaces the answer to a call. With `after`, the call has its effect first."""

    action: str = ""
    status: int = 500
    delay_s: float = 0
    after: bool = False
    warnings: tuple = ()
    data: bytes = b""
    message: str = ""


def close(after=False):
    return Fault("close", after=after)


def status(code, after=False, message="scripted failure"):
    return Fault("status", status=code, after=after, message=message)


def hang(after=False):
    return Fault("hang", after=after)


def slow(seconds):
    return Fault("slow", delay_s=seconds)


def garbage(after=True):
    """Answer with a good status line and a wrong body."""
    return Fault("garbage", after=after)


def cut_head(after=False):
    """End the connection inside the answer's header."""
    return Fault("cut_head", after=after)


def cut_body(after=True):
    """End the connection inside the answer's body (for an attach: directly after the 101)."""
    return Fault("cut_body", after=after)


def raw(data, after=True):
    """Send these bytes in place of the answer, and end the connection."""
    return Fault("raw", after=after, data=data)


def drip(after=True):
    """Send a good answer, one byte each tenth of a second."""
    return Fault("drip", delay_s=0.1, after=after, data=b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")


def warnings(*texts):
    return Fault("warnings", warnings=texts, after=True)


@dataclass
class Boot:
    """The start of a box's init, scripted with kind "boot"."""

    ready: bool = True
    delay_s: float = 0
    gate: str = ""           # the test opens it: Engine.open
    die: bool = False        # the stream ends before READY
    split: int = 0           # bytes in each Docker frame and in each write; 0: whole
    stdout: bytes = b""      # raw bytes put on the stream in place of READY
    raw: bytes = b""         # bytes put on the connection outside any Docker frame
    stderr: bytes = b""      # init's diagnostics
