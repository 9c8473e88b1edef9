import sys, zipfile
with zipfile.ZipFile("/tmp/a.zip", "w") as z: z.writestr("inside.py", "print(__file__)")
sys.path.insert(0, "/tmp/a.zip")
import inside
