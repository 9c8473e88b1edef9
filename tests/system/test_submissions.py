"""One program, many tests: each a run of its own, one answer for all of them."""

import json
import signal
import threading

import pytest

from eventstream import EVENTS, EventStream
from gateway import Gateway, Process
from helpers import bearer, entry, running, settled, until

EXECUTIONS = "/api/v1/executions"
SUMMARY = ["id", "status", "verdict", "passed", "failed", "not_run", "slowest_time", "highest_memory", "reason",
           "message", "execution_time", "queue_time", "start", "tests"]
JSON = ("content-type", "application/json")


def submission(directives, expected=None, **fields):
    """A request: one test for each directive, whose stdin is its number."""
    expected = expected or {}
    tests = [{"name": f"t{i}", "stdin": str(i)} | ({"expected_stdout": expected[i]} if i in expected else {})
             for i in range(len(directives))]
    code = json.dumps({"by_stdin": {str(i): directive for i, directive in enumerate(directives)}})
    return {"code": code, "tests": tests} | fields


def submit(gateway, body, headers=()):
    with gateway.post(body, headers=headers) as client:
        response = client.receive()
    assert response.status == 200, response
    return response.json()


def verdicts(answer):
    return [test["verdict"] for test in answer["tests"]]


def refused(gateway, body):
    """The mistakes that it names."""
    with gateway.post(body) as client:
        response = client.receive()
    assert response.status == 422, response
    return {error["field"]: error["message"] for error in response.json()["errors"]}


# ---- runs ----

def test_each_test_is_a_run_of_its_own_with_its_own_input(engine, gateway):
    common = {"code": "{}", "stdin": "all", "args": ["all"], "env": {"A": "1", "B": "1"}, "timeout": 3,
              "files": [{"path": "all.txt", "content": "all"}], "limits": {"output_bytes": 5000}}
    answer = submit(gateway, common | {"tests": [
        {}, {"stdin": "own", "args": ["x", "y"], "env": {"B": "2", "C": "3"},
             "files": [{"path": "own.txt", "content": "b3du", "encoding": "base64"}]},
        {"stdin": "", "args": []}]})
    assert verdicts(answer) == ["passed"] * 3
    plain, own, empty = sorted((run.job for run in engine.runs), key=lambda job: [b"all", b"own", b""].index(job.stdin))
    assert (plain.args, plain.env, plain.files) == (["all"], {"A": "1", "B": "1"}, {"all.txt": b"all"})
    assert (own.args, own.env) == (["x", "y"], {"A": "1", "B": "2", "C": "3"})
    assert own.files == {"all.txt": b"all", "own.txt": b"own"}
    assert (empty.args, empty.files) == ([], plain.files)
    assert {(job.timeout_ms, job.output_bytes) for job in (plain, own, empty)} == {(3000, 5000)}


def test_the_answer_sums_up_what_became_of_each(engine, gateway):
    answer = submit(gateway, submission(
        [{"stdout": "a\n"}, {"stdout": "b\nc\n"}, {"exit": 3}, {"signal": 11}, {"oom": True}, {"cpu_time": True},
         {"stdout": "x"}, {"lose": "after_started"}, {}],
        {0: "a", 1: "b\nd", 6: "", 8: ""}))
    assert list(answer) == SUMMARY
    assert verdicts(answer) == ["passed", "wrong", "error", "error", "error", "timeout", "wrong", "failed", "passed"]
    assert (answer["passed"], answer["failed"], answer["not_run"]) == (2, 7, 0)
    assert (answer["status"], answer["verdict"]) == ("error", "wrong")
    tests = answer["tests"]
    assert [test["index"] for test in tests] == list(range(9))
    assert [test["name"] for test in tests] == [f"t{i}" for i in range(9)]
    assert tests[1]["difference"] == {"path": None, "line": 2, "expected": "d", "got": "c"}
    assert tests[6]["difference"] == {"path": None, "line": 1, "expected": None, "got": "x"}
    assert tests[0]["difference"] is tests[2]["difference"] is None
    assert (tests[2]["return_code"], tests[3]["signal"], tests[4]["reason"]) == (3, "SIGSEGV", "memory_limit")
    assert answer["slowest_time"] == max(test["execution_time"] for test in tests)
    assert answer["highest_memory"] == 9 << 20
    plain = gateway.execute({})[1]
    assert all(list(test) == ["index", "name", "verdict", "difference", *plain] for test in tests)


def test_all_that_pass_are_a_success(engine, gateway):
    answer = submit(gateway, submission([{"stdout": "a"}, {"stdout": "b"}], {0: "a", 1: "b"}))
    assert (answer["status"], answer["verdict"], answer["passed"]) == ("success", "passed", 2)
    assert answer["execution_time"] >= answer["slowest_time"] > 0


def test_each_comparer_has_its_idea(engine, gateway):
    def test(**fields):
        code = json.dumps({"stdout": "1.0001 x\n"})
        return submit(gateway, {"code": code, "tests": [fields]})["tests"][0]
    assert test(expected_stdout="1.0001 x", compare="exact")["verdict"] == "wrong"
    assert test(expected_stdout="1.0001 x", compare="trim")["verdict"] == "passed"
    assert test(expected_stdout="1.0001\nx", compare="tokens")["verdict"] == "passed"
    assert test(expected_stdout="1 x", compare={"numbers": 0.001})["verdict"] == "passed"
    assert test(expected_stdout="1 x", compare={"numbers": 0.00001})["verdict"] == "wrong"


def test_files_are_compared_too(engine, gateway):
    def test(**fields):
        code = json.dumps({"files": [["out/a.txt", "one\ntwo\n"], ["[b]", "b"]]})
        return submit(gateway, {"code": code, "tests": [fields]})["tests"][0]
    good = {"path": "out/a.txt", "content": "one\ntwo"}
    assert test(expected_files=[good, {"path": "[b]", "content": "Yg==", "encoding": "base64"}])["verdict"] == "passed"
    assert engine.runs[-1].job.outputs == ["out/a.txt", "[[]b]"]
    assert test(expected_files=[good | {"content": "one\n2"}])["difference"] == {
        "path": "out/a.txt", "line": 2, "expected": "2", "got": "two"}
    missing = test(expected_files=[{"path": "none", "content": "x"}])
    assert missing["verdict"] == "wrong"
    assert missing["difference"] == {"path": "none", "line": 1, "expected": "", "got": None}


def test_output_that_was_cut_is_not_right(engine, gateway):
    answer = submit(gateway, submission([{"flood_bytes": 3000}], {0: "x" * 1000}, limits={"output_bytes": 1000}))
    test = answer["tests"][0]
    assert (test["verdict"], test["reason"], test["stdout_bytes"]) == ("wrong", "output_limit", 3000)


def test_a_thousand_tests(engine, gateway):
    answer = submit(gateway, {"code": json.dumps({"stdout": "a"}), "tests_output": "none", "tests": [
        {"name": str(i), "stdin": f"{i}\n", "args": ["1", "2"], "expected_stdout": "a", "compare": {"numbers": 0.5}}
        for i in range(1000)]})
    assert (answer["passed"], len(answer["tests"]), len(engine.runs)) == (1000, 1000, 1000)
    assert sorted(run.job.stdin for run in engine.runs) == sorted(f"{i}\n".encode() for i in range(1000))
    assert [test["index"] for test in answer["tests"]] == list(range(1000))
    until(lambda: gateway.metrics().sum("mayfly_unread_bytes") == 0, "nothing is left")


# ---- boxes ----

def test_its_boxes_are_its_own(engine, start):
    gateway = start(MAYFLY_BOX_RUNS=100, MAYFLY_WARM=4, MAYFLY_PARALLEL_TESTS=1)
    settled(engine, 4)
    first = submit(gateway, submission([{}, {}, {}]))
    engine.wait(lambda: not engine.kept(), "its boxes are retired when it ends")
    second = submit(gateway, submission([{}, {}, {}]))
    gateway.execute({})
    boxes = [run.box for run in engine.runs]
    assert len(set(boxes[:3])) == len(set(boxes[3:6])) == 1 and len(set(boxes)) == 3
    for answer in first, second:
        assert [test["start"] for test in answer["tests"]] == ["warm", "reused", "reused"]


def test_a_container_for_each_test_on_demand(engine, gateway):
    answer = submit(gateway, submission([{}, {}, {}], isolation="container"))
    assert len({run.box for run in engine.runs}) == 3 and answer["passed"] == 3
    assert not any(run.job.keeps_box for run in engine.runs)


def test_a_box_that_is_lost_costs_its_test_only(engine, gateway):
    answer = submit(gateway, submission([{}, {"lose": "after_started"}, {}, {"lose": "before_started"}, {}]))
    assert verdicts(answer)[:3] == ["passed", "failed", "passed"]
    assert answer["tests"][1]["reason"] == "sandbox"


def test_slow_tests_run_side_by_side(engine, start):
    gateway = start(MAYFLY_PARALLEL_TESTS=3, MAYFLY_WARM=4)
    with gateway.post(submission([{"gate": "g"}] * 5, timeout=20)) as client:
        running(engine, 3)
        engine.open("g")
        assert client.receive().json()["passed"] == 5
    assert len({run.box for run in engine.runs}) == 3


# ---- when it ends early ----

def test_it_stops_at_the_first_failure_if_asked_to(engine, start):
    gateway = start(MAYFLY_PARALLEL_TESTS=1)
    answer = submit(gateway, submission([{}, {"exit": 1}, {}, {}], stop_on="failure"))
    assert verdicts(answer) == ["passed", "error", "not_run", "not_run"]
    assert (answer["passed"], answer["failed"], answer["not_run"], answer["verdict"]) == (1, 1, 2, "error")
    assert answer["tests"][2] == {"index": 2, "name": "t2", "verdict": "not_run", "reason": "stop_on",
                                  "message": "An earlier test did not pass"}
    assert len(engine.runs) == 2
    assert submit(gateway, submission([{"exit": 1}, {}], stop_on="never"))["not_run"] == 0


def test_all_tests_together_have_a_deadline(engine, start):
    gateway = start(MAYFLY_PARALLEL_TESTS=1)
    answer = submit(gateway, submission([{}, {"gate": "never"}, {}], timeout=20, total_timeout=0.5))
    assert verdicts(answer) == ["passed", "timeout", "not_run"]
    assert (answer["status"], answer["reason"]) == ("timeout", "timeout")
    assert answer["message"] == "Execution timed out after 0.5 seconds"
    assert answer["tests"][2]["reason"] == "total_timeout"
    assert 0 < engine.runs[1].job.timeout_ms <= 500


def test_a_refusal_before_any_test_ran_is_that_of_all(engine, gateway):
    with gateway.post(submission([{"refuse": "no"}, {}])) as client:
        assert client.receive().status == 500
    assert len(engine.runs) == 1
    with gateway.post(submission([{"refuse": "no"}, {}]), headers=[EVENTS]) as client:
        assert [event.name for event in EventStream(client)] == ["queued", "error"]


def test_after_a_test_has_run_there_is_an_answer(engine, start):
    gateway = start(MAYFLY_PARALLEL_TESTS=1)
    answer = submit(gateway, submission([{}, {"refuse": "the box said no"}, {}]))
    assert verdicts(answer) == ["passed", "not_run", "not_run"]
    assert (answer["status"], answer["reason"], answer["verdict"]) == ("failed", "sandbox", "not_run")
    assert "the box said no" in answer["message"]
    assert {(test["reason"], test["message"]) for test in answer["tests"][1:]} == {("not_started", "the box said no")}


def test_a_hang_up_ends_it(engine, start):
    gateway = start(MAYFLY_PARALLEL_TESTS=2, MAYFLY_WARM=4)
    settled(engine, 4)
    with gateway.post(submission([{}] + [{"gate": "never"}] * 9, timeout=20)):
        running(engine, 2)
    engine.wait(lambda: all(run.end for run in engine.runs), "no test runs on")
    settled(engine, 4)
    assert len(engine.runs) == 3
    until(lambda: gateway.metrics().sum("mayfly_unread_bytes") == 0, "nothing is left")


def test_a_delete_ends_it(engine, start):
    gateway = start(MAYFLY_PARALLEL_TESTS=1)
    body = json.dumps(submission([{"stdout": "a"}, {"gate": "never", "stdout": "b"}, {}], timeout=20)).encode()
    number = gateway.request("POST", EXECUTIONS, body, [JSON]).json()["id"]
    running(engine, 1)
    until(lambda: gateway.request("GET", f"{EXECUTIONS}/{number}").json()["status"] == "running", "it runs")
    engine.wait(lambda: len(engine.runs) == 2, "the second test")
    answer = gateway.request("DELETE", f"{EXECUTIONS}/{number}").json()
    assert (answer["status"], answer["reason"]) == ("failed", "canceled")
    assert verdicts(answer) == ["passed", "failed", "not_run"]
    assert [test["reason"] for test in answer["tests"]] == [None, "canceled", "canceled"]
    assert gateway.request("GET", f"{EXECUTIONS}/{number}").json() == answer
    engine.wait(lambda: all(run.end for run in engine.runs), "no test runs on")


def test_a_stop_says_what_has_run(engine, start):
    gateway = start(MAYFLY_PARALLEL_TESTS=1)
    with gateway.post(submission([{}, {"gate": "never"}, {}], timeout=20)) as client:
        engine.wait(lambda: len(engine.runs) == 2, "the second test")
        gateway.process.popen.send_signal(signal.SIGTERM)
        until(lambda: gateway.events("draining"), "it drains")
        gateway.process.popen.send_signal(signal.SIGTERM)
        response = client.receive()
    assert response.status == 200
    assert verdicts(response.json()) == ["passed", "failed", "not_run"]
    assert response.json()["status"] == "failed"


def test_a_gateway_that_drains_lets_it_finish(engine, start):
    gateway = start(MAYFLY_PARALLEL_TESTS=1)
    with gateway.post(submission([{"gate": "g"}, {}], timeout=20)) as client:
        running(engine, 1)
        gateway.process.popen.send_signal(signal.SIGTERM)
        until(lambda: gateway.events("draining"), "it drains")
        engine.open("g")
        answer = client.receive().json()
    assert verdicts(answer) == ["passed", "passed"]


@pytest.fixture
def apart(engine):
    """Front and broker on their own. A broker that is killed leaves boxes, which the next one removes after a while."""
    with Gateway(f"unix://{engine.path}", apart=True, MAYFLY_WARM=2, MAYFLY_PARALLEL_TESTS=1,
                 MAYFLY_QUEUE_TIMEOUT_MS=3000) as gateway:
        yield gateway


def test_a_lost_broker_ends_it_with_what_has_run(engine, apart):
    with apart.post(submission([{}, {"gate": "never"}, {}], timeout=20, queue_timeout=0.5)) as client:
        engine.wait(lambda: len(engine.runs) == 2, "the second test")
        apart.processes[0].popen.kill()
        response = client.receive()
    assert response.status == 200
    assert verdicts(response.json()) == ["passed", "failed", "not_run"]
    assert response.json()["tests"][2]["reason"] == "not_started"
    engine.wait(lambda: all(run.end for run in engine.runs), "no test runs on")


def test_it_goes_on_with_the_next_broker(engine, apart):
    with apart.post(submission([{}, {"gate": "never"}, {"stdout": "a"}], {2: "a"}, timeout=20)) as client:
        engine.wait(lambda: len(engine.runs) == 2, "the second test")
        apart.processes[0].popen.kill()
        apart.processes[0].wait()
        apart.processes[0] = Process("broker", apart.settings)
        assert verdicts(client.receive().json()) == ["passed", "failed", "passed"]


# ---- events, kept executions, keys ----

def test_each_test_is_an_event_as_it_ends(engine, start):
    gateway = start(MAYFLY_PARALLEL_TESTS=1)
    body = submission([{"stdout": "a"}, {"gate": "g", "stdout": "b"}, {"exit": 1}], {1: "c"}, timeout=20)
    with EventStream(gateway.post(body, headers=[EVENTS])) as stream:
        events = [stream.next() for _ in range(3)]
        assert [event.name for event in events] == ["queued", "started", "test"]
        assert events[2].data["verdict"] == "passed"
        engine.open("g")
        events += list(stream)
    assert [event.name for event in events[3:]] == ["test", "test", "result"]
    assert [event.id for event in events] == list(range(1, 7))
    result = events[-1].data
    assert [event.data for event in events[2:5]] == result["tests"]
    assert result["id"] == events[0].data["id"] and result["verdict"] == "wrong"


def test_events_are_replayed(engine, gateway):
    body = json.dumps(submission([{}, {}, {}])).encode()
    number = gateway.request("POST", EXECUTIONS, body, [JSON]).json()["id"]
    answer = gateway.request("GET", f"{EXECUTIONS}/{number}?wait=20").json()
    assert list(answer) == SUMMARY
    client = gateway.client()
    client.send("GET", f"{EXECUTIONS}/{number}/events", headers=[("last-event-id", "3")])
    events = list(EventStream(client))
    assert [event.name for event in events] == ["test", "test", "result"]
    assert events[-1].data == answer


def test_an_idempotency_key_runs_it_once(engine, gateway):
    body = submission([{"stdout": "a"}, {}])
    first, second = (submit(gateway, body, [("idempotency-key", "k")]) for _ in range(2))
    assert first == second and len(engine.runs) == 2
    with gateway.post(submission([{}]), headers=[("idempotency-key", "k")]) as client:
        assert client.receive().status == 422


def test_a_key_s_places_hold_for_its_tests(engine, start, keys_file):
    path = keys_file(entry("one", max_runs=1), entry("other"))
    gateway = start(MAYFLY_KEYS_FILE=path, MAYFLY_PARALLEL_TESTS=4, MAYFLY_WARM=4)
    settled(engine, 4)
    with gateway.post(submission([{"sleep_ms": 150}] * 4), headers=[bearer("one")]) as client:
        running(engine, 1)
        with gateway.post({"code": "{}"}, headers=[bearer("one")]) as more:
            assert more.receive().status == 429
        assert client.receive().json()["passed"] == 4
    assert len({run.box for run in engine.runs}) == 1
    with gateway.post({"code": "{}"}, headers=[bearer("one")]) as more:
        assert more.receive().status == 200


def test_each_test_counts_in_the_minute(engine, start, keys_file):
    gateway = start(MAYFLY_KEYS_FILE=keys_file(entry("k", runs_per_minute=3)), MAYFLY_PARALLEL_TESTS=1)
    answer = submit(gateway, submission([{}] * 5, total_timeout=1), [bearer("k")])
    assert verdicts(answer) == ["passed"] * 3 + ["not_run"] * 2
    assert {test["reason"] for test in answer["tests"][3:]} == {"total_timeout"}
    with gateway.post({"code": "{}"}, headers=[bearer("k")]) as more:
        assert more.receive().status == 429


def test_others_are_served_meanwhile(engine, start, keys_file):
    gateway = start(MAYFLY_KEYS_FILE=keys_file(entry("many"), entry("one")), MAYFLY_MAX_BOXES=2, MAYFLY_WARM=1,
                    MAYFLY_PARALLEL_TESTS=2)
    answers = []
    thread = threading.Thread(target=lambda: answers.append(
        submit(gateway, submission([{"sleep_ms": 30}] * 60), [bearer("many")])))
    thread.start()
    engine.wait(lambda: len(engine.runs) > 3, "its tests")
    with gateway.post({"code": json.dumps({"stdout": "me"})}, headers=[bearer("one")]) as client:
        assert client.receive().json()["stdout"] == "me"
    assert not answers
    thread.join()
    assert answers[0]["passed"] == 60


# ---- what it shows, and what is counted ----

LONG = "é" * 3000  # 6000 bytes


@pytest.mark.parametrize("shows, lengths, truncated", [
    ("brief", [512, 512], [True, True]), ("none", [0, 0], [True, True]),
    ("failed", [0, 3000], [True, False]), ("all", [3000, 3000], [False, False])])
def test_it_shows_as_much_as_asked_for(engine, gateway, shows, lengths, truncated):
    passes, fails = {"stdout": LONG}, {"stdout": LONG, "exit": 1, "files": [["a.txt", "a"]]}
    tests = submit(gateway, submission([passes, fails], tests_output=shows, outputs=["*"]))["tests"]
    assert [len(test["stdout"]) for test in tests] == lengths
    assert [test["stdout_truncated"] for test in tests] == truncated
    assert [test["stdout_bytes"] for test in tests] == [6000, 6000]
    assert [test["reason"] for test in tests] == [None, None]  # the program has met no limit
    assert [file["path"] for file in tests[1]["files"]] == (["a.txt"] if shows in ("failed", "all") else [])


def test_what_all_show_together_has_a_cap(engine, gateway):
    answer = submit(gateway, submission([{"flood_bytes": 6 << 20}] * 4, tests_output="all",
                                        limits={"output_bytes": 8 << 20}))
    assert sorted(len(test["stdout"]) for test in answer["tests"]) == [1024, 1024, 6 << 20, 6 << 20]


def test_tests_are_counted_and_logged(engine, gateway):
    answer = submit(gateway, submission([{}, {"exit": 1}, {}]))
    metrics = gateway.metrics()
    assert metrics.value("mayfly_tests_total", verdict="passed") == 2
    assert metrics.value("mayfly_tests_total", verdict="error") == 1
    event, = gateway.events("tests_ended")
    assert (event["run_id"], event["tests"], event["passed"], event["not_run"]) == (answer["id"], 3, 2, 0)


# ---- mistakes ----

@pytest.mark.parametrize("fields, field, message", [
    ({"tests": []}, "tests", "must have 1 to 1000 elements"),
    ({"tests": [{}] * 1001}, "tests", "must have 1 to 1000 elements"),
    ({"tests": {}}, "tests", "must be an array"),
    ({"tests": [{}, 1]}, "tests[1]", "must be an object"),
    ({"tests": [{"stdin": 1}]}, "tests[0].stdin", "must be a string"),
    ({"tests": [{"input": ""}]}, "tests[0].input", "is not a field of this request"),
    ({"tests": [{"name": "x" * 129}]}, "tests[0].name", "must be at most 128 bytes long"),
    ({"tests": [{"args": ["a", 2]}]}, "tests[0].args[1]", "must be a string"),
    ({"tests": [{"env": {"=": ""}}]}, "tests[0].env.=", "is not a valid name for an environment variable"),
    ({"tests": [{}, {"files": [{"path": "a"}]}]}, "tests[1].files[0].content", "is required"),
    ({"tests": [{"files": [{"path": "../a", "content": ""}]}]}, "tests[0].files[0].path", None),
    ({"files": [{"path": "a", "content": ""}], "tests": [{"files": [{"path": "a", "content": ""}]}]},
     "tests[0].files[0].path", "is the same as files[0].path"),
    ({"tests": [{"files": [{"path": "a", "content": "!", "encoding": "base64"}]}]}, "tests[0].files[0].content", None),
    ({"tests": [{"expected_files": [{"path": "a", "content": "!", "encoding": "base64"}]}]},
     "tests[0].expected_files[0].content", None),
    ({"tests": [{"compare": "lines"}]}, "tests[0].compare",
     'must be "trim", "exact", "tokens" or {"numbers": N}, N from 0 to 1'),
    ({"tests": [{"compare": {"numbers": 2}}]}, "tests[0].compare", None),
    ({"tests": [{"compare": {"numbers": 0, "x": 0}}]}, "tests[0].compare", None),
    ({"tests": [{"compare": {}}]}, "tests[0].compare", None),
    ({"tests": [{"expected_stdout": None}]}, "tests[0].expected_stdout", "must be a string"),
    ({"tests": [{}], "stop_on": "error"}, "stop_on", 'must be "never" or "failure"'),
    ({"tests": [{}], "total_timeout": 301}, "total_timeout", "must be between 0.1 and 300"),
    ({"tests": [{}], "tests_output": "some"}, "tests_output", 'must be "brief", "none", "failed" or "all"'),
    ({"stop_on": "failure"}, "stop_on", "is allowed only with tests"),
])
def test_a_mistake_names_its_field(gateway, fields, field, message):
    errors = refused(gateway, {"code": "{}"} | fields)
    assert list(errors) == [field]
    assert message is None or errors[field] == message


def test_inputs_past_the_limits_are_refused(engine, start):
    gateway = start(MAYFLY_MAX_BODY_BYTES="64KiB", MAYFLY_MAX_FILES_BYTES="20KiB")
    large = {"path": "a", "content": "x" * 15000}
    errors = refused(gateway, {"code": "{}", "files": [large], "tests": [{}, {"files": [large | {"path": "b"}]}]})
    assert errors == {"tests[1].files": "must be at most 20480 bytes in all"}
    with gateway.post({"code": "{}", "tests": [{"stdin": "x" * 40000}, {"stdin": "x" * 40000}]}) as client:
        assert client.receive().status == 413
    strings = {"code": "{}", "args": ["x" * 100000] * 6, "tests": [{"env": {f"V{i}": "x" * 100000 for i in range(6)}}]}
    assert refused(start(), strings) == {"tests[0].env": "args and env together must be at most 1048576 bytes long"}
    assert not engine.runs


def test_a_submission_of_the_largest_size(engine, gateway):
    """8 MiB of inputs and expected output, for which others do not wait."""
    text = "1234567 " * (3 << 17)
    body = {"code": json.dumps({"stdout": "a"}), "tests": [{"stdin": text}, {"expected_stdout": text}]}
    with gateway.post(body) as client:
        answer = client.receive().json()
    assert verdicts(answer) == ["passed", "wrong"]
    assert answer["tests"][1]["difference"]["got"] == "a"
    assert engine.runs[0].job.stdin == text.encode()
    assert gateway.request("GET", "/livez").status == 200
