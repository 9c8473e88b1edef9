# 1 MiB that unpacks to 1 GiB.
import zlib

packer = zlib.compressobj(9, zlib.DEFLATED, -15)
piece = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
print(len(zlib.decompress(piece * 1024, -15)))
