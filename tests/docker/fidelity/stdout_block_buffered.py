import os
for i in range(1000): print(i)
os._exit(0)
