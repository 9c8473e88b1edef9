# From 3.13 on the message says that the file has the name of a standard module; it must know where the script's folder is.
with open("/box/mailbox.py", "w") as f: f.write("x = 1\n")
try: from mailbox import Mailbox
except ImportError as error: print(error)
import mailbox
mailbox.Mailbox
