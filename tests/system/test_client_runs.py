"""`mayfly run` with a real gateway on the fake engine."""

import base64
import hashlib
import json
import os
import signal
import tempfile
from pathlib import Path

import pytest

import cli
from helpers import gated, running, settled, until


@pytest.fixture
def ask(tmp_path):
    """Run a directive of the fake engine's init: (exit code, stdout, stderr)."""
    def asked(gateway, directive, *words, **options):
        return cli.run(gateway.url, written(tmp_path, directive), *words, **options)
    return asked


def written(folder, directive):
    path = folder / "main.py"
    path.write_text(json.dumps(directive), encoding="utf-8")
    return path


@pytest.mark.parametrize("directive, words, code, text", [
    ({}, (), 0, ""),
    ({"exit": 7}, (), 7, ""),
    ({"signal": 11}, (), 139, "mayfly: the program was killed by SIGSEGV\n"),
    ({"oom": True}, (), 137, "mayfly: The program needed more memory than its limit of 268435456 bytes\n"
                             "mayfly: the program was killed by SIGKILL\n"),
    ({"gate": "never"}, ("--timeout", "1"), 124, "mayfly: Execution timed out after 1 second\n"),
    ({"lose": "after_started"}, (), 125, "mayfly: "),
])
def test_exit_codes(ask, shared, directive, words, code, text):
    ended, out, err = ask(shared, directive, *words)
    assert (ended, out) == (code, b"") and err.startswith(text) and bool(err) == bool(text)


def test_streams_come_through_exactly(ask, shared):
    data = bytes(range(256)) * 2000
    directive = {"stdout_base64": base64.b64encode(data).decode(), "stderr": "\u20ac\n", "piece_bytes": 1001}
    assert ask(shared, directive) == (0, data, "\u20ac\n")


def test_lines_come_as_they_are_written_and_merged_on_stdout_alone(ask, shared):
    assert ask(shared, {"stdout": "one\n", "stderr": "two\n"}, "--merged") == (0, b"one\ntwo\n", "")
    assert shared.engine.runs[-1].job.line_buffered and shared.engine.runs[-1].job.output_merged
    for words, by_lines in (((), True), (("--buffering", "block"), False), (("--buffering", "auto"), True)):
        assert ask(shared, {}, *words)[0] == 0
        assert shared.engine.runs[-1].job.line_buffered is by_lines and not shared.engine.runs[-1].job.output_merged


def test_cpu_time_that_is_used_up_is_a_timeout(ask, shared):
    said = "mayfly: The program used up its CPU time limit of 2.5 seconds\n"
    assert ask(shared, {"cpu_time": True}, "--cpu-time", "2.5") == (124, b"", said)


def test_output_over_the_cap_is_told(ask, shared):
    code, out, err = ask(shared, {"flood_bytes": 2 << 20})
    assert code == 125 and out == b"x" * (1 << 20)
    assert err == "mayfly: stdout is cut: the program wrote 2097152 bytes; a larger --max-output may keep more\n"
    assert ask(shared, {"flood_bytes": 2 << 20}, "--max-output", "2MiB") == (0, b"x" * (2 << 20), "")
    assert ask(shared, {"flood_bytes": 2 << 20, "exit": 3})[0] == 3


def test_json_is_the_answer_of_the_plain_call(ask, shared):
    directive = {"stdout": "a\u00e9\n", "exit": 3}
    code, out, err = ask(shared, directive, "--json")
    _, plain = shared.execute(directive)
    answer = json.loads(out)
    assert (code, err, list(answer)) == (3, "", list(plain))
    assert answer["stdout"] == plain["stdout"] == "a\u00e9\n"


def test_the_job_is_the_one_of_the_command_line(ask, engine, gateway, tmp_path):
    (tmp_path / "in.bin").write_bytes(b"\xff\0x")
    assert ask(gateway, {}, "--timeout", "7.5", "--stdin", "-", "--file", f"{tmp_path}/in.bin=data/in.bin",
               "--env", "A=b", "--memory", "64MiB", "--cpus", "0.5", "--pids", "32", "--max-output", "4KiB",
               "--output", "*.csv", "-o", tmp_path, "--", "a", "b c", input=b"line\n")[0] == 0
    job = engine.runs[-1].job
    assert (job.timeout_ms, job.stdin, job.args) == (7500, b"line\n", ["a", "b c"])
    assert job.files == {"data/in.bin": b"\xff\0x"}
    assert job.env == {"A": "b"} and job.output_bytes == 4096
    assert (job.memory_bytes, job.cpu_millis, job.pids) == (64 << 20, 500, 32)


def test_output_files_come_back(ask, shared, tmp_path):
    files = [["a.csv", "1;2\n"], ["out/deep/b", "\u20ac"]]
    assert ask(shared, {"files": files}, "--output", "*.csv", "--output", "out/**", "-o", tmp_path / "into") == (
        0, b"", "")
    assert (tmp_path / "into/a.csv").read_bytes() == b"1;2\n"
    assert (tmp_path / "into/out/deep/b").read_bytes() == "\u20ac".encode()
    code, _, err = ask(shared, {"files": files[:1], "left_out": 2}, "--output", "*.csv", "-o", tmp_path)
    assert code == 125 and err == "mayfly: Output files that could not be returned: at least 2\n"


def test_displays_are_saved_where_a_folder_is_named(ask, shared, tmp_path):
    displays = [["image/png", base64.b64encode(b"\x89PNG").decode()], ["text/html", base64.b64encode(b"<p>").decode()]]
    assert ask(shared, {"displays": displays}) == (0, b"", "mayfly: 2 displays were not saved; -o DIR saves them\n")
    assert ask(shared, {"displays": displays}, "-o", tmp_path / "into") == (0, b"", "")
    assert (tmp_path / "into/display-1.png").read_bytes() == b"\x89PNG"
    assert (tmp_path / "into/display-2.html").read_bytes() == b"<p>"


def test_wrong_fields_are_named(ask, shared):
    code, out, err = ask(shared, {}, "--timeout", "0.05", "--runtime", "cobol", "--output", "/etc/passwd")
    assert (code, out) == (125, b"")
    first, *fields = err.splitlines()
    assert first.startswith("mayfly: the gateway answered 422 invalid_request")
    assert [field.split(":")[1].strip() for field in sorted(fields)] == ["outputs[0]", "runtime", "timeout"]


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_cancels_the_run(engine, gateway, tmp_path, number, code):
    path = written(tmp_path, {"stdout": "on", "gate": "never"})
    with cli.start(gateway.url, path, "--timeout", "20") as process:
        assert process.stdout.read(2) == b"on"
        process.send_signal(number)
        assert process.wait(cli.TIMEOUT_SECONDS) == code
    until(lambda: engine.runs[-1].end in ("canceled", "killed"), "the run goes on")


def test_a_reader_that_goes_cancels_the_run(engine, gateway, tmp_path):
    path = written(tmp_path, {"stdout": "on", "gate": "g", "late_stdout": "and on", "silent": True})
    with cli.start(gateway.url, path, "--timeout", "20") as process:
        assert process.stdout.read(2) == b"on"
        process.stdout.close()
        engine.open("g")
        assert process.wait(cli.TIMEOUT_SECONDS) == 128 + signal.SIGPIPE
    until(lambda: engine.runs[-1].end in ("canceled", "killed"), "the run goes on")


def test_a_full_queue_is_waited_for(engine, start, tmp_path):
    gateway = start(MAYFLY_WARM=1, MAYFLY_MAX_BOXES=1, MAYFLY_MAX_WAITING=0)
    settled(engine, 1)
    with gateway.post(gated("g")) as first:
        running(engine, 1)
        with cli.start(gateway.url, written(tmp_path, {"stdout": "mine"})) as process:
            assert b"the gateway is busy" in process.stderr.readline()
            engine.open("g")
            assert process.stdout.read() == b"mine"
            assert process.wait(cli.TIMEOUT_SECONDS) == 0
        assert first.receive().status == 200


def test_a_queue_that_takes_too_long_is_left(engine, start, tmp_path):
    gateway = start(MAYFLY_WARM=1, MAYFLY_MAX_BOXES=1)
    with gateway.post(gated("g")) as first:
        running(engine, 1)
        assert cli.run(gateway.url, written(tmp_path, {}), "--wait", "0.3") == (
            125, b"", "mayfly: the program did not start in time (--wait)\n")
        engine.open("g")
        assert first.receive().status == 200
    assert len(engine.runs) == 1


@pytest.fixture
def secrets():
    """A folder that the front, which runs as nobody, may look into."""
    with tempfile.TemporaryDirectory(prefix="mayfly-keys-") as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


def test_a_key_opens_the_gateway(start, secrets, tmp_path):
    entry = {"name": "ci", "sha256": hashlib.sha256(b"mf_ours").hexdigest()}
    (secrets / "keys.json").write_text(json.dumps({"keys": [entry]}), encoding="ascii")
    (secrets / "key").write_text("mf_ours\n", encoding="ascii")
    (secrets / "other").write_text("mf_other", encoding="ascii")
    gateway = start(MAYFLY_KEYS_FILE=secrets / "keys.json")
    path = written(tmp_path, {"stdout": "in"})
    assert cli.run(gateway.url, path, "--key-file", secrets / "key") == (0, b"in", "")
    for words in ((), ("--key-file", secrets / "other")):
        code, out, err = cli.run(gateway.url, path, *words)
        assert (code, out) == (125, b"") and err.startswith("mayfly: the gateway answered 401 unauthorized"), err
