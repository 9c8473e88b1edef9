# A program that was started by a new exec.
import os

JOB = {"env": {"PYTHONHASHSEED": "0"}}


def leave():
    assert os.environ["PYTHONHASHSEED"] == "0"


def find():
    return "PYTHONHASHSEED" in os.environ or hash("a") == 4644230677506449849
