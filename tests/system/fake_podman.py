"""Makes the fake engine a Podman: its answer to /version, and containers that are made by Podman's own interface.

It stores a container's configuration in Docker's form, which the rest of the fake engine understands.
"""

import os

VERSION = {"Version": "5.4.2", "Components": [{"Name": "Podman Engine", "Version": "5.4.2"}, {"Name": "Conmon"}]}
# On cgroup v2 it tells of two limits that there are none, whatever holds; and of its host's AppArmor, which no box has.
INFO = {"Architecture": "amd64", "SwapLimit": False, "CpuCfsQuota": False,
        "SecurityOptions": ["name=apparmor", "name=seccomp,profile=default", "name=rootless"]}
RLIMITS = ("nofile", "core", "fsize", "memlock", "msgqueue", "rtprio", "nice", "nproc")


def problem_with(body):
    """Returns Podman's error text; None if Podman would accept this."""
    if not os.path.isfile(body.get("seccomp_profile_path", "")):
        return "opening seccomp profile failed: no such file or directory"
    for mount in body["mounts"]:
        for option in mount["options"]:
            if option.partition("=")[0] not in ("size", "mode", "nosuid", "nodev", "noexec"):
                return f'unknown mount option "{option}": invalid mount option'
    for limit in body["r_limits"]:
        if limit["type"] not in RLIMITS:
            return f"invalid rlimit {limit['type']}"
    return None


def as_docker(body):
    """Returns (name, create JSON in Docker's form) of the request."""
    limits = body["resource_limits"]
    folders = {mount["destination"]: mount["options"] for mount in body["mounts"]}
    shared = folders.pop("/dev/shm")[0].partition("=")[2]
    return body["name"], {
        "Image": "sha256:" + body["image"], "User": body["user"], "Hostname": body["hostname"],
        "Entrypoint": body["entrypoint"], "Cmd": body["command"], "WorkingDir": body["work_dir"],
        "Env": [f"{name}={value}" for name, value in body["env"].items()], "Labels": body["labels"],
        "HostConfig": {
            "Tmpfs": {path: ",".join(options) for path, options in folders.items()}, "ShmSize": int(shared),
            "Memory": limits["memory"]["limit"], "MemorySwap": limits["memory"]["swap"],
            "NanoCpus": limits["cpu"]["quota"] * 10**9 // limits["cpu"]["period"],
            "PidsLimit": limits["pids"]["limit"], "OomScoreAdj": body["oom_score_adj"],
            "Ulimits": [{"Name": each["type"], "Soft": each["soft"], "Hard": each["hard"]}
                        for each in body["r_limits"] if each["type"] != "nproc"]}}
