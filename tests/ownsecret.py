"""Gives each program a secret of its own. The program leaves its secret wherever it can, and prints every other secret
that it finds.

    body = {"code": ownsecret.PROGRAM} | ownsecret.given("c1-7")     # the job itself carries it, too
    answer = client.post(body).receive()
    assert ownsecret.strangers(answer.body, ["c1-7"]) == set()

So the answer contains secrets of others if the program has found one, or if the gateway has mixed up data.
"""

import hashlib
import re

SECRET = re.compile(rb"mayfly-secret-[0-9a-f]{32}")


def of(marker):
    """The secret of the program with this marker."""
    return "mayfly-secret-" + hashlib.md5(marker.encode(), usedforsecurity=False).hexdigest()


def given(marker):
    """Returns fields of a job that contain the secret: environment, arguments and a file."""
    own = of(marker)
    return {"env": {"OWN_SECRET": own}, "args": [own], "files": [{"path": f"given/{own}", "content": own}]}


def found(body):
    """Returns all secrets in an answer's body."""
    return {secret.decode() for secret in SECRET.findall(body)}


def strangers(body, markers):
    """Returns the secrets in the body that belong to none of these programs."""
    return found(body) - {of(marker) for marker in markers}


# Looks first, then leaves. The first word on stdin says which more it does: "costly", what costs a box that serves several
# runs; "killed", end by a signal. Prints the rest of the line, its box's layer, which the box alone has, and its number among
# the processes of the box; then each secret of another. It starts no process and no thread, unless it is costly: so that
# number is the kernel's word for how many programs the box has had.
DEFINITIONS = r"""
import builtins, mmap, os, re, signal, socket, sys, types

SECRET = re.compile(rb"mayfly-secret-[0-9a-f]{32}")
own = os.environ["OWN_SECRET"]
kind, _, marker = sys.stdin.readline().rstrip("\n").partition(" ")
costly = kind == "costly"
held = []


def read(path):
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return b""
    try:
        return os.read(file, 1 << 20)
    except OSError:
        return b""
    finally:
        os.close(file)


def of_folders():
    for folder in ("/box", "/tmp", *(("/dev/shm", "/dev/mqueue") if costly else ())):
        for path, folders, files in os.walk(folder):
            for name in [*folders, *files]:
                yield os.fsencode(name)
            for name in files:
                yield read(os.path.join(path, name))


def of_processes():
    for number in filter(str.isdigit, os.listdir("/proc")):
        for what in ("environ", "cmdline", "comm"):
            yield read(f"/proc/{number}/{what}")
    for name in os.listdir("/proc/self/fd"):
        try:
            yield os.fsencode(os.readlink(f"/proc/self/fd/{name}"))
        except OSError:
            pass


def of_the_kernel():
    for path in ("net/unix", "sysvipc/shm", "sysvipc/msg", "sysvipc/sem", "keys", "locks"):
        yield read("/proc/" + path)


def of_the_interpreter():
    yield "\n".join([*sys.modules, *sys.argv, *map(str, vars(builtins)), *os.environ.values(), *os.environ]).encode()
    yield sys.stdin.read().encode()


def of_memory():
    with open("/proc/self/maps") as maps:
        lines = maps.read().splitlines()
    with open("/proc/self/mem", "rb", 0) as memory:
        for line in lines:
            span, rights = line.split()[:2]
            low, high = (int(text, 16) for text in span.split("-"))
            if rights.startswith("rw"):
                memory.seek(low)
                yield memory.read(high - low)


PARTS = (of_memory, of_folders, of_processes, of_the_kernel, of_the_interpreter)


def look():
    seen = set()
    for part in PARTS:
        for text in part():
            seen.update(SECRET.findall(text))
    return seen - {own.encode()}


def keep(path):
    with open(path, "w") as file:
        file.write(own)


def leave():
    for folder in ("/box", "/tmp"):
        os.makedirs(f"{folder}/{own}/deep")
        keep(f"{folder}/{own}/deep/{own}")
    keep("/box/out")
    keep("/box/colorsys.py")  # a module's name
    os.environ[own] = own
    sys.modules[own] = types.ModuleType(own)
    setattr(builtins, own, own)
    for address in ("\0" + own, "/tmp/" + own[-8:]):
        held.append(socket.socket(socket.AF_UNIX))
        held[-1].bind(address)
        held[-1].listen()
    held.append(socket.create_server(("127.0.0.1", 4711)))
    held.append(os.memfd_create(own))
    os.write(held[-1], own.encode())
    held.append(os.open("/tmp", os.O_TMPFILE | os.O_RDWR))
    os.write(held[-1], own.encode())
    os.write(os.pipe()[1], own.encode())
    held.append(mmap.mmap(-1, 1 << 16))
    held[-1].write(own.encode())
    held.append([own.encode() + bytes([n]) for n in range(256)])


def leave_at_a_cost():
    keep("/dev/shm/" + own)
    os.posix_spawn("/bin/sleep", [own, "60"], {own: own})
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        datagrams.bind(("127.0.0.1", 0))
        datagrams.sendto(own.encode(), datagrams.getsockname())
        datagrams.recv(100)


"""
PROGRAM = DEFINITIONS + r"""
others = look()
leave()
if costly:
    leave_at_a_cost()
box = re.search(r"upperdir=(\S+?)/diff", open("/proc/self/mountinfo").read())[1]
print(marker, box, os.getpid(), *sorted(secret.decode() for secret in others), flush=True)
print(own, file=sys.stderr, flush=True)
if kind == "killed":
    os.kill(os.getpid(), signal.SIGKILL)
"""
