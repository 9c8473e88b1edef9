import json, threading
class Witness:
    def __del__(self): print('del')
json.witness = Witness()
threading._shutdown()
print('end')
