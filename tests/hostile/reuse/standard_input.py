# What the job before had on stdin.
import os
import sys

JOB = {"stdin": "secret, read half\nsecret, not read\n"}


def leave():
    assert sys.stdin.readline()


def find():
    return os.fstat(0).st_size > 0 or sys.stdin.read()
