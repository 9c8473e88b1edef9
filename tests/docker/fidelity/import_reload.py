import importlib, json
before = json.dumps
importlib.reload(json)
print(json.dumps is before, json.dumps([1]))
