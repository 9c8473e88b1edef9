import atexit
@atexit.register
def first(): print('registered first')
@atexit.register
def second(): print('registered second')
atexit.register(print, 'with', 'args', sep='-')
print('body', atexit._ncallbacks())
