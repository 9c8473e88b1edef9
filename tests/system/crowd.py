"""Many hostile connections at once, idle or slow, from as many addresses of 127/8 as are needed."""

import resource
import socket
import time
from pathlib import Path

PORTS_AN_ADDRESS = 2000
HALF_A_HEAD = b"POST /api/v1/execute HTTP/1.1\r\nhost: localhost\r\nx-"


def allow_descriptors(count):
    """Let this process have as many descriptors, if its hard limit allows that."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert hard >= count, f"{count} descriptors needed, {hard} allowed"
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


def rss_bytes(pid, field="VmRSS"):
    """Returns the resident memory of a process; with the field VmHWM, its peak."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith(field + ":"))


def is_sanitized(binary):
    """Returns whether a program is built with the address sanitizer. Such a program takes more memory, and keeps freed
    memory."""
    return b"__asan_init" in Path(binary).read_bytes()


def descriptors_count(pid):
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


class Crowd:
    """Connected clients: every second one has sent nothing, the others half a head, to which drip() adds a byte."""

    def __init__(self, port, count):
        allow_descriptors(count + 500)
        self.idle, self.slow = [], []
        for number in range(count):
            client = socket.socket()
            client.bind((f"127.0.1.{1 + number // PORTS_AN_ADDRESS}", 0))
            client.connect(("127.0.0.1", port))
            if number % 2:
                client.sendall(HALF_A_HEAD)
            (self.slow if number % 2 else self.idle).append(client)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for client in self.idle + self.slow:
            client.close()

    def drip(self):
        for client in self.slow:
            client.send(b"y")


def latencies(ask, count, between=lambda number: None):
    """Returns the seconds that each of `count` calls of `ask` took, sorted."""
    seen = []
    for number in range(count):
        begun = time.perf_counter()
        ask()
        seen.append(time.perf_counter() - begun)
        between(number)
    return sorted(seen)


def percentile(sorted_values, share):
    return sorted_values[min(len(sorted_values) - 1, int(share * len(sorted_values)))]
