"""Programs as cells of a notebook, one box each: values and exceptions come back as data, in both runtimes, warm and
cold, and a cell's streams are those of the same program under python3."""

import json
import time

import pytest

import wire
from box import DATA_IMAGE, IMAGE, Box
from eventstream import EVENTS, EventStream

CAP = 8 << 20
COLD = {"env": {"PYTHONHASHSEED": "7"}}
RICH = """
class Rich:
    def _repr_html_(self): return "<b>rich</b>"
    def _repr_svg_(self): return "<svg/>"
    def _repr_png_(self): return b"\\x89PNG"
    def _repr_json_(self): return {"rich": 1}
    def __repr__(self): return "rich"
"""
ALL_FORMS = [("text/html", b"<b>rich</b>"), ("image/svg+xml", b"<svg/>"), ("image/png", b"\x89PNG"),
             ("application/json", b'{"rich": 1}'), ("text/plain", b"rich")]


class Cell:
    """What became of one."""

    def __init__(self, result):
        assert result.outcome is not None and result.refusal is None, result.refusal
        self.stdout, self.stderr = bytes(result.stdout).decode(), bytes(result.stderr).decode()
        self.code, self.cold = result.returncode, result.cold
        self.displays = [shown for shown in result.displays if shown[0] != wire.ERROR_MEDIA_TYPE]
        errors = [content for kind, content in result.displays if kind == wire.ERROR_MEDIA_TYPE]
        assert len(errors) <= 1
        self.error = None
        if errors:
            assert errors[0].endswith(b"\0")
            name, value, *lines = errors[0][:-1].decode().split("\0")
            self.error = {"name": name, "value": value, "traceback": lines}

    @property
    def texts(self):
        return [content.decode() for kind, content in self.displays if kind == "text/plain"]


@pytest.fixture(scope="module", params=["python", "python-data"])
def image(request):
    return IMAGE if request.param == "python" else DATA_IMAGE


def run_in(engine, image, source, **job):
    with Box(engine.socket, image=image) as box:
        return Cell(box.run(source, **{"displays_bytes": CAP, "timeout_ms": 20000, "is_cell": True, **job}))


@pytest.fixture
def run(engine, image):
    return lambda source, **job: run_in(engine, image, source, **job)


@pytest.fixture
def bare(engine):
    return lambda source, **job: run_in(engine, IMAGE, source, **job)


@pytest.fixture
def data(engine):
    return lambda source, **job: run_in(engine, DATA_IMAGE, source, **job)


# ---- values ----

@pytest.mark.parametrize("how", [{}, COLD], ids=["warm", "cold"])
def test_the_last_value_is_displayed_in_all_its_forms(run, how):
    cell = run(RICH + "print('first')\nRich()", **how)
    assert (cell.displays, cell.stdout, cell.stderr, cell.code, cell.error) == (ALL_FORMS, "first\n", "", 0, None)
    assert cell.cold == bool(how)


def test_forms_of_one_display_have_one_number_and_results_are_marked(engine):
    with Box(engine.socket) as box:
        box.send(wire.Job(RICH + "display(Rich())\ndisplay(1)\nRich()", displays_bytes=CAP, is_cell=True).frame(1))
        seen = []
        deadline = time.monotonic() + 60
        while (frame := box.next_frame(deadline)) and frame.type != wire.END:
            if frame.type == wire.DISPLAY:
                artifact = wire.Artifact.decode(frame.payload)
                seen.append((artifact.number, artifact.is_result))
    assert seen == [(1, False)] * 5 + [(2, False)] + [(3, True)] * 5


@pytest.mark.parametrize("source, texts", [
    ("1 + 1", ["2"]),
    ("1 + 1;", []),
    ("1 + 1 ; # said", []),
    ("x = 5", []),
    ("None", []),
    ("\n", []),
    ("# nothing", []),
    ("'text'", ["'text'"]),
    ("if True:\n    7", []),
    ("display(1, 'a')\n3", ["1", "'a'", "3"]),
    ("from __future__ import annotations\ndef f(x: undefined): pass\nf.__annotations__", ["{'x': 'undefined'}"]),
    ("import sys\n(__name__, __file__, sys.argv, sys.path[0])",
     ["('__main__', '/box/main.py', ['/box/main.py', 'arg'], '/box')"]),
    ("# -*- coding: latin-1 -*-\n'\xe9'", ["'\xc3\xa9'"]),
])
def test_values(bare, source, texts):
    cell = bare(source, args=["arg"])
    assert (cell.texts, cell.stderr, cell.code, cell.error) == (texts, "", 0, None)


def test_a_cold_cell_is_in_the_same_place(bare):
    cell = bare("import sys\n(__name__, __file__, sys.argv, sys.path[0], sys.modules['__main__'].__dict__ is globals())",
                args=["arg"], **COLD)
    assert cell.texts == ["('__main__', '/box/main.py', ['/box/main.py', 'arg'], '/box', True)"]


def test_files_of_the_program_do_not_get_in_the_way(bare):
    cell = bare("import ast, mayfly_cell as theirs\n(ast.mine, theirs.__file__)",
                files={"ast.py": b"mine = 1", "mayfly_cell.py": b"", "mayfly_displays.py": b"", "io.py": b""})
    assert cell.texts == ["(1, '/usr/lib/python3/dist-packages/mayfly_cell.py')"] and cell.cold


def test_a_bundle_of_its_own(run):
    cell = run("""
class Bundle:
    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/html": "<i>", "text/plain": "plain", "image/png": "iVBO", "x/y": "?"}, {"meta": 1}
Bundle()""")
    assert cell.displays == [("text/html", b"<i>"), ("image/png", b"\x89PN"), ("text/plain", b"plain")]


def test_an_object_that_shows_itself(run):
    cell = run("class Own:\n    def _ipython_display_(self): display('shown')\nOwn()")
    assert cell.texts == ["'shown'"]


def test_a_form_that_fails_is_left_out(run):
    cell = run("class Bad:\n    def _repr_html_(self): return 1 / 0\n    def __repr__(self): return 'bad'\nBad()")
    assert cell.displays == [("text/plain", b"bad")] and cell.code == 0
    assert "Bad._repr_html_() failed: ZeroDivisionError: division by zero" in cell.stderr


def test_a_repr_that_fails_is_the_cells_exception(bare):
    cell = bare("class Bad:\n    def __repr__(self): return 1 / 0\nBad()")
    assert cell.error["name"] == "ZeroDivisionError" and cell.code == 1
    assert [line for line in cell.error["traceback"] if "mayfly" in line] == []
    assert '  File "/box/main.py", line 2, in __repr__' in cell.error["traceback"]


def test_a_long_repr_is_cut(bare):
    [text] = bare("'a' * 10**6").texts
    assert text == "'" + "a" * 65535 + "\u2026 [cut: 1000002 characters in all]"


def test_displays_that_are_switched_off_leave_the_exception(bare):
    cell = bare("display(1)\n1/0", displays_bytes=0)
    assert cell.displays == [] and cell.error["name"] == "ZeroDivisionError"


def test_tables_have_html_and_text(data):
    cell = data("import pandas as pd\npd.DataFrame({'a': [1, 2]})")
    assert [kind for kind, _ in cell.displays] == ["text/html", "text/plain"]
    assert b"<table" in cell.displays[0][1] and cell.texts == ["   a\n0  1\n1  2"]


@pytest.mark.parametrize("end, kinds", [
    ("", ["text/plain", "image/png", "text/plain"]),  # of plot()'s value, and of the figure that is left open
    (";", ["image/png", "text/plain"]),
    ("; plt.show()", ["image/png", "text/plain"]),
    ("; plt.gcf()", ["image/png", "text/plain"]),
])
def test_figures(data, end, kinds):
    cell = data("%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])" + end)
    assert [kind for kind, _ in cell.displays] == kinds and (cell.stderr, cell.code) == ("", 0)
    assert all(content.startswith(b"\x89PNG") for kind, content in cell.displays if kind == "image/png")
    assert cell.texts[-1].startswith("<Figure size ")


def test_display_of_ipython(run):
    cell = run("from IPython.display import display, HTML\ndisplay(HTML('<u>'))\ndisplay({'text/html': '<s>'}, raw=True)\n"
               "from IPython.display import SVG\nSVG('<svg/>')")
    assert [shown for shown in cell.displays if shown[0] != "text/plain"] == [
        ("text/html", b"<u>"), ("text/html", b"<s>"), ("image/svg+xml", b"<svg/>")]
    assert (cell.stderr, cell.code) == ("", 0)


def test_a_script_has_none_of_it(bare):
    cell = bare("print(1)\n2", is_cell=False)
    assert (cell.stdout, cell.displays) == ("1\n", [])
    cell = bare("display", is_cell=False)
    assert cell.code == 1 and cell.error is None and "NameError" in cell.stderr


# ---- exceptions, held to what python3 says of the same program ----

FAILING = {
    "division": "def f():\n    return 1 / 0\nf()",
    "last": "x = 1\nx.y",
    "cause": "try:\n    1/0\nexcept Exception as e:\n    raise ValueError('two\\nlines') from e",
    "syntax": "x = 1\nif x\n",
    "indent": "if 1:\npass",
    "unicode": "raise RuntimeError('\u20ac \U0001f40d')",
    "recursion": "def f(): f()\nf()",
    "group": "raise ExceptionGroup('many', [ValueError(1), TypeError(2)])",
    "assertion": "assert 1 == 2, 'no'",
    "hook": "import sys\nsys.excepthook = lambda *e: print('mine', e[0].__name__)\n1/0",
    "note": "e = ValueError(1)\ne.add_note('noted')\nraise e",
    "exit text": "raise SystemExit('gone')",
    "exit": "import sys\nprint(1)\nsys.exit(7)",
    "interrupt": "raise KeyboardInterrupt",
    "os exit": "import os\nprint(1, flush=True)\nos._exit(9)",
    "signal": "import os\nos.kill(os.getpid(), 15)",
    "null": "x = 1\n'a\0b'\n",
    "warning": "import warnings\nwarnings.warn('look')",
    "unclosed": "print((1)\n",
}


@pytest.mark.parametrize("how", [{}, COLD], ids=["warm", "cold"])
@pytest.mark.parametrize("name", FAILING)
def test_an_end_is_as_a_scripts(bare, name, how):
    cell, script = bare(FAILING[name], **how), bare(FAILING[name], is_cell=False, **how)
    if name == "null":  # Python 3.11 reads no further in such a line of a file, and refuses such a text
        assert cell.error["name"] in ("ValueError", "SyntaxError")
        return
    if name == "recursion":  # two frames of ours are below it, so the count of those that are left out differs
        cell.stderr, script.stderr = (text.split("[Previous line")[0] for text in (cell.stderr, script.stderr))
    assert (cell.stdout, cell.stderr, cell.code) == (script.stdout, script.stderr, script.code)
    is_exception = name not in ("exit text", "exit", "os exit", "signal", "warning")
    assert (cell.error is not None) == is_exception
    if is_exception and name not in ("hook", "recursion"):
        assert "\n".join(cell.error["traceback"]) + "\n" == cell.stderr


def test_an_exception_is_data(bare):
    error = bare("1/0").error
    assert error["name"] == "ZeroDivisionError" and error["value"] == "division by zero"
    assert error["traceback"][0] == "Traceback (most recent call last):"
    assert bare("raise ValueError('a\\0b' + 'x' * 10**5)").error["value"] == "a\ufffdb" + "x" * 3997 + "\u2026"
    assert bare("class E(Exception):\n    def __str__(self): raise self\nraise E").error["value"] == "<exception str() failed>"


def test_what_was_shown_before_an_exception_stays(data):
    cell = data("import matplotlib.pyplot as plt\nplt.plot([1])\ndisplay(1)\n1/0")
    assert [kind for kind, _ in cell.displays] == ["text/plain", "image/png", "text/plain"]
    assert cell.error["name"] == "ZeroDivisionError"


# ---- await ----

def test_await_at_the_top(run):
    cell = run("import asyncio\nasync def f(x):\n    await asyncio.sleep(0)\n    return x\na = await f(1)\n"
               "async with asyncio.timeout(5):\n    b = await f(2)\n[a, b, await f(3)]")
    assert (cell.texts, cell.stderr, cell.code) == (["[1, 2, 3]"], "", 0)


def test_a_task_of_the_cell_is_awaited_in_its_last_expression(bare):
    cell = bare("import asyncio\nasync def f(): return 6\ntask = asyncio.create_task(f())\nawait task")
    assert (cell.texts, cell.stderr) == (["6"], "")


def test_an_awaited_exception_has_the_cells_frames_only(bare):
    error = bare("async def f():\n    1/0\nawait f()").error
    assert [line.strip() for line in error["traceback"] if "File" in line] == [
        'File "/box/main.py", line 3, in <module>', 'File "/box/main.py", line 2, in f']


def test_a_cell_without_await_may_run_a_loop_of_its_own(bare):
    assert bare("import asyncio\nasync def f(): return 4\nasyncio.run(f())").texts == ["4"]


# ---- habits of notebooks ----

def test_what_is_not_needed_is_accepted(bare):
    cell = bare("%matplotlib inline\n%load_ext autoreload\n%autoreload 2\n%config X.y = 1\nif 1:\n    %time x = 2\nx")
    assert (cell.texts, cell.stderr, cell.code) == (["2"], "", 0)


def test_cell_magics_that_time(bare):
    assert bare("%%time\n1 + 1").texts == ["2"]


def test_folder_and_variables(bare):
    cell = bare("%cd /tmp\n%env A=b\nimport os\n(os.getcwd(), os.environ['A'])")
    assert cell.texts == ["('/tmp', 'b')"]
    assert bare("%pwd").texts == ["'/box'"]


@pytest.mark.parametrize("line", ["!pip install pandas -q", "%pip install x", "!python -m pip install x", "!apt-get install -y x",
                                  "!conda install x"])
def test_an_installation_is_a_note(bare, line):
    cell = bare(f"{line}\n1")
    assert (cell.texts, cell.code, cell.error) == (["1"], 0, None)
    assert cell.stderr == ("note: line 1: nothing can be installed here, where there is no network; GET /api/v1/runtimes "
                           "lists the packages of each runtime\n")


@pytest.mark.parametrize("line, words", [
    ("!ls -l", "line 2: !ls -l is not run: start commands with subprocess.run([...])"),
    ("files = !ls", "line 2: !ls has no value here: use subprocess.run([...], capture_output=True)"),
    ("%%bash", "line 2: %%bash is a command of notebooks, not of Python: start commands with subprocess.run([...])"),
    ("%store x", "line 2: %store is a command of notebooks, not of Python: leave the line out, or write it in Python"),
    ("print?", "line 2: print? is a command of notebooks, not of Python: use help(print)"),
])
def test_the_rest_is_refused_in_one_line_before_anything_runs(bare, line, words):
    cell = bare(f"print('ran')\n{line}")
    whole = f"{words}; nothing of the cell was run"
    assert (cell.stdout, cell.stderr, cell.code) == ("", f"UsageError: {whole}\n", 1)
    assert cell.error == {"name": "UsageError", "value": whole, "traceback": [f"UsageError: {whole}"]}


def test_strings_are_left_alone(bare):
    cell = bare("%matplotlib inline\ntext = '''\n!ls\n%cd /tmp\n'''\ntext")
    assert cell.texts == [repr("\n!ls\n%cd /tmp\n")]


def test_lines_keep_their_numbers(bare):
    cell = bare("%matplotlib inline\n\n1/0")
    assert '  File "/box/main.py", line 3, in <module>' in cell.error["traceback"]


# ---- the whole way ----

def test_through_the_gateway(gateway):
    status, answer = gateway.execute(RICH + "Rich()", mode="cell")
    assert (status, answer["status"], answer["error"]) == (200, "success", None)
    assert [(shown["media_type"], shown["number"], shown["is_result"]) for shown in answer["displays"]] == [
        (kind, 1, True) for kind, _ in ALL_FORMS]
    status, answer = gateway.execute("1/0", mode="cell")
    assert (answer["status"], answer["return_code"], answer["error"]["name"]) == ("error", 1, "ZeroDivisionError")
    assert "\n".join(answer["error"]["traceback"]) + "\n" == answer["stderr"]
    assert "error" not in gateway.execute("1/0")[1]
    assert json.dumps(answer)


def test_a_stream_keeps_the_order_of_what_is_printed_and_shown(gateway):
    numbers = [f"{number}\n" for number in range(200)]
    code = ("import sys\nfor n in range(0, 200, 2):\n    print(n)\n    display(n)\n"
            "    print(n + 1, file=sys.stderr)\n    display(n + 1)\n")
    client = gateway.client()
    client.post({"code": code, "mode": "cell"}, headers=[EVENTS])
    with EventStream(client) as stream:
        seen = [(event.name, event.data["content"] + "\n" if event.name == "display" else event.data)
                for event in stream if event.name in ("stdout", "stderr", "display")]
    assert seen == [(name, number) for at, number in enumerate(numbers)
                    for name in (("stdout", "stderr")[at % 2], "display")]
