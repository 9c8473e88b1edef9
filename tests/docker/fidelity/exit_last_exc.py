# What is kept of an exception holds its frames, and what is in them.
import sys
class Late:
    def __del__(self): print("late", sys is None)
def f():
    late = Late()
    raise ValueError("kept")
try: f()
except ValueError as error: sys.last_exc = error
print("end")
