
import collections.abc, json, random, threading
class Witness:
    def __del__(self): print('del')
witness = Witness()
def default(self, value): return str(value)
json.JSONEncoder.default = default
threading.excepthook = lambda args: print('hook', args.exc_type, witness is not None)
random.witness = Witness()
class Ours(collections.abc.Sequence):
    def __len__(self): return 1
    def __getitem__(self, i): return [0][i]
print(json.dumps({1: object}), list(Ours())[:0])
thread = threading.Thread(target=lambda: 1 / 0)
thread.start(); thread.join()
