# stdin: "a\r\nb\rc\n\n d"
import sys
print(list(sys.stdin))
