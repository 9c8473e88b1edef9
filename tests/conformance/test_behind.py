"""Each system test is run through the proxy, or behind.py has the reason why it is not."""

import os
import re
import subprocess
import sys

from behind import MODULES, NAMES, TESTS
from gateway import ROOT

FOLDER = ROOT / "tests/system"
SECONDS = 120


def names_in(module):
    return set(re.findall(r"(?m)^def (test_[a-z0-9_]+)", (FOLDER / module).read_text("utf-8")))


def test_every_module_is_run_through_the_proxy_or_named():
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "through_proxy", "--collect-only", "-q"]
    said = subprocess.run([*command, str(FOLDER)], env=os.environ | {"PYTHONPATH": str(ROOT / "tests/conformance")},
                          capture_output=True, check=True, text=True, timeout=SECONDS, cwd=ROOT).stdout
    collected = set(re.findall(r"(?m)^tests/system/(test_[a-z_]+\.py)::(test_[a-z0-9_]+)", said))
    modules = {path.name for path in FOLDER.glob("test_*.py")}
    assert {module for module, _ in collected} == modules - MODULES.keys()
    assert collected == {(module, name) for module in modules - MODULES.keys() for name in names_in(module) - NAMES}


def test_who_is_named_is_there():
    assert all((FOLDER / module).is_file() for module in MODULES)
    there = [name for path in FOLDER.glob("test_*.py") if path.name not in MODULES for name in names_in(path.name)]
    assert NAMES <= set(there)
    assert len(NAMES) == sum(map(len, TESTS.values())), "one is named twice"
