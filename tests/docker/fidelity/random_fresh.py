import random, secrets, uuid, tempfile
print(random.random() != random.random(), len(secrets.token_hex()), uuid.uuid4().version)
random.seed(1)
print(random.random(), random.sample(range(100), 5), random.getstate()[0])
