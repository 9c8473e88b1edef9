import atexit, os
atexit.register(os._exit, 6)
print('flushed?')
