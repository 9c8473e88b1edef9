"""`mayfly run` with real programs in real boxes."""

import signal

import cli

PROGRAM = """
import os, sys
print(sys.argv[1:], flush=True)
print(open("data/in.bin", "rb").read() == bytes(range(256)), flush=True)
os.write(1, sys.stdin.buffer.read() + bytes(range(256)))
print("then", file=sys.stderr)
os.mkdir("out")
open("out/a.bin", "wb").write(bytes(range(256)))
sys.exit(7)
"""


def test_a_program_runs_as_if_it_ran_here(gateway, tmp_path):
    (tmp_path / "main.py").write_text(PROGRAM, encoding="utf-8")
    (tmp_path / "data").mkdir()
    (tmp_path / "data/in.bin").write_bytes(bytes(range(256)))
    assert cli.run(gateway.url, "main.py", "--stdin", "-", "--file", "data/in.bin", "--output", "out/*", "--", "-x", "\u20ac",
                   input="\u00e4\n".encode(), cwd=tmp_path) == (
        7, "['-x', '\u20ac']\nTrue\n\u00e4\n".encode() + bytes(range(256)), "then\n")
    assert (tmp_path / "out/a.bin").read_bytes() == bytes(range(256))


def test_ends(gateway):
    for code, ended in [("import os; os.abort()", 134), ("while True: pass", 124), ("1/0", 1), ("", 125)]:
        assert cli.run(gateway.url, "-", "--timeout", "1", input=code.encode())[0] == ended


def test_an_interrupt_ends_the_program(gateway, tmp_path):
    (tmp_path / "main.py").write_text("import time\nprint('on', flush=True)\ntime.sleep(20)", encoding="ascii")
    with cli.start(gateway.url, tmp_path / "main.py", "--timeout", "25") as process:
        assert process.stdout.read(3) == b"on\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(cli.TIMEOUT_SECONDS) == 130
