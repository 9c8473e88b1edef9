# Another interpreter in this process has a sys.path of its own, which begins with the script's folder from 3.12 on.
import os, sys
os.write(1, b"main\n")
try: import _interpreters as interpreters
except ImportError: import _xxsubinterpreters as interpreters
mine = interpreters.create()
interpreters.run_string(mine, """
import os, sys
os.write(1, repr((sys.path, sys.argv, __name__, sys.flags)).encode() + b"\\n")
""")
interpreters.destroy(mine)
print(len(interpreters.list_all()))
