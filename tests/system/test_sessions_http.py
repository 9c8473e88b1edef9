"""Sessions over HTTP: they keep their state from cell to cell, one run at a time; what has ended says why, and each key has its
own."""

import json
import re

import pytest

from eventstream import EVENTS, EventStream
from gateway import EXECUTE, Process
from helpers import bearer, entry, running, until
from sessions import JSON, SESSIONS, Session, opened, post_session

EXECUTIONS = "/api/v1/executions"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
NOTE = {"id", "state", "expires_at", "idle_expires_at", "generation", "state_lost", "interrupted", "dropped_bytes"}


@pytest.fixture
def session(gateway):
    return opened(gateway, id="s")


def problem(answer):
    """Status, code and, where they are there, the reason or the run that makes it busy."""
    body = answer.json()
    return (answer.status, body["code"], *(body[name] for name in ("reason", "running") if name in body))


def fields_of(answer):
    assert answer.status == 422, answer
    return [error["field"] for error in answer.json()["errors"]]


# ---- from its opening to its end ----

def test_a_session_keeps_its_state_from_cell_to_cell(session):
    session.cell({"set": {"a": 1}})
    session.cell({"set": {"b": 2}})
    assert session.names() == {"a": 1, "b": 2}
    told = session.get()
    assert (told["state"], told["executions"], told["generation"], told["running"]) == ("idle", 3, 1, None)


def test_a_session_is_told_of_as_it_was_opened(gateway):
    plain = opened(gateway).get()
    assert re.fullmatch("[0-9a-f]{16}", plain["id"]) and plain["runtime"] == "python"
    assert (plain["idle_timeout"], plain["max_lifetime"], plain["executions"]) == (600, 3600, 0)
    assert plain["limits"] == {"memory_bytes": 256 << 20, "cpus": 1, "cpu_time": None, "pids": 64, "output_bytes": 1 << 20}
    limits = {"memory_bytes": 64 << 20, "cpus": 0.5, "cpu_time": 1.5, "pids": 20, "output_bytes": 100}
    own = opened(gateway, id="My-1.x", runtime="py", limits=limits, idle_timeout=7.5, max_lifetime=60,
                 env={"A": "b"}, files=[{"path": "in", "content": "x"}]).get()
    assert (own["id"], own["idle_timeout"], own["max_lifetime"], own["limits"]) == ("My-1.x", 7.5, 60, limits)
    assert all(MOMENT.fullmatch(own[name]) for name in ("created_at", "expires_at", "idle_expires_at"))
    assert own["created_at"] < own["idle_expires_at"] < own["expires_at"]
    assert list(own) == list(plain)


def test_a_cell_is_sent_with_all_that_is_the_sessions(engine, gateway):
    limits = {"memory_bytes": 64 << 20, "cpus": 0.5, "cpu_time": 1.5, "pids": 20, "output_bytes": 100}
    session = opened(gateway, env={"A": "b", "B": "\u00e4 c"}, limits=limits, files=[{"path": "in", "content": "eA==", "encoding": "base64"}])
    assert session.files() == {"in": 1}
    answer = session.cell({"stdout": "x" * 200}, stdin="i", timeout=2, outputs=["in"])
    assert answer["stdout"] == "x" * 100 and answer["files"][0]["content"] == "x"
    job = engine.runs[-1].job
    assert (job.env, job.stdin, job.timeout_ms, job.is_cell) == ({"A": "b", "B": "\u00e4 c"}, b"i", 2000, True)
    assert (job.memory_bytes, job.cpu_millis, job.pids, job.cpu_time_ms) == (64 << 20, 500, 20, 1500)
    assert job.line_buffered and job.execution == answer["id"]
    session.cell({}, limits={"cpu_time": 1, "output_bytes": 5})
    assert (engine.runs[-1].job.cpu_time_ms, engine.runs[-1].job.output_bytes) == (1000, 5)


def test_each_answer_says_what_has_become_of_the_session(session):
    note = session.cell({"stdout": "x"})["session"]
    assert note.keys() == NOTE and all(MOMENT.fullmatch(note[name]) for name in ("expires_at", "idle_expires_at"))
    told = session.get()
    assert (note["expires_at"], note["idle_expires_at"]) == (told["expires_at"], told["idle_expires_at"])
    assert (note["id"], note["state"], note["generation"]) == ("s", "idle", 1)
    assert (note["state_lost"], note["interrupted"], note["dropped_bytes"]) == (False, False, 0)
    session.cell({"drops": 7})
    assert session.cell({"drops": 5})["session"]["dropped_bytes"] == 7
    assert session.files() == {}  # which has no answer that could say so
    assert [session.cell({})["session"]["dropped_bytes"] for _ in range(2)] == [5, 0]


def test_a_run_without_a_session_says_nothing_of_one(gateway):
    assert "session" not in gateway.execute({})[1]


def test_an_open_session_is_found_again(gateway, session):
    for fields in ({}, {"runtime": "python"}, {"limits": {"pids": 64}}, {"idle_timeout": 5}):
        answer = post_session(gateway, id="s", **fields)
        assert answer.status == 200 and answer.headers["location"] == f"{SESSIONS}/s"
        assert answer.json()["created_at"] == session.get()["created_at"]
    for fields in ({"limits": {"pids": 63}}, {"limits": {"cpu_time": 1}}, {"limits": {"output_bytes": 7}},
                   {"limits": {"memory_bytes": 64 << 20}}, {"limits": {"cpus": 0.5}}):
        assert problem(post_session(gateway, id="s", **fields)) == (409, "session_differs")


def test_two_who_open_the_same_session_get_the_same(engine, start):
    gateway = start(MAYFLY_WARM=1, MAYFLY_MAX_BOXES=4, MAYFLY_SESSIONS=2)
    engine.wait(lambda: len(engine.ready()) == 1, "a box")
    clients = [gateway.client() for _ in range(3)]
    for client in clients:
        client.send("POST", SESSIONS, b'{"id":"s","limits":{"pids":20}}', [JSON])
    answers = [client.receive() for client in clients]
    assert sorted(answer.status for answer in answers) == [200, 200, 201]
    assert len({json.dumps(answer.json()["created_at"]) for answer in answers}) == 1
    assert len(engine.sessions()) == 1
    for client in clients:
        client.close()


def test_a_session_ends_when_it_is_deleted_and_stays_ended(engine, gateway, session):
    session.cell({"set": {"a": 1}})
    assert [session.ask("DELETE").status for _ in range(3)] == [204] * 3
    gone = (410, "session_gone", "deleted")
    assert problem(session.ask("GET")) == problem(session.run({})) == problem(session.ask("POST", "/keepalive")) == gone
    assert problem(post_session(gateway, id="s")) == gone  # never made anew
    assert problem(session.file("PUT", "a", b"x")) == problem(session.ask("GET", "/files")) == gone
    assert problem(session.ask("DELETE", f"/executions/{'0' * 16}")) == gone
    engine.wait(lambda: not engine.sessions(), "its box is gone")
    assert gateway.request("GET", SESSIONS).json() == {"sessions": []}


def test_what_never_was_is_404(gateway):
    session = Session(gateway, "nobody")
    for method, rest in (("GET", ""), ("DELETE", ""), ("POST", "/keepalive"), ("GET", "/files"), ("PUT", "/files/a"),
                         ("GET", "/files/a"), ("DELETE", "/files/a"), ("DELETE", f"/executions/{'0' * 16}")):
        assert problem(session.ask(method, rest)) == (404, "session_unknown"), (method, rest)
    assert problem(session.run({})) == (404, "session_unknown")
    assert problem(Session(gateway, "%41").ask("GET")) == (404, "session_unknown")  # ids are not decoded


def test_a_session_ends_when_it_is_idle_and_use_puts_that_off(gateway):
    idle = opened(gateway, id="idle", idle_timeout=1)
    kept = opened(gateway, id="kept", idle_timeout=1)
    before = kept.get()["idle_expires_at"]
    assert kept.post("/keepalive", {"idle_timeout": 600}).json()["idle_timeout"] == 600
    until(lambda: idle.ask("GET").status == 410, "it has ended")  # looking does not count as use
    assert problem(idle.ask("GET")) == (410, "session_gone", "idle_timeout")
    told = kept.get()
    assert told["idle_expires_at"] > before and told["idle_timeout"] == 600 and kept.cell({})["status"] == "success"


def test_keepalive_needs_no_body(session):
    before = session.get()
    answer = session.ask("POST", "/keepalive")
    assert answer.status == 200 and answer.json()["idle_expires_at"] >= before["idle_expires_at"]
    assert answer.json()["expires_at"] == before["expires_at"] and answer.json().keys() == before.keys()
    assert session.post("/keepalive", {}).status == 200


def test_a_session_ends_at_its_age_even_while_it_is_busy(engine, gateway):
    session = opened(gateway, id="old", max_lifetime=1)
    with session.begin({"gate": "never", "stdout": "so far"}, timeout=20) as client:
        answer = client.receive().json()
    assert (answer["status"], answer["reason"], answer["stdout"]) == ("failed", "max_lifetime", "so far")
    assert (answer["session"]["state"], answer["session"]["reason"], answer["session"]["state_lost"]) == ("gone", "max_lifetime", True)
    assert problem(session.run({})) == (410, "session_gone", "max_lifetime")


def test_a_cell_whose_session_is_deleted_fails(engine, session):
    with session.begin({"gate": "never", "stdout": "so far"}, timeout=20) as client:
        running(engine, 1)
        until(lambda: session.get()["executions"] == 1, "it runs")
        assert session.ask("DELETE").status == 204
        answer = client.receive().json()
    assert (answer["status"], answer["reason"], answer["session"]["reason"]) == ("failed", "canceled", "deleted")


def test_a_session_whose_box_dies_says_why(engine, gateway):
    for oom, reason in ((False, "crashed"), (True, "memory_limit")):
        session = opened(gateway)
        [box] = engine.sessions()
        engine.crash(box, oom=oom)
        until(lambda: session.ask("GET").status == 410, "it has ended")
        assert problem(session.run({})) == (410, "session_gone", reason)


def test_what_has_ended_is_forgotten_when_executions_are(start):
    session = opened(start(MAYFLY_EXECUTIONS_KEEP_MS=200), id="s")
    assert session.ask("DELETE").status == 204
    until(lambda: session.ask("GET").status == 404, "it is forgotten")


# ---- one run at a time ----

def test_a_busy_session_refuses_and_says_what_runs(engine, gateway, session):
    with session.begin({"gate": "g"}, timeout=20) as client:
        running(engine, 1)
        until(lambda: session.get()["running"], "it is busy")
        told = session.get()
        assert (told["state"], told["idle_expires_at"]) == ("busy", None)
        for answer in (session.run({}), session.file("PUT", "a", b"x"), session.ask("GET", "/files"), session.file("GET", "a")):
            assert problem(answer) == (409, "session_busy", told["running"]) and answer.headers["retry-after"] == "1"
        engine.open("g")
        assert client.receive().json()["id"] == told["running"]
    assert session.cell({})["status"] == "success"


def test_with_a_queue_timeout_runs_wait_for_their_turn_in_order(engine, session):
    clients = [session.begin({"gate": "g", "set": {"a": 0}}, timeout=20)]
    running(engine, 1)
    for i in range(1, 4):
        clients.append(session.begin({"set": {f"n{i}": i}, "get": True}, queue_timeout=20))
        until(lambda: len(engine.runs) == 2 and session.get()["state"] == "busy", "it waits")
    files = session.gateway.client()
    files.send("GET", f"{session.path}/files?queue_timeout=20")
    engine.open("g")
    answers = [client.receive().json() for client in clients]
    assert [answer["status"] for answer in answers] == ["success"] * 4
    seen = [json.loads(answer["stdout"]) for answer in answers[1:]]
    assert sorted(len(names) for names in seen) == [2, 3, 4]
    assert files.receive().status == 200
    for client in [*clients, files]:
        client.close()


def test_a_turn_that_does_not_come_is_refused(engine, session):
    with session.begin({"gate": "g"}, timeout=20) as client:
        running(engine, 1)
        answer = session.run({}, queue_timeout=0.2)
        assert problem(answer)[:2] == (409, "session_busy") and answer.headers["retry-after"]
        engine.open("g")
        assert client.receive().json()["status"] == "success"


def test_who_waits_when_the_session_ends_is_told_why(engine, session):
    with session.begin({"gate": "never"}, timeout=20) as first:
        running(engine, 1)
        with session.begin({"set": {}}, queue_timeout=20) as second:
            until(lambda: session.gateway.metrics().value("mayfly_sessions_waiting") == 1, "it waits") \
                if "mayfly_sessions_waiting" in session.gateway.request("GET", "/metrics").body.decode() else None
            session.ask("DELETE")
            assert first.receive().json()["reason"] == "canceled"
            assert problem(second.receive()) == (410, "session_gone", "deleted")


# ---- loss of state ----

@pytest.mark.parametrize("directive, status, reason", [
    ({"dies": 3}, "error", None), ({"signal": 11}, "error", None), ({"oom": True}, "error", "memory_limit"),
    ({"cpu_time": True}, "timeout", "cpu_time_limit")])
def test_a_lost_interpreter_is_told_and_its_files_stay(session, directive, status, reason):
    session.cell({"set": {"a": 1}, "write": {"kept": "x"}})
    answer = session.cell(directive)
    note = answer["session"]
    assert (answer["status"], answer["reason"]) == (status, reason)
    assert (note["state"], note["generation"], note["state_lost"], note["interrupted"]) == ("idle", 2, True, False)
    note = session.cell({"get": True})["session"]
    assert (note["generation"], note["state_lost"]) == (2, False)
    assert session.names() == {} and session.files() == {"kept": 1} and session.get()["generation"] == 2


def test_an_interpreter_that_dies_between_two_cells_is_told_by_the_next_cell(session):
    session.cell({"set": {"a": 1}, "dies_later": True})
    assert session.files() == {}  # files are moved meanwhile, which hides nothing
    note = session.cell({})["session"]
    assert (note["generation"], note["state_lost"]) == (2, True)
    assert session.cell({})["session"]["state_lost"] is False


def test_a_timeout_interrupts_and_the_state_is_kept(session):
    session.cell({"set": {"a": 1}})
    answer = session.cell({"gate": "never"}, timeout=0.2)
    assert (answer["status"], answer["reason"], answer["error"]["name"]) == ("timeout", "timeout", "KeyboardInterrupt")
    assert (answer["session"]["interrupted"], answer["session"]["state_lost"]) == (True, False)
    assert session.names() == {"a": 1}
    answer = session.cell({"gate": "never", "stubborn": True}, timeout=0.2)
    assert (answer["status"], answer["session"]["interrupted"], answer["session"]["state_lost"]) == ("timeout", False, True)


def test_a_client_interrupts(engine, session):
    session.cell({"set": {"a": 1}})
    with session.begin({"gate": "never"}, timeout=20) as client:
        until(lambda: session.get()["running"], "it runs")
        run = session.get()["running"]
        answer = session.ask("DELETE", f"/executions/{run}")
        assert (answer.status, answer.json()) == (202, {"id": run, "state": "interrupting"})
        result = client.receive().json()
    assert (result["id"], result["status"], result["error"]["name"]) == (run, "error", "KeyboardInterrupt")
    assert (result["session"]["interrupted"], result["session"]["state_lost"]) == (True, False)
    assert problem(session.ask("DELETE", f"/executions/{run}")) == (409, "not_running")
    assert problem(session.ask("DELETE", f"/executions/{'0' * 16}")) == (404, "execution_not_found")
    assert problem(session.ask("DELETE", "/executions/x")) == (404, "execution_not_found")
    other = json.loads(session.gateway.request("POST", EXECUTIONS, b'{"code":"{}"}', [JSON]).body)["id"]
    assert problem(session.ask("DELETE", f"/executions/{other}")) == (404, "execution_not_found")
    assert session.names() == {"a": 1}


def test_a_cell_that_does_not_obey_is_killed(engine, session):
    with session.begin({"gate": "never", "stubborn": True}, timeout=20) as client:
        until(lambda: session.get()["running"], "it runs")
        session.ask("DELETE", f"/executions/{session.get()['running']}")
        answer = client.receive().json()
    assert (answer["signal"], answer["session"]["state_lost"], answer["session"]["generation"]) == ("SIGKILL", True, 2)


def test_a_cell_that_waits_is_interrupted_too(engine, session):
    with session.begin({"gate": "g"}, timeout=20) as first:
        running(engine, 1)
        with session.begin({}, queue_timeout=20, headers=[("idempotency-key", "k")]) as second:
            execution = {}

            def waits():
                answer = session.begin({}, queue_timeout=20, headers=[("idempotency-key", "k"), EVENTS])
                with answer, EventStream(answer) as stream:
                    execution.update(stream.until("queued")[-1].data)
                return True

            until(waits, "it waits")
            assert session.ask("DELETE", f"/executions/{execution['id']}").status == 202
            assert problem(second.receive())[:2] == (409, "session_busy")
        engine.open("g")
        assert first.receive().json()["status"] == "success"


# ---- executions ----

def test_a_cell_is_an_execution(session):
    answer = session.cell({"stdout": "x"})
    kept = session.gateway.request("GET", f"{EXECUTIONS}/{answer['id']}")
    assert kept.json() == answer and kept.json()["session"]["id"] == "s"


def test_events_of_a_cell(session):
    with session.begin({"stdout": "x", "displays": [["text/plain", "eA==", 1, True]]}, headers=[EVENTS]) as client:
        seen = list(EventStream(client))
    assert [event.name for event in seen] == ["queued", "started", "stdout", "display", "result"]
    assert seen[1].data["start"] == "reused" and seen[-1].data["session"].keys() == NOTE


def test_a_refused_cell_is_told_as_an_event(engine, session):
    with session.begin({"gate": "g"}, timeout=20) as first:
        running(engine, 1)
        with session.begin({}, headers=[EVENTS], queue_timeout=0.2) as client:
            seen = list(EventStream(client))
        assert [event.name for event in seen] == ["queued", "error"]
        assert (seen[-1].data["status"], seen[-1].data["code"]) == (409, "session_busy")
        engine.open("g")
        first.receive()


def test_a_client_that_hangs_up_interrupts_its_cell(engine, session):
    session.cell({"set": {"a": 1}})
    for headers in ([], [EVENTS]):
        client = session.begin({"gate": "never"}, timeout=20, headers=headers)
        until(lambda: session.get()["running"], "it runs")
        run = session.get()["running"]
        client.hang_up()
        until(lambda: session.get()["state"] == "idle", "it has ended")
        answer = session.gateway.request("GET", f"{EXECUTIONS}/{run}").json()
        assert (answer["error"]["name"], answer["session"]["interrupted"]) == ("KeyboardInterrupt", True)
    assert session.names() == {"a": 1} and session.get()["generation"] == 1


def test_with_an_idempotency_key_a_cell_goes_on_and_is_run_once(engine, session):
    key = [("idempotency-key", "k")]
    client = session.begin({"gate": "g", "set": {"a": 1}, "stdout": "x"}, timeout=20, headers=key)
    until(lambda: session.get()["running"], "it runs")
    run = session.get()["running"]
    client.hang_up()
    with session.begin({"gate": "g", "set": {"a": 1}, "stdout": "x"}, timeout=20, headers=key) as again:
        engine.open("g")
        assert again.receive().json()["id"] == run
    assert session.run({"gate": "other"}, key).json()["code"] == "idempotency_key_reused"
    assert session.get()["executions"] == 1
    session.ask("DELETE")
    answer = session.run({"gate": "g", "set": {"a": 1}, "stdout": "x"}, key, timeout=20)
    assert (answer.status, answer.json()["id"]) == (200, run)  # its answer outlives the session


def test_a_canceled_execution_of_a_session_is_interrupted(engine, session):
    session.cell({"set": {"a": 1}})
    with session.begin({"gate": "never"}, timeout=20) as client:
        until(lambda: session.get()["running"], "it runs")
        answer = session.gateway.request("DELETE", f"{EXECUTIONS}/{session.get()['running']}").json()
        assert (answer["status"], answer["session"]["interrupted"]) == ("error", True)
        assert client.receive().json() == answer
    assert session.names() == {"a": 1}


# ---- files ----

def test_files_are_written_read_listed_and_removed(session):
    content = bytes(range(256)) * 1000
    assert session.file("PUT", "data/in.bin", content).status == 204
    assert session.file("PUT", "a b\u00e4%+.txt", b"").status == 204
    assert session.file("PUT", "/box/c", b"1").status == 204
    assert session.files() == {"data/in.bin": len(content), "a b\u00e4%+.txt": 0, "c": 1}
    assert session.files("?glob=data/*") == session.files("?glob=data%2F*") == {"data/in.bin": len(content)}
    assert session.files("?glob=a+b*") == {"a b\u00e4%+.txt": 0}
    answer = session.file("GET", "data/in.bin")
    assert answer.body == content and answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert session.ask("GET", "/files/data%2Fin.bin").body == content
    assert session.file("GET", "a b\u00e4%+.txt").body == b""
    assert session.file("PUT", "c", b"22").status == 204 and session.file("GET", "c").body == b"22"
    assert session.file("DELETE", "c").status == 204
    assert problem(session.file("DELETE", "c")) == problem(session.file("GET", "c")) == (404, "file_not_found")
    assert session.get()["executions"] == 0  # these are no cells
    with session.gateway.client() as client:
        client.send("HEAD", f"{session.path}/files/data/in.bin")
        status, headers = client.receive_head()
        assert (status, headers["content-length"]) == (200, str(len(content)))


def test_a_name_with_the_characters_of_globs_is_a_name(session):
    for path in ("*", "a[1].txt", "what?", "[", "**"):
        assert session.file("PUT", path, path.encode()).status == 204
    for path in ("*", "a[1].txt", "what?", "[", "**"):
        assert session.file("GET", path).body == path.encode(), path
    assert problem(session.file("GET", "a?1?.txt")) == (404, "file_not_found")


@pytest.mark.parametrize("path", ["/etc/passwd", "../a", "a/../b", "a//b", "a/", "%00", "a%0ab", "%zz", "%2e%2e/a",
                                  "/".join("a" * 16), "x" * 256, "x" * 1100])
def test_a_path_that_leads_elsewhere_is_refused(session, path):
    for method in ("GET", "PUT", "DELETE"):
        assert fields_of(session.ask(method, f"/files/{path}")) == ["path"]


def test_what_a_query_of_files_may_say(session):
    assert fields_of(session.ask("GET", "/files?glob=../x")) == ["glob"]
    assert fields_of(session.ask("GET", "/files?queue_timeout=x&glob=%zz")) == ["queue_timeout", "glob"]
    assert fields_of(session.ask("GET", "/files/a?glob=b")) == [""]
    assert fields_of(session.ask("PUT", "/files/a?x", b"")) == [""]
    assert session.ask("PUT", "/files/a?queue_timeout=1.5", b"").status == 204


def test_a_file_that_cannot_be_written_says_why(session):
    answer = session.file("PUT", "unwritable/a", b"x")
    assert problem(answer) == (422, "file_refused") and "cannot be written" in answer.json()["detail"]
    assert session.cell({})["status"] == "success"


def test_a_session_whose_files_cannot_be_written_is_not_opened(gateway):
    answer = post_session(gateway, id="s", files=[{"path": "unwritable", "content": ""}])
    assert fields_of(answer) == ["files"]
    assert opened(gateway, id="s").get()["state"] == "idle"


def test_files_have_limits(start):
    gateway = start(MAYFLY_MAX_FILES_BYTES="1MiB", MAYFLY_OUTPUT_FILES_BYTES="512KiB", MAYFLY_OUTPUT_FILE_BYTES="512KiB")
    session = opened(gateway)
    assert fields_of(session.file("PUT", "a", bytes((1 << 20) + 1))) == ["body"]
    assert session.file("PUT", "a", bytes(1 << 20)).status == 204
    answer = session.file("GET", "a")
    assert problem(answer) == (413, "file_too_large") and answer.json()["limit_bytes"] == 512 << 10
    assert session.file("PUT", "b", bytes(512 << 10)).status == 204 and len(session.file("GET", "b").body) == 512 << 10
    answer = session.file("PUT", "c", bytes(9 << 20))
    assert problem(answer) == (413, "body_too_large")


def test_at_most_256_files_are_listed(session):
    session.cell({"write": {f"f{i:03}": "" for i in range(257)}})
    answer = session.ask("GET", "/files").json()
    assert len(answer["files"]) == 256 and answer["truncated"] is True
    assert session.ask("GET", "/files?glob=f00*").json()["truncated"] is False


def test_a_client_that_hangs_up_while_files_move_harms_nothing(engine, session):
    session.cell({"set": {"a": 1}})
    client = session.gateway.client()
    client.send("GET", f"{session.path}/files")
    client.hang_up()
    until(lambda: session.run({}, queue_timeout=10).status == 200, "it is idle again")
    assert session.names() == {"a": 1}


# ---- mistakes ----

def test_each_mistake_is_named(gateway, session):
    answer = session.post("/executions", {"code": "1", "runtime": "python", "env": {}, "args": [], "isolation": "auto",
                                          "tests": [], "mode": "script", "limits": {"pids": 20}, "x": 1})
    assert fields_of(answer) == ["runtime", "env", "args", "isolation", "tests", "mode", "limits.pids", "x"]
    assert fields_of(session.post("/executions", {})) == ["code"]
    assert fields_of(post_session(gateway, id=".x", idle_timeout=0, max_lifetime=86401, env={"TZ": "UTC"}, code="1")) == [
        "id", "idle_timeout", "max_lifetime", "env.TZ", "code"]
    assert fields_of(post_session(gateway, env={"A": "x" * 70000})) == ["env"]
    assert fields_of(session.post("/keepalive", {"idle_timeout": 0.5})) == ["idle_timeout"]
    for rest, body in (("", b"{"), ("/s/executions", b"["), ("/s/keepalive", b"x")):
        answer = gateway.request("POST", f"{SESSIONS}{rest}", body, [JSON])
        assert problem(answer) == (400, "malformed_json"), rest
    assert gateway.request("POST", SESSIONS, b"{}", [("content-type", "text/plain")]).status == 415


@pytest.mark.parametrize("method, path", [
    ("PUT", SESSIONS), ("POST", f"{SESSIONS}/s"), ("GET", f"{SESSIONS}/s/keepalive"), ("GET", f"{SESSIONS}/s/executions"),
    ("GET", f"{SESSIONS}/s/executions/{'0' * 16}"), ("POST", f"{SESSIONS}/s/files"), ("POST", f"{SESSIONS}/s/files/a")])
def test_a_wrong_method_is_405(gateway, method, path):
    answer = gateway.request(method, path)
    assert answer.status == 405 and "OPTIONS" in answer.headers["allow"]


# ---- web pages ----

def test_pages_of_listed_origins_may_put_and_others_may_not(start):
    gateway = start(MAYFLY_CORS_ORIGINS="https://app.example")
    session = opened(gateway)
    app, evil = ("origin", "https://app.example"), ("origin", "https://evil.example")
    answer = session.ask("OPTIONS", "/files/a", headers=[app, ("access-control-request-method", "PUT")])
    assert answer.status == 204 and answer.headers["access-control-allow-methods"] == "GET, HEAD, PUT, DELETE, OPTIONS"
    assert session.ask("PUT", "/files/a", b"x", [app]).headers["access-control-allow-origin"] == app[1]
    for method, rest in (("PUT", "/files/b"), ("POST", "/executions"), ("DELETE", ""), ("GET", ""), ("GET", "/files/a")):
        assert problem(session.ask(method, rest, b"{}", [evil, JSON])) == (403, "foreign_origin"), method
        assert problem(session.ask(method, rest, b"{}", [("host", "evil.example"), JSON])) == (421, "unknown_host"), method
    assert session.files() == {"a": 1}


# ---- keys ----

@pytest.fixture
def keyed(start, keys_file):
    return start(MAYFLY_MAX_BOXES=16, MAYFLY_KEYS_FILE=keys_file(
        entry("one"), entry("two"), entry("few", runs_per_minute=3), entry("single", max_runs=1)))


def test_ids_belong_to_their_key(keyed):
    one = opened(keyed, "one", id="s")
    one.cell({"set": {"a": 1}})
    stranger = Session(keyed, "s", [bearer("two")])
    for answer in (stranger.ask("GET"), stranger.run({}), stranger.ask("DELETE"), stranger.file("GET", "a")):
        assert problem(answer) == (404, "session_unknown")
    two = opened(keyed, "two", id="s")
    assert two.names() == {} and one.names() == {"a": 1}
    assert two.ask("DELETE").status == 204 and one.get()["state"] == "idle"
    for name, sessions in (("one", 1), ("two", 0)):
        listed = keyed.request("GET", SESSIONS, headers=[bearer(name)]).json()["sessions"]
        assert len(listed) == sessions
    assert keyed.request("GET", SESSIONS).status == 401
    assert keyed.request("PUT", f"{SESSIONS}/s/files/a", b"x").status == 401


def test_a_run_of_another_key_cannot_be_interrupted(engine, keyed):
    one, two = opened(keyed, "one", id="s"), opened(keyed, "two", id="s")
    with one.begin({"gate": "g"}, timeout=20) as client:
        until(lambda: one.get()["running"], "it runs")
        assert problem(two.ask("DELETE", f"/executions/{one.get()['running']}")) == (404, "execution_not_found")
        engine.open("g")
        assert client.receive().json()["status"] == "success"


def test_the_limits_of_a_key_count_cells_openings_and_files(engine, keyed):
    few = opened(keyed, "few")
    assert few.run({}).headers["ratelimit"].startswith('"runs";r=1;')
    assert few.file("PUT", "a", b"").status == 204
    assert problem(few.run({})) == problem(few.ask("GET", "/files")) == problem(post_session(keyed, few.headers)) == (429, "rate_limited")
    assert few.get()["executions"] == 1 and few.ask("POST", "/keepalive").status == 200
    single = opened(keyed, "single")
    with single.begin({"gate": "g"}, timeout=20) as client:
        running(engine, 1)
        assert keyed.request("POST", EXECUTE, b'{"code":"1"}', [JSON, *single.headers]).json()["code"] == "rate_limited"
        engine.open("g")
        assert client.receive().status == 200


def test_there_are_limits_of_sessions(start, keys_file):
    gateway = start(MAYFLY_MAX_BOXES=16, MAYFLY_SESSIONS=3, MAYFLY_SESSIONS_PER_KEY=2,
                    MAYFLY_KEYS_FILE=keys_file(entry("one"), entry("two"), entry("three")))
    for name in ("a", "b"):
        opened(gateway, "one", id=name)
    answer = post_session(gateway, [bearer("one")])
    assert problem(answer) == (429, "session_limit") and answer.headers["retry-after"]
    opened(gateway, "two", id="a")
    assert post_session(gateway, [bearer("three")], id="a").status == 201  # in the place of the one that was idle longest
    gone = [name for name in ("a", "b") if Session(gateway, name, [bearer("one")]).ask("GET").status == 410]
    assert gone == ["a"]
    assert problem(Session(gateway, "a", [bearer("one")]).run({})) == (410, "session_gone", "evicted")


# ---- fronts and brokers that come and go ----

def restart(gateway, role):
    """End this process, and start another of its role."""
    [at] = [i for i, process in enumerate(gateway.processes) if process.role == role]
    gateway.processes[at].stop()
    gateway.processes[at] = Process(role, gateway.settings)
    gateway.process = gateway.processes[-1]
    gateway.wait_health()
    until(lambda: gateway.request("GET", SESSIONS).status == 200, "sessions are known")


def test_a_front_that_starts_again_serves_the_sessions_on(engine, start):
    gateway = start(apart=True)
    session = opened(gateway, id="s", env={"A": "b"}, limits={"cpu_time": 2, "output_bytes": 50})
    opened(gateway, id="gone").ask("DELETE")
    session.cell({"set": {"a": 1}})
    before = session.get()
    restart(gateway, "front")
    assert session.get() == before
    assert session.names() == {"a": 1}
    assert engine.runs[-1].job.env == {"A": "b"} and engine.runs[-1].job.output_bytes == 50
    assert problem(Session(gateway, "gone").ask("GET")) == (410, "session_gone", "deleted")
    assert problem(post_session(gateway, id="gone")) == (410, "session_gone", "deleted")


def test_sessions_end_with_the_broker(engine, start):
    gateway = start(apart=True)
    session = opened(gateway, id="s")
    restart(gateway, "broker")
    assert problem(session.ask("GET")) == problem(session.run({})) == (410, "session_gone", "gateway_restart")
    assert problem(post_session(gateway, id="s")) == (410, "session_gone", "gateway_restart")
    assert opened(gateway, id="t").cell({})["status"] == "success"


def test_health_counts_sessions(start):
    gateway = start(MAYFLY_MAX_BOXES=8, MAYFLY_SESSIONS=3)
    for count in range(2):
        assert gateway.request("GET", "/health").json()["sessions"] == {"open": count, "limit": 3}
        session = opened(gateway)
    assert session.ask("DELETE").status == 204
    until(lambda: gateway.request("GET", "/health").json()["sessions"]["open"] == 1, "one less")


def test_health_has_no_sessions_where_there_can_be_none(start):
    assert start(MAYFLY_SESSIONS=0).request("GET", "/health").json() == {"status": "healthy"}
