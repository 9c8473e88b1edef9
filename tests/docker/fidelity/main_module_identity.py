import sys
import __main__
print(sys.modules['__main__'] is __main__, __main__.__dict__ is globals())
def f(): pass
class C: pass
print(f.__module__, C.__module__, C, f.__code__.co_filename, C().__class__.__qualname__)
