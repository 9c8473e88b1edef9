"""The command lines of the roles: mistyped words, requests for help, and wrong settings."""

import os
import re
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

import cli
from gateway import BINARY, ROOT

ROLES = "serve, front, broker, run, session, repl, mcp, check, health, key, config"
SCRIPTS = ("Makefile", "deploy/**/*.sh", "runner-image/*.sh", "tests/**/*.sh", "tests/**/*.py", "gateway/client/*.c")
READS = {".py": r'environ(?:\.get\(|\[)"(MAYFLY_[A-Z_]+)', ".c": r'from_environment\("(MAYFLY_[A-Z_]+)'}
EXPOSED = "without keys (MAYFLY_KEYS_FILE) it must be a loopback address, unless MAYFLY_AUTH=none lets anybody run code"


def said(*words, **settings):
    """(exit code, stdout, stderr)"""
    done = subprocess.run([BINARY, *words], capture_output=True, text=True, timeout=60, check=False,
                          env=cli.environment(**settings))
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("line, text", [
    ("", f"ROLE is missing; it is one of {ROLES}; see mayfly --help"),
    ("fronnt", f'there is no role "fronnt"; the roles are: {ROLES}'),
    ("--verion", "unknown option --verion; see mayfly --help"),
    ("serve --foo", "serve: unknown option --foo; see mayfly serve --help"),
    ("serve now", 'serve: unexpected argument "now"; see mayfly serve --help'),
    ("front --print-config x", 'front: unexpected argument "x"; see mayfly front --help'),
    ("broker -x", "broker: unknown option -x; see mayfly broker --help"),
    ("check --jsn", "check: unknown option --jsn; see mayfly check --help"),
    ("health --broker --container", "health: --broker and --container cannot be used together"),
    ("health --broker --ready", "health: --broker and --ready cannot be used together"),
    ("check --json --runtime", "check: --runtime needs a value: NAME"),
    ("config --explain --example", "config: --explain and --example cannot be used together"),
    ("config all", 'config: unexpected argument "all"; see mayfly config --help'),
    ("key", 'key: "new" is missing: mayfly key new NAME'),
    ("key old x", 'key: "new" is missing: mayfly key new NAME'),
    ("key new", "key: NAME is missing: mayfly key new NAME"),
    ("key new a b", "key: there are too many arguments: mayfly key new NAME"),
    ("key new -x", "key: unknown option -x; see mayfly key --help"),
])
def test_a_wrong_command_line_says_what_is_wrong(line, text):
    assert said(*line.split()) == (2, "", f"mayfly: {text}\n")


@pytest.mark.parametrize("line", ["key new --help", "key -h", "key new -h", "check --json --help", "serve -h", "run -h",
                                  "run a.py --foo --help", "front --print-config --help", "-h"])
def test_help_is_help_wherever_it_stands(line):
    code, out, err = said(*line.split())
    role = line.split()[0].replace("-h", "ROLE")
    assert (code, err) == (0, "") and out.startswith(f"Usage: mayfly {role}"), out


def test_a_keys_name_is_checked():
    for name in ("Two", "", "x" * 64, "a b"):
        code, out, err = said("key", "new", name)
        assert (code, out) == (1, "") and err.startswith("mayfly: key: NAME must be 1 to 63 characters"), name


@pytest.mark.parametrize("listen, text", [
    ("here", "must be address:port, at most 127 bytes"),
    ("127.0.0.1", "must be address:port, at most 127 bytes"),
    ("127.0.0.1:65536", "must be address:port, at most 127 bytes"),
    ("127.0.0.1:http", "must be address:port, at most 127 bytes"),
    ("256.0.0.1:80", "cannot listen there: Name or service not known"),
    ("0.0.0.0:80", EXPOSED),
    (":80", EXPOSED),
])
@pytest.mark.parametrize("words", [("serve", "--print-config"), ("front", "--print-config"), ("serve",), ("front",)])
def test_a_wrong_address_is_refused_by_name(words, listen, text):
    """The same whether the start is tried, or only what it would be with."""
    assert said(*words, MAYFLY_LISTEN=listen) == (2, "", f'mayfly: MAYFLY_LISTEN is "{listen}": {text}\n')


def test_an_address_that_is_taken_is_told_by_name():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, out, err = said("front", MAYFLY_LISTEN=f"127.0.0.1:{port}")
    assert (code, out) == (1, "")
    assert re.search(rf'MAYFLY_LISTEN is \\*"127.0.0.1:{port}\\*": cannot listen there: Address already in use', err), err


@pytest.mark.parametrize("name", ["MAYFLY_LISTEN", "MAYFLY_METRICS_LISTEN"])
def test_an_address_that_is_taken_is_all_that_serve_says(name):
    with socket.create_server(("127.0.0.1", 0)) as taken, socket.create_server(("127.0.0.1", 0)) as other:
        free = f"127.0.0.1:{other.getsockname()[1]}"
        other.close()
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        code, out, err = said("serve", **{"MAYFLY_LISTEN": free, name: where, "MAYFLY_LOG": "text"})
    assert (code, out) == (1, "") and err.count("\n") == 1
    assert rf'{name} is \"{where}\": cannot listen there: Address already in use' in err


@pytest.mark.parametrize("role", ["serve", "front"])
@pytest.mark.parametrize("text, said_of_it", [
    (None, "it cannot be opened by user nobody: No such file or directory"),
    ('{"keys": []}', 'must be {"keys": [...]}, of 1 to 1000 keys'),
    ('{"keys": [{"name": "A"}]}', "keys[0].name must be"),
])
def test_a_wrong_keys_file_is_told_without_a_start(role, text, said_of_it):
    with tempfile.TemporaryDirectory(prefix="mayfly-test-") as folder:
        os.chmod(folder, 0o755)
        path = Path(folder) / "keys.json"
        if text:
            path.write_text(text, encoding="ascii")
        code, out, err = said(role, "--print-config", MAYFLY_KEYS_FILE=str(path))
    assert (code, out) == (2, "") and err.startswith(f"mayfly: MAYFLY_KEYS_FILE: {said_of_it}"), err
    assert err.count("\n") == 1


def test_every_bad_setting_is_told_in_one_go():
    settings = {"MAYFLY_LISTEN": "here", "MAYFLY_WARM": "x", "MAYFLY_HOSTS": "*", "MAYFLY_CORS_ORIGINS": "*",
                "MAYFLY_PIDS": "300"}
    code, out, err = said("serve", **settings)
    lines = err.splitlines()
    assert (code, out) == (2, "") and len(lines) == len(settings)
    for name in settings:
        assert any(line.startswith(f"mayfly: {name} is ") for line in lines), (name, err)


def test_settings_that_contradict_each_other_are_refused_before_the_start(tmp_path):
    settings = {"MAYFLY_AUTH": "none", "MAYFLY_KEYS_FILE": str(tmp_path / "keys.json")}
    for words in (("serve",), ("serve", "--print-config")):
        assert said(*words, **settings) == (2, "", "mayfly: MAYFLY_AUTH=none and MAYFLY_KEYS_FILE contradict each other\n")


def test_what_would_start_is_printed():
    for settings in ({}, {"MAYFLY_LISTEN": "0.0.0.0:80", "MAYFLY_AUTH": "none"}, {"MAYFLY_LISTEN": "[::1]:80"}):
        code, out, err = said("serve", "--print-config", **settings)
        assert (code, err) == (0, "") and f"MAYFLY_LISTEN={settings.get('MAYFLY_LISTEN', '127.0.0.1:8000')}\n" in out
    # A broker listens nowhere.
    assert said("broker", "--print-config", MAYFLY_LISTEN="0.0.0.0:80")[0] == 0


def test_a_variable_of_the_scripts_is_no_unknown_setting():
    """They and the tests pass their environment on to the gateway."""
    files = [path for pattern in SCRIPTS for path in ROOT.glob(pattern) if "node_modules" not in path.parts]
    read = {name for path in files for name in re.findall(READS.get(path.suffix, r"\$[{(]?(MAYFLY_[A-Z_]+)"),
                                                           path.read_text(encoding="utf-8", errors="replace"))}
    others = dict.fromkeys(read - set(re.findall(r"MAYFLY_[A-Z_]+", said("config", "--explain")[1])), "1")
    assert {"MAYFLY_BASE_SUITE", "MAYFLY_BIN", "MAYFLY_TEST_SLOW", "MAYFLY_URL"} < set(others)
    code, _, err = said("serve", "--print-config", MAYFLY_LOG="text", MAYFLY_NOBODYS="1", **others)
    assert code == 0
    assert re.findall(r"MAYFLY_[A-Z_]+", err) == ["MAYFLY_NOBODYS"], err
