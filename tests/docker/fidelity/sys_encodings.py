import locale, sys
print(sys.getdefaultencoding(), sys.getfilesystemencoding(), sys.getfilesystemencodeerrors())
for stream in (sys.stdin, sys.stdout, sys.stderr, sys.__stdin__, sys.__stdout__, sys.__stderr__):
    print(stream, stream.encoding, stream.errors, stream.line_buffering, stream.write_through,
          stream.newlines, stream.fileno(), stream.isatty(), stream.mode, type(stream.buffer))
print(locale.getlocale(), locale.getpreferredencoding(), locale.setlocale(locale.LC_ALL))
