# A program that does not end.

JOB = {"timeout_ms": 500}


def leave():
    while True:
        pass


def find():
    return False
