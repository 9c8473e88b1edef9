# 150 MiB, page by page, stay below the limit.
import mmap

memory = mmap.mmap(-1, 150 << 20)
for offset in range(0, len(memory), 4096):
    memory[offset] = 1
print("done")
