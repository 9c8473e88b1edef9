# An exit handler that says farewell twice, and waits.
import atexit

from attempts import checked


def leave():
    def again():
        for _ in range(3):
            try:
                checked("sigqueue", 1, 34, None)
            except OSError:
                pass
    atexit.register(again)


def find():
    return False
