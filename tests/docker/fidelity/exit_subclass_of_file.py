import io
class Tail(io.StringIO):
    def close(self):
        print('close', self.getvalue())
        super().close()
t = Tail()
t.write('x')
b = io.BytesIO(b'y')
print('end')
