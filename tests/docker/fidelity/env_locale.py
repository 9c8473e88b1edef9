# env: {"LANG": "C", "LC_ALL": "POSIX"}
import locale, os, sys
print(sys.stdout.encoding, sys.stdout.errors, sys.getfilesystemencoding(), sys.flags.utf8_mode, os.environ.get("LC_CTYPE"), locale.setlocale(locale.LC_CTYPE))
