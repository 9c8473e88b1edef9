"""Input and output files: init writes the job's files, and sends the requested ones, whatever the program has done to
its folder."""

import base64
import time

import pytest

import wire
from box import Box, MIB, Result

CAPS = {"files_bytes": 8 * MIB, "file_bytes": 4 * MIB}


@pytest.fixture
def run(engine):
    """Run one program in a box of its own, and collect the files that match the globs."""

    def run(source, outputs=("**",), limits=None, **job):
        with Box(engine.socket, **(limits or {})) as box:
            result = box.run(source, outputs=list(outputs), **CAPS | job)
            assert result.outcome or result.refusal, bytes(box.stderr)
            box.close_stdin()
            assert box.next_frame(time.monotonic() + 10) is None, "a frame after the last"
            assert box.exit_code() == 0
            return result

    return run


def contents(result):
    """By path; main.py, which is in every box, left out."""
    return {file.path: file.content for file in result.files if file.path != "main.py"}


# ---- what comes back ----

def test_files_come_in_order_between_the_output_and_the_end(run):
    result = run("""
import os
os.makedirs('out/deep')
for path in ('out/b', 'out/deep/c', 'a.csv', 'ignored', 'out.csv'):
    open(path, 'w').write(path)
print('done')
""", ["*.csv", "out/**"])
    assert result.frames == [wire.STARTED, wire.OUTPUT] + 4 * [wire.FILE] + [wire.END]
    assert [(file.path, file.content) for file in result.files] == [
        (path, path.encode()) for path in ("a.csv", "out.csv", "out/b", "out/deep/c")]
    assert result.outcome.left_out_count == 0


def test_nothing_comes_where_nothing_was_asked_for(run):
    result = run("open('a', 'w')\nprint('done')", [])
    assert result.frames == [wire.STARTED, wire.OUTPUT, wire.END]


def test_a_glob_that_names_nothing_is_no_mistake(run):
    assert run("print('done')", ["*.csv"]).frames == [wire.STARTED, wire.OUTPUT, wire.END]


def test_files_that_were_laid_out_come_back_too(run):
    result = run("open('in.txt', 'a').write('!')", ["*"], files={"in.txt": b"in", "same": b"same"})
    assert contents(result) == {"in.txt": b"in!", "same": b"same"}
    assert [file.path for file in result.files] == ["in.txt", "main.py", "same"]


@pytest.mark.parametrize("source, verdict", [
    ("import sys; sys.exit(3)", wire.EXITED), ("1/0", wire.EXITED),
    ("import os; os.kill(os.getpid(), 11)", wire.SIGNALED),
    ("import os; os._exit(0)", wire.EXITED), ("while True: pass", wire.TIMEOUT),
    ("import os; os.kill(os.getpid(), 19)", wire.TIMEOUT),
    ("keep = []\nwhile True: keep.append(bytearray(1 << 20))", wire.OOM),
])
def test_files_come_back_however_the_program_ended(run, source, verdict):
    result = run("open('a', 'w').write('so far')\n" + source, limits={"memory_bytes": 64 * MIB},
                 timeout_ms=1000)
    assert result.outcome.verdict == verdict
    assert contents(result) == {"a": b"so far"}


def test_who_still_writes_is_ended_first(run):
    result = run("""
import os, time
for name in 'abcd':
    if os.fork() == 0:
        os.setsid()
        with open(name, 'wb', 0) as file:
            while True: file.write(b'x' * 1000)
while sum(os.path.exists(name) for name in 'abcd') < 4: time.sleep(0.01)
""")
    assert set(contents(result)) == set("abcd")
    assert all(file.size_bytes >= len(file.content) for file in result.files)
    assert all(set(content) <= {ord("x")} for content in contents(result).values())


# ---- caps ----

def test_a_file_past_its_cap_is_cut_and_its_size_is_told(run):
    result = run("open('a', 'w').write('x' * 100)\nopen('b', 'w').write('y' * 10)", ["?"],
                 files_bytes=1000, file_bytes=10)
    assert [(file.content, file.size_bytes) for file in result.files] == [
        (b"x" * 10, 100), (b"y" * 10, 10)]


def test_all_files_have_a_cap_together(run):
    result = run("for name in 'abcd': open(name, 'w').write(name * 10)", ["?"], files_bytes=25,
                 file_bytes=20)
    assert [(file.content, file.size_bytes) for file in result.files] == [
        (b"a" * 10, 10), (b"b" * 10, 10), (b"c" * 5, 10), (b"", 10)]


def test_a_large_file_is_whole(run):
    result = run("""
import random
random.seed(7)
open('a', 'wb').write(random.randbytes(4 << 20))
""")
    import random
    random.seed(7)
    assert contents(result) == {"a": random.randbytes(4 << 20)}


def test_a_sparse_file_costs_nothing_but_its_cap(run):
    result = run("open('a', 'w').truncate(64 << 20)\nopen('b', 'w').truncate(1 << 40)", ["?"])
    assert [(len(file.content), file.size_bytes) for file in result.files] == [
        (4 * MIB, 64 * MIB), (4 * MIB, 1 << 40)]
    assert not result.files[0].content.strip(b"\0")


def test_files_in_a_box_that_has_no_memory_left(run):
    """32 MiB for all, of which files take all but a little."""
    result = run("""
with open('a', 'wb', 0) as file:
    while True: file.write(bytes(1 << 16))
""", limits={"memory_bytes": 32 * MIB}, timeout_ms=5000)
    assert result.outcome.verdict == wire.OOM
    assert [len(file.content) for file in result.files if file.path == "a"] == [4 * MIB]


def test_of_too_many_files_the_first_come(run):
    result = run("for i in range(1300): open(f'{i:04}', 'w')", ["[0-9]*"])
    assert [file.path for file in result.files] == [f"{i:04}" for i in range(256)]
    assert result.outcome.left_out_count == 1300 - 256


# ---- hostile trees ----

def test_a_hundred_thousand_files_end_the_search_in_time(run):
    result = run("""
import os
for i in range(100_000): os.mknod(f'{i:06}')
print('done')
""", timeout_ms=20000, limits={"memory_bytes": 512 * MIB, "tmpfs_inodes": 200_000})
    assert result.stdout == b"done\n" and result.outcome.verdict == wire.EXITED
    assert len(result.files) == 256
    assert result.outcome.left_out_count > 0


def test_only_what_a_glob_can_reach_is_searched(run):
    result = run("""
import os
os.mkdir('many')
for i in range(100_000): os.mknod(f'many/{i:06}')
open('a.csv', 'w')
""", ["*.csv"], timeout_ms=20000, limits={"memory_bytes": 512 * MIB, "tmpfs_inodes": 200_000})
    assert set(contents(result)) == {"a.csv"}
    assert result.outcome.left_out_count == 0


def test_a_tree_that_is_too_deep_is_left_out_below_its_limit(run):
    result = run("""
import os
for depth in range(200):
    open(f'f{depth}', 'w')
    os.mkdir('d')
    os.chdir('d')
""")
    assert set(contents(result)) == {"d/" * depth + f"f{depth}" for depth in range(15)}
    assert result.outcome.left_out_count == 1


def test_long_names(run):
    result = run("""
import os
for depth in range(3):
    os.mkdir('d' * 255)
    os.chdir('d' * 255)
open('f' * 255, 'w')
open('g' * 254, 'w')
os.mkdir('e' * 255)
os.chdir('e' * 255)
open('f', 'w')
""")
    way = ("d" * 255 + "/") * 3
    assert set(contents(result)) == {way + "f" * 255, way + "g" * 254}
    assert result.outcome.left_out_count == 1


def test_odd_names_come_as_they_are_and_no_names_not_at_all(run):
    result = run(r"""
import os
for name in (b'new\nline', b'\x1b[31m', b'\xc3\xa9', b'-rf *', b'"\\', b'...', b'.hidden',
             b'\xff\xfe', b'cut\xc3', b'\xed\xa0\x80'):
    open(name, 'w')
os.mkdir(b'\xff')
open(b'\xff/below', 'w')
""")
    assert set(contents(result)) == {"new\nline", "\x1b[31m", "\xe9", "-rf *", '"\\', "...",
                                     ".hidden"}
    assert result.outcome.left_out_count == 4


def test_links_lead_nowhere(run):
    result = run("""
import os
os.symlink('/etc/passwd', 'passwd')
os.symlink('/etc', 'etc')
os.symlink('.', 'loop')
os.symlink('nowhere', 'dangling')
os.symlink('/proc/1/environ', 'init')
open('own', 'w').write('own')
os.link('own', 'hard')
os.symlink('own', 'soft')
os.mkdir('kept')
os.symlink('/tmp', 'kept/tmp')
open('/tmp/outside', 'w')
""", ["**", "etc/passwd", "loop/own", "kept/tmp/*"])
    assert contents(result) == {"own": b"own", "hard": b"own"}
    assert result.outcome.left_out_count == 0


def test_the_folder_itself_cannot_be_replaced_by_a_link(run):
    result = run("""
import os
for change in (lambda: os.rename('/box', '/tmp/box'), lambda: os.rmdir('/box')):
    try: change()
    except OSError as error: print(error.strerror)
""", ["nothing"])
    assert result.stdout.count(b"\n") == 2


def test_pipes_and_sockets_are_no_files(run):
    result = run("""
import os, socket
os.mkfifo('pipe')
socket.socket(socket.AF_UNIX).bind('socket')
open('file', 'w')
""", ["*"])
    assert set(contents(result)) == {"file"}


def test_what_must_not_be_read_is_left_out_and_counted(run):
    result = run("""
import os
for name in ('a', 'b', 'c'): open(name, 'w')
os.mkdir('d')
open('d/e', 'w')
os.chmod('a', 0)
os.chmod('d', 0)
""")
    assert set(contents(result)) == {"b", "c"}
    assert result.outcome.left_out_count == 2


def test_a_folder_that_must_not_be_read_holds_nothing(run):
    result = run("import os\nopen('a', 'w')\nos.chmod('/box', 0)")
    assert result.files == [] and result.outcome.left_out_count == 1


# ---- the way up ----

def test_a_reader_that_is_slow_gets_all(engine):
    with Box(engine.socket) as box:
        box.send(wire.Job("for name in 'ab': open(name, 'wb').write(name.encode() * (4 << 20))",
                          outputs=["?"], **CAPS).frame(1))
        assert box.next_frame(time.monotonic() + 10).type == wire.STARTED
        time.sleep(1)
        result = box.collect(Result())
        assert contents(result) == {name: name.encode() * 4 * MIB for name in "ab"}


def test_a_reader_that_goes_ends_the_box(engine):
    with Box(engine.socket) as box:
        box.send(wire.Job("for name in 'ab': open(name, 'wb').write(bytes(4 << 20))",
                          outputs=["?"], **CAPS).frame(1))
        assert box.next_frame(time.monotonic() + 10).type == wire.STARTED
        box.close_stdin()
        while box.next_frame(time.monotonic() + 10):
            pass
        assert box.exit_code() == 0


# ---- laying out ----

def test_files_are_the_programs_own(run):
    result = run("""
import os
for path in ('d', 'd/e', 'd/e/f.sh'):
    status = os.stat(path)
    print(oct(status.st_mode), status.st_uid == os.getuid())
open('d/e/f.sh', 'a').write('more')
os.rename('d/e/f.sh', 'g')
""", ["g"], files={"d/e/f.sh": b"text"})
    assert result.stdout == b"0o40755 True\n0o40755 True\n0o100644 True\n"
    assert contents(result) == {"g": b"textmore"}


def test_files_that_do_not_fit_the_folder_start_nothing(run):
    result = run("print('ran')", files={"a": bytes(2 * MIB)}, limits={"tmpfs_bytes": MIB})
    assert result.frames == [wire.REFUSED]
    assert result.refusal == ("the program did not run: a file of the job cannot be written: "
                              "No space left on device")


def test_files_that_do_not_fit_the_memory_start_nothing(engine):
    # Twice over, in init's hands and on disk: with the template more than the limit, and without it not. Whom the kernel
    # takes is its own choice: where init goes too, the box is gone without a word, and nothing has started either.
    for _ in range(10):
        with Box(engine.socket, memory_bytes=32 * MIB) as box:
            result = box.run("print('ran')", files={"a": bytes(12 * MIB)})
        assert not result.outcome and not result.stdout and result.frames in ([], [wire.REFUSED])
        if result.frames:
            break
    assert result.refusal == "the program did not run: its files and stdin do not fit into its memory limit"


# ---- all the way from the client ----

def test_files_in_and_out(gateway):
    status, answer = gateway.execute("""
import csv, pathlib
total = sum(int(row[1]) for row in csv.reader(open('data/in.csv')))
pathlib.Path('out').mkdir()
pathlib.Path('out/total.txt').write_text(f'{total}\\n')
pathlib.Path('out/raw.bin').write_bytes(open('raw', 'rb').read()[::-1])
""", files=[{"path": "data/in.csv", "content": "a,1\nb,2\n"},
            {"path": "raw", "content": base64.b64encode(b"\x00\xff").decode(), "encoding": "base64"}],
        outputs=["out/*"])
    assert status == 200 and answer["status"] == "success", answer
    files = {file.pop("path"): file for file in answer["files"]}
    assert files["out/total.txt"]["content"] == "3\n"
    assert base64.b64decode(files["out/raw.bin"]["content"]) == b"\xff\x00"
    assert files["out/raw.bin"] | {"media_type": "", "content": ""} == {
        "size_bytes": 2, "media_type": "", "content": "", "encoding": "base64", "truncated": False}


def test_a_file_past_its_cap_comes_cut_and_is_the_reason(gateway):
    _, answer = gateway.execute("open('a', 'w').write('x' * (5 << 20))\nopen('b', 'w').write('y')", outputs=["?"])
    assert [(len(file["content"]), file["size_bytes"], file["truncated"]) for file in answer["files"]] == [
        (4 * MIB, 5 * MIB, True), (1, 1, False)]
    assert (answer["status"], answer["reason"]) == ("success", "output_limit")
    assert answer["message"] == "Output files that had to be cut: 1"


def test_files_of_a_timeout(gateway):
    _, answer = gateway.execute("open('a', 'w').write('so far')\nwhile True: pass", timeout=1,
                                outputs=["a"])
    assert answer["status"] == "timeout"
    assert [(file["path"], file["content"]) for file in answer["files"]] == [("a", "so far")]


def test_as_many_bytes_as_a_small_box_may_be_given(gateway):
    status, answer = gateway.execute(
        "import os; print(os.path.getsize('a'))", files=[{"path": "a", "content": "x" * (8 * MIB - 1000)}],
        limits={"memory_bytes": 32 * MIB}, timeout=20)
    assert status == 200 and answer["status"] == "success", answer
    assert answer["stdout"] == f"{8 * MIB - 1000}\n"
