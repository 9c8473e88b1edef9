"""The warm-up of python-data: after the standard modules, the template imports the packages and uses them once.

It uses them because much is imported and cached only with the first figure or table. A program does not notice this:
figures are closed, and numbers and settings are as after an import.

At the top, only modules are imported that every interpreter has imported already: a program may come before any step.
"""

import os
import sys
import time

import mayfly_displays

SCIPY = (("linalg", "special", "sparse.linalg", "fft"),
         ("optimize", "integrate", "interpolate", "spatial.distance", "ndimage"),
         ("stats", "signal", "cluster.hierarchy", "cluster.vq", "io", "sparse.csgraph"))
PAUSE_FACTOR = 2
PAUSE_MOST_SECONDS = 0.02

begin = mayfly_displays.begin
begin_cold = mayfly_displays.begin_cold


def say_warm(control_fd):
    """Tell init that this process is warm. A fork of a zygote first gets random numbers of its own."""
    if mayfly_displays.channel is not None and "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()
    mayfly_displays.say_warm(control_fd)


class Patience:
    """A finder that finds nothing. Before each import it leaves the core to other processes, as warmup.h says."""

    def __init__(self):
        self.idle = self.idle_seconds()

    @staticmethod
    def idle_seconds():
        return time.monotonic() - time.process_time()

    def find_spec(self, name, path=None, target=None):
        waited = self.idle_seconds() - self.idle
        if waited > 0.001:
            time.sleep(min(waited * PAUSE_FACTOR, PAUSE_MOST_SECONDS))
        self.idle = self.idle_seconds()


def step(work):
    """Returns a step of the warm-up that does this work patiently, and removes the environment variables that it has set.
    A program that imports no package must not see them."""
    def patient_work():
        patience, variables = Patience(), set(os.environ)
        sys.meta_path.insert(0, patience)
        work()
        sys.meta_path.remove(patience)
        for name in os.environ.keys() - variables:
            del os.environ[name]
    return patient_work


def import_numpy():
    import numpy
    numpy.linalg.inv(numpy.eye(2))


def import_pandas():
    __import__("pandas")


def import_pyplot():
    __import__("matplotlib.pyplot")


def tabulate_once():
    import io
    import pandas
    frame = pandas.DataFrame({"number": [1, 2], "text": ["a", "b"]})
    frame._repr_html_()
    repr(frame)
    frame.groupby("text")["number"].sum()
    pandas.read_csv(io.StringIO(frame.to_csv()))


def draw_once():
    """Use fonts, text and mathematics, all kinds of ticks, and PNG."""
    import io
    import matplotlib.pyplot
    import pandas
    figure, (left, right) = matplotlib.pyplot.subplots(1, 2)
    left.plot([1, 2], [1, 1000], label="one")
    left.set_yscale("log")
    left.set_title(r"$x^2$")
    left.legend()
    right.plot(pandas.date_range("2020-01-01", periods=2), [0, 1])
    right.set_xlabel("x", fontweight="bold")
    figure.savefig(io.BytesIO(), format="png")
    matplotlib.pyplot.close(figure)
    close_fonts()


def close_fonts():
    """Close the files of fonts, since the program might close or count their descriptors."""
    import gc
    import matplotlib
    matplotlib.font_manager._get_font.cache_clear()
    matplotlib.mathtext.MathTextParser._parse_cached.cache_clear()
    matplotlib.text._get_text_metrics_with_cache_impl.cache_clear()
    gc.collect()


def scipy_importer(names):
    def import_scipy():
        import importlib
        for name in names:
            importlib.import_module(f"scipy.{name}")
    return import_scipy


# Weights are in milliseconds of CPU time. A standard module takes about two.
WORK = ((50, import_numpy), (150, import_pandas), (80, import_pyplot), (50, tabulate_once), (100, draw_once),
        *((60, scipy_importer(names)) for names in SCIPY))
STEPS = tuple((weight, step(work)) for weight, work in WORK)
