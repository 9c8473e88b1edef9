"""One program with many tests, in real boxes: no test sees the traces of an earlier one."""

import json

# A program that leaves what it can, and says what it finds: each test must find the same.
NOSY = """
import builtins, json, os, pathlib, sys, tempfile, threading
found = sorted(str(path) for root in ("/box", "/tmp", "/dev/shm") for path in pathlib.Path(root).rglob("*"))
print(json.dumps([found, sorted(os.environ), hasattr(builtins, "left"), "left" in sys.modules, os.getcwd(),
                  len(os.listdir("/proc/self/fd")), threading.active_count(), os.umask(0o22), sys.argv]))
builtins.left = sys.modules["left"] = json
os.environ["LEFT"] = "1"
os.umask(0)
pathlib.Path("left.txt").write_text("x")
(pathlib.Path(tempfile.gettempdir()) / "left.txt").write_text("x")
sys.argv.append("left")
"""


def submit(gateway, body):
    with gateway.post(body) as client:
        response = client.receive()
    assert response.status == 200, response
    return response.json()


def test_a_test_finds_nothing_of_an_earlier_one(gateway):
    answer = submit(gateway, {"code": NOSY, "tests_output": "all", "tests": [{} for _ in range(8)],
                              "files": [{"path": "in.txt", "content": "x"}]})
    assert answer["passed"] == 8, answer
    assert len({test["stdout"] for test in answer["tests"]}) == 1, [test["stdout"] for test in answer["tests"]]
    assert json.loads(answer["tests"][0]["stdout"])[0] == ["/box/in.txt", "/box/main.py"]


def test_boxes_serve_several_tests_and_are_replaced_after_a_bad_end(gateway):
    code = """
import os, sys, time
case = input()
if case == "hang": time.sleep(60)
if case == "crash": os.abort()
if case == "memory": x = b"x" * (1 << 30)
print(case)
"""
    cases = ["a", "b", "hang", "c", "crash", "d", "memory", "e", "f"]
    answer = submit(gateway, {"code": code, "timeout": 6, "tests": [
        {"name": case, "stdin": case, "expected_stdout": case} for case in cases]})
    verdicts = {test["name"]: test["verdict"] for test in answer["tests"]}
    assert verdicts == {case: "passed" for case in "abcdef"} | {"hang": "timeout", "crash": "error", "memory": "error"}
    assert any(test["start"] == "reused" for test in answer["tests"])


def test_expected_files_of_a_real_program(gateway):
    code = "import pathlib; pathlib.Path('out').mkdir(); pathlib.Path('out/[1].txt').write_text(input() + '\\n')"
    answer = submit(gateway, {"code": code, "tests": [
        {"stdin": "x", "expected_files": [{"path": "out/[1].txt", "content": "x"}]},
        {"stdin": "y", "expected_files": [{"path": "out/[1].txt", "content": "x"}]}]})
    assert [test["verdict"] for test in answer["tests"]] == ["passed", "wrong"]
    assert answer["tests"][1]["difference"] == {"path": "out/[1].txt", "line": 1, "expected": "x", "got": "y"}
