import os, sys
def hook(event, args, write=os.write):
    if event.startswith('cpython'): write(1, event.encode() + b'\n')
sys.addaudithook(hook)
print('end', flush=True)
