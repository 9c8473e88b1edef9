# args: ["one", "two words", "-x", "--help", "", "\u00e9\ud83d\ude00", "*"]
import sys
print(ascii(sys.argv), ascii(sys.orig_argv))
