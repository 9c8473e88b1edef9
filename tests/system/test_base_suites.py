"""The Debians that the boxes' images are built from: names and build arguments agree, and a gateway serves two Pythons side by
side. The images themselves: make python-test."""

import json
import re
import subprocess

import pytest

import cli
import shipped
from gateway import ROOT
from helpers import until

TIMEOUT_SECONDS = 60
DOCKERFILE = (ROOT / "runner-image/Dockerfile").read_text(encoding="utf-8").replace("\\\n", "")
ARGUMENTS = dict(re.findall(r"^ARG (\w+)=\"?([^\"\n]*)", DOCKERFILE, re.MULTILINE))


def arguments_of(suite):
    """What build.sh has the images of a suite built with."""
    file = ROOT / f"runner-image/{suite}.args"
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    own = dict(line.split("=", 1) for line in lines if not line.startswith("#"))
    assert own.keys() <= ARGUMENTS.keys()
    return ARGUMENTS | own


def lib(script, **settings):
    return subprocess.run(["bash", "-c", f". deploy/lib.sh; {script}"], cwd=ROOT, env=cli.environment(**settings),
                          capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False)


SUITES = lib("echo $base_suites").stdout.split()


@pytest.mark.parametrize("suite", SUITES)
def test_a_suites_images_are_told_apart_by_their_tag(suite):
    done = lib("echo $base_tag $all_runtimes", MAYFLY_BASE_SUITE=suite)
    tag, runtimes = done.stdout.split()
    assert tag == ("latest" if suite == "bookworm" else arguments_of(suite)["PYTHON"].rpartition(".")[0])
    assert runtimes == shipped.setting(tag)


def test_each_suite_promises_the_same_packages():
    names = [[package.partition("=")[0] for package in arguments_of(suite)["PACKAGES"].split()] for suite in SUITES]
    assert len(names) == 2 and names[0] == names[1] and len(names[0]) == 16


def test_an_unknown_suite_is_named():
    done = lib("echo here", MAYFLY_BASE_SUITE="sid")
    assert (done.returncode, done.stdout) == (1, "")
    assert "MAYFLY_BASE_SUITE is one of bookworm trixie, not sid" in done.stderr


def test_two_pythons_side_by_side(engine, start):
    engine.add_image("mayfly-python:3.13", mayfly_language="python", mayfly_version="3.13.5")
    gateway = start(MAYFLY_RUNTIMES="python=mayfly-python:latest=1,python3.13=mayfly-python:3.13=1")
    until(lambda: gateway.metrics().sum("mayfly_boxes", state="ready") == 2, "both are ready")
    told = {each["name"]: each for each in gateway.request("GET", "/api/v1/runtimes").json()["runtimes"]}
    assert told["python3.13"]["version"] == "3.13.5" and list(told) == ["python", "python3.13"]
    for name in told:
        status, answer = gateway.execute({"echo": True}, runtime=name)
        assert (status, json.loads(answer["stdout"])["runtime"]) == (200, name)


# ---- what differs from the bare interpreter, by CPython's own suite ----

@pytest.mark.parametrize("path", sorted((ROOT / "tests/cpython").glob("differences-*.txt")), ids=lambda path: path.stem)
def test_each_listed_difference_has_a_reason(path):
    blocks = path.read_text(encoding="utf-8").strip().split("\n\n")
    reasons = []
    for block in blocks:
        reason, *names = block.splitlines()
        assert reason.startswith("# ") and reason.endswith(".") and len(reason) > 20 and names, block
        assert names == sorted(names) and all(name.startswith("test.") for name in names), block
        reasons.append(reason)
    assert len(set(reasons)) == len(reasons) <= 20


def test_each_suites_python_has_its_list():
    versions = {arguments_of(suite)["PYTHON"].rpartition(".")[0] for suite in SUITES}
    assert versions == {path.stem.partition("-")[2] for path in (ROOT / "tests/cpython").glob("differences-*.txt")}
