"""`make install` and `make uninstall`: the files that they install and remove. Nothing is built for it."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import cli
from gateway import BINARY, ROOT

BUILT = "build/release/mayfly"
VERSION = "gateway/common/version.h"
# Below PREFIX, with their modes.
INSTALLED = {
    "bin/mayfly": 0o755,
    "share/man/man1/mayfly.1": 0o644,
    "share/doc/mayfly/mayfly.env": 0o644,
    "lib/systemd/system/mayfly-broker.service": 0o644,
    "lib/systemd/system/mayfly-front.service": 0o644,
    "lib/sysusers.d/mayfly.conf": 0o644,
}


@pytest.fixture
def tree(tmp_path):
    """A checkout whose binary make does not build anew."""
    folder = tmp_path / "checkout"
    (folder / "gateway/web").mkdir(parents=True)
    (folder / "gateway/common").mkdir()
    (folder / "build/release").mkdir(parents=True)
    shutil.copytree(ROOT / "deploy", folder / "deploy")
    shutil.copy(ROOT / "Makefile", folder)
    shutil.copy(ROOT / VERSION, folder / VERSION)
    (folder / BUILT).symlink_to(Path(BINARY).resolve())
    return folder


def make(tree, target, check=True, **variables):
    return subprocess.run(["make", "--silent", "--old-file", BUILT, target, *(f"{k}={v}" for k, v in variables.items())],
                          cwd=tree, env=cli.environment(), umask=0o077, capture_output=True, text=True, check=check)


def files(root):
    """Each file below a folder, with its mode and content."""
    found = [path for path in root.rglob("*") if not path.is_dir()]
    return {str(path.relative_to(root)): (path.stat().st_mode & 0o7777, path.read_bytes()) for path in found}


@pytest.mark.parametrize("variables, prefix", [({}, "usr/local"), ({"PREFIX": "/usr"}, "usr")])
def test_it_installs_these_files_for_everybody(tree, tmp_path, variables, prefix):
    root = tmp_path / "a root"
    make(tree, "install", DESTDIR=root, **variables)
    assert {name: mode for name, (mode, _) in files(root).items()} == {
        f"{prefix}/{name}": mode for name, mode in INSTALLED.items()}
    assert {path.stat().st_mode & 0o7777 for path in root.rglob("*") if path.is_dir()} == {0o755}
    shown = subprocess.run([root / prefix / "bin/mayfly", "--version"], capture_output=True, text=True, check=True)
    assert re.fullmatch(r"mayfly \d+\.\d+\.\d+\n", shown.stdout)


def test_the_units_start_what_was_installed(tree, tmp_path):
    prefix = tmp_path / "opt"
    make(tree, "install", PREFIX=prefix, SYSCONFDIR="/srv/etc")
    for role in ("broker", "front"):
        unit = (prefix / f"lib/systemd/system/mayfly-{role}.service").read_text(encoding="utf-8")
        assert re.findall("^ExecStart=(.*)$", unit, re.MULTILINE) == [f"{prefix}/bin/mayfly {role}"]
        assert re.findall("^EnvironmentFile=(.*)$", unit, re.MULTILINE) == ["-/srv/etc/mayfly/mayfly.env"]
    seen = subprocess.run(["systemd-analyze", "verify", "--man=no", *(prefix / "lib/systemd/system").iterdir()],
                          capture_output=True, text=True, check=False)
    # It also reads units of the host, and may warn of them.
    assert (seen.returncode, [line for line in seen.stderr.splitlines() if "mayfly" in line]) == (0, [])


def test_the_manual_renders(tree, tmp_path):
    make(tree, "install", DESTDIR=tmp_path)
    shown = subprocess.run(["mandoc", "-Wwarning", tmp_path / "usr/local/share/man/man1/mayfly.1"],
                           capture_output=True, text=True, check=True)
    assert "run untrusted Python" in shown.stdout and not shown.stderr
    version = re.search('^#define MAYFLY_VERSION "(.*)"$', (ROOT / VERSION).read_text(encoding="utf-8"), re.MULTILINE)[1]
    assert shown.stdout.splitlines()[-1].startswith(f"Mayfly {version} ")


def test_a_second_install_changes_nothing(tree, tmp_path):
    root = tmp_path / "root"
    make(tree, "install", DESTDIR=root)
    first = files(root)
    make(tree, "install", DESTDIR=root)
    assert files(root) == first


@pytest.mark.parametrize("variables", [{}, {"PREFIX": "/opt", "UNITDIR": "/usr/lib/systemd/system"}])
def test_uninstall_removes_what_install_installed(tree, tmp_path, variables):
    root = tmp_path / "root"
    make(tree, "install", DESTDIR=root, **variables)
    make(tree, "uninstall", DESTDIR=root, **variables)
    assert not files(root) and not list(root.rglob("doc/mayfly"))
    make(tree, "uninstall", DESTDIR=root, **variables)


def test_neither_touches_what_the_operator_wrote(tree, tmp_path):
    root = tmp_path / "root"
    written = ["etc/mayfly/mayfly.env", "etc/mayfly/keys.json", "etc/systemd/system/mayfly-front.service.d/override.conf",
               "usr/local/share/doc/mayfly/notes", "usr/local/bin/other"]
    for name in written:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("MAYFLY_WARM=1\n", encoding="ascii")
    before = files(root)
    make(tree, "install", DESTDIR=root)
    make(tree, "uninstall", DESTDIR=root)
    assert files(root) == before


@pytest.mark.parametrize("target", ["install", "uninstall"])
@pytest.mark.parametrize("variables", [{"PREFIX": "/opt/a b"}, {"PREFIX": "usr"}, {"BINDIR": "/opt/100%"}, {"SYSCONFDIR": ""},
                                       {"UNITDIR": "/a|b"}, {"PREFIX": "/$$HOME"}])
def test_a_path_that_units_would_misread_is_refused(tree, tmp_path, target, variables):
    root = tmp_path / "root"
    root.mkdir()
    seen = make(tree, target, check=False, DESTDIR=root, **variables)
    assert seen.returncode == 2 and "is no path to install to" in seen.stderr
    assert not os.listdir(root)
