import pickle, copyreg
class C:
    def __init__(self): self.x = 1
data = pickle.dumps(C())
print(data, pickle.loads(data).x)
