import functools, weakref
class C: pass
c = C()
gone = weakref.ref(c, functools.partial(next, map(print, ['gone'])))
silent = weakref.ref(c)
print('end')
