import getpass, os, pwd
try: pwd.getpwuid(os.getuid())
except KeyError: print("nobody")
print(os.path.expanduser("~"))
try: print(getpass.getuser())
except KeyError: print("nameless")
