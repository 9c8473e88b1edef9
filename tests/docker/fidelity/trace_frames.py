import inspect, sys
frame = sys._getframe()
print(frame.f_back, frame.f_code.co_name, frame.f_code.co_filename, frame.f_lineno)
print([(f.function, f.filename, f.lineno) for f in inspect.stack()])
try: sys._getframe(1)
except ValueError as error: print(error)
