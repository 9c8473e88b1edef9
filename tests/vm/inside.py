"""The checks inside the virtual machine: `inside.py PART`, as root, in the checkout. Prints a row for each check, as
"ok" or "FAILED", what was checked, and what was seen, with tabs between. Fails when one failed, or could not be made.

From the environment: SUITE, Debian's name; SLOW, how many times longer everything may take; APPEND, words that the
kernel's command line must have.
"""

import sys
import traceback

import parts_engine
import parts_podman
import parts_service
from checking import Checks

PARTS = {**parts_engine.PARTS, **parts_service.PARTS, **parts_podman.PARTS}


def main(name):
    checks = Checks()
    try:
        PARTS[name](checks)
    except Exception as error:  # whatever it is, it is this part's failure
        traceback.print_exc()
        checks.row(False, "goes to its end", str(error) or type(error).__name__)
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
