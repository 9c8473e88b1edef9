# A tool of sys.monitoring (3.12) is told of what runs at the end, as a trace function is.
import atexit, os, sys, threading
class Late:
    def __del__(self): os.write(1, b"late\n")
late = Late()
def told(code, offset, write=os.write):
    write(1, code.co_name.encode() + b"\n")
if hasattr(sys, "monitoring"):
    sys.monitoring.use_tool_id(2, "mine")
    sys.monitoring.register_callback(2, sys.monitoring.events.PY_START, told)
    sys.monitoring.set_events(2, sys.monitoring.events.PY_START)
def f(): pass
f()
atexit.register(f)
