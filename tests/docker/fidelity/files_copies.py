# Copies between the two folders, which are file systems of their own, from the image, and by the shell.
import filecmp
import os
import pathlib
import shutil
import subprocess

with open("/tmp/large", "wb") as file:
    file.write(bytes(range(256)) * 8192)
shutil.copyfile("/tmp/large", "large")
shutil.copyfile("/tmp/large", "/tmp/copy")
shutil.copy2("/tmp/large", "second")
print([filecmp.cmp("/tmp/large", name, shallow=False) for name in ("large", "/tmp/copy", "second")])
print(os.stat("second").st_mtime_ns == os.stat("/tmp/large").st_mtime_ns)
this = os.path.join(os.path.dirname(os.__file__), "this.py")
shutil.copy(this, "/tmp/this.py")
print(filecmp.cmp(this, "/tmp/this.py", shallow=False))
os.makedirs("tree/below")
pathlib.Path("tree/below/file").write_text("text")
os.symlink("file", "tree/below/link")
shutil.copytree("tree", "/tmp/tree", symlinks=True)
shutil.move("/tmp/tree", "moved")
print(sorted(str(path) for path in pathlib.Path("moved").rglob("*")), os.readlink("moved/below/link"))
for command in ("cp -a tree /tmp/shell", "cp --preserve=all large /tmp/all", "cat large > /tmp/cat", "mv second /tmp/mv"):
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, check=False)
    print(command, done.returncode, done.stdout, done.stderr)
print([filecmp.cmp("large", name, shallow=False) for name in ("/tmp/all", "/tmp/cat", "/tmp/mv")])
