# A variable of the job before.
import os

JOB = {"env": {"LEFT_SECRET": "1"}}


def leave():
    assert os.environ["LEFT_SECRET"]


def find():
    return "LEFT_SECRET" in os.environ or any(
        b"LEFT_SECRET=" in open(f"/proc/{name}/environ", "rb").read() for name in ("self", os.getppid())
        if os.access(f"/proc/{name}/environ", os.R_OK))
