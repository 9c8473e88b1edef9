import os, threading
def farewell(self, write=os.write): write(1, b'del\n')
threading.Thread.__del__ = farewell
print('end', flush=True)
