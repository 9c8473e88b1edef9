import sys
print(sys.flags, sys._xoptions, sys.warnoptions, sys.dont_write_bytecode)
print(sys.getrecursionlimit(), sys.getswitchinterval(), sys.get_int_max_str_digits(), sys.getdlopenflags())
print(sys.gettrace(), sys.getprofile(), sys.excepthook, sys.displayhook, sys.unraisablehook, sys.breakpointhook)
print(sys.get_asyncgen_hooks(), sys.get_coroutine_origin_tracking_depth(), sys.tracebacklimit
      if hasattr(sys, 'tracebacklimit') else None)
