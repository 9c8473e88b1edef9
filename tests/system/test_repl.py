"""`mayfly repl`: a person at a terminal, or a pipe, in front of sessions that answer by a script."""

import base64
import json
import os
import signal
import stat
import subprocess

import pytest

import cli
import scripted
import session_door
from gateway import BINARY
from session_door import Sessions, result, until_interrupted
from terminal import UP, Terminal

PNG = b"\x89PNG\r\n\x1a\n of a test"


@pytest.fixture
def home(tmp_path):
    (tmp_path / "work").mkdir()
    return tmp_path


def settings(gateway, home, **more):
    return cli.environment(MAYFLY_URL=gateway.url, HOME=str(home), TERM="xterm", LANG="C.UTF-8") | more


def repl(gateway, home, *words, **more):
    return Terminal([BINARY, "repl", *words], settings(gateway, home, **more), cwd=home / "work")


def piped(gateway, home, text, *words):
    """(exit code, stdout, stderr)"""
    done = subprocess.run([BINARY, "repl", *words], input=text.encode(), capture_output=True, timeout=60, check=False,
                          env=settings(gateway, home), cwd=home / "work")
    return done.returncode, done.stdout.decode(), done.stderr.decode()


# ---- a person ----

def test_a_session_from_its_first_prompt_to_its_end(home):
    with Sessions() as gateway, repl(gateway, home) as terminal:
        terminal.expect("mayfly: session 0000000000000000 (python); it ends after 600 s without use; :help lists commands")
        terminal.expect(">>> ")
        terminal.type("x = 20\r")
        terminal.expect(">>> ")
        terminal.type("x + 1\r")
        terminal.expect("21\r\n")
        terminal.expect(">>> ")
        terminal.control("d")
        assert terminal.ended()[0] == 0
        assert gateway.codes() == ["x = 20\n", "x + 1\n"]
        assert gateway.ended == {"0000000000000000": "deleted"}
        assert terminal.is_as_before()


def test_an_empty_line_ends_a_block(home):
    with Sessions() as gateway, repl(gateway, home) as terminal:
        terminal.expect(">>> ")
        terminal.type("def f(a,\r")
        terminal.expect("... ")
        terminal.type("      b):\r")
        terminal.expect("... ")
        terminal.type("\treturn a + b\r")  # a tab indents
        terminal.expect("... ")
        terminal.type("\r")
        terminal.expect(">>> ")
        terminal.type('f("""x\r')
        terminal.expect("... ")
        terminal.type("\r")
        terminal.expect("... ")
        terminal.type('""", "y")\r')
        terminal.expect("'x\\n\\ny'")
        terminal.expect(">>> ")
        assert gateway.codes() == ["def f(a,\n      b):\n    return a + b\n", 'f("""x\n\n""", "y")\n']
        terminal.type(":quit\r")
        assert terminal.ended()[0] == 0


def test_ctrl_c_at_the_prompt_drops_the_input(home):
    with Sessions() as gateway, repl(gateway, home) as terminal:
        terminal.expect(">>> ")
        terminal.type("while True:\r")
        terminal.expect("... ")
        terminal.type("  pass")
        terminal.control("c")
        terminal.expect(">>> ")
        terminal.type("1 + 1\r")
        terminal.expect("2\r\n")
        terminal.expect(">>> ")
        assert gateway.codes() == ["1 + 1\n"]


def test_ctrl_c_interrupts_the_cell_and_keeps_the_prompt(home):
    with Sessions(until_interrupted) as gateway, repl(gateway, home) as terminal:
        terminal.expect(">>> ")
        terminal.type("wait()\r")
        terminal.expect("waiting\r\n")
        assert gateway.waiting.wait(20)
        terminal.control("c")
        terminal.expect("KeyboardInterrupt\r\n")
        terminal.expect(">>> ")
        gateway.cell = session_door.python
        terminal.type("1 + 1\r")
        terminal.expect("2\r\n")
        deleted = [path for method, path, _, _ in gateway.requests if method == "DELETE"]
        assert deleted == ["/api/v1/sessions/0000000000000000/executions/0000000000000001"]


def test_a_second_ctrl_c_leaves_a_cell_that_cannot_be_interrupted(home):
    with Sessions(until_interrupted) as gateway, repl(gateway, home) as terminal:
        gateway.refuse("DELETE", "0001", 500, "internal", "No.")
        terminal.expect(">>> ")
        terminal.type("wait()\r")
        assert gateway.waiting.wait(20)
        terminal.control("c")
        terminal.expect("mayfly: the cell could not be interrupted: the gateway answered 500; press Ctrl-C again to stop waiting for it")
        terminal.control("c")
        terminal.expect(">>> ")
        gateway.sessions["0000000000000000"].interrupted.set()


def test_a_loss_that_no_answer_told_is_noticed(home):
    """The answer of a cell that the repl no longer waited for said it."""
    with Sessions() as gateway, repl(gateway, home) as terminal:
        terminal.expect(">>> ")
        gateway.sessions["0000000000000000"].generation = 2
        terminal.type("1 + 1\r")
        terminal.expect("2\r\n")
        terminal.expect("mayfly: the session lost its state before this cell: a new interpreter was started (generation 2); "
                        "files remain\r\n")
        terminal.expect(">>> ")
        terminal.type("3\r")
        terminal.expect("3\r\n>>> ")


def test_a_session_that_the_gateway_has_forgotten_can_be_replaced(home):
    with Sessions() as gateway, repl(gateway, home) as terminal:
        terminal.expect(">>> ")
        gateway.sessions.clear()
        terminal.type("1\r")
        terminal.expect("session_unknown: There is no such session.\r\n")
        terminal.expect("mayfly: :restart begins a new session, without what this one had\r\n")
        terminal.expect(">>> ")
        terminal.type(":restart\r")
        terminal.expect("(python); it ends after 600 s without use")
        terminal.expect(">>> ")
        terminal.type("1 + 1\r")
        terminal.expect("2\r\n")


def test_images_are_saved_and_named(home):
    def plot(session, code, gateway):
        del code, gateway
        for media_type, content in (("text/plain", "<Figure>"), ("image/png", base64.b64encode(PNG).decode())):
            yield scripted.event("display", {"media_type": media_type, "content": content, "number": 1,
                                             "encoding": "base64" if media_type == "image/png" else "utf-8"})
        yield scripted.event("display", {"media_type": "text/html", "content": "<table>", "encoding": "utf-8", "number": 2})
        yield result(session)
    (home / "work/display-2.png").write_bytes(b"mine")
    with Sessions(plot) as gateway:
        with repl(gateway, home) as terminal:
            for name in ("display-1.png", "display-3.png"):
                terminal.expect(">>> ")
                terminal.type("plot()\r")
                terminal.expect("<Figure>")
                terminal.expect(f"mayfly: saved {name}\r\n")
        assert sorted(os.listdir(home / "work")) == ["display-1.png", "display-2.png", "display-3.png"]
        assert (home / "work/display-1.png").read_bytes() == PNG and (home / "work/display-2.png").read_bytes() == b"mine"
        with repl(gateway, home, "-o", "out") as terminal:  # all of them
            terminal.expect(">>> ")
            terminal.type("plot()\r")
            terminal.expect("mayfly: saved display-1.png\r\n")
            terminal.expect("mayfly: saved display-2.html\r\n")
        assert sorted(os.listdir(home / "work/out")) == ["display-1.png", "display-2.html"]


def test_lines_are_recalled_by_the_next_repl(home):
    with Sessions() as gateway:
        with repl(gateway, home) as terminal:
            terminal.expect(">>> ")
            terminal.type("'grün' * 2\r")
            terminal.expect("grüngrün")
            terminal.expect(">>> ")
            terminal.control("d")
            assert terminal.ended()[0] == 0
        kept = home / ".local/state/mayfly/history"
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600 and stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
        assert os.listdir(kept.parent) == ["history"]
        with repl(gateway, home) as terminal:
            terminal.expect(">>> ")
            terminal.type(UP + "\r")
            terminal.expect("grüngrün")
            terminal.expect(">>> ")
            terminal.control("d")
            assert terminal.ended()[0] == 0
        state = home / "state"
        with repl(gateway, home, XDG_STATE_HOME=str(state)) as terminal:
            terminal.expect(">>> ")
            terminal.type(UP + "1\r")  # nothing to recall there
            terminal.expect("1\r\n1\r\n")
            terminal.expect(">>> ")
            terminal.control("d")
            assert terminal.ended()[0] == 0
    assert gateway.codes() == ["'grün' * 2\n", "'grün' * 2\n", "1\n"]
    assert stat.S_IMODE((state / "mayfly/history").stat().st_mode) == 0o600


@pytest.mark.parametrize("unfit", ["a folder", "a pipe", "a link", "too long", "no folder"])
def test_an_unfit_history_ends_nothing(home, unfit):
    folder = home / ".local/state/mayfly"
    folder.mkdir(parents=True)
    kept = folder / "history"
    {"a folder": kept.mkdir, "a pipe": lambda: os.mkfifo(kept), "a link": lambda: kept.symlink_to(home / "other"),
     "too long": lambda: kept.write_bytes(b"_HiStOrY_V2_\n" + b"x\n" * (3 << 20)),
     "no folder": lambda: (folder.rmdir(), folder.write_text("x"))}[unfit]()
    with Sessions() as gateway, repl(gateway, home) as terminal:
        terminal.expect(">>> ")
        terminal.type("6 * 7\r")
        terminal.expect("42\r\n")
        terminal.expect(">>> ")
        terminal.control("d")
        assert terminal.ended()[0] == 0
    if unfit in ("a pipe", "a link", "too long"):
        assert kept.is_file() and not kept.is_symlink() and kept.read_text() == "_HiStOrY_V2_\n6\\040*\\0407\n"
    assert not (home / "other").exists()


def test_a_terminal_without_utf8_takes_it(home):
    with Sessions() as gateway, repl(gateway, home, LANG="C", LC_ALL="C") as terminal:
        terminal.expect(">>> ")
        terminal.type("'ä€𝄞'\r")
        terminal.expect("'ä€𝄞'\r\n")
        terminal.expect(">>> ")
        assert gateway.codes() == ["'ä€𝄞'\n"]


@pytest.mark.parametrize("name, value", [("TERM", "dumb"), ("TERM", "")])
def test_a_terminal_that_cannot_be_edited_on(home, name, value):
    with Sessions() as gateway, repl(gateway, home, **{name: value}) as terminal:
        terminal.expect(">>> ")
        terminal.type("if 1:\n")
        terminal.expect("... ")
        terminal.type("  40 + 2\n")
        terminal.expect("... ")
        terminal.control("c")
        terminal.expect(">>> ")
        terminal.type("1 + 1\n")
        terminal.expect("2\r\n")
        terminal.expect(">>> ")
        terminal.control("d")
        assert terminal.ended()[0] == 0


def test_output_without_a_newline_does_not_share_the_prompts_line(home):
    with Sessions() as gateway, repl(gateway, home) as terminal:
        terminal.expect(">>> ")
        terminal.type("print('half', end='')\r")
        terminal.expect("half\r\n")
        terminal.expect(">>> ")


def test_the_end_of_the_session_is_told_with_its_reason(home):
    with Sessions() as gateway, repl(gateway, home) as terminal:
        terminal.expect(">>> ")
        gateway.end("0000000000000000", "idle_timeout")
        terminal.type("1 + 1\r")
        terminal.expect("mayfly: the session has ended (idle_timeout): It is gone.\r\n")
        terminal.expect("mayfly: :restart begins a new session, without what this one had\r\n")
        terminal.expect(">>> ")
        terminal.type(":restart\r")
        terminal.expect("mayfly: session 0000000000000001 (python)")
        terminal.expect(">>> ")
        terminal.type("1 + 1\r")
        terminal.expect("2\r\n")
        terminal.expect(">>> ")
        terminal.control("d")
        assert terminal.ended()[0] == 0 and gateway.sessions == {}


def test_restart_begins_anew(home):
    with Sessions() as gateway, repl(gateway, home, "--runtime", "python-data") as terminal:
        terminal.expect(">>> ")
        terminal.type("x = 1\r")
        terminal.expect(">>> ")
        terminal.type(":restart\r")
        terminal.expect("session 0000000000000001 (python-data)")
        terminal.expect(">>> ")
        terminal.type("x\r")
        terminal.expect("NameError")
        assert gateway.ended == {"0000000000000000": "deleted"}


def test_a_restart_that_fails_leaves_the_prompt(home):
    with Sessions() as gateway, repl(gateway, home) as terminal:
        terminal.expect(">>> ")
        gateway.refuse("POST", "/sessions", 429, "session_limit", "The key has its 2 sessions.")
        terminal.type(":restart\r")
        terminal.expect("mayfly: the gateway answered 429 session_limit: The key has its 2 sessions.")
        terminal.expect(">>> ")
        terminal.type("1\r")
        terminal.expect("mayfly: there is no session; :restart begins one")
        terminal.expect(">>> ")
        terminal.type(":restart \r")
        terminal.expect("mayfly: session 0000000000000001")


def test_commands(home):
    with Sessions() as gateway, repl(gateway, home) as terminal:
        terminal.expect(">>> ")
        terminal.type(":help\r")
        terminal.expect(":restart")
        terminal.expect(":quit")
        terminal.expect(">>> ")
        terminal.type(":files\r")
        terminal.expect('mayfly: there is no command ":files"; :help lists them')
        terminal.expect(">>> ")
        terminal.type(":quit\r")
        assert terminal.ended()[0] == 0 and gateway.codes() == []


def test_lost_state_and_dropped_output_are_told(home):
    def lost(session, code, gateway):
        del code, gateway
        session.generation = 2
        yield scripted.event("result", scripted.answer(status="error", return_code=-9, signal="SIGKILL",
                                                       session=session.after(state_lost=True, dropped_bytes=77)))
    with Sessions(lost) as gateway, repl(gateway, home) as terminal:
        terminal.expect(">>> ")
        terminal.type("os.abort()\r")
        terminal.expect("mayfly: the session has lost its state: a new interpreter was started (generation 2); files remain\r\n")
        terminal.expect("mayfly: 77 bytes that were written while no cell ran were dropped\r\n")
        terminal.expect(">>> ")


def test_a_session_that_exists_is_used_and_left(home):
    with Sessions() as gateway:
        subprocess.run([BINARY, "session", "new", "--id", "mine"], check=True, env=settings(gateway, home), timeout=60,
                       stdout=subprocess.DEVNULL)
        with repl(gateway, home, "mine") as terminal:
            terminal.expect("mayfly: session mine (python) has run 0 cells; generation 1; :help lists commands")
            terminal.expect(">>> ")
            terminal.control("d")
            code, text = terminal.ended()
        assert code == 0 and "mayfly: session mine remains until its time is up; mayfly repl mine continues it" in text
        assert list(gateway.sessions) == ["mine"]


def test_a_session_that_was_made_can_be_kept(home):
    with Sessions() as gateway, repl(gateway, home, "other", "--keep") as terminal:
        terminal.expect(">>> ")
        terminal.control("d")
        assert terminal.ended()[0] == 0
        assert list(gateway.sessions) == ["other"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_session_and_keeps_the_lines(home, number):
    with Sessions() as gateway, repl(gateway, home) as terminal:
        terminal.expect(">>> ")
        terminal.type("1 + 1\r")
        terminal.expect("2\r\n")
        terminal.expect(">>> ")
        terminal.signal(number)
        assert terminal.ended()[0] == 128 + number
        assert gateway.sessions == {} and terminal.is_as_before()
    assert "1\\040+\\0401" in (home / ".local/state/mayfly/history").read_text()


def test_a_signal_in_a_cell_ends_all(home):
    with Sessions(until_interrupted) as gateway, repl(gateway, home) as terminal:
        terminal.expect(">>> ")
        terminal.type("wait()\r")
        assert gateway.waiting.wait(20)
        terminal.signal(signal.SIGTERM)
        assert terminal.ended()[0] == 143
        assert gateway.sessions == {}


def test_a_stop_and_a_continuation_keep_the_line(home):
    with Sessions() as gateway, repl(gateway, home) as terminal:
        terminal.expect(">>> ")
        terminal.type("40 +")
        terminal.expect("40 +")
        terminal.signal(signal.SIGSTOP)
        terminal.signal(signal.SIGCONT)
        terminal.type(" 2\r")
        terminal.expect("42\r\n")
        assert gateway.codes() == ["40 + 2\n"]


def test_an_opening_that_is_refused(home):
    with Sessions() as gateway:
        gateway.refuse("POST", "/sessions", 422, "invalid", "A field is wrong.",
                       errors=[{"field": "idle_timeout", "message": "must be at most 3600"}])
        assert piped(gateway, home, "1\n") == (
            125, "", "mayfly: the gateway answered 422 invalid: A field is wrong.\n"
                     "mayfly:   idle_timeout: must be at most 3600\n")


# ---- a pipe ----

def test_a_pipe_runs_cell_by_cell(home):
    text = ("# a comment\nimport math\n\n@staticmethod\ndef f(a):\n\n    # in the block\n    return a\n"
            "if f.__func__(0):\n    1\nelse:\n\n    print('else')\nfor i in range(2): print(i)\n(1,\n\n2)\nf'{1}' # x:\n"
            "def g():\n  return 7\ng()")
    with Sessions() as gateway:
        assert piped(gateway, home, text) == (0, "else\n0\n1\n(1, 2)\n'1'\n7\n", "")
        assert gateway.codes() == [
            "import math\n", "@staticmethod\ndef f(a):\n\n    # in the block\n    return a\n",
            "if f.__func__(0):\n    1\nelse:\n\n    print('else')\n", "for i in range(2): print(i)\n", "(1,\n\n2)\n",
            "f'{1}' # x:\n", "def g():\n  return 7\n", "g()\n"]
        assert gateway.sessions == {}


def test_a_pipe_ends_at_the_first_cell_that_fails(home):
    with Sessions() as gateway:
        code, out, err = piped(gateway, home, "1\nraise SystemError('no')\n2\n")
        assert (code, out) == (1, "1\n") and "SystemError: no" in err
        assert len(gateway.codes()) == 2 and gateway.sessions == {}


def test_a_pipe_ends_when_the_session_has_ended(home):
    def end(session, code, gateway):
        gateway.end(session.id, "max_lifetime")
        return session_door.python(session, code, gateway)
    with Sessions(end) as gateway:
        assert piped(gateway, home, "1\n2\n3\n") == (125, "1\n", "mayfly: the session has ended (max_lifetime): It is gone.\n")


def test_what_is_sent(home):
    (home / "work/in.csv").write_text("a\n")
    (home / "key").write_text("k1\n")
    with Sessions() as gateway:
        assert piped(gateway, home, "1\n", "--runtime", "python-data", "--memory", "1GiB", "--cpus", "0.5", "--pids", "9",
                     "--cpu-time", "3", "--max-output", "64KiB", "--timeout", "2.5", "--idle-timeout", "90", "--max-lifetime",
                     "7200", "--env", "A=1", "--file", "in.csv", "--key-file", home / "key")[0] == 0
    (_, _, headers, opening), (_, path, _, cell), _ = gateway.requests
    assert headers["Authorization"] == "Bearer k1"
    assert json.loads(opening) == {
        "runtime": "python-data", "env": {"A": "1"}, "files": [{"path": "in.csv", "content": "a\n", "encoding": "utf-8"}],
        "limits": {"memory_bytes": 1 << 30, "cpus": 0.5, "pids": 9}, "idle_timeout": 90, "max_lifetime": 7200}
    assert path == "/api/v1/sessions/0000000000000000/executions"
    assert json.loads(cell) == {"code": "1\n", "timeout": 2.5, "limits": {"cpu_time": 3, "output_bytes": 65536},
                                "output_encoding": "base64"}


def test_a_pipe_of_any_bytes_ends_in_a_sentence(home):
    with Sessions() as gateway:
        code, _, err = piped(gateway, home, "x" * (1 << 20) + "y\n")
        assert code == 125 and "is longer than 1048576 bytes" in err
        code, _, err = piped(gateway, home, ("x = [\n" + "1,\n" * (1 << 19)))
        assert code == 125 and "the cell is longer than 1048576 bytes" in err
        done = subprocess.run([BINARY, "repl"], input=b"'\xff'\n", capture_output=True, timeout=60, check=False,
                              env=settings(gateway, home), cwd=home / "work")
        assert (done.returncode, done.stderr) == (125, b"mayfly: the input is not UTF-8 text\n")
        assert piped(gateway, home, "") == (0, "", "") == piped(gateway, home, "\n\n# nothing")
        assert piped(gateway, home, ":quit\n1\n") == (0, "", "")
        assert gateway.codes() == [] and gateway.sessions == {}


def test_an_interrupt_ends_a_pipe(home):
    with Sessions(until_interrupted) as gateway:
        with subprocess.Popen([BINARY, "repl"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env=settings(gateway, home), cwd=home / "work") as process:
            process.stdin.write(b"wait()\n1\n")
            process.stdin.flush()
            assert gateway.waiting.wait(20)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
        assert (process.returncode, out, err) == (130, b"waiting\n", b"KeyboardInterrupt\n")
        assert len(gateway.codes()) == 1 and gateway.sessions == {}
