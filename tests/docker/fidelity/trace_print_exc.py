import sys, traceback
def f(): raise ValueError('x')
try: f()
except ValueError:
    traceback.print_exc(file=sys.stdout)
    print(traceback.format_exc() == traceback.format_exc())
traceback.print_stack()
print(traceback.extract_stack())
