# stdin: "\u0000\u00ff\ud83d\ude00 bytes"
import sys
print(sys.stdin.buffer.read(3), sys.stdin.buffer.read())
