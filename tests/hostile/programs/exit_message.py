# Leaves with a text, which goes to stderr.
import sys

sys.exit("a last word")
