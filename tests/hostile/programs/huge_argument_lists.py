# Arguments as long as the kernel takes, and longer.
import os
import subprocess

from attempts import attempt

done = subprocess.run(["true", *["x" * 100_000] * 15])
print(done.returncode)
attempt("longer", os.execv, "/bin/true", ["true"] + ["x" * 100_000] * 100)
attempt("one too long", os.execv, "/bin/true", ["true", "x" * 140_000])
