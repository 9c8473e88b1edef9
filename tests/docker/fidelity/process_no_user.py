import getpass, os, pwd
try: pwd.getpwuid(os.getuid())
except KeyError as error: print(error)
print(os.path.expanduser("~"))
try: print(getpass.getuser())
except Exception as error: print(type(error))
