"""Sessions through the real gateway, in real boxes: state, its loss, files and limits, as a client sees them."""

import json

import pytest

import realengine
from eventstream import EVENTS, EventStream
from sessions import opened

MIB = 1 << 20


@pytest.fixture(scope="module")
def gateway(engine):
    with realengine.Gateway(engine.host, MAYFLY_WARM=2, MAYFLY_MAX_BOXES=8) as running:
        yield running


@pytest.fixture
def session(gateway):
    session = opened(gateway)
    yield session
    session.ask("DELETE")


def value(answer):
    """The plain text of the last expression."""
    return answer["displays"][-1]["content"]


def test_cells_find_what_earlier_ones_have_left(session):
    session.cell("import json\nx = 20\ndef f(): return x + 1\nopen('a', 'w').write('kept')")
    assert value(session.cell("x += 1\n(f(), json.dumps(x), open('a').read())")) == "(22, '21', 'kept')"
    answer = session.cell("1 / 0")
    assert (answer["status"], answer["error"]["name"], answer["session"]["state_lost"]) == ("error", "ZeroDivisionError", False)
    assert value(session.cell("x")) == "21"
    assert session.cell("import sys; sys.exit(3)")["return_code"] == 3 and value(session.cell("x")) == "21"


def test_the_environment_and_the_limits_are_the_sessions(gateway):
    session = opened(gateway, env={"A": "b"}, limits={"memory_bytes": 128 * MIB, "output_bytes": 10}, files=[{"path": "in", "content": "x"}])
    assert value(session.cell("import os\n(os.environ['A'], open('in').read())")) == "('b', 'x')"
    answer = session.cell("print('y' * 100)")
    assert (answer["stdout"], answer["reason"]) == ("y" * 10, "output_limit")
    answer = session.cell("bytearray(300 << 20)")
    assert (answer["status"], answer["reason"], answer["session"]["state_lost"]) == ("error", "memory_limit", True)
    assert session.get()["generation"] == 2 and value(session.cell("import os\nos.environ['A']")) == "'b'"
    session.ask("DELETE")


def test_a_timeout_keeps_the_state_if_the_cell_obeys(session):
    session.cell("import time, signal\nx = 1")
    answer = session.cell("time.sleep(60)", timeout=0.5)
    assert (answer["status"], answer["error"]["name"]) == ("timeout", "KeyboardInterrupt")
    assert (answer["session"]["interrupted"], answer["session"]["state_lost"]) == (True, False)
    assert value(session.cell("x")) == "1"
    answer = session.cell("signal.signal(signal.SIGINT, signal.SIG_IGN)\ntime.sleep(60)", timeout=0.5)
    assert (answer["status"], answer["session"]["state_lost"], answer["session"]["generation"]) == ("timeout", True, 2)
    assert session.cell("x")["error"]["name"] == "NameError"


def test_a_client_interrupts_and_one_that_hangs_up_does_too(session):
    session.cell("import time\nx = 1")
    body = {"code": "print('on', flush=True)\ntime.sleep(60)", "timeout": 20}
    with EventStream(session.gateway.post(body, f"{session.path}/executions", [EVENTS])) as stream:
        stream.until("stdout")
        assert session.ask("DELETE", f"/executions/{session.get()['running']}").status == 202
        result = stream.until("result")[-1].data
    assert (result["error"]["name"], result["session"]["interrupted"]) == ("KeyboardInterrupt", True)
    stream = EventStream(session.gateway.post(body, f"{session.path}/executions", [EVENTS]))
    stream.until("stdout")
    run = session.get()["running"]
    stream.client.hang_up()
    session.rest()
    kept = session.gateway.request("GET", f"/api/v1/executions/{run}").json()
    assert kept["error"]["name"] == "KeyboardInterrupt" and kept["stdout"] == "on\n"
    assert value(session.cell("x")) == "1"


def test_files_go_in_and_out(session):
    content = bytes(range(256)) * 4096 * 7  # 7 MiB
    assert session.file("PUT", "data/in.bin", content).status == 204
    assert value(session.cell("import hashlib\nhashlib.sha256(open('data/in.bin', 'rb').read()).hexdigest()[:8]"))
    session.cell("open('out [1]*.txt', 'w').write('x' * 5)\nimport os\nos.symlink('/etc/passwd', 'link')\nos.mkfifo('pipe')")
    assert session.files() == {"data/in.bin": len(content), "out [1]*.txt": 5}
    assert session.file("GET", "data/in.bin").body == content and session.file("GET", "out [1]*.txt").body == b"xxxxx"
    for path in ("link", "pipe", "data", "nothing"):
        assert session.file("GET", path).json()["code"] == "file_not_found", path
    for path in ("link", "data", "pipe"):
        assert session.file("PUT", path, b"x").json()["code"] == "file_refused", path
    assert session.file("DELETE", "link").status == 204 and session.file("DELETE", "data").status == 404
    assert session.file("DELETE", "data/in.bin").status == 204
    answer = session.cell("os.path.exists('/etc/passwd'), os.listdir('data')")
    assert answer["displays"] and value(answer) == "(True, [])", answer


def test_two_sessions_and_a_plain_run_know_nothing_of_each_other(gateway):
    one, two = opened(gateway), opened(gateway)
    one.cell("x = 'secret'\nopen('/tmp/secret', 'w').write(x)\nopen('secret', 'w').write(x)")
    look = "import glob, os\nprint(sorted(glob.glob('/tmp/*') + os.listdir('/box')), 'x' in globals())"
    assert two.cell(look)["stdout"] == "[] False\n"
    assert gateway.execute(look)[1]["stdout"] == "['main.py'] False\n"
    assert one.ask("DELETE").status == two.ask("DELETE").status == 204


def test_merged_output_is_each_cells_own(session):
    both = "import sys\nfor i in range(2):\n    print('out'); print('err', file=sys.stderr)"
    assert session.cell(both, output="merged")["stdout"] == "out\nerr\n" * 2
    answer = session.cell(both)
    assert (answer["stdout"], answer["stderr"]) == ("out\n" * 2, "err\n" * 2)


def test_many_cells_cost_little_and_leave_nothing(session):
    for i in range(200):
        assert json.loads(value(session.cell(f"{i}"))) == i
    assert session.get()["executions"] == 200 and session.get()["generation"] == 1
