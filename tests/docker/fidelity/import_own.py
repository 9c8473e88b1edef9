with open("/box/helper.py", "w") as f: f.write("print(__name__, __file__)\ndef f(): raise ValueError(1)\n")
import os
import helper
print(helper, sorted(os.listdir("/box")))
helper.f()
