import json, re, random, os
for module in (json, re, random, os): print(module, module.__spec__, module.__loader__ is not None, module.__cached__)
