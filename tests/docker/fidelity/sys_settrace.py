import sys
lines = []
def trace(frame, event, arg):
    lines.append((frame.f_code.co_name, event, frame.f_lineno))
    return trace
def f():
    a = 1
    return a
sys.settrace(trace)
f()
sys.settrace(None)
print(lines)
