print(__name__, __file__, __doc__, __package__, __spec__)
print(type(__loader__).__name__, __loader__.path, __loader__.name)
print(__cached__, __builtins__)
