"""Runs at the end of the image's build, as a program in a box would. It checks that the packages in the image's labels
are there, and that their use writes nothing to stderr and leaves no file open.

    check.py PACKAGES        "numpy=1.24.2 pandas=1.5.3": each must have this version, which Debian may call 1.5.3+dfsg
"""

import contextlib
import glob
import importlib
import io
import os
import sys
from importlib.metadata import version

for promise in sys.argv[1].split():
    name, promised = promise.split("=")
    if version(name).partition("+")[0] != promised:
        sys.exit(f"{name} is {version(name)}, and the label mayfly.packages says {promised}")

said = io.StringIO()
with contextlib.redirect_stderr(said):
    importlib.import_module("mayfly_runtime")
if said.getvalue():
    sys.exit(f"on stderr: {said.getvalue()}")

for name in ("IPython.display", "PIL.ImageFont", "bs4", "jinja2", "lxml.etree", "networkx", "openpyxl", "pytest",
             "requests", "seaborn", "sklearn.linear_model", "sympy", "tabulate"):
    with contextlib.redirect_stderr(said):
        importlib.import_module(name)
if said.getvalue():
    sys.exit(f"on stderr: {said.getvalue()}")

# PIL loads its font library with the first font.
sys.modules["PIL.ImageFont"].truetype("DejaVuSans.ttf", 12)

fonts = [name for name in map(os.path.realpath, glob.glob("/proc/self/fd/*")) if name.endswith(".ttf")]
if fonts:
    sys.exit(f"open: {fonts}")
