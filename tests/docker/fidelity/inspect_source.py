import inspect
def f(a, b=2):
    """Doc."""
    return a + b
print(inspect.getsource(f), inspect.getsourcefile(f), inspect.signature(f))
