"""Run one module of CPython's test suite, the program of compare.py's boxes: a line for each test into /box/report.

    main.py test.test_json        "ok", "failed" or "skipped", and the test's name
"""
import os
import sys
import tempfile
import unittest

REPORT = "/box/report"


class Result(unittest.TestResult):
    """Writes at once: a test may take the whole process down."""

    def __init__(self):
        super().__init__()
        self.bad = False

    def startTest(self, test):
        super().startTest(test)
        self.bad = False
        note("begun", test)

    def stopTest(self, test):
        super().stopTest(test)

    def addSuccess(self, test):
        if not self.bad:
            note("ok", test)

    def addExpectedFailure(self, test, err):
        note("ok", test)

    def addUnexpectedSuccess(self, test):
        note("failed", test)

    def addSkip(self, test, reason):
        note("skipped", test)

    def addError(self, test, err):
        self.tell(test, err)

    def addFailure(self, test, err):
        self.tell(test, err)

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.tell(test, err)

    def tell(self, test, err):
        if not self.bad:
            note("failed", test)
        self.bad = True
        os.write(2, f"{test.id()}: {self._exc_info_to_string(err, test)}\n".encode(errors="replace"))


def note(what, test):
    """Text of tests that are no functions has addresses in it."""
    name = test.id().split(" object at ")[0].replace("\n", " ")
    fd = os.open(REPORT, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(fd, f"{what} {name}\n".encode(errors="replace"))
    os.close(fd)


def main():
    from test import support
    support.use_resources = []  # none that need a network, a screen, or minutes
    support.verbose = 0
    os.chdir(tempfile.mkdtemp())
    suite = unittest.defaultTestLoader.loadTestsFromName(sys.argv[1])
    suite.run(Result())


if __name__ == "__main__":
    main()
