# The interpreter's own digests, which seeds are made of: of all lengths around a block's, in pieces, copied, and large.
import random
names = ("_md5", "_sha1", "_sha2", "_sha256", "_sha512", "_sha3", "_blake2")
data = bytes(range(256)) * 20
for name in names:
    try: module = __import__(name)
    except ImportError as error: print(error); continue
    for kind in sorted(attribute for attribute in dir(module) if attribute.startswith(("md", "sha", "blake"))):
        make = getattr(module, kind)
        total = make()
        for length in [*range(300), 511, 512, 513, 4096, 5000]:
            total.update(make(data[:length]).digest())
        pieces = make(b"x")
        other = pieces.copy()
        for length in range(300): pieces.update(data[:length])
        first = pieces.hexdigest()
        pieces.update(b"more")
        print(kind, total.hexdigest(), first, pieces.hexdigest(), other.hexdigest(), pieces.digest_size, pieces.block_size,
              make(bytes(3 << 20)).hexdigest())
random.seed("text")
print(random.random(), random.Random(b"bytes").random())
