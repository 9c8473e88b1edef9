import gc, os
def tell(phase, info, write=os.write): write(1, phase.encode() + b'\n')
gc.callbacks.append(tell)
print('end', flush=True)
