import gc
print(gc.isenabled(), gc.get_threshold(), gc.get_debug(), gc.callbacks, gc.garbage)
class C: pass
a = C(); a.a = a; del a
print(gc.collect() >= 1, any(isinstance(o, C) for o in gc.get_objects()))
