import os
os.close(2)
print('one')
1 / 0
