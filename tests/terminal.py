"""A program at a terminal of its own, and a person who types.

    with Terminal(words, environment) as terminal:
        terminal.expect(">>> ")
        terminal.type("1 + 1\\r")
"""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

WAIT_SECONDS = 30
CONTROL = {"c": "\x03", "d": "\x04", "z": "\x1a"}
UP = "\x1b[A"
# Sequences that move the cursor or colour text. They are removed, because tests read only the words.
SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]|\x1b[=>78]|\x0f|\x07")


class Terminal:
    def __init__(self, words, environment, rows=24, columns=200, **options):
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._theirs = theirs  # stays open, so that its modes can be read after the end
        self.modes = termios.tcgetattr(theirs)
        self.seen = ""
        self._at = 0
        self.process = subprocess.Popen(words, stdin=theirs, stdout=theirs, stderr=theirs, env=environment,
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0), start_new_session=True,
                                        **options)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._ours)
        if self._theirs >= 0:
            os.close(self._theirs)

    def type(self, text):
        os.write(self._ours, text.encode())

    def control(self, letter):
        self.type(CONTROL[letter])

    def expect(self, text):
        """Wait until this text comes after what was expected before. Returns the text up to it."""
        until = time.monotonic() + WAIT_SECONDS
        while True:
            plain = SEQUENCE.sub("", self.seen)
            at = plain.find(text, self._at)
            if at >= 0:
                passed = plain[self._at:at]
                self._at = at + len(text)
                return passed
            left = until - time.monotonic()
            assert left > 0 and self._read(left), f"{text!r} has not come; since then: {plain[self._at:]!r}"

    def _read(self, seconds):
        if not select.select([self._ours], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self._ours, 65536)
        except OSError:
            return False
        self.seen += data.decode(errors="replace")
        return bool(data)

    def signal(self, number):
        self.process.send_signal(number)

    def hang_up(self):
        """Hang up, as when a terminal's window is closed."""
        os.close(self._theirs)
        self._theirs = -1
        os.killpg(self.process.pid, signal.SIGHUP)

    def ended(self):
        """Wait for the end. Returns (exit code, the text after the last expected one)."""
        until = time.monotonic() + WAIT_SECONDS
        while self.process.poll() is None:
            assert time.monotonic() < until, f"it does not end: {self.seen[-2000:]!r}"
            self._read(0.05)
        while self._read(0):
            pass
        return self.process.returncode, SEQUENCE.sub("", self.seen)[self._at:]

    def is_as_before(self):
        """Returns true if the terminal has the modes that it had at the start."""
        return termios.tcgetattr(self._theirs) == self.modes
