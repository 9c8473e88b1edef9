def café():
    raise ValueError('é€😀')
café()
