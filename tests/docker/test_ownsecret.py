"""Checks the program of the soak that leaves a secret wherever it can: it finds a secret in each of its places."""

import json

import pytest

import ownsecret
import wire
from box import Box

SHOW = """
def counts():
    return [sum(len(SECRET.findall(text)) for text in part()) for part in PARTS]
before = counts()
leave()
leave_at_a_cost()
print(json.dumps([before, counts()]))
"""


def run(engine, code, marker, kind="costly"):
    given = ownsecret.given(marker)
    with Box(engine.socket) as box:
        result = box.run(code, args=given["args"], env=given["env"], stdin=f"{kind} {marker}\n{ownsecret.of(marker)}",
                         files={file["path"]: file["content"] for file in given["files"]})
    assert result.outcome.verdict in (wire.EXITED, wire.SIGNALED), bytes(result.stderr)
    return bytes(result.stdout), bytes(result.stderr)


def test_each_place_shows_what_is_left_there(engine):
    stdout, stderr = run(engine, ownsecret.DEFINITIONS + "import json" + SHOW, "one")
    assert not stderr
    before, after = json.loads(stdout)
    assert all(less < more for less, more in zip(before, after)), stdout


@pytest.mark.parametrize("where", ["open('/tmp/strange', 'w').write(other)", "sys.modules[other] = sys",
                                   "held.append(other.encode() * 2)", "os.environ['X'] = other",
                                   "held.append(socket.socket(socket.AF_UNIX)); held[0].bind(chr(0) + other)"])
def test_another_s_secret_is_told(engine, where):
    other = ownsecret.of("other")
    hidden = ", ".join(str(byte ^ 1) for byte in other.encode())
    code = ownsecret.PROGRAM.replace("others = look()", f"other = bytes(n ^ 1 for n in [{hidden}]).decode()\n{where}\n"
                                     "others = look()")
    stdout, _ = run(engine, code, "one", "plain")
    assert ownsecret.strangers(stdout, ["one"]) == {other}


def test_alone_it_finds_none_and_ends_as_it_is_told(engine):
    for kind in ("plain", "costly", "killed"):
        stdout, stderr = run(engine, ownsecret.PROGRAM, "one", kind)
        assert stdout.startswith(b"one /") and ownsecret.found(stdout) == set()
        assert ownsecret.found(stderr) == {ownsecret.of("one")}
