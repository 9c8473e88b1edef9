# env: {"PYTHONHASHSEED": "0"}
import sys
print(hash("a"), hash(b"b"), {"x", "y", "z"}, sys.flags.hash_randomization)
