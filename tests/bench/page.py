"""What `make bench` writes for people: a page in Markdown with a table, and plots in SVG, each for light and for dark.

    tests/bench/page.py FIGURES.JSON FOLDER     from figures that are there

The same figures give the same bytes.
"""

import json
import sys
from pathlib import Path

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot  # noqa: E402
from matplotlib.ticker import FuncFormatter, NullLocator  # noqa: E402

NAMES = {"reuse": "Mayfly, several runs in a box", "fresh": "Mayfly, a fresh box for each run",
         "subprocess": "FastAPI + subprocess, no isolation"}
MARKERS = {"reuse": "o", "fresh": "s", "subprocess": "^"}
THEMES = {  # of text, grid, and the lines
    "light": {"text": "#1f2328", "grid": "#d0d7de", "reuse": "#0969da", "fresh": "#1a7f37", "subprocess": "#bc4c00"},
    "dark": {"text": "#e6edf3", "grid": "#3d444d", "reuse": "#58a6ff", "fresh": "#3fb950", "subprocess": "#f0883e"},
}
SIZE_INCHES = (7.2, 3.6)
PLOTS = {"throughput": "runs a second against clients",
         "latency": "latency (p50, and p99 dashed) against load, by the number of clients"}
matplotlib.rcParams.update({"svg.hashsalt": "mayfly", "svg.fonttype": "path", "font.size": 9})


def number(value, _=None):
    return f"{value:g}"


def begin(theme):
    """A figure whose background is its reader's."""
    figure, axes = pyplot.subplots(figsize=SIZE_INCHES, layout="constrained")
    axes.patch.set_alpha(0)
    figure.patch.set_alpha(0)
    axes.grid(color=theme["grid"], linewidth=0.6)
    axes.tick_params(colors=theme["text"], which="both")
    for side, spine in axes.spines.items():
        spine.set_color(theme["grid"])
        spine.set_visible(side in ("left", "bottom"))
    return figure, axes


def finish(figure, axes, theme, labels, path):
    axes.set_xlabel(labels[0], color=theme["text"])
    axes.set_ylabel(labels[1], color=theme["text"])
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(number))
    axes.legend(loc="best", frameon=False, labelcolor=theme["text"])
    figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
    pyplot.close(figure)
    text = "\n".join(line.rstrip() for line in path.read_text("utf-8").splitlines())
    path.write_text(text + "\n", encoding="utf-8")


def plot_throughput(loads, theme, path):
    figure, axes = begin(theme)
    counts = sorted({point["clients"] for points in loads.values() for point in points})
    for name in filter(loads.get, NAMES):
        points = loads[name]
        axes.plot([point["clients"] for point in points], [point["rate"] for point in points], color=theme[name],
                  marker=MARKERS[name], label=NAMES[name])
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_xticks(counts)
    axes.xaxis.set_minor_locator(NullLocator())
    finish(figure, axes, theme, ("clients that each ask again when they are answered", "runs a second"), path)


def plot_latency(loads, theme, path):
    figure, axes = begin(theme)
    for name in filter(loads.get, NAMES):
        points = loads[name]
        rates = [point["rate"] for point in points]
        axes.plot(rates, [point["p50_ms"] for point in points], color=theme[name], marker=MARKERS[name],
                  label=NAMES[name])
        axes.plot(rates, [point["p99_ms"] for point in points], color=theme[name], linestyle="--", linewidth=1)
        for point in points:
            axes.annotate(str(point["clients"]), (point["rate"], point["p50_ms"]), xytext=(3, -10),
                          textcoords="offset points", color=theme["text"], fontsize=7)
    axes.set_xscale("log")
    axes.set_yscale("log")
    finish(figure, axes, theme, ("runs a second", "milliseconds: p50, and dashed p99"), path)


def write_plots(loads, folder):
    for name, draw in (("throughput", plot_throughput), ("latency", plot_latency)):
        for theme, colors in THEMES.items():
            draw(loads, colors, folder / f"{name}-{theme}.svg")


def picture(path, text):
    """Returns HTML that shows path-light.svg or path-dark.svg, depending on the reader's theme on GitHub."""
    return (f'<picture>\n<source media="(prefers-color-scheme: dark)" srcset="{path}-dark.svg">\n'
            f'<img alt="{text}" src="{path}-light.svg">\n</picture>')


def table(header, rows):
    cells = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in cells)


def loads_of(loads):
    """The plots, and their numbers in a table."""
    pictures = [picture(name, PLOTS[name]) + f"\n\n*{PLOTS[name][0].upper()}{PLOTS[name][1:]}.*" for name in PLOTS]
    rows = [[NAMES[name], str(point["clients"]), *(f"{point[key]:.1f}" for key in ("rate", "p50_ms", "p99_ms"))]
            for name in filter(loads.get, NAMES) for point in loads[name]]
    return ['## `print("hi")` by clients in a closed loop', *pictures,
            table(["service", "clients", "runs a second", "p50, ms", "p99, ms"], rows)]


def text_of(figures):
    parts = ["# Mayfly's speed", "Written by `make bench`. A ratio is of one run on one machine.",
             table(["machine", ""], [[name, value] for name, value in figures["machine"].items()])]
    for section in figures["sections"]:
        parts += [f"## {section['title']}", table(["what", "measured", "target", "met"], section["rows"])]
    if figures["loads"]:
        parts += loads_of(figures["loads"])
    return "\n\n".join(parts) + "\n"


def write(figures, folder):
    """Write page.md into the folder, and the plots where there are loads."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "page.md").write_text(text_of(figures), encoding="utf-8")
    if figures["loads"]:
        write_plots(figures["loads"], folder)


if __name__ == "__main__":
    write(json.loads(Path(sys.argv[1]).read_text("utf-8")), Path(sys.argv[2]))
