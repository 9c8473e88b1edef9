# An expression that backtracks for ever, within one call.
import re

re.fullmatch("(a+)+b", "a" * 64)
