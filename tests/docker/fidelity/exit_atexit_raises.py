import atexit, sys
atexit.register(print, 'after the failure')
atexit.register(lambda: 1 / 0)
sys.exit(3)
