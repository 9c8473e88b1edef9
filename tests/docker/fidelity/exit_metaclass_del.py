class Meta(type):
    def __del__(cls, name='class'): print('del', name)
class C(metaclass=Meta): pass
print('end')
