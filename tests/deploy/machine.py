"""A Debian of its own that boots systemd, in a container of systemd-nspawn: with the units of deploy/systemd installed as
deploy/docs/systemd.md says, and the tests' engine at /srv/docker.sock. It shares the network with the host."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
UNITS = ["mayfly-broker.service", "mayfly-front.service"]
PACKAGES_SECONDS, BOOT_SECONDS, STOP_SECONDS = 1500, 300, 180
HALT = signal.SIGRTMIN + 3  # as systemd's PID 1 understands it


def make_root(folder):
    """Make a minimal Debian with systemd and the libraries of mayfly."""
    libraries = subprocess.run([ROOT / "deploy/setup.sh", "--list", "runtime"], capture_output=True, text=True, check=True)
    packages = ",".join(["systemd", *libraries.stdout.split()])
    subprocess.run(["mmdebstrap", "--quiet", "--variant=minbase", "--components=main", f"--include={packages}",
                    '--aptopt=Acquire::Languages "none"', "--dpkgopt=path-exclude=/usr/share/doc/*", "bookworm", folder],
                   stdin=subprocess.DEVNULL, timeout=PACKAGES_SECONDS, check=True)


def install(root, binary, engine_socket, settings):
    """Install as an operator does, in the order of deploy/docs/systemd.md."""
    sources = ROOT / "deploy/systemd"
    put(binary, root / "usr/bin/mayfly", 0o755)
    put(sources / "mayfly.sysusers", root / "usr/lib/sysusers.d/mayfly.conf")
    # Here the engine's group is the host's: another distribution's number for the same name.
    group = root / "usr/lib/sysusers.d/docker.conf"
    group.write_text(f"g docker {os.stat(engine_socket).st_gid}\n", encoding="ascii")
    subprocess.run(["systemd-sysusers", f"--root={root}"], check=True, capture_output=True)
    for unit in UNITS:
        put(sources / unit, root / "etc/systemd/system" / unit)
        (root / "etc/systemd/system/multi-user.target.wants" / unit).symlink_to(f"../{unit}")
    environment = root / "etc/mayfly/mayfly.env"
    environment.parent.mkdir()
    environment.write_text("".join(f"{name}={value}\n" for name, value in settings.items()), encoding="ascii")


def put(source, target, mode=0o644):
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(Path(source).read_bytes())
    target.chmod(mode)


class Machine:
    def __init__(self, root, engine_socket):
        self.root, self._socket = root, engine_socket
        (root / "srv/docker.sock").touch()

    def __enter__(self):
        self._log = (self.root / "boot.log").open("wb")
        self._nspawn = subprocess.Popen(
            ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", f"--directory={self.root}",
             f"--bind={self._socket}:/srv/docker.sock", "--boot"],
            stdin=subprocess.DEVNULL, stdout=self._log, stderr=subprocess.STDOUT, start_new_session=True)
        return self

    def __exit__(self, *_):
        if self._nspawn.poll() is None:
            self.halt()
            try:
                self._nspawn.wait(STOP_SECONDS)
            finally:
                self._nspawn.kill()
        self._log.close()
        if sys.exc_info()[0]:
            print((self.root / "boot.log").read_text(encoding="utf-8", errors="replace")[-5000:])

    def halt(self):
        """Stop every unit, then the machine."""
        os.kill(self._children()[0], HALT)

    def systemctl(self, *words):
        leader = f"--target={self._children()[0]}"
        subprocess.run(["nsenter", leader, "--all", "systemctl", *words], check=True, timeout=STOP_SECONDS)

    def wait_halted(self):
        return self._nspawn.wait(STOP_SECONDS)

    def processes(self):
        """Returns {role: pid} of the gateway's processes in the machine."""
        roles = {}
        for pid in self._descendants():
            words = read(f"/proc/{pid}/cmdline").split(b"\0")
            if words[0] == b"/usr/bin/mayfly":
                roles[words[1].decode()] = pid
        return roles

    def _children(self):
        return children_of(self._nspawn.pid)

    def _descendants(self):
        found = self._children()
        for pid in found:
            found += children_of(pid)
        return found


def children_of(pid):
    return [int(child) for child in read(f"/proc/{pid}/task/{pid}/children").split()]


def read(path):
    """Read a file of /proc, whose process may end meanwhile."""
    try:
        return Path(path).read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def wait_until(condition, what, seconds=BOOT_SECONDS):
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.1)
    return value
