"""What the template of python-data has ready besides the standard modules: the packages, imported and used once.

Used, because much is imported, and cached, only with the first figure or the first table. Nothing of it is seen by the
program: figures are closed, and numbers and settings are as after an import.
"""

import gc
import importlib
import io
import os

ENVIRONMENT = dict(os.environ)

import mayfly_displays

import matplotlib.pyplot
import numpy
import pandas

SCIPY = ("cluster.hierarchy", "cluster.vq", "fft", "integrate", "interpolate", "io", "linalg", "ndimage", "optimize",
         "signal", "sparse.csgraph", "sparse.linalg", "spatial.distance", "special", "stats")

for name in SCIPY:
    importlib.import_module(f"scipy.{name}")

say_warm = mayfly_displays.say_warm
begin = mayfly_displays.begin
begin_cold = mayfly_displays.begin_cold


def draw_once():
    """Fonts, text and mathematics, ticks of all kinds, PNG."""
    figure, (left, right) = matplotlib.pyplot.subplots(1, 2)
    left.plot([1, 2], [1, 1000], label="one")
    left.set_yscale("log")
    left.set_title(r"$x^2$")
    left.legend()
    right.plot(pandas.date_range("2020-01-01", periods=2), [0, 1])
    right.set_xlabel("x", fontweight="bold")
    figure.savefig(io.BytesIO(), format="png")
    matplotlib.pyplot.close(figure)


def tabulate_once():
    frame = pandas.DataFrame({"number": [1, 2], "text": ["a", "b"]})
    frame._repr_html_()
    repr(frame)
    frame.groupby("text")["number"].sum()
    pandas.read_csv(io.StringIO(frame.to_csv()))
    numpy.linalg.inv(numpy.eye(2))


def close_fonts():
    """Their files: descriptors that the program might close, or count."""
    matplotlib.font_manager._get_font.cache_clear()
    matplotlib.mathtext.MathTextParser._parse_cached.cache_clear()
    matplotlib.text._get_text_metrics_with_cache_impl.cache_clear()
    gc.collect()


def forget_variables():
    """Those that packages have set: a program that imports none of them would not have any."""
    for name in os.environ.keys() - ENVIRONMENT.keys():
        del os.environ[name]


draw_once()
tabulate_once()
close_fonts()
forget_variables()
