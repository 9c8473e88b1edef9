def f(a: int) -> str:
    """Docs."""
help(f)
print(copyright.__class__, exit, quit, credits.__class__)
