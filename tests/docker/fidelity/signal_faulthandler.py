import faulthandler, os
faulthandler.enable()
print("x", flush=True)
os.abort()
