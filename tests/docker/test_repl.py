"""`mayfly repl` and `mayfly session` with real sessions in real boxes."""

import subprocess

import pytest

import cli
import realengine
from box import DATA_IMAGE
from gateway import BINARY
from terminal import Terminal

WAITS_MOST = 1000
LOST = "mayfly: the session has lost its state: a new interpreter was started (generation 2); files remain\r\n"


@pytest.fixture
def home(tmp_path):
    return tmp_path


def settings(gateway, home):
    return cli.environment(MAYFLY_URL=gateway.url, HOME=str(home), TERM="xterm", LANG="C.UTF-8")


def repl(gateway, home, *words):
    return Terminal([BINARY, "repl", *words], settings(gateway, home), cwd=home)


def session(gateway, home, *words, input=b""):
    """(exit code, stdout, stderr)"""
    done = subprocess.run([BINARY, "session", *words], input=input, capture_output=True, timeout=60, check=False,
                          env=settings(gateway, home), cwd=home)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def ids(gateway, home):
    return [line.split()[0] for line in session(gateway, home, "list")[1].splitlines()[1:]]


def test_a_person_in_a_session(gateway, home):
    with repl(gateway, home, "--timeout", "20") as terminal:
        terminal.expect(":help lists commands\r\n")
        terminal.expect(">>> ")
        terminal.type("def f(n):\r")
        terminal.expect("... ")
        terminal.type("\treturn n * 2\r")
        terminal.expect("... ")
        terminal.type("\r")
        terminal.expect(">>> ")
        terminal.type("f('ä')\r")
        terminal.expect("'ää'\r\n")
        terminal.expect(">>> ")
        terminal.type("1 / 0\r")
        terminal.expect("ZeroDivisionError: division by zero\r\n")
        terminal.expect(">>> ")
        terminal.type("import time; x = 5; print('on'); time.sleep(15)\r")
        terminal.expect("on\r\n")
        terminal.control("c")
        terminal.expect("KeyboardInterrupt\r\n")
        terminal.expect(">>> ")
        terminal.type("x + f(1)\r")  # the state is there
        terminal.expect("7\r\n")
        terminal.expect(">>> ")
        assert len(ids(gateway, home)) == 1
        terminal.control("d")
        assert terminal.ended()[0] == 0
    assert ids(gateway, home) == []


def test_what_costs_the_state_is_told(gateway, home):
    with repl(gateway, home) as terminal:
        terminal.expect(">>> ")
        terminal.type("x = 1; open('kept', 'w').write('text')\r")
        terminal.expect("4\r\n")
        terminal.expect(">>> ")
        terminal.type("import os; os.abort()\r")
        terminal.expect("mayfly: the program was killed by SIGABRT\r\n")
        terminal.expect(LOST)
        terminal.expect(">>> ")
        terminal.type("open('kept').read(), 'x' in globals()\r")
        terminal.expect("('text', False)\r\n")
        terminal.expect(">>> ")
        terminal.type(":restart\r")
        terminal.expect("mayfly: session ")
        terminal.expect(">>> ")
        terminal.type("os.path.exists('kept') if 'os' in globals() else 'new'\r")
        terminal.expect("'new'\r\n")
        terminal.expect(">>> ")
        terminal.control("d")
        assert terminal.ended()[0] == 0


def test_the_end_of_a_session_is_told(gateway, home):
    with repl(gateway, home, "--idle-timeout", "1") as terminal:
        terminal.expect("it ends after 1 s without use")
        terminal.expect(">>> ")
        for _ in range(WAITS_MOST):  # to look does not count as use
            if not ids(gateway, home):
                break
        terminal.type("1\r")
        terminal.expect("mayfly: the session has ended (idle_timeout)")
        terminal.expect(">>> ")


def test_plots_are_saved(engine, home):
    data = f"python-data={DATA_IMAGE}=1"
    with realengine.Gateway(engine.host, MAYFLY_RUNTIMES=data) as gateway, repl(gateway, home, "--timeout", "20") as terminal:
        terminal.expect(">>> ")
        terminal.type("import matplotlib.pyplot as plt; _ = plt.plot([1, 3, 2])\r")
        terminal.expect("mayfly: saved display-1.png\r\n")
        terminal.expect(">>> ")
        terminal.type("import pandas as pd; pd.DataFrame({'a': [1]})\r")
        terminal.expect("0  1\r\n")
        terminal.expect(">>> ")
        terminal.control("d")
        assert terminal.ended()[0] == 0
    assert (home / "display-1.png").read_bytes().startswith(b"\x89PNG")
    assert [path.name for path in home.glob("display-*")] == ["display-1.png"]


def test_a_pipe(gateway, home):
    done = subprocess.run([BINARY, "repl"], input=b"def f():\n\n    return 6\n\nf() * 7\nprint(f())\nf(1)\nprint('no')\n", timeout=60,
                          capture_output=True, check=False, env=settings(gateway, home), cwd=home)
    assert (done.returncode, done.stdout) == (1, b"42\n6\n") and b"TypeError" in done.stderr
    assert ids(gateway, home) == []


def test_a_session_step_by_step(gateway, home):
    content = bytes(range(256)) * 4096
    (home / "in.bin").write_bytes(content)
    name = session(gateway, home, "new", "--id", "step.1", "--env", "A=b", "--idle-timeout", "60")
    assert name == (0, "step.1\n", "")
    assert session(gateway, home, "new", "--id", "step.1")[:2] == (0, "step.1\n")
    assert session(gateway, home, "files", "put", "step.1", "in.bin", "d/ä b.bin") == (0, "", "")
    code = b"import os\ndata = open('d/\xc3\xa4 b.bin', 'rb').read()\nopen('out.bin', 'wb').write(data[::-1])\nos.environ['A']"
    assert session(gateway, home, "run", "step.1", "-", input=code) == (0, "'b'\n", "")
    assert session(gateway, home, "run", "step.1", "-", input=b"len(data)") == (0, "1048576\n", "")
    assert session(gateway, home, "files", "list", "step.1", "**/*.bin")[1].split("\n")[:-1] == [
        "     1048576  d/ä b.bin", "     1048576  out.bin"]
    assert session(gateway, home, "files", "get", "step.1", "out.bin") == (0, "", "")
    assert (home / "out.bin").read_bytes() == content[::-1]
    assert session(gateway, home, "files", "rm", "step.1", "out.bin") == (0, "", "")
    code, _, err = session(gateway, home, "files", "get", "step.1", "out.bin")
    assert code == 125 and "404 file_not_found" in err
    assert session(gateway, home, "run", "step.1", "-", "--timeout", "0.3", input=b"while True: pass")[0] == 124
    assert session(gateway, home, "run", "step.1", "-", input=b"len(data)") == (0, "1048576\n", "")
    assert ids(gateway, home) == ["step.1"]
    assert session(gateway, home, "rm", "step.1") == (0, "", "")
    code, _, err = session(gateway, home, "run", "step.1", "-", input=b"1")
    assert code == 125 and err.startswith("mayfly: the session has ended (deleted)")
    code, _, err = session(gateway, home, "new", "--id", "step.1")
    assert code == 125 and err.startswith("mayfly: the session has ended (deleted)")
