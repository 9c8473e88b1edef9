# env: {"PYTHONWARNINGS": "error", "PYTHONPATH": "/tmp/extra"}
import sys, warnings
print(sys.path, sys.warnoptions)
warnings.warn("now an error")
