"""Describes the machine of a measurement, for a page."""

import os
import platform
import re
import subprocess
import time
from pathlib import Path

from dockerapi import Api

ROOT = Path(__file__).resolve().parents[2]


def processor():
    """Returns the processor's name, or its family if it has no name."""
    said = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text("utf-8"), re.MULTILINE)
    return re.sub(r"\s+", " ", said[1]) if said else platform.machine()


def commit():
    said = subprocess.run(["git", "-c", "safe.directory=*", "describe", "--always", "--dirty", "--exclude=*"], cwd=ROOT,
                          capture_output=True, text=True, check=False)
    return said.stdout.strip() or "of no checkout"


def describe(host):
    api = Api(host.removeprefix("unix://"))
    version, info = api.call("GET", "/version"), api.call("GET", "/info")
    names = [part["Name"] for part in version.get("Components", [])]
    version_line = re.search(r'MAYFLY_VERSION "(.*)"', (ROOT / "gateway/common/version.h").read_text("utf-8"))
    return {
        "Mayfly": f"{version_line[1]} ({commit()})",
        "date": time.strftime("%Y-%m-%d %H:%M"),
        "cores": str(len(os.sched_getaffinity(0))),
        "processor": processor(),
        "memory": f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.0f} GiB",
        "kernel": f"{platform.system()} {'.'.join(platform.release().split('.')[:2])}",
        "engine": f"{'Podman' if 'Podman Engine' in names else 'Docker'} {version['Version']}, {info['DefaultRuntime']}, "
                  f"cgroup v{info.get('CgroupVersion', '1')}",
        "load before": f"{os.getloadavg()[0]:.1f}",
    }
