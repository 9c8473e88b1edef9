"""A mix of programs with all kinds of ends, sent by several clients at once; some hang up."""

import itertools
from concurrent.futures import ThreadPoolExecutor

import owners
import ownsecret
from gateway import SLOW

CLIENTS = 6

# code, and what must hold of the answer; None: the client hangs up at once
KINDS = [
    ("print('hi')", {"status": "success", "stdout": "hi\n"}),
    ("raise SystemExit(3)", {"status": "error", "return_code": 3}),
    (f"import time; time.sleep({30 * SLOW})", {"status": "timeout", "return_code": None}),
    ("print('hi')", {"status": "success", "stdout": "hi\n"}),
    ("x = []\nwhile True: x.append(bytearray(1 << 20))", {"status": "error", "reason": "memory_limit"}),
    ("while True: print('y' * (1 << 21))", {"status": "timeout", "stdout_truncated": True}),
    (f"import time; time.sleep({30 * SLOW})", None),
    ("import os; os.abort()", {"status": "error", "signal": "SIGABRT"}),
    ("print('x' * (3 << 20))", {"status": "success", "reason": "output_limit"}),
    ("import subprocess; subprocess.Popen(['sleep', '60'])", {"status": "success"}),
    *[(ownsecret.PROGRAM, {"status": "success"})] * 5,
]
_serials = itertools.count()


def mixed_runs(gateway, count, names=("",)):
    """Run `count` programs of these owners in turns, and check each answer. Each job carries a secret of its own, every third
    program leaves it in its box and looks for others, and no answer may have another's."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        runs = [pool.submit(_one, gateway, number, names[number % len(names)]) for number in range(count)]
        for done in runs:
            done.result()


def _one(gateway, number, owner):
    code, expected = KINDS[number % len(KINDS)]
    marker = f"{next(_serials)}"
    client = gateway.client(timeout=120 * SLOW)
    try:
        is_endless = expected is None or expected["status"] == "timeout"
        body = {"code": code, "timeout": 1 if is_endless else 20, "stdin": f"plain {marker}\n"}
        client.post(body | ownsecret.given(marker), headers=owners.headers(owner))
        if expected is None:
            return
        response = client.receive()
    finally:
        client.close()
    assert response.status == 200, (code, response)
    answer = response.json()
    assert {name: answer[name] for name in expected} == expected, (code, answer)
    assert not ownsecret.strangers(response.body, [marker]), (code, answer)
    assert code != ownsecret.PROGRAM or answer["stdout"].split()[0] == marker, answer
