# env: {"FORCE_COLOR": "1"}
# From 3.13 on a traceback is in colours where this, or a terminal, asks for it.
def f(): raise ValueError("x")
f()
