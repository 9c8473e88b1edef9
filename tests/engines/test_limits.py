"""Every limit is the kernel's, whatever engine and OCI runtime set it, and each verdict tells the one that was met."""

import json

MIB = 1 << 20
LIMITS = {"memory_bytes": 96 * MIB, "pids": 20, "cpus": 0.5}


def printed(gateway, code, **fields):
    status, answer = gateway.execute("import json\n" + code, timeout=20, **fields)
    assert status == 200 and answer["status"] == "success", answer
    return json.loads(answer["stdout"])


def test_memory_of_the_program(gateway):
    _, answer = gateway.execute("bytearray(120 << 20)", limits=LIMITS, timeout=20)
    assert (answer["status"], answer["reason"], answer["return_code"]) == ("error", "memory_limit", -9), answer
    assert answer["peak_memory"] > 64 * MIB


def test_memory_of_a_child_alone(gateway):
    code = "import subprocess, sys\nprint(subprocess.run([sys.executable, '-c', 'bytearray(500 << 20)']).returncode)"
    _, answer = gateway.execute(code, timeout=20)
    assert (answer["status"], answer["stdout"]) == ("success", "-9\n"), answer


def test_processes(gateway):
    code = ("import threading, time\nthreads = []\ntry:\n  for n in range(99):\n"
            "    threads.append(threading.Thread(target=time.sleep, args=(0.5,)))\n    threads[-1].start()\n"
            "except RuntimeError as e: print(json.dumps([n, str(e)]))")
    count, why = printed(gateway, code, limits=LIMITS)
    assert count == LIMITS["pids"] - 2 and why == "can't start new thread"


def test_a_fork_bomb_ends_at_its_deadline(gateway):
    code = "import os\nwhile True:\n  try: os.fork()\n  except OSError: pass"
    _, answer = gateway.execute(code, timeout=2)
    assert (answer["status"], answer["reason"]) == ("timeout", "timeout"), answer


def test_cpu(gateway):
    """The kernel has the limit, and four processes at once do not get more; a busy machine may give them less."""
    code = """
import os, resource, time
v2 = os.path.exists("/sys/fs/cgroup/cgroup.controllers")
files = ["cpu.max"] if v2 else ["cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us"]
quota, period = map(int, " ".join(open("/sys/fs/cgroup/" + name).read() for name in files).split())
begun, main, children = time.monotonic(), os.getpid(), []
for _ in range(4):
    child = os.fork()
    if child == 0:
        while time.monotonic() < begun + 3: pass
        os._exit(0)
    children.append(child)
for child in children: os.waitpid(child, 0)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([quota / period, (used.ru_utime + used.ru_stime) / (time.monotonic() - begun)]))
"""
    share, used = printed(gateway, code, limits=LIMITS)
    assert share == 0.5
    assert used < 0.6


def test_swap_and_the_rest_of_the_cgroup(gateway):
    code = """
import os
v2 = os.path.exists("/sys/fs/cgroup/cgroup.controllers")
names = (["memory.max", "memory.swap.max", "pids.max"] if v2 else
         ["memory/memory.limit_in_bytes", "memory/memory.memsw.limit_in_bytes", "pids/pids.max"])
print(json.dumps([open("/sys/fs/cgroup/" + name).read().strip() for name in names] + [v2]))
"""
    memory, swap, pids, v2 = printed(gateway, code, limits=LIMITS)
    assert (memory, pids) == (str(96 * MIB), "20")
    assert swap == ("0" if v2 else memory)
