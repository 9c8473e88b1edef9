"""Fixtures of the tests that start a deployment for real: the engine of tests/docker."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "docker"))

import realengine  # noqa: E402

engine = realengine.engine
