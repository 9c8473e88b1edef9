"""What deploy/host.sh decides on other hosts, and what a command sees in its Debian 12 root. The other hosts are this one
under another name, without installed packages; the root is a folder with this host's /usr. tests/bare.sh has the real ones."""

import http.server
import os
import shutil
import signal
import socketserver
import subprocess
import threading
import time
from pathlib import Path

import pytest

import cli
from gateway import ROOT
from helpers import until

TIMEOUT_SECONDS = 60
RELEASES = {
    "debian12": 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
    "debian13": 'ID=debian\nVERSION_ID="13"\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\n',
    "debian14": 'ID=debian\nVERSION_ID="14"\nPRETTY_NAME="Debian GNU/Linux 14 (forky)"\n',
    "ubuntu24": 'ID=ubuntu\nVERSION_ID="24.04"\nPRETTY_NAME="Ubuntu 24.04.4 LTS"\n',
    "fedora": 'ID=fedora\nVERSION_ID=43\nPRETTY_NAME="Fedora Linux 43"\n',
}
# What host.sh and setup.sh call, of a system that has no apt.
PROGRAMS = "awk basename bash cat cut dirname env grep id mkdir realpath rm sed sort touch tr uniq wc xargs".split()
# In a mount namespace of this test's: another os-release, and a root that host.sh takes for its own.
ENTER = """
mount --bind "$1" "$(realpath /etc/os-release)"
shift
if [ -d "$MAYFLY_STATE/debian-12" ]; then
    mount --bind /usr "$MAYFLY_STATE/debian-12/root/usr"
fi
exec "$@"
"""


@pytest.fixture
def tree(tmp_path):
    """A checkout of deploy/, and a state folder without a root."""
    os.chmod(tmp_path, 0o755)
    (tmp_path / "checkout/deploy").mkdir(parents=True)
    for script in ("host.sh", "lib.sh", "setup.sh"):
        shutil.copy(ROOT / "deploy" / script, tmp_path / "checkout/deploy")
    (tmp_path / "state").mkdir()
    (tmp_path / "programs").mkdir()
    stub = tmp_path / "programs/dpkg-query"
    stub.write_text("#!/bin/sh\nexit 1\n", encoding="ascii")
    stub.chmod(0o755)
    for name, text in RELEASES.items():
        (tmp_path / name).write_text(text, encoding="ascii")
    return tmp_path


@pytest.fixture
def rooted(tree):
    """The same with a root."""
    root = tree / "state/debian-12/root"
    for name in ("etc", "usr", "var/lib"):
        (root / name).mkdir(parents=True)
    for name in ("bin", "sbin", "lib", "lib64"):
        (root / name).symlink_to(f"usr/{name}")
    for name in ("resolv.conf", "hosts"):
        (root / "etc" / name).touch()
    (root / "etc/mayfly-root").write_text(MARK, encoding="ascii")
    shutil.copytree("/etc/alternatives", root / "etc/alternatives", symlinks=True)
    shutil.copy("/etc/ld.so.cache", root / "etc")
    (root.parent / "complete").touch()
    root.parent.chmod(0o700)
    return tree


def start(tree, release, *words, path=None, **settings):
    path = path or f"{tree}/programs:{os.environ['PATH']}"
    env = cli.environment(MAYFLY_STATE=str(tree / "state"), **settings)
    return subprocess.Popen(
        ["unshare", "--mount", "--propagation", "private", "bash", "-ec", ENTER, "enter", tree / release, "env",
         f"PATH={path}", "deploy/host.sh", *words], cwd=tree / "checkout", env=env, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, text=True)


def run(tree, release, *words, stdin="", **settings):
    with start(tree, release, *words, **settings) as process:
        out, err = process.communicate(stdin, timeout=TIMEOUT_SECONDS)
    return process.returncode, out, err


RUN = "build web engine image"
MARK = "the root of this test\n"  # the tests themselves may run in one
WHERE = ["sh", "-c", "grep -qs 'of this test' /etc/mayfly-root && echo root || echo host"]


@pytest.mark.parametrize("release, purposes, lacks", [
    ("debian12", RUN, ""),
    ("debian12", RUN + " runtime test compose swarm lint", ""),
    ("debian13", RUN, "has no suitable libh2o-evloop-dev"),
    ("debian13", "engine image", ""),
    ("ubuntu24", "build web runtime", ""),
    ("ubuntu24", RUN, "has no suitable crun"),
    ("ubuntu24", RUN + " test", "has no suitable chromium, clang, crun and 2 more"),
    ("debian14", RUN, "is none of the releases whose packages are known to suit"),
    ("fedora", RUN, "is none of the releases whose packages are known to suit"),
])
def test_the_first_line_says_what_host_and_where(rooted, release, purposes, lacks):
    name = RELEASES[release].split('"')[-2]
    code, out, err = run(rooted, release, "--for", purposes, *WHERE)
    assert code == 0, err
    if lacks:
        assert out.splitlines() == [
            f"host: {name} {lacks}: Mayfly is built and run in a Debian 12 root, {rooted}/state/debian-12", "root"]
    else:
        assert out.splitlines() == [f"host: {name}, used as it is: it has every package", "host"]


def test_packages_that_are_trusted_make_any_host_do(rooted):
    code, out, err = run(rooted, "fedora", "--for", RUN, *WHERE, MAYFLY_SETUP="skip")
    assert code == 0, err
    assert out.splitlines() == [
        "host: Fedora Linux 43, used as it is, with the packages that it has (MAYFLY_SETUP=skip)", "host"]


def test_installed_packages_make_any_host_do(rooted):
    (rooted / "programs/dpkg-query").unlink()  # this one has them
    code, out, err = run(rooted, "debian14", "--for", RUN, *WHERE)
    assert (code, out.splitlines()[1]) == (0, "host"), err


def test_without_apt_and_engine_it_says_what_it_needs(tree):
    for name in PROGRAMS:
        (tree / "programs" / name).symlink_to(shutil.which(name))
    code, out, err = run(tree, "fedora", "--for", RUN, *WHERE, path=f"{tree}/programs")
    assert code == 1
    assert out == ("host: Fedora Linux 43 is none of the releases whose packages are known to suit, and has nothing to make a "
                   "Debian 12 root with\n")
    assert "apt or mmdebstrap" in err and "docker compose up --build" in err


def test_a_bare_command_says_nothing_of_its_own(rooted):
    assert run(rooted, "debian13", "cat", stdin="a line\n") == (0, "a line\n", "")
    assert run(rooted, "debian13", "sh", "-c", "exit 7") == (7, "", "")


def test_in_the_root_everything_else_is_the_hosts(rooted):
    probe = ("pwd; cat /etc/mayfly-root; readlink /proc/self/ns/pid /proc/self/ns/net /proc/self/ns/ipc; echo $MAYFLY_WARM;"
             "stat -c %d:%i /tmp /run /dev /sys/fs/cgroup /root /var/tmp \"$MAYFLY_STATE\"; cmp /etc/hosts - && echo same")
    _, out, err = run(rooted, "debian13", "bash", "-c", probe, stdin=Path("/etc/hosts").read_text(encoding="utf-8"),
                      MAYFLY_WARM="3")
    spaces = [os.readlink(f"/proc/self/ns/{name}") for name in ("pid", "net", "ipc")]
    folders = [os.stat(path) for path in ("/tmp", "/run", "/dev", "/sys/fs/cgroup", "/root", "/var/tmp", rooted / "state")]
    assert out.splitlines() == [str(rooted / "checkout"), MARK.strip(), *spaces, "3",
                                *[f"{seen.st_dev}:{seen.st_ino}" for seen in folders], "same"], err


@pytest.mark.parametrize("place", ["/etc/mayfly-keys-of-test.json", "/var/lib/mayfly-keys-of-test/keys.json"])
def test_files_that_settings_name_are_there(rooted, place):
    path = Path(place)
    made = not path.parent.exists()
    path.parent.mkdir(exist_ok=True)
    try:
        path.write_text("{}", encoding="ascii")
        assert run(rooted, "debian13", "cat", place, MAYFLY_KEYS_FILE=place) == (0, "{}", "")
    finally:
        path.unlink()
        if made:
            path.parent.rmdir()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_mounts_end_with_the_command(rooted, number):
    before = Path("/proc/self/mountinfo").read_text(encoding="utf-8")
    process = start(rooted, "debian13", "sh", "-c", "echo here; exec cat")
    with process:
        assert process.stdout.readline() == "here\n"
        inside = Path(f"/proc/{process.pid}/mountinfo").read_text(encoding="utf-8")
        assert "/state/debian-12/root / " in inside
        namespace = os.readlink(f"/proc/{process.pid}/ns/mnt")
        process.send_signal(number)
        assert process.wait(TIMEOUT_SECONDS) == -number
    assert Path("/proc/self/mountinfo").read_text(encoding="utf-8") == before
    assert namespace not in namespaces()


def namespaces():
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            found.add(os.readlink(folder / "ns/mnt"))
        except OSError:
            continue  # it has ended
    return found


class Peer(http.server.BaseHTTPRequestHandler):
    """An engine as Docker 29 is: it answers, but not in the old API."""
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(400 if self.path.startswith("/v1.41/") and self.server.is_new else 200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.mark.parametrize("is_new", [False, True], ids=["old", "new"])
def test_an_engine_that_is_too_new_for_the_root_is_named(rooted, is_new):
    path = str(rooted / "engine.sock")
    with socketserver.ThreadingUnixStreamServer(path, Peer) as server:
        server.is_new, server.server_name, server.server_port = is_new, "engine", 0
        threading.Thread(target=server.serve_forever).start()
        code, out, err = run(rooted, "debian13", "bash", "-ec", ". deploy/lib.sh; find_engine", DOCKER_HOST=f"unix://{path}")
        server.shutdown()
    if is_new:
        assert code == 1 and f"the engine at unix://{path} is too new for the Docker client of the Debian 12 root" in err
    else:
        assert (code, out) == (0, f"unix://{path}\n"), err


def test_a_root_in_use_is_not_deleted(rooted):
    with start(rooted, "debian13", "sh", "-c", "echo here; exec cat") as process:
        assert process.stdout.readline() == "here\n"
        seen = purge(rooted)
        assert seen.returncode == 1 and f"in use by the processes {process.pid}" in seen.stderr
        process.stdin.close()
        assert process.wait(TIMEOUT_SECONDS) == 0
    assert purge(rooted).returncode == 0
    assert not (rooted / "state").exists()


def test_a_root_with_mounts_of_ours_is_not_deleted(rooted):
    code, _, err = run(rooted, "debian13", "--purge")  # ENTER has bound /usr into it
    assert code == 1 and "something is mounted below" in err
    assert (rooted / "state/debian-12/root/etc/mayfly-root").exists()


def purge(tree):
    """Outside of the namespace that ENTER mounts in."""
    return subprocess.run([tree / "checkout/deploy/host.sh", "--purge"], check=False, timeout=TIMEOUT_SECONDS,
                          capture_output=True, text=True, env=cli.environment(MAYFLY_STATE=str(tree / "state")))


def test_what_one_system_built_is_not_taken_by_the_other(rooted):
    program = rooted / "checkout/build/release/mayfly"
    pages = rooted / "checkout/build/web/assets.c"
    for path in (program, pages):
        path.parent.mkdir(parents=True)
        path.touch()
    run(rooted, "debian12", "--for", RUN, "true")
    assert program.exists()
    run(rooted, "debian13", "--for", RUN, "true")
    assert not program.exists() and pages.exists()
    program.parent.mkdir()
    program.touch()
    run(rooted, "debian13", "--for", RUN, "true")
    assert program.exists()
    run(rooted, "debian12", "--for", RUN, "true")
    assert not program.exists() and pages.exists()


def test_an_interrupted_making_leaves_nothing(tree):
    maker = tree / "programs/mmdebstrap"
    maker.write_text("#!/bin/sh\necho begun >\"$MAYFLY_STATE/begun\"\nexec cat \"$MAYFLY_STATE/never\"\n", encoding="ascii")
    maker.chmod(0o755)
    os.mkfifo(tree / "state/never")
    for name in ("apt-get", "apt-config"):  # nothing is installed by a test
        (tree / "programs" / name).write_text("#!/bin/sh\n", encoding="ascii")
        (tree / "programs" / name).chmod(0o755)
    (tree / "programs/dpkg-query").write_text(
        "#!/bin/sh\ncase $2 in *Provides*) ;; *) echo 'mount installed 2.41'; echo 'mmdebstrap installed 1.5.7'; "
        "echo 'debian-archive-keyring installed 2025.1' ;; esac\n", encoding="ascii")
    with start(tree, "debian13", "--for", RUN, "true") as process:
        until(lambda: (tree / "state/begun").exists(), "the root is being made", TIMEOUT_SECONDS)
        process.send_signal(signal.SIGTERM)
        assert process.wait(TIMEOUT_SECONDS) == 130
    left = sorted(path.name for path in (tree / "state").iterdir())
    assert left == ["begun", "debian-12.lock", "never"]
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while any(str(tree) in text for text in commands()):
        assert time.monotonic() < deadline, commands()
        time.sleep(0.05)


def commands():
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            found.append((folder / "cmdline").read_bytes().decode(errors="replace"))
        except OSError:
            continue  # it has ended
    return found
