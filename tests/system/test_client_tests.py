"""`mayfly run --tests DIR`: the judge's files in a folder, a line for each test, an exit code."""

import json
import subprocess

import pytest

import cli
from gateway import BINARY

LAYOUTS = {
    "in and out": ("1.in", "1.out"), "in and ans": ("a.b.in", "a.b.ans"), "HackerRank": ("input00.txt", "output00.txt"),
    "two folders": ("input/1.txt", "output/1.txt"), "short folders": ("in/1", "out/1"), "Polygon": ("01", "01.a"),
}


def write(folder, **files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text, encoding="utf-8")


def run(gateway, tmp_path, directives, *words):
    """(exit code, lines of stdout, stderr) of a program that does the directive of its stdin."""
    (tmp_path / "main.py").write_text(json.dumps({"by_stdin": directives}), encoding="utf-8")
    done = subprocess.run(
        [BINARY, "run", str(tmp_path / "main.py"), "--url", f"http://127.0.0.1:{gateway.port}", "--tests",
         str(tmp_path / "tests"), *words], capture_output=True, timeout=60, check=False, env=cli.environment())
    return done.returncode, done.stdout.decode().splitlines(), done.stderr.decode()


def untimed(lines):
    """Without the times in brackets."""
    return [" ".join(word for word in line.split(" ") if not word.startswith("(0") and word not in ("s)", "s):"))
            for line in lines]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_names_that_judges_give(gateway, tmp_path, layout):
    source, expected = LAYOUTS[layout]
    write(tmp_path / "tests", **{source: "x", expected: "hi\n", "readme.md": "none"})
    code, lines, stderr = run(gateway, tmp_path, {"x": {"stdout": "hi"}})
    assert (code, stderr) == (0, "")
    assert len(lines) == 2 and lines[0].startswith("passed ") and lines[1] == "1 passed, 0 failed, 0 not run"


def test_a_line_for_each_test_in_the_order_of_numbers(engine, start, tmp_path):
    gateway = start(MAYFLY_PARALLEL_TESTS=1)
    write(tmp_path / "tests", **{f"{i}.in": str(i) for i in (1, 2, 10)}, **{f"{i}.out": "a\nb\n" for i in (1, 2, 10)})
    code, lines, stderr = run(gateway, tmp_path, {
        "1": {"stdout": "a\nb"}, "2": {"stdout": "a\nc\u001b"}, "10": {"exit": 3}})
    assert (code, stderr) == (1, "")
    assert untimed(lines) == ["passed 1", 'wrong 2 line 2: expected "b", got "c\\u001b"', "error 10 exit code 3",
                              "1 passed, 2 failed, 0 not run"]


def test_options_of_tests(engine, start, tmp_path):
    gateway = start(MAYFLY_PARALLEL_TESTS=1)
    write(tmp_path / "tests", **{"1.in": "1", "1.out": "1.00", "2.in": "2", "2.out": "2"})
    directives = {"1": {"stdout": "1.001"}, "2": {"stdout": "2"}}
    assert run(gateway, tmp_path, directives)[0] == 1
    assert run(gateway, tmp_path, directives, "--compare", "numbers=0.01")[0] == 0
    code, lines, _ = run(gateway, tmp_path, directives, "--stop-on", "failure")
    assert code == 1 and lines[-1] == "0 passed, 1 failed, 1 not run"
    assert lines[1] == "not_run 2: An earlier test did not pass"
    code, lines, _ = run(gateway, tmp_path, {"1": {"gate": "never"}}, "--total-timeout", "0.3")
    assert code == 124 and lines[-1].startswith("0 passed, 1 failed, 1 not run: Execution timed out after 0.3 s")
    code, lines, _ = run(gateway, tmp_path, directives, "--json")
    assert code == 1 and json.loads(lines[0])["passed"] == 1 and len(lines) == 1


@pytest.mark.parametrize("files, words, text", [
    ({}, (), "has no tests"),
    ({"1.in": ""}, (), "1.in has no expected output: "),
    ({"1.in": "", "1.out": ""}, ("--output", "*"), "--tests does not go with"),
    ({"1.in": "", "1.out": ""}, ("--compare", "same"), "must be trim, exact, tokens or numbers=TOLERANCE"),
    ({"1.in": "", "1.out": ""}, ("--stop-on", "error"), "stop_on"),
])
def test_what_is_wrong_is_said(gateway, tmp_path, files, words, text):
    write(tmp_path / "tests", **files)
    (tmp_path / "tests").mkdir(exist_ok=True)
    code, _, stderr = run(gateway, tmp_path, {}, *words)
    assert code == 125 and text in stderr
