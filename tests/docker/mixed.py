"""A mix of programs of every fate, sent by several clients at once; some hang up."""

from concurrent.futures import ThreadPoolExecutor

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
]


def mixed_runs(gateway, count):
    """Run `count` programs and check each answer."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        for done in [pool.submit(_one, gateway, *KINDS[n % len(KINDS)]) for n in range(count)]:
            done.result()


def _one(gateway, code, expected):
    client = gateway.client(timeout=120 * SLOW)
    try:
        is_endless = expected is None or expected["status"] == "timeout"
        client.post({"code": code, "timeout": 1 if is_endless else 20})
        if expected is None:
            return
        response = client.receive()
    finally:
        client.close()
    assert response.status == 200, (code, response)
    answer = response.json()
    assert {name: answer[name] for name in expected} == expected, (code, answer)
