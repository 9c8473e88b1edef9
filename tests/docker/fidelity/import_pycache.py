import os, pathlib
pathlib.Path("/box/helper.py").write_text("x = 1")
import helper
print(os.listdir("/box/__pycache__"), helper.__cached__)
