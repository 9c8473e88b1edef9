"""Cells that lie: a cell can forge only its displays and its exception. What it sends is held to the caps and to its
form, and changes nothing of how it ended, of what it used, or of another run."""

import pytest

import wire
from box import Box

# Writes to the pipe as the program's own code could.
PIPE = """
import os, mayfly_displays
fd = mayfly_displays.channel.fd
TEXT, ERROR = mayfly_displays.TEXT, mayfly_displays.ERROR
names = iter(range(1, 1 << 40))
def packet(form, content, last=1, flags=0, offset=0, name=None):
    name = next(names) if name is None else name
    os.write(fd, name.to_bytes(8, "big") + offset.to_bytes(4, "big") + bytes([form, last, 0, flags]) + content)
"""
CAP = 1 << 20


@pytest.fixture
def run(engine):
    def run(source, **job):
        with Box(engine.socket) as box:
            result = box.run(PIPE + source, **{"displays_bytes": CAP, "is_cell": True, "timeout_ms": 20000, **job})
            assert result.outcome is not None, bytes(box.stderr)
            return result
    return run


def errors_of(result):
    return [content for kind, content in result.displays if kind == wire.ERROR_MEDIA_TYPE]


def test_a_forged_exception_does_not_change_the_end(run):
    result = run("packet(ERROR, b'KeyError\\0forged\\0line\\0')")
    assert errors_of(result) == [b"KeyError\0forged\0line\0"]
    assert result.outcome.verdict == wire.EXITED and result.returncode == 0


def test_a_hidden_exception_does_not_change_the_end(run):
    result = run("os.close(fd)\n1/0")
    assert errors_of(result) == [] and result.returncode == 1 and b"ZeroDivisionError" in result.stderr


def test_there_is_one_exception_at_most_and_the_first_counts(run):
    result = run("for i in range(5): packet(ERROR, b'E\\0%d\\0' % i)\n1/0")
    assert errors_of(result) == [b"E\x000\x00"] and result.returncode == 1


def test_an_exception_that_is_too_long_is_dropped_and_the_next_comes(run):
    result = run("""
for at in range(0, 70000, 4000): packet(ERROR, b"e" * 4000, last=at >= 66000, offset=at, name=7)
packet(ERROR, b"E\\0short\\0")""")
    assert errors_of(result) == [b"E\0short\0"] and result.returncode == 0


@pytest.mark.parametrize("content", [b"", b"\0", b"\0" * 4000, b"no end", b"\xff\xfe\0\xff\0\x00{\"a\":1}\0", b"\"},{\"\0]}\0"])
def test_any_bytes_make_an_answer_of_the_right_form(gateway, content):
    status, answer = gateway.execute(f"{PIPE}\npacket(ERROR, {content!r})", mode="cell")
    assert (status, answer["status"], answer["return_code"]) == (200, "success", 0)
    error = answer["error"]
    if content:
        assert set(error) == {"name", "value", "traceback"} and isinstance(error["name"], str)
        assert isinstance(error["value"], str) and all(isinstance(line, str) for line in error["traceback"])
    else:
        assert error is None


def test_displays_are_counted_whatever_their_forms(run):
    result = run("for i in range(1000): packet(TEXT, b'x', flags=1)")
    assert len(result.displays) == 256 and result.returncode == 0


def test_displays_are_held_to_their_bytes(run):
    result = run("for i in range(2000): packet(TEXT, b'x' * 4000)")
    assert sum(len(content) for _, content in result.displays) <= CAP and result.returncode == 0


@pytest.mark.parametrize("bad", ["packet(7, b'x')", "packet(0, b'x')", "packet(TEXT, b'x', flags=4)", "packet(TEXT, b'x', flags=255)",
                                 "packet(TEXT, b'x', last=2)", "os.write(fd, b'short')"])
def test_what_has_no_form_is_dropped(run, bad):
    result = run(f"{bad}\npacket(TEXT, b'good')")
    assert result.displays == [("text/plain", b"good")]


@pytest.mark.parametrize("form", ["TEXT", "ERROR"])
def test_a_script_has_no_forms_of_cells(engine, form):
    import box
    with Box(engine.socket, image=box.DATA_IMAGE) as data:
        result = data.run(f"{PIPE}\npacket({form}, b'x')\npacket(3, b'html')", displays_bytes=CAP)
    assert result.displays == [("text/html", b"html")]


def test_a_cell_that_floods_its_pipe_ends_in_time(run):
    result = run("while True: packet(TEXT, b'x' * 4000)", timeout_ms=2000)
    assert result.outcome.verdict == wire.TIMEOUT


def test_a_child_that_keeps_the_pipe_does_not_keep_the_run(run):
    result = run("""
os.set_inheritable(fd, True)
if os.fork() == 0:
    while True: packet(TEXT, b"late")
""")
    assert result.outcome.verdict == wire.EXITED and result.returncode == 0


def test_patching_the_cells_module_harms_only_itself(run):
    result = run("import mayfly_cell\nmayfly_cell.send_error = None\nmayfly_displays.is_cell = None\n1/0")
    assert result.outcome.verdict == wire.EXITED and result.returncode == 1


def test_a_display_of_a_cell_before_is_not_the_next_ones(gateway):
    """Each run has a pipe of its own."""
    gateway.execute(f"{PIPE}\npacket(TEXT, b'unfinished', last=0)", mode="cell")
    assert gateway.execute("1", mode="cell")[1]["displays"] == [
        {"media_type": "text/plain", "content": "1", "encoding": "utf-8", "number": 1, "is_result": True}]
