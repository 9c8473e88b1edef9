# env: {"PATH": "/nowhere:/usr/bin:/bin"}
import os, shutil, sys
print(os.environ["PATH"], shutil.which("sh"), sys.executable, list(os.environ)[0])
