"""After many runs of every fate and a Ctrl-C, nothing of ours is left on the machine."""

import json
import os
import re
import signal
from pathlib import Path

from gateway import Gateway
from mixed import mixed_runs

RUNS = 200
CONTAINER_ID = re.compile(r"\b[0-9a-f]{64}\b")


def containers(engine, instance=None):
    """The ids of all containers, or of those that one gateway has made."""
    only = ("--filter", f"label=mayfly.instance={instance}") if instance else ()
    return set(engine.docker("ps", "-aq", "--no-trunc", *only).split())


def instances(engine):
    ids = engine.managed()
    boxes = json.loads(engine.docker("inspect", *ids)) if ids else []
    return {box["Config"]["Labels"]["mayfly.instance"] for box in boxes}


def read(path):
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def process_folders():
    return [folder for folder in Path("/proc").iterdir() if folder.name.isdigit()]


def ids_of_processes():
    """The containers whose processes live."""
    return {found for folder in process_folders()
            for found in CONTAINER_ID.findall(read(folder / "cgroup"))}


def ids_of_mounts():
    """The containers that have something mounted, as any engine or the host sees it."""
    views = [folder for folder in process_folders()
             if read(folder / "comm").strip() in ("dockerd", "containerd") or folder.name == "1"]
    return {found for folder in views for found in CONTAINER_ID.findall(read(folder / "mountinfo"))}


def ids_of_cgroups():
    return {found for _, names, _ in os.walk("/sys/fs/cgroup")
            for name in names for found in CONTAINER_ID.findall(name)}


def ids_of_files(engine):
    """The containers that the engine keeps files of."""
    root = engine.docker("info", "--format", "{{.DockerRootDir}}").strip()
    return {path.name for path in Path(root, "containers").glob("*")}


def leftover_ids(engine):
    """Ids that something on the machine still carries, and no container has."""
    carried = ids_of_processes() | ids_of_mounts() | ids_of_cgroups() | ids_of_files(engine)
    return carried - containers(engine)


def own_files():
    places = [Path("/run/mayfly"), Path("/tmp"), Path("/dev/shm")]
    return {str(path) for place in places if place.is_dir() for path in place.glob("mayfly*")}


def test_nothing_is_left(engine):
    others, strays, files = instances(engine), leftover_ids(engine), own_files()
    with Gateway(engine.host) as gateway:
        (mine,) = instances(engine) - others
        mixed_runs(gateway, RUNS)
        pids = [gateway.process.pid, *gateway.process.children()]
        assert gateway.stop(signal.SIGINT, timeout=60) == [0]
        events = gateway.events()
    assert not containers(engine, mine)
    assert not [pid for pid in pids if os.path.exists(f"/proc/{pid}")]
    assert not leftover_ids(engine) - strays
    assert own_files() <= files
    assert not [event for event in events if event.get("level") == "error"]
