# Modules that are there in some versions only.
import importlib, sys, warnings
warnings.simplefilter("always")
for name in ("aifc", "asynchat", "asyncore", "audioop", "cgi", "chunk", "crypt", "distutils", "imghdr", "imp", "lib2to3",
             "nis", "nntplib", "ossaudiodev", "pipes", "smtpd", "sndhdr", "spwd", "sunau", "telnetlib", "uu", "xdrlib",
             "_pyrepl", "_colorize", "_interpreters", "_testcapi", "ensurepip", "idlelib", "tkinter", "venv"):
    try: print(name, importlib.import_module(name).__name__)
    except Exception as error: print(name, type(error).__name__, error)
print(sys.last_value if hasattr(sys, "last_value") else None)
