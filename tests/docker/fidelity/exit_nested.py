import sys
try:
    try: sys.exit(3)
    finally: print('finally')
except SystemExit as error:
    print(repr(error), error.code)
    raise
