"""The runtime python-data, one box at a time: the displays of a program arrive, misuse of the pipe harms only the
program's own displays, and everything else is as under python3."""

import concurrent.futures
import struct
import time

import pytest

import wire
from box import DATA_IMAGE, Box, Container, Result, create_body

CAP = 8 << 20
PLOT = "import matplotlib.pyplot as plt\nplt.plot([1, 2, 3])\n"
SHOWN = """
def shown(**forms):
    return type("Shown", (), {f"_repr_{name}_": lambda self, form=form: form for name, form in forms.items()})()
"""
# Writes to the pipe as the program's own code could, past the module that knows how.
PIPE = """
import os, mayfly_displays
fd = mayfly_displays.channel.fd
def packet(name, offset, form, last, content, zero=b"\\0\\0"):
    os.write(fd, name.to_bytes(8, "big") + offset.to_bytes(4, "big") + bytes([form, last]) + zero + content)
"""


class Boxes:
    """Boxes of python-data that are started in advance, because each takes two seconds."""

    def __init__(self, engine):
        self._engine = engine
        self._threads = concurrent.futures.ThreadPoolExecutor(2)
        self._coming = [self._begin(), self._begin()]

    def _begin(self):
        return self._threads.submit(Box, self._engine.socket, image=DATA_IMAGE)

    def take(self):
        self._coming.append(self._begin())
        return self._coming.pop(0).result()

    def close(self):
        for coming in self._coming:
            coming.result().__exit__()
        self._threads.shutdown()


@pytest.fixture(scope="module")
def boxes(engine):
    ahead = Boxes(engine)
    yield ahead
    ahead.close()


@pytest.fixture
def show(boxes):
    """Run one program in a box of its own."""

    def show(source, **job):
        with boxes.take() as box:
            result = box.run(source, **{"displays_bytes": CAP, "timeout_ms": 20000, **job})
            assert result.outcome is not None, bytes(box.stderr)
            return result

    return show


def said(result):
    return bytes(result.stdout).decode(), bytes(result.stderr).decode(), result.returncode


def size_of(png):
    assert png.startswith(b"\x89PNG\r\n\x1a\n") and png.endswith(b"IEND\xaeB`\x82")
    return struct.unpack_from(">II", png, 16)


def html(*contents):
    return [("text/html", content) for content in contents]


# ---- plots ----

def test_a_plot_comes_after_what_was_printed_before_it(show):
    result = show(PLOT + "print('before')\nplt.show()\nprint('after')")
    [(media_type, png)] = result.displays
    assert (media_type, size_of(png)) == ("image/png", (640, 480))
    assert said(result) == ("before\nafter\n", "", 0)
    assert result.frames.index(wire.OUTPUT) < result.frames.index(wire.DISPLAY)


@pytest.mark.parametrize("ending, code", [("1/0", 1), ("raise SystemExit(3)", 3)])
def test_figures_left_open_are_shown_whatever_the_exit_code(show, ending, code):
    result = show(PLOT + "plt.figure(figsize=(2, 1))\nimport atexit\natexit.register(plt.close, 'all')\n" + ending)
    assert [size_of(png) for _, png in result.displays] == [(640, 480), (200, 100)]
    assert result.returncode == code


def test_nothing_is_drawn_after_os_exit(show):
    result = show(PLOT + "plt.show()\nplt.plot([1])\nimport os\nos._exit(4)")
    assert len(result.displays) == 1
    assert said(result) == ("", "", 4)


def test_a_figure_is_shown_again_only_when_it_has_changed(show):
    result = show(PLOT + """
plt.show(block=False)
plt.show(block=False)
display(plt.gcf())
plt.title("more")
plt.show(block=False)
plt.figure(figsize=(1, 1)).show()
plt.show()
plt.show()
print(plt.get_fignums())
""")
    assert [size_of(png) for _, png in result.displays] == [(640, 480)] * 3 + [(100, 100)]
    assert result.displays[0] == result.displays[1] != result.displays[2]
    assert said(result) == ("[1, 2]\n", "", 0)


SAVED = """
import hashlib, io, os
def saved(figure=None):
    file = io.BytesIO()
    (figure or plt).savefig(file, format="png")
    print(hashlib.sha256(file.getvalue()).hexdigest())
"""


@pytest.mark.parametrize("settings", ["", "plt.rcParams['figure.constrained_layout.use'] = True\n",
                                      "plt.rcParams['savefig.bbox'] = 'tight'\n"])
def test_a_figure_that_was_shown_can_be_saved(show, settings):
    """The same picture as where plt.show() does nothing."""
    source = "import matplotlib.pyplot as plt\n" + settings + PLOT + SAVED + (
        "plt.title('a title')\n{}\nsaved()\nsaved(plt.gcf())\nplt.plot([3, 1])\n{}\nsaved()")
    shown = show(source.format("plt.show()", "plt.show()"))
    silent = show(source.format("", ""), displays_bytes=CAP)
    assert said(shown) == said(silent) and shown.returncode == 0
    assert [len(shown.displays), len(silent.displays)] == [2, 1]


def test_what_ipython_displays_is_shown(show):
    result = show(PLOT + """
from IPython.display import HTML, SVG, Image, Markdown, display
display(HTML("<b>x</b>"), SVG("<svg xmlns='http://www.w3.org/2000/svg'/>"))
import IPython.display
IPython.display.display(plt.gcf(), clear=True)
""")
    assert [media_type for media_type, _ in result.displays] == ["text/html", "image/svg+xml", "image/png"]
    assert said(result) == ("", "", 0)


def test_every_backend_shows(show):
    result = show("import matplotlib\n" + "".join(
        f"matplotlib.use('{backend}')\n{PLOT}plt.show()\n" for backend in ("agg", "svg", "pdf", "agg")))
    assert len(result.displays) == 4
    assert said(result) == ("", "", 0)


def test_a_figure_that_cannot_be_drawn_is_told_of(show):
    out, err, code = said(show(PLOT + "plt.title('$x^{2$')\nprint(1)"))
    assert (out, code) == ("1\n", 0) and "ValueError" in err


def test_processes_show_side_by_side(show):
    result = show(SHOWN + PLOT + """
import multiprocessing, os
def work(letter):
    for _ in range(5):
        display(shown(html=letter * 30000))
with multiprocessing.get_context("fork").Pool(4) as pool:
    pool.map(work, "abcd")
if os.fork() == 0:
    raise SystemExit  # without showing the figure of its parent's
os.wait()
""")
    tables = sorted(shown for shown in result.displays if shown[0] == "text/html")
    assert tables == html(*(letter * 30000 for letter in (b"a", b"b", b"c", b"d") for _ in range(5)))
    assert len(result.displays) == 21


# ---- display() ----

def test_the_richest_form_is_shown(show):
    result = show(SHOWN + """
import pandas
display(shown(html="<b>é</b>", svg="<svg/>", png=b"png", json={}), shown(html=None, svg="<svg/>", png=b"png", json={}))
display(shown(png=(b"\\x89png", {"width": 1}), json={}))
display(shown(json={"a": [1, None]}))
display(shown(json='{"a":1}'))
display(42, "text", int)
display(pandas.DataFrame({"price": [1, 2]}))
for forms in ({"png": "text"}, {"html": b"bytes"}, {"json": {1, 2}}, {"json": "no json"}):
    try:
        display(shown(**forms))
    except (TypeError, ValueError) as error:
        print(type(error).__name__)
""")
    assert result.displays[:5] == [
        ("text/html", "<b>é</b>".encode()), ("image/svg+xml", b"<svg/>"), ("image/png", b"\x89png"),
        ("application/json", b'{"a": [1, null]}'), ("application/json", b'{"a": 1}')]
    [(media_type, table)] = result.displays[5:]
    assert media_type == "text/html" and b"<th>price</th>" in table
    assert said(result) == ("42\n'text'\n<class 'int'>\nTypeError\nTypeError\nTypeError\nJSONDecodeError\n", "", 0)


# ---- caps ----

def test_bytes_are_capped_and_said(show):
    result = show(SHOWN + "for n in (600, 600, 300, 101):\n    display(shown(html='x' * n))", displays_bytes=1000)
    assert [len(content) for _, content in result.displays] == [600, 300]
    out, err, code = said(result)
    assert (out, code) == ("", 0)
    assert "main.py:5: RuntimeWarning: display dropped: it has 600 bytes" in err


def test_the_number_is_capped_and_said(show):
    result = show(SHOWN + "for n in range(260):\n    display(shown(html=str(n)))")
    assert result.displays == html(*(str(n).encode() for n in range(256)))
    assert b"at most 256 displays" in result.stderr and result.returncode == 0


def test_displays_can_be_switched_off(show):
    result = show(PLOT + "plt.show()\nprint(1)", displays_bytes=0)
    out, err, code = said(result)
    assert (out, code, result.displays) == ("1\n", 0, []) and "switched off" in err


def test_a_large_display_is_whole(show):
    result = show(SHOWN + "display(shown(png=bytes(range(256)) * 32768))\ndisplay(shown(html='x'))")
    assert result.displays == [("image/png", bytes(range(256)) * 32768)]
    assert b"display dropped" in result.stderr


# ---- a program that knows the pipe ----

GARBAGE = [
    "os.write(fd, b'short')",
    "os.write(fd, b'\\xff' * 4096)",
    "packet(1, 0, 0, 1, b'x')",
    "packet(1, 0, 5, 1, b'x')",
    "packet(1, 0, 3, 2, b'x')",
    "packet(1, 0, 3, 1, b'x', b'\\0\\1')",
    "packet(1, 1, 3, 1, b'x')",
    "packet(1, 0, 3, 0, b'x'); packet(1, 2, 3, 1, b'x')",
    "packet(1, 0, 3, 0, b'x'); packet(1, 1, 1, 1, b'x')",
    "packet(1, 0, 3, 0, b'x'); packet(2, 1, 3, 1, b'x')",
    "packet(1, 0, 3, 0, b'x')",
    "for n in range(3000): os.write(fd, b'x' * 4096)",
    "[packet(1, n * 4000, 3, 0, b'x' * 4000) for n in range(4000)]",
]


def test_garbage_harms_no_other_display(show):
    result = show(PIPE + "".join(f"{garbage}\npacket(7, 0, 3, 1, b'{n}')\n" for n, garbage in enumerate(GARBAGE)))
    assert result.displays == html(*(str(n).encode() for n in range(len(GARBAGE))))
    assert said(result) == ("", "", 0)


def test_caps_hold_at_the_source(show):
    result = show(PIPE + "for n in range(1000): packet(n, 0, 3, 1, b'x' * 100)\nprint('end')", displays_bytes=3050)
    assert result.displays == html(*[b"x" * 100] * 30)
    assert said(result) == ("end\n", "", 0)


def test_a_closed_pipe_is_no_error(show):
    result = show(PIPE + SHOWN + """
os.set_blocking(fd, False)
os.dup2(os.open("/dev/null", os.O_WRONLY), fd)
display(shown(html="x"))
os.closerange(3, 2000)
display(shown(html="x"))
print("end")
""")
    assert said(result) == ("end\n", "", 0) and result.displays == []


def test_a_writer_without_end_runs_into_its_deadline(show):
    result = show(PIPE + "while True: packet(1, 0, 3, 1, b'x')", timeout_ms=1000)
    assert result.outcome.verdict == wire.TIMEOUT and len(result.displays) == 256


def test_a_box_that_is_given_up_while_it_shows_ends(boxes):
    with boxes.take() as box:
        box.send(wire.Job(PIPE + "while True: packet(1, 0, 3, 1, b'x')", displays_bytes=CAP).frame(1))
        assert box.next_frame(time.monotonic() + 10).type == wire.STARTED
        box.send(wire.frame(wire.CANCEL, 1))
        assert box.exit_code() == 0


# ---- the interpreter ----

def test_packages_are_there_and_cost_nothing(engine, show):
    """The versions of the label; no import is left to do; one thread; no descriptor where a program expects its own."""
    label = engine.docker("image", "inspect", "--format", '{{index .Config.Labels "mayfly.packages"}}',
                          DATA_IMAGE).strip()
    label = " ".join(label.split()[:4])  # the others are imported where a program does
    names = ", ".join(promise.split("=")[0] for promise in label.split())
    result = show(f"""
import os, sys
before = len(sys.modules)
import {names}, matplotlib.pyplot, scipy.stats, scipy.optimize, scipy.signal, scipy.sparse.linalg, scipy.io
print(len(sys.modules) - before, os.open("/dev/null", os.O_RDONLY))
print(*(f"{{module.__name__}}={{module.__version__.partition('+')[0]}}" for module in ({names})))
numpy.ones((500, 500)) @ numpy.ones((500, 500))
print(len(os.listdir("/proc/self/task")))
""")
    assert said(result) == (f"0 3\n{label}\n1\n", "", 0)


@pytest.mark.parametrize("job", [{"env": {"TZ": "Asia/Tokyo"}}, {"files": {"getopt.py": "1/0"}},
                                 {"files": {"matplotlibrc": "figure.figsize: 6.4, 4.8"}}])
def test_a_cold_start_shows_too(show, job):
    result = show(SHOWN + "display(shown(html='x'))\nimport os\nprint('MAYFLY_DISPLAYS' in os.environ)\n" + PLOT +
                  "plt.show()\nplt.figure(figsize=(1, 1))", **job)
    assert [media_type for media_type, _ in result.displays] == ["text/html", "image/png", "image/png"]
    assert [size_of(png) for _, png in result.displays[1:]] == [(640, 480), (100, 100)]
    assert said(result) == ("False\n", "", 0)


def test_threads_exit_handlers_and_destructors_have_their_turn(show):
    result = show("""
import atexit, logging.handlers, sys, threading
class Loud:
    def __del__(self):
        print("finalised")
loud = Loud()
atexit.register(lambda: print("exit handler", __import__("json").dumps([1])))
memory = logging.handlers.MemoryHandler(10, target=logging.StreamHandler(sys.stdout))
logging.getLogger().addHandler(memory)
logging.warning("buffered")
threading.Timer(0.05, lambda: print("thread")).start()
""")
    assert said(result) == ("thread\nexit handler [1]\nbuffered\nfinalised\n", "", 0)


def test_the_plain_runtime_has_no_display(engine):
    with Box(engine.socket) as box:
        result = box.run("import os\nprint(sorted(map(int, os.listdir('/proc/self/fd')))[:3])\ndisplay(1)",
                         displays_bytes=CAP)
    assert isinstance(result, Result) and b"NameError: name 'display' is not defined" in result.stderr
    assert result.stdout == b"[0, 1, 2]\n"


def test_a_fresh_interpreter_says_nothing_when_it_plots(engine):
    """Nor is a list of fonts made: that would be told of."""
    source = "import matplotlib.pyplot as plt, pandas, scipy.stats; plt.plot([1]); plt.savefig('/tmp/x.png')"
    body = create_body(["/usr/bin/python3", "-c", source], [], image=DATA_IMAGE)
    with Container(engine.socket, body) as container:
        container.close_stdin()
        assert container.read(time.monotonic() + 60) == b""
        assert (container.exit_code(), bytes(container.stderr)) == (0, b"")
