"""Each proof of a clean box is needed: an offence that it names is not seen by an init that has all proofs but that one.

Where no program can offend, root does so from outside: to the zygote, or in the box's namespaces.
"""

import os
import re
import shutil
import subprocess
import time

import pytest

import reused
from gateway import ROOT
from reused import LEAVE, KeptBox, job_of, program

INIT = ROOT / "runner-image/init"
COMMON = ROOT / "gateway/common"
PROOFS = re.findall(r'^    \{"(\w+)", look_at_\w+\},$', (INIT / "proof.c").read_text(encoding="utf-8"), re.MULTILINE)
LOOKS = dict(re.findall(r'^    \{"(\w+)", (look_at_\w+)\},$', (INIT / "proof.c").read_text(encoding="utf-8"),
                        re.MULTILINE))
FLAGS = ("-std=gnu11", "-D_GNU_SOURCE", f"-I{ROOT / 'gateway'}", "-O1", "-fPIE")

QUEUE = """
import ctypes, os
os.setgid({uid}); os.setuid({uid})
assert ctypes.CDLL("librt.so.1").mq_open(b"/left", os.O_CREAT | os.O_RDWR, 0o600, None) >= 0
"""


class Offender:
    """Root, beside a box that waits for its next job."""

    def __init__(self, box):
        self.init = box.state()["Pid"]
        children = [int(pid) for pid in os.listdir("/proc") if pid.isdigit() and self._parent(pid) == self.init]
        self.zygote = min(children, key=self._start)

    @staticmethod
    def _stat(pid):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
                return file.read().rpartition(")")[2].split()
        except OSError:
            return ["", "0"]

    def _parent(self, pid):
        return int(self._stat(pid)[1])

    def _start(self, pid):
        return int(self._stat(pid)[19])

    def run(self, *command):
        subprocess.run(command, check=True, timeout=reused.SECONDS, stdout=subprocess.DEVNULL)

    def run_as_box(self, *command):
        """Where root may not."""
        uid = self.uid()
        self.run("setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", *command)

    def uid(self):
        return os.stat(f"/proc/{self.zygote}/root/box").st_uid

    def enter(self, spaces, *command):
        self.run("nsenter", "-t", str(self.init), *spaces, *command)

    def write(self, name, text):
        with open(f"/proc/{self.zygote}/{name}", "w", encoding="utf-8") as file:
            file.write(text)


def add_process(offender):
    """It waits, and ends with the box: its PID namespace does."""
    with subprocess.Popen(["nsenter", "-t", str(offender.init), "-p", "sh", "-c", "sleep 1000 </dev/null >/dev/null & "],
                          stdin=subprocess.DEVNULL) as child:
        assert child.wait(reused.SECONDS) == 0


def make_queue(offender):
    """Init removes it, and the folder's time is what stays. That has whole seconds: the one of its birth must be over."""
    folder = f"/proc/{offender.zygote}/root/dev/mqueue"
    end = reused.deadline()
    while time.time() < os.stat(folder).st_mtime + 1.1:
        assert time.monotonic() < end
        time.sleep(0.01)
    offender.enter(["-i"], "/usr/bin/python3", "-c", QUEUE.format(uid=offender.uid()))


# What each proof alone sees: root's offence, or a program of reuse/.
OFFENCES = {
    "processes": add_process,
    "zygote": lambda offender: offender.write("timerslack_ns", "123456"),
    "status": lambda offender: offender.run("taskset", "-p", "1", str(offender.zygote)),
    "scheduling": lambda offender: offender.run("renice", "-n", "5", "-p", str(offender.zygote)),
    "limits": lambda offender: offender.run_as_box("prlimit", "--pid", str(offender.zygote), "--nofile=100:100"),
    "oom_score": lambda offender: offender.write("oom_score_adj", "700"),
    "box": "rights_of_box",
    "tmp": "rights_of_tmp",
    "shm": "time_of_shm",
    "devices": "time_of_a_link",
    "posix_queues": make_queue,
    "system_v": lambda offender: offender.enter(["-i"], "ipcmk", "-M", "4096"),
    "network": "datagrams",
    "names": lambda offender: offender.enter(["-u"], "hostname", "left"),
    "mounts": lambda offender: offender.enter(["-m"], "mount", "-t", "tmpfs", "none", "/srv"),
    "oom_kills": "child_out_of_memory",
    "refused_processes": "too_many_processes",
    "memory": "memory_of_the_kernel",
    "quota": "exhausted_quota",
}
# A box that has used up its quota waits for the next period: here that is a long way off.
LONG_PERIOD = ("#define PROOF_PERIOD_MS 100\n", "#define PROOF_PERIOD_MS 3600000\n")


def common_sources():
    """Those that the image's init is built with."""
    [names] = re.findall(r"static-pie runner-image/init/\*\.c \\\n +\$\(common ([a-z_0-9 ]+)\)",
                         (ROOT / "runner-image/Dockerfile").read_text(encoding="utf-8"))
    return [COMMON / f"{name}.c" for name in names.split()]


def compile_all(sources, folder):
    for source in sources:
        subprocess.run(["gcc", *FLAGS, "-c", source, "-o", folder / f"{source.stem}.o"], check=True,
                       timeout=reused.SECONDS)


class Mutants:
    """Inits without one of the proofs."""

    def __init__(self, folder):
        self.folder = folder
        self.sources = folder / "runner-image/init"
        shutil.copytree(INIT, self.sources)
        shutil.copy(ROOT / "runner-image/protocol.h", folder / "runner-image")
        header = self.sources / "proof.h"
        text = header.read_text(encoding="utf-8")
        assert LONG_PERIOD[0] in text
        header.write_text(text.replace(*LONG_PERIOD), encoding="utf-8")
        compile_all([*self.sources.glob("*.c"), *common_sources()], folder)

    def without(self, proof):
        """The path of an init that lacks the proof; None: of one that has all."""
        source = self.sources / "proof.c"
        text = source.read_text(encoding="utf-8")
        mutated = text
        if proof:
            look = f"static bool {LOOKS[proof]}(struct scene *scene, struct buf *out)\n{{\n"
            seen = "ALONE" if proof == "processes" else '""'
            assert look in text
            mutated = text.replace(look, f"{look}    (void)scene; return buf_append_string(out, {seen});\n")
            if proof == "processes":
                mutated = mutated.replace("/* ---- the looks ---- */", '#define ALONE "2"')
        source.write_text(mutated, encoding="utf-8")
        compile_all([source], self.folder)
        source.write_text(text, encoding="utf-8")
        program_path = self.folder / f"init-{proof}"
        subprocess.run(["gcc", "-static-pie", *self.folder.glob("*.o"), "-o", program_path], check=True,
                       timeout=reused.SECONDS)
        return program_path


@pytest.fixture(scope="module")
def mutants(tmp_path_factory):
    return Mutants(tmp_path_factory.mktemp("mutants"))


def word_after(engine, init, offence):
    """What becomes of a box with that init after the offence."""
    body = reused.document(engine)
    body["HostConfig"]["Binds"] = [f"{init}:/mayfly-init:ro"]
    if offence == "exhausted_quota":
        body["HostConfig"]["NanoCpus"] = 10**8  # so little that even a busy host gives it
    with KeptBox(engine, body) as box:
        if not callable(offence):
            return box.serve(program(offence, [LEAVE]), **job_of(offence))[1]
        assert box.serve("pass")[1] is None
        offence(Offender(box))
        return box.serve("pass")[1]


def test_there_is_an_offence_for_each_proof():
    assert sorted(PROOFS) == sorted(OFFENCES) and len(PROOFS) >= 18


@pytest.mark.parametrize("proof", PROOFS)
def test_without_the_proof_its_offence_is_not_seen(engine, mutants, proof):
    assert word_after(engine, mutants.without(None), OFFENCES[proof]) == proof
    assert word_after(engine, mutants.without(proof), OFFENCES[proof]) is None
