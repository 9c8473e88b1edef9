import os, warnings
warnings.simplefilter('always')
left = os.scandir('/')
next(left)
print('end')
