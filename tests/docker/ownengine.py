"""An engine that a test may kill, stop and starve: private, in a folder of its own, with the image of the session's
engine."""

import os
import signal
import subprocess
import time
from pathlib import Path

import leftovers
from realengine import IMAGE, Engine

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 90


class OwnEngine(Engine):
    def __init__(self, state):
        super().__init__()
        self.state = Path(state)
        self._settings = {name: os.environ[name] for name in os.environ if name != "DOCKER_HOST"}
        self._settings["MAYFLY_STATE"] = str(self.state)
        self.socket = str(self.state / "engine/run/docker.sock")
        self.host = f"unix://{self.socket}"
        self._dockerd = None  # one that we started again

    def _script(self, *words):
        # Not captured: what it leaves running would hold the pipe open.
        with open(self.state / "script.log", "a", encoding="utf-8") as log:
            code = subprocess.run(self._command_line(words), env=self._settings,
                                  timeout=START_SECONDS, stdin=subprocess.DEVNULL, stdout=log,
                                  stderr=log, check=False).returncode
        assert code == 0, (words, (self.state / "script.log").read_text(encoding="utf-8"))

    def _command_line(self, words):
        return [ROOT / "deploy/engine.sh", *words]

    def start(self, *args):
        """Start the engine; with arguments, like Engine.start."""
        if args:
            return super().start(*args)
        return self._script("start")

    def stop(self, purge=False):
        self._script("stop", *(["--purge"] if purge else []))

    def take_image(self, other):
        """Copy the boxes' image over from another engine."""
        archive = self.state / "image.tar"
        other.docker("save", "-o", str(archive), IMAGE)
        self.load_image()

    def load_image(self):
        self.docker("load", "-i", str(self.state / "image.tar"))

    def pid(self):
        """Returns dockerd's pid."""
        return int((self.state / "engine/run/dockerd.pid").read_text(encoding="ascii"))

    def _words(self):
        return Path(f"/proc/{self.pid()}/cmdline").read_bytes().decode().split("\0")[:-1]

    def cgroup(self):
        """Returns the parent of its containers' cgroups, below the root of each hierarchy."""
        words = self._words()
        return words[words.index("--cgroup-parent") + 1].strip("/")

    def remains(self, idle_shims=True):
        """Returns the traces of this engine's containers on the machine, independently of the engine: shims, cgroups,
        mounts. Without idle_shims, includes only shims that have a process."""
        parent = self.cgroup()
        shims = [leftovers.read(folder / "cmdline") for folder in leftovers.process_folders()
                 if idle_shims or leftovers.read(folder / f"task/{folder.name}/children")]
        shims = [line for line in shims if "containerd-shim" in line and str(self.state) in line]
        groups = [str(folder) for pattern in (parent, f"*/{parent}") for found in Path("/sys/fs/cgroup").glob(pattern)
                  for folder in found.iterdir() if leftovers.CONTAINER_ID.fullmatch(folder.name)]
        mounts = [line for line in leftovers.read(Path(f"/proc/{self.pid()}/mountinfo")).splitlines()
                  if str(self.state) in line and leftovers.CONTAINER_ID.search(line)]
        return shims + groups + mounts

    def signal(self, number):
        os.kill(self.pid(), number)

    def restart(self):
        """Kill dockerd by SIGKILL and start it again unchanged, as an init system would: containerd continues."""
        pid = self.pid()
        words = self._words()
        mounts = os.open(f"/proc/{pid}/ns/mnt", os.O_RDONLY)
        self.kill()
        self._wait_ended(pid)
        with open(self.state / "script.log", "a", encoding="utf-8") as log:
            self._dockerd = subprocess.Popen(
                ["nsenter", f"--mount=/proc/self/fd/{mounts}", *words], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, pass_fds=[mounts], start_new_session=True)
        os.close(mounts)

    def _wait_ended(self, pid):
        """Wait until it has ended and is reaped: a new dockerd would count a zombie as a running one."""
        deadline = time.monotonic() + START_SECONDS
        while os.path.exists(f"/proc/{pid}"):
            assert time.monotonic() < deadline, f"dockerd {pid} does not end"
            if self._dockerd:
                self._dockerd.poll()
            time.sleep(0.01)

    def wait_answers(self):
        deadline = time.monotonic() + START_SECONDS
        while self.run("version").returncode != 0:
            assert time.monotonic() < deadline, (self.state / "script.log").read_text(encoding="utf-8")
            time.sleep(0.1)

    def kill(self):
        """Kill only dockerd by SIGKILL: containers, their shims and containerd continue."""
        pid = self.pid()
        os.kill(pid, signal.SIGKILL)
        return pid
