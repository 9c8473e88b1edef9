"""The examples of deploy/ci: their own commands are run, in the order and under the conditions that their systems keep.
What stands in for those systems: a folder with the checkout, an engine, and `docker compose`, which is docker-compose here.
"""

import os
import subprocess
from dataclasses import dataclass, field

import pytest
import yaml

from conftest import TAG
from project import ROOT, base_of

JOB_SECONDS = 240
CODE = 3
PLUGIN = """#!/bin/sh
if [ "$1" = docker-cli-plugin-metadata ]; then
    echo '{"SchemaVersion": "0.1.0", "Vendor": "Debian", "Version": "1.29.2"}'
else
    shift
    exec docker-compose "$@"
fi
"""


@dataclass
class Step:
    shell: list
    commands: str
    when: str = "success"  # or failure, or always
    variables: dict = field(default_factory=dict)


def github():
    with open(ROOT / "deploy/ci/github-actions.yml", encoding="utf-8") as file:
        [job] = yaml.safe_load(file)["jobs"].values()
    return [Step(["bash", "-e", "-c"], step["run"], step.get("if", "success()").removesuffix("()"), job["env"])
            for step in job["steps"] if "run" in step]


def gitlab():
    with open(ROOT / "deploy/ci/gitlab-ci.yml", encoding="utf-8") as file:
        [job] = yaml.safe_load(file).values()
    kinds = (("script", "success"), ("after_script", "always"))
    return [Step(["sh", "-e", "-c"], command, when, job["variables"]) for kind, when in kinds for command in job[kind]]


@pytest.fixture
def checkout(tmp_path):
    """A repository with Mayfly in it, and a program whose exit code is in a file beside it."""
    (tmp_path / "mayfly").symlink_to(ROOT)
    (tmp_path / "ci").mkdir()
    plugin = tmp_path / "docker/cli-plugins/docker-compose"
    plugin.parent.mkdir(parents=True)
    plugin.write_text(PLUGIN, encoding="ascii")
    plugin.chmod(0o755)
    return tmp_path


def run_job(steps, folder, engine, island):
    """[(commands, exit code)] of the steps that were run. An island has no way out: what is built is built beyond it."""
    done, failed = [], False
    common = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(folder), "DOCKER_CONFIG": str(folder / "docker")}
    here = {"DOCKER_HOST": island.host, "DOCKER_SOCKET": island.socket}
    beyond = {"DOCKER_HOST": engine.host, "MAYFLY_BASE": base_of(engine), "MAYFLY_TAG": TAG}
    for step in steps:
        if step.when not in ("always", "failure" if failed else "success"):
            continue
        given = beyond if "compose build" in step.commands else here
        end = subprocess.run([*step.shell, step.commands], cwd=folder, env=common | step.variables | given,
                             stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=JOB_SECONDS, check=False)
        done.append((step.commands, end.returncode))
        failed = failed or end.returncode != 0
        print(step.commands, end.returncode, end.stdout[-3000:], end.stderr[-3000:], sep=os.linesep)
    return done


@pytest.mark.parametrize("code", [0, CODE])
@pytest.mark.parametrize("system", [github, gitlab])
def test_the_program_decides(engine, built, island, checkout, system, code):
    (checkout / "ci/program.py").write_text(f"import sys\nprint('seen')\nsys.exit({code})\n", encoding="ascii")
    done = run_job(system(), checkout, engine, island)
    assert {commands: end for commands, end in done if end} == \
        {commands: code for commands, _ in done if " run " in commands and code}
    assert [end for commands, end in done if " run " in commands] == [code]
    assert island.docker("ps", "--all", "--quiet") == "" and island.managed() == []
