import os, tempfile
with tempfile.NamedTemporaryFile() as f: print(os.path.dirname(f.name))
print(tempfile.gettempdir(), os.listdir("/box"), os.listdir("/tmp"), os.access("/", os.W_OK))
try: open("/etc/x", "w")
except OSError as error: print(error)
open("relative", "w").close()
print(os.path.abspath("relative"))
