def outer():
    inner( 1,  0 )

def inner(a, b):
    return a / b

outer()
