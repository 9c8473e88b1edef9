# The files of the job before.
import os

JOB = {"files": {"data/given.txt": "secret"}}


def leave():
    assert os.path.exists("/box/data/given.txt")


def find():
    return os.path.exists("/box/data")
