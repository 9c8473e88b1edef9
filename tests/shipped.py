"""The runtimes that are part of Mayfly, as deploy/lib.sh lists them for the scripts."""

import re
from pathlib import Path

LIB = Path(__file__).resolve().parent.parent / "deploy/lib.sh"
LISTED = re.search(r"^readonly our_runtimes='(.*)'$", LIB.read_text(encoding="utf-8"), re.MULTILINE)[1].split()
NAMES = [each.partition("=")[0] for each in LISTED]
IMAGES = [f"mayfly-{name}" for name in NAMES]


def setting(tag="latest", registry=""):
    """Returns all of them as a value of MAYFLY_RUNTIMES, which is the default of scripts and deployments."""
    runtimes = [(name, each[len(name):]) for name, each in zip(NAMES, LISTED)]
    return ",".join(f"{name}={registry}mayfly-{name}:{tag}{warm}" for name, warm in runtimes)
