"""The limits around a box of gVisor, which it cannot read, are in the files of the host's control groups."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from box import Container
from gateway import BINARY

CGROUPS = Path("/sys/fs/cgroup")
V2 = (CGROUPS / "cgroup.controllers").exists()


@pytest.fixture(scope="module")
def body(engine):
    done = subprocess.run([BINARY, "check", "--print-create"], capture_output=True, check=True, timeout=60,
                          env={"DOCKER_HOST": engine.host})
    return json.loads(done.stdout)


def group_file(box, controller, name):
    (folder,) = (CGROUPS / ("" if V2 else controller)).rglob("*" + box.id)
    return (folder / name).read_text(encoding="ascii").split()


def processes(box):
    """Of the sandbox: its kernel, and what opens files for it."""
    found = {}
    for folder in Path("/proc").iterdir():
        try:
            words = (folder / "cmdline").read_bytes() if folder.name.isdigit() else b""
        except OSError:
            continue
        name = words.split(b"\0")[0].decode()
        if name in ("runsc-sandbox", "runsc-gofer") and box.id.encode() in words:
            found[name] = folder
    return found


def test_the_hosts_limits_are_as_asked(engine, body):
    host = body["HostConfig"]
    with Container(engine.socket, body) as box:
        if V2:
            seen = [group_file(box, "", name) for name in ("memory.max", "memory.swap.max", "pids.max", "cpu.max")]
            assert seen == [[str(host["Memory"])], ["0"], [str(host["PidsLimit"])],
                            [str(host["NanoCpus"] // 10**4), "100000"]]
            return
        seen = [group_file(box, *name) for name in (
            ("memory", "memory.limit_in_bytes"), ("memory", "memory.memsw.limit_in_bytes"), ("pids", "pids.max"),
            ("cpu", "cpu.cfs_quota_us"), ("cpu", "cpu.cfs_period_us"), ("cpu", "cpu.shares"))]
        assert [int(value) for (value,) in seen] == [
            host["Memory"], host["MemorySwap"], host["PidsLimit"], host["NanoCpus"] // 10**4, 100000, host["CpuShares"]]


def test_its_kernel_is_fenced_itself_and_the_first_to_go(engine, body):
    with Container(engine.socket, body) as box:
        found = processes(box)
        assert set(found) == {"runsc-sandbox", "runsc-gofer"}
        for folder in found.values():
            assert int((folder / "oom_score_adj").read_text()) == body["HostConfig"]["OomScoreAdj"]
            facts = dict(line.split(":\t", 1) for line in (folder / "status").read_text().splitlines())
            assert facts["Seccomp"] == "2"
            for name in ("net", "mnt", "pid", "ipc"):
                assert os.readlink(folder / "ns" / name) != os.readlink(f"/proc/self/ns/{name}"), name
