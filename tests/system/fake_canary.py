"""The report of the self-test's canary in a healthy box, which the fake engine's init sends.

The texts are derived from the create JSON, as in a real box; canary_judge.c has the expected ones.
"""

import json

MARKS = (b"# mayfly canary\n", b"# mayfly trial\n")  # the first line of its sources

UNCHANGING = {
    "kernel": "Linux", "open files": "1024",
    "capabilities": "none", "no new privileges": "1", "seccomp mode": "2", "namespaces of the host": "none",
    "cgroup path": "/", "processes": "mayfly-init python3", "init's secrets": "none", "OOM score": "1000",
    "OOM score at its lowest": "500",
    "OOM killer": "on", "terminal": "none", "domain name": "(none)", "network interfaces": "lo",
    "name servers": "127.0.0.1", "names": "localhost box", "CPU weight": "lowered", "mount /": "ro", "mount /box": "tmpfs nosuid nodev noexec",
    "mount /tmp": "tmpfs nosuid nodev noexec", "mount /dev/shm": "tmpfs nosuid nodev noexec",
    "mount /proc": "proc nosuid nodev noexec", "mount /sys": "sysfs ro nosuid nodev noexec",
    "mount points": "/ /box /dev /dev/mqueue /dev/pts /dev/shm /etc/hostname /proc /sys /tmp",
    "writable directories": "/box /dev/shm /tmp", "writable kernel mounts": "none",
    "writable kernel paths": "none", "unmasked kernel paths": "none", "executable files": "none",
    "setuid files and sockets": "none", "sockets of engines": "none",
    "devices": "full null random tty urandom zero", "IPC settings": "none",
    "sockets": "1:1:0 1:1:1 1:2:0 1:2:1 1:3:0 1:3:1 1:5:0 1:5:1 2:1:0 2:1:6 2:2:0 2:2:17 "
               "10:1:0 10:1:6 10:2:0 10:2:17",
    "socket pairs": "1", "system calls": "none", "arguments of system calls": "none",
    "socket options":
        "0:1 0:2 0:8 0:10 0:11 0:12 0:13 0:24 0:32 0:33 0:34 1:2 1:6 1:7 1:8 1:9 1:10 1:12 1:13 1:15 "
        "1:16 1:18 1:20 1:21 6:1 6:2 6:3 6:4 6:5 6:6 6:7 6:8 6:9 6:12 6:18 6:25 41:16 41:17 41:18 41:19 "
        "41:23 41:25 41:26 41:49 41:51 41:62 41:66 41:67",
    "requests of ioctl":
        "5401 5402 5403 5404 5409 540a 540b 540c 540d 540e 540f 5410 5411 5413 5414 541b 5421 5422 5425 "
        "5429 5441 5450 5451 5452 8910 8912 8913 8915 8919 891b 8921 8927 8933 40045431 40049409 "
        "402c542b 402c542c 402c542d 80045430 80045439 802c542a",
    "commands of fcntl":
        "0 1 2 3 4 5 6 7 8 9 10 11 15 16 1024 1025 1026 1030 1031 1032 1033 1034",
    "other system call entries": "none", "AppArmor": "docker-default (enforce)",
}


def healthy(config):
    """Returns the canary's report, derived from a container's create JSON."""
    host = config["HostConfig"]
    options = dict(option.partition("=")[::2] for option in host["Tmpfs"]["/box"].split(","))
    environment = [*config["Env"], f"HOSTNAME={config['Hostname']}"]
    seen = {
        "user and groups": config["User"].partition(":")[0], "host name": config["Hostname"],
        "directory": config["WorkingDir"], "environment": " ".join(sorted(environment)),
        "OOM score of init": str(host["OomScoreAdj"]), "memory": str(host["Memory"] // 4096 * 4096),
        "memory of sockets": str(host.get("KernelMemoryTCP", host["Memory"] // 4096 * 4096)),
        "swap": str(host["MemorySwap"] - host["Memory"]), "processes at most": str(host["PidsLimit"]),
        "CPU": str(host["NanoCpus"] // 1_000_000), "room in /box": f"{options['size']} bytes", "room in /tmp": f"{options['size']} bytes",
        "files in /box": options["nr_inodes"], "files in /tmp": options["nr_inodes"],
        "room in /dev/shm": f"{host['ShmSize']} bytes",
    }
    limits = {f"limit {each['Name']}": f"{each['Soft']} {each['Hard']}" for each in host["Ulimits"]}
    return UNCHANGING | seen | limits


# What a box of gVisor shows otherwise: of its limits nothing.
GVISOR = {
    "kernel": "gVisor", "capabilities": "no-CapAmb", "namespaces of the host": "no-cgroup", "cgroup path": "/ID",
    "mount /box": "tmpfs noexec", "mount /tmp": "tmpfs noexec", "mount /dev/shm": "tmpfs noexec",
    "mount /proc": "proc noexec", "mount /sys": "sysfs ro noexec", "memory": "9223372036854775807",
    "OOM killer": "FileNotFoundError", "swap": "FileNotFoundError", "processes at most": "max", "CPU": "unlimited",
    "CPU weight": "1024", "OOM score of init": "0", "devices": "full fuse null random tty urandom zero",
    "writable kernel paths": "/proc/bus:root's /proc/sys:root's",
    "files in /box": "unlimited", "files in /tmp": "unlimited", "domain name": "box",
    "init's secrets": "environ maps auxv fd", "unmasked kernel paths": "/proc/cmdline /proc/sys/kernel/random/boot_id",
}
TRIALS = {
    "memory": {"stdout": "4194304\n251658240\n", "lose_at_end": "oom"}, "processes": {"stdout": "3\n64\nrefused\n"},
    "threads": {"stdout": "3\n64\nrefused\n"}, "cpu": {"stdout": "3\n", "sleep_ms": 60000},
}


def be_gvisor(engine, **canary):
    """Make the engine one whose OCI runtime is gVisor. The arguments change the report, or are a trial's directive."""
    engine.info = {"Runtimes": {"runsc": {"path": "/usr/bin/runsc"}, "runc": {"path": "runc"}},
                   "DefaultRuntime": "runsc"} | engine.info
    engine.canary = GVISOR | canary


def answer(engine, config, job):
    """Returns a directive for fake_init. engine.canary has the changes of the report, or a whole directive. If it has
    an image's name as "image", it applies only to boxes of that image."""
    seen = dict(engine.canary)
    trials = TRIALS | seen.pop("trials", {})
    if job.source.startswith(MARKS[1]):
        return trials[job.args[0]]
    image = seen.pop("image", None)
    if image and engine.images[image]["Id"] != config["Image"]:
        seen = {}
    if "directive" in seen:
        return seen["directive"]
    return {"stdout": json.dumps(healthy(config) | seen)}
