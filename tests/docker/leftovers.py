"""Finds traces of boxes on the machine: containers, processes, mounts, cgroups, files."""

import json
import os
import re
import threading
from pathlib import Path

CONTAINER_ID = re.compile(r"[0-9a-f]{64}")


class Created:
    """Collects the id of every box that one gateway makes, from the engine's events."""

    def __init__(self, engine):
        self._events = engine.start("events", "--filter", "event=create", "--filter",
                                    "label=mayfly.managed=1", "--format", "{{json .Actor}}")
        self._boxes = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self._events.stdout:
            self._boxes.append(json.loads(line))

    def so_far(self, instance):
        """Returns the ids of this gateway's boxes from the events so far."""
        return {box["ID"] for box in list(self._boxes)
                if box["Attributes"]["mayfly.instance"] == instance}

    def stop(self):
        self._events.terminate()
        self._reader.join(10)
        self._events.wait(10)

    def finish(self, instance):
        """Stop listening. Returns the ids of this gateway's boxes."""
        self.stop()
        return self.so_far(instance)


def read(path):
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def process_folders():
    return [folder for folder in Path("/proc").iterdir() if folder.name.isdigit()]


def ids_of_processes():
    """Returns the containers that have processes."""
    return {found for folder in process_folders()
            for found in CONTAINER_ID.findall(read(folder / "cgroup"))}


def ids_of_mounts():
    """Returns the containers that have mounts in the view of any engine or of the host."""
    views = [folder for folder in process_folders()
             if read(folder / "comm").strip() in ("dockerd", "containerd", "podman") or folder.name == "1"]
    return {found for folder in views for found in CONTAINER_ID.findall(read(folder / "mountinfo"))}


def ids_of_cgroups():
    return {found for _, names, _ in os.walk("/sys/fs/cgroup")
            for name in names for found in CONTAINER_ID.findall(name)}


def ids_of_files(engine):
    """Returns the containers of which the engine keeps files or layers. Our own engine has them in mounts of its
    own."""
    root = Path(engine.docker("info", "--format", "{{.DockerRootDir}}").strip())
    folders = ["overlay-containers"] if engine.is_podman() else ["containers", "image/overlay2/layerdb/mounts"]
    views = [root, *(Path(f"/proc/{process.name}/root{root}") for process in process_folders()
                     if read(process / "comm").strip() in ("dockerd", "podman"))]
    views = [view for view in views if (view / folders[0]).is_dir()]
    assert views, f"{root} must be seen from here"
    return {path.name for view in views for folder in folders for path in (view / folder).glob("*")}
