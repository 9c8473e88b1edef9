# env: {"HOME": "/box"}
import os, pathlib, site
print(os.path.expanduser("~"), pathlib.Path.home(), site.USER_BASE)
