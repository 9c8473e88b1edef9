# env: {"ANSWER": "42", "EMPTY": "", "WITH": "a=b c", "\u00e9": "\u00e8"}
import os, posix, subprocess
print([os.environ.get(name) for name in ("ANSWER", "EMPTY", "WITH", "é")], os.getenv("ANSWER"))
print(posix.environ.get(b"ANSWER"), os.environb[b"WITH"])
print(subprocess.run(["sh", "-c", "echo $ANSWER-$WITH"], capture_output=True).stdout)
