# env: {"PYTHON_COLORS": "1", "NO_COLOR": "1"}
import doctest
def f():
    """
    >>> 1
    2
    """
doctest.testmod()
1 / 0
