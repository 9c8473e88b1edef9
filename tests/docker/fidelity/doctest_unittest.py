import doctest, unittest
def f(x):
    """
    >>> f(2)
    4
    """
    return x * 2
class T(unittest.TestCase):
    def test_ok(self): self.assertEqual(f(1), 2)
    def test_bad(self): self.assertEqual(f(1), 3)
print(doctest.testmod())
runner = unittest.TextTestRunner(stream=open('/dev/null', 'w'))
result = unittest.main(exit=False, testRunner=runner).result
print(result.testsRun, [text for _, text in result.failures])
