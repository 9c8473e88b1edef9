"""Reports of init and the answers that clients get for them: statuses, reasons, streams, and lost runs."""

import base64
import json

import pytest

from eventstream import EVENTS
from faults import Boot
from fake_init import WRONG

MIB = 1 << 20

OUTCOMES = {
    "success": ({"stdout": "out", "stderr": "err"},
                {"status": "success", "return_code": 0, "signal": None, "reason": None,
                 "message": None, "stdout": "out", "stderr": "err"}),
    "nothing": ({}, {"status": "success", "stdout": "", "stderr": "", "stdout_bytes": 0}),
    "exit code": ({"exit": 3}, {"status": "error", "return_code": 3, "signal": None, "reason": None}),
    "exit 255": ({"exit": 255}, {"status": "error", "return_code": 255}),
    "segfault": ({"signal": 11}, {"status": "error", "return_code": -11, "signal": "SIGSEGV",
                                  "reason": None}),
    "abort": ({"signal": 6}, {"status": "error", "return_code": -6, "signal": "SIGABRT"}),
    "killed": ({"signal": 9}, {"status": "error", "return_code": -9, "signal": "SIGKILL",
                               "reason": None}),
    "realtime signal": ({"signal": 40}, {"status": "error", "return_code": -40}),
    "out of memory": ({"oom": True, "stdout": "so far"},
                      {"status": "error", "return_code": -9, "signal": "SIGKILL",
                       "reason": "memory_limit", "stdout": "so far"}),
    "lost": ({"lose": "after_started"}, {"status": "failed", "return_code": None}),
    "box out of memory": ({"lose": "oom"}, {"reason": "memory_limit"}),
}


@pytest.mark.parametrize("directive, expected", OUTCOMES.values(), ids=OUTCOMES)
def test_an_outcome_becomes_an_answer(shared, directive, expected):
    status, answer = shared.execute(directive)
    assert status == 200, answer
    assert {name: answer[name] for name in expected} == expected


def test_a_timeout_keeps_the_partial_output(shared):
    _, answer = shared.execute({"stdout": "partial", "sleep_ms": 60000}, timeout=1)
    assert answer["status"] == "timeout" and answer["reason"] == "timeout"
    assert answer["return_code"] is None and answer["signal"] is None
    assert answer["stdout"] == "partial"
    assert answer["message"] == "Execution timed out after 1 second; output that was not flushed may be missing"
    assert 1 <= answer["execution_time"] < 3


def test_the_timeouts_message_names_the_seconds(shared):
    _, answer = shared.execute({"sleep_ms": 60000}, timeout=1.5)
    assert answer["message"] == "Execution timed out after 1.5 seconds; output that was not flushed may be missing"


def test_a_timeout_may_be_a_tenth_of_a_second(shared):
    _, answer = shared.execute({"stdout": "so far\n", "sleep_ms": 60000}, timeout=0.1, buffering="line")
    assert (answer["status"], answer["stdout"]) == ("timeout", "so far\n")
    assert answer["message"] == "Execution timed out after 0.1 seconds"
    assert 0.1 <= answer["execution_time"] < 2


def test_the_limit_of_cpu_time_is_a_timeout_of_its_own(shared):
    _, answer = shared.execute({"cpu_time": True}, limits={"cpu_time": 0.5})
    assert (answer["status"], answer["reason"], answer["return_code"]) == ("timeout", "cpu_time_limit", None)
    assert answer["message"] == "The program used up its CPU time limit of 0.5 seconds; output that was not flushed may " \
                                "be missing"


PIDS = "The limit of 16 processes and threads was reached; 3 could not be started"


@pytest.mark.parametrize("end, reason, message", [
    ({"exit": 1}, "pids_limit", PIDS), ({"signal": 6}, "pids_limit", PIDS), ({}, None, PIDS),
    ({"oom": True}, "memory_limit", f"The program needed more memory than its limit of 268435456 bytes. {PIDS}"),
    ({"sleep_ms": 60000}, "timeout", f"Execution timed out after 0.5 seconds. {PIDS}"),
])
def test_the_limit_of_processes_is_told(shared, end, reason, message):
    """And it is the reason where the program did not succeed and nothing else ended it."""
    _, answer = shared.execute({"pids_refused": 3} | end, timeout=0.5, buffering="line", limits={"pids": 16})
    assert (answer["reason"], answer["message"]) == (reason, message)


def test_a_folder_full_of_files_is_told(shared):
    _, answer = shared.execute({"inodes_limit": 16384, "exit": 1})
    assert answer["message"] == "/box or /tmp was full: at most 16384 files and folders fit in each"
    assert answer["reason"] is None


def test_a_folder_without_room_is_told_where_the_program_failed(shared):
    _, answer = shared.execute({"room_bytes": 67108864, "exit": 1})
    assert answer["message"] == "/box or /tmp was full: at most 67108864 bytes fit in each"
    assert answer["reason"] is None
    _, answer = shared.execute({"room_bytes": 67108864})
    assert (answer["status"], answer["message"]) == ("success", None)


def test_times_are_counted_from_the_start_and_the_queue_apart(shared):
    _, answer = shared.execute({"sleep_ms": 100})
    assert 0.1 <= answer["execution_time"] < 2
    assert 0 <= answer["queue_time"] < 2


# ---- streams ----

def test_output_over_the_cap_is_cut_and_marked(shared):
    _, answer = shared.execute({"flood_bytes": 3 * MIB, "stderr": "e"})
    assert answer["status"] == "success" and answer["reason"] == "output_limit"
    assert answer["stdout"] == "x" * MIB
    assert answer["stdout_bytes"] == 3 * MIB and answer["stdout_truncated"] is True
    assert answer["stderr"] == "e" and answer["stderr_truncated"] is False


def test_merged_output_is_all_stdout(shared):
    directive = {"stdout": "one\n", "stderr": "two\n", "late_stdout": "three\n"}
    _, answer = shared.execute(directive, output="merged")
    assert (answer["stdout"], answer["stderr"]) == ("one\ntwo\nthree\n", "")
    assert (answer["stdout_bytes"], answer["stderr_bytes"]) == (14, 0)
    assert (answer["stdout_truncated"], answer["stderr_truncated"]) == (False, False)


@pytest.mark.parametrize("fields, headers, by_lines", [
    ({}, [], False), ({}, [EVENTS], True), ({"buffering": "auto"}, [EVENTS], True),
    ({"buffering": "line"}, [], True), ({"buffering": "block"}, [EVENTS], False), ({"output": "merged"}, [], True),
    ({"output": "merged", "buffering": "block"}, [], False),
])
def test_output_comes_by_lines_where_somebody_watches(shared, fields, headers, by_lines):
    with shared.post({"code": '{"echo":true}', **fields}, headers=headers) as client:
        assert client.receive().status == 200
    assert shared.engine.runs[-1].job.line_buffered is by_lines


def test_an_execution_is_not_watched_until_somebody_does(shared):
    for fields, by_lines in (({}, False), ({"buffering": "line"}, True)):
        with shared.post({"code": "x", **fields}, "/api/v1/executions") as client:
            location = client.receive().headers["location"]
        assert shared.request("GET", f"{location}?wait=20").json()["status"] == "success"
        assert shared.engine.runs[-1].job.line_buffered is by_lines


def test_output_of_exactly_the_cap_is_whole(shared):
    _, answer = shared.execute({"flood_bytes": 4096}, limits={"output_bytes": 4096})
    assert answer["stdout_truncated"] is False and answer["reason"] is None
    assert len(answer["stdout"]) == answer["stdout_bytes"] == 4096


@pytest.mark.parametrize("text, cap, kept", [
    ("aé", 2, "a"), ("aé", 3, "aé"), ("€€", 5, "€"), ("€€", 4, "€"), ("€€", 3, "€"),
    ("x😀", 4, "x"), ("x😀", 3, "x"), ("x😀", 2, "x"), ("x😀y", 5, "x😀"), ("é", 1, ""),
])
def test_the_cut_is_between_characters(shared, text, cap, kept):
    _, answer = shared.execute({"stdout": text, "stderr": text}, limits={"output_bytes": cap})
    assert answer["stdout"] == answer["stderr"] == kept
    assert answer["stdout_bytes"] == len(text.encode())
    assert answer["stdout_truncated"] is (cap < len(text.encode()))


@pytest.mark.parametrize("data", [
    b"\xff", b"a\xc3", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82", b"\x80\x80x",
    b"ok \xf0\x9f\x98\x80 \xf0\x9f\x98 ", bytes(range(256)), b"\x00\x01\x1f\x7f\"\\/\b\f\n\r\t</script>",
    "\u2028\u2029\ufeff".encode(),
], ids=repr)
def test_any_bytes_become_valid_json(shared, data):
    _, answer = shared.execute({"stdout_base64": base64.b64encode(data).decode()})
    assert answer["stdout"] == data.decode("utf-8", "replace")
    assert answer["stdout_bytes"] == len(data) and answer["stdout_truncated"] is False


@pytest.mark.parametrize("data", [b"", b"\xff\x00", bytes(range(256)) * 5], ids=len)
def test_base64_gives_the_exact_bytes(shared, data):
    _, answer = shared.execute({"stdout_base64": base64.b64encode(data).decode(), "stderr": "é"},
                               output_encoding="base64")
    assert base64.b64decode(answer["stdout"], validate=True) == data
    assert base64.b64decode(answer["stderr"], validate=True) == "é".encode()


def test_base64_of_cut_output_is_cut_at_the_byte(shared):
    _, answer = shared.execute({"stdout": "€€"}, output_encoding="base64",
                               limits={"output_bytes": 4})
    assert base64.b64decode(answer["stdout"]) == "€€".encode()[:4]
    assert answer["stdout_truncated"] is True


@pytest.mark.parametrize("piece", [1, 2, 3, 7])
def test_characters_split_over_frames_stay_whole(shared, piece):
    text = "aé€😀" * 50
    _, answer = shared.execute({"stdout": text, "piece_bytes": piece})
    assert answer["stdout"] == text


@pytest.mark.parametrize("split", [1, 2, 7, 8, 9, 17])
def test_engine_frames_split_anywhere(engine, start, split):
    engine.script("boot", Boot(split=split), count=1000)
    gateway = start(MAYFLY_WARM=1)
    status, answer = gateway.execute({"stdout": "é€" * 200, "stderr": "err", "exit": 2})
    assert (status, answer["stdout"], answer["stderr"], answer["return_code"]) == (
        200, "é€" * 200, "err", 2)


# ---- runs that were started, and then lost ----

@pytest.mark.parametrize("wrong", sorted(set(WRONG) - {"started_twice"}))
def test_an_init_that_breaks_the_protocol_is_a_failed_run(shared, wrong):
    status, answer = shared.execute({"wire": wrong, "stdout": "x"})
    assert status == 200, answer
    if wrong == "empty_output":
        assert answer["status"] in ("success", "failed")
    else:
        assert answer["status"] == "failed", answer
        assert answer["return_code"] is None
    shared.engine.wait(lambda: not [run for run in shared.engine.runs if not run.end],
                       "the box of the failed run is gone")


def test_a_run_whose_box_dies_before_it_started_did_not_run(shared):
    status, answer = shared.execute({"lose": "before_started"})
    assert (status, answer["status"]) in ((503, 503), (200, "failed")), answer


def test_a_silent_init_is_answered_by_the_brokers_own_deadline(shared):
    status, answer = shared.execute({"silent": True, "stdout": "so far"}, timeout=1)
    assert status == 200 and answer["status"] in ("timeout", "failed")
    shared.engine.wait(lambda: shared.engine.runs[-1].end or None, "the silent box is removed")


def test_a_flood_that_is_read_slowly_by_the_client_harms_nobody(shared):
    with shared.post({"code": json.dumps({"flood_bytes": 16 * MIB}),
                      "limits": {"output_bytes": 4 * MIB}}) as slow:
        assert shared.execute({"stdout": "quick"})[1]["stdout"] == "quick"
        answer = slow.receive().json()
    assert answer["stdout_bytes"] == 16 * MIB
