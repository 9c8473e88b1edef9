"""Clean or gone: the box's next program sees no trace of a program, or the box is removed."""

import pytest

import reused
import wire
from box import ALL_STEPS, WARMUP_STEPS
from reuse_expected import GONE, PERHAPS_GONE, REFUSED, UNSEEN_AT_HOME
from reused import FIND, LEAVE, KeptBox, job_of, lines_of, names, program

PROGRAMS = names()
LEFT = [name for name in PROGRAMS if name not in GONE and name not in REFUSED]
OPEN = sorted(path.stem for path in (reused.FOLDER / "reuse_open").glob("*.py"))


@pytest.fixture(scope="module")
def body(engine):
    return reused.document(engine)


def test_the_expectations_are_of_programs_that_exist():
    assert len(PROGRAMS) >= 40
    assert GONE.keys() | REFUSED | UNSEEN_AT_HOME <= set(PROGRAMS)
    assert not GONE.keys() & REFUSED


@pytest.mark.parametrize("name", PROGRAMS)
def test_clean_or_gone(engine, body, name):
    with KeptBox(engine, body) as box:
        result, word = box.serve(program(name, [LEAVE]), **job_of(name))
        expected = GONE.get(name)
        assert word in (expected, PERHAPS_GONE.get(name, expected)), lines_of(result)
        if name in REFUSED:
            assert lines_of(result)[0].startswith("refused "), lines_of(result)
        if word is None:
            result, _ = box.serve(program(name, [FIND]))
            assert lines_of(result) == ["false"], bytes(result.stderr)


@pytest.mark.parametrize("name", [name for name in LEFT if name not in UNSEEN_AT_HOME])
def test_the_mark_is_there_until_the_run_has_ended(engine, body, name):
    """Else its absence in the next run would prove nothing."""
    with KeptBox(engine, body) as box:
        result, _ = box.serve(program(name, ["leave()", FIND]), **job_of(name))
        assert lines_of(result)[-1] == "true", bytes(result.stderr)


@pytest.mark.parametrize("steps", [0, 5, ALL_STEPS])
def test_a_box_serves_many_runs(engine, body, steps):
    """Each is given its own input, and sees the box as the first did, however warm it was then."""
    body = body | {"Env": [*body["Env"], f"{WARMUP_STEPS}={steps}"]}
    text = ("import os, sys\nprint(sys.argv[1], input(), os.environ['RUN'], sorted(os.listdir('/box')), os.getppid(),"
            " os.listdir('/tmp'))\nopen('/tmp/left', 'w').close()\nraise SystemExit(int(sys.argv[1]))")
    with KeptBox(engine, body) as box:
        for run in range(25):
            result, word = box.serve(text, args=[str(run)], stdin=f"in {run}\n", env={"RUN": f"run {run}"},
                                     files={f"given{run}": "x"}, outputs=["given*"], files_bytes=100, file_bytes=100)
            assert word is None
            assert lines_of(result) == [f"{run} in {run} run {run} ['given{run}', 'main.py'] 1 []"]
            assert result.returncode == run
            assert [file.path for file in result.files] == [f"given{run}"]


def test_chance_is_new_in_each_run(engine, body):
    text = "import random, os, uuid, secrets\nprint(random.getrandbits(64), uuid.uuid4(), secrets.token_hex(), os.urandom(4))"
    with KeptBox(engine, body) as box:
        numbers = [number for _ in range(3) for number in lines_of(box.serve(text)[0])[0].split()]
    assert len(set(numbers)) == len(numbers)


def test_a_job_that_does_not_keep_its_box_ends_it(engine, body):
    with KeptBox(engine, body) as box:
        assert box.serve("pass")[1] is None
        assert box.run("print('last')").stdout == b"last\n"
        assert box.next_frame(reused.deadline()) is None, "a frame after the last"
        assert box.exit_code() == 0


def test_init_is_ready_again_only_after_end(engine, body):
    with KeptBox(engine, body) as box:
        box.send(wire.Job("print('x')", keeps_box=True).frame(7))
        frames = [box.next_frame(reused.deadline()) for _ in range(4)]
        assert [(frame.type, frame.run_id) for frame in frames] == [
            (wire.STARTED, 7), (wire.OUTPUT, 7), (wire.END, 7), (wire.READY, 0)]


def test_a_job_that_comes_too_early_ends_the_box(engine, body):
    with KeptBox(engine, body) as box:
        box.send(wire.Job("pass", keeps_box=True).frame(1) * 2)
        assert box.exit_code() == 64
        assert b"while the box was not ready" in box.read_stderr()


def test_an_idle_box_ends_by_its_own_clock(engine, body):
    short = body | {"Entrypoint": ["/mayfly-init", "--idle-ms", "1500", "--"]}
    with KeptBox(engine, short) as box:
        assert box.serve("pass")[1] is None
        assert box.exit_code() == 0


def test_cpu_time_and_memory_are_of_one_run(engine, body):
    large = "import time\nheld = b'x' * (64 << 20)\nwhile time.process_time() < 0.3: pass"
    with KeptBox(engine, body) as box:
        first, _ = box.serve(large)
        second, _ = box.serve("pass")
    assert first.outcome.cpu_ns > 280_000_000 and first.outcome.peak_memory_bytes > 64 << 20
    assert 0 < second.outcome.cpu_ns < 250_000_000
    assert 4 << 20 < second.outcome.peak_memory_bytes < 48 << 20


@pytest.mark.parametrize("name", OPEN)
def test_what_is_not_promised_is_told(engine, body, name, capsys):
    """Figures of the kernel for the life of a box: told, and not judged."""
    with KeptBox(engine, body) as box:
        before = lines_of(box.serve(program(name, ["print(find())"], "reuse_open"))[0])
        box.serve(program(name, ["leave()"], "reuse_open"))
        after = lines_of(box.serve(program(name, ["print(find())"], "reuse_open"))[0])
    with capsys.disabled():
        print(f"\n{name}: {before[0]}, and after a run that uses it {after[0]}", end="")
