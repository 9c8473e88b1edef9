import collections, functools, weakref
class C:
    def __del__(self): print('del')
held = collections.deque([C()])
@functools.lru_cache
def cached(x): return C()
cached(1)
weakref.finalize(held[0], print, 'finalizer')
print('end')
