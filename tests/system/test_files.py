"""Files in and files out, as the client asks for them and the fake init sends them."""

import base64
import json

import pytest

MIB = 1 << 20


def echoed(gateway, **fields):
    """The job as init received it."""
    status, answer = gateway.execute({"echo": True}, **fields)
    assert status == 200, answer
    return json.loads(answer["stdout"])


def test_files_reach_init_byte_by_byte(shared):
    job = echoed(shared, files=[
        {"path": "a.txt", "content": "caf\u00e9"},
        {"path": "d/b", "content": base64.b64encode(bytes(range(256))).decode(),
         "encoding": "base64"},
        {"path": "empty", "content": ""}])
    assert job["files"] == {"a.txt": "caf\u00e9".encode().decode("latin-1"),
                            "d/b": bytes(range(256)).decode("latin-1"), "empty": ""}
    assert job["outputs"] == [] and job["files_bytes"] == 0


def test_outputs_reach_init_with_the_configured_caps(start):
    gateway = start(MAYFLY_OUTPUT_FILES_BYTES=1000, MAYFLY_OUTPUT_FILE_BYTES=100)
    job = echoed(gateway, outputs=["*.csv", "out/**"])
    assert job["outputs"] == ["*.csv", "out/**"]
    assert (job["files_bytes"], job["file_bytes"]) == (1000, 100)


def test_files_come_back_in_the_answer(shared):
    status, answer = shared.execute({"stdout": "out", "files": [["a", "1"], ["d/b", "2", 7]]},
                                    outputs=["**"])
    assert status == 200 and answer["status"] == "success"
    assert [(file["path"], file["content"], file["size_bytes"], file["truncated"])
            for file in answer["files"]] == [("a", "1", 1, False), ("d/b", "2", 7, True)]


@pytest.mark.parametrize("end, reason, message", [
    ({}, "output_limit", "Output files that had to be cut: 2"),
    ({"left_out": 1}, "output_limit", "Output files that could not be returned: at least 1"),
    ({"sleep_ms": 60000}, "timeout", "Execution timed out after 1 second; output that was not flushed may be missing"),
], ids=["cut", "left out too", "worse"])
def test_files_that_were_cut_are_told(shared, end, reason, message):
    files = [["a", "1", 9], ["b", "2"], ["c", "3", 9]]
    _, answer = shared.execute({"files": files} | end, outputs=["*"], timeout=1)
    assert (answer["reason"], answer["message"]) == (reason, message)
    assert [file["truncated"] for file in answer["files"]] == [True, False, True]
    _, answer = shared.execute({"files": files[1:2]}, outputs=["*"])
    assert (answer["reason"], answer["message"]) == (None, None)


def test_files_that_were_left_out_are_told(shared):
    _, answer = shared.execute({"files": [["a", "1"]], "left_out": 44}, outputs=["**"])
    assert answer["status"] == "success" and answer["reason"] == "output_limit"
    assert answer["message"] == "Output files that could not be returned: at least 44"
    assert len(answer["files"]) == 1


@pytest.mark.parametrize("directive", [{"exit": 3}, {"signal": 11}, {"oom": True},
                                       {"sleep_ms": 60000}], ids=str)
def test_files_come_back_however_the_program_ended(shared, directive):
    _, answer = shared.execute(directive | {"files": [["a", "so far"]]}, outputs=["*"], timeout=1)
    assert answer["status"] in ("error", "timeout")
    assert [file["content"] for file in answer["files"]] == ["so far"]


def test_a_large_file_comes_whole(shared):
    text = "0123456789abcdef" * (MIB // 20)  # the directive is the source, of a MiB at most
    _, answer = shared.execute({"files": [["a", text], ["b", ""]]}, outputs=["*"])
    assert [file["content"] for file in answer["files"]] == [text, ""]


@pytest.mark.parametrize("files", [
    [["a", "x" * 101]], [["a", "x" * 100], ["b", "x" * 100], ["c", "x" * 51]],
    [["../a", ""]], [["/etc/passwd", ""]], [["a", "xx", 1]], 257 * [["a", ""]],
], ids=["one past its cap", "all past theirs", "outside", "absolute", "more than there was",
        "too many"])
def test_an_init_that_sends_what_it_must_not_is_a_failed_run(start, files):
    gateway = start(MAYFLY_OUTPUT_FILES_BYTES=250, MAYFLY_OUTPUT_FILE_BYTES=100)
    status, answer = gateway.execute({"files": files}, outputs=["**"])
    assert status == 200 and answer["status"] == "failed", answer
    assert gateway.execute({"stdout": "next"})[1]["stdout"] == "next"


def test_a_run_whose_files_cannot_be_laid_out_did_not_run(shared):
    status, problem = shared.execute({"refuse": "the program did not run: no room"},
                                     files=[{"path": "a", "content": ""}])
    assert (status, problem["code"]) == (500, "internal_error")
    assert problem["detail"] == "the program did not run: no room"
    assert shared.execute({"stdout": "next"})[1]["stdout"] == "next"


def test_mistakes_are_named_and_start_no_box(shared):
    before = len(shared.engine.runs)
    status, problem = shared.execute(
        "x", files=[{"path": "a", "content": ""}, {"path": "b/../c", "content": ""},
                    {"path": "a", "content": "!", "encoding": "base64"}], outputs=["/*"])
    assert status == 422
    assert problem["errors"] == [
        {"field": "files[1].path",
         "message": 'must not have a segment that is empty, "." or ".."'},
        {"field": "outputs[0]", "message": "must be relative to /box"},
        {"field": "files[2].path", "message": "is the same as files[0].path"},
        {"field": "files[2].content", "message": "is not base64 (RFC 4648, padded)"}]
    assert len(shared.engine.runs) == before


def test_files_past_their_cap_are_refused_by_name(start):
    gateway = start(MAYFLY_MAX_FILES_BYTES=10)
    files = [{"path": name, "content": "x" * 5} for name in "ab"]
    assert gateway.execute("x", files=files)[0] == 200
    status, problem = gateway.execute("x", files=[*files, {"path": "c", "content": "x"}])
    assert status == 422
    assert problem["errors"] == [{"field": "files", "message": "must be at most 10 bytes in all"}]
