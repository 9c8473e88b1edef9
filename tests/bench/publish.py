"""Puts the plot of the last `make bench` into the repository, and its sentence into README.md: `make bench-page`."""

import json
import shutil
import sys
import textwrap
from pathlib import Path

import page

ROOT = Path(__file__).resolve().parents[2]
MEASURED = ROOT / "build/bench"
PLOT = "deploy/docs/speed"
BEGIN, END = "<!-- speed: written by make bench-page -->", "<!-- speed end -->"
CLIENTS = 8
WIDTH = 125


def sentences(figures):
    rates = {name: point["rate"] for name, points in figures["loads"].items() for point in points
             if point["clients"] == CLIENTS}
    machine = figures["machine"]
    reuse, fresh, bare = (f"{rates[name]:.0f}" for name in ("reuse", "fresh", "subprocess"))
    return (f"{CLIENTS} clients in a closed loop get {reuse} runs of `print(\"hi\")` a second where a box may serve "
            f"[several runs](deploy/docs/reuse.md), {fresh} where each run has a fresh box, and {bare} from FastAPI around "
            "`subprocess`, which isolates nothing. Measured by `make bench-page` on "
            f"{machine['date'][:10]}: {machine['cores']} cores of {machine['processor']}, {machine['kernel']}, "
            f"{machine['engine']}.")


def block(figures):
    text = textwrap.fill(sentences(figures), WIDTH, break_long_words=False, break_on_hyphens=False)
    return "\n".join([BEGIN, page.picture(PLOT, f"Plot: {page.PLOTS['throughput']}"), "", text, END])


def inserted(text, figures):
    """Returns the README with the sentence about the figures."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    assert begin and end, f"README.md lacks the lines {BEGIN} and {END}"
    return before + block(figures) + after


def main():
    file = MEASURED / "figures.json"
    figures = json.loads(file.read_text("utf-8")) if file.exists() else {"loads": {}}
    if not figures["loads"]:
        sys.exit(f"publish.py: {file} has no loads: run make bench first")
    for theme in page.THEMES:
        shutil.copyfile(MEASURED / f"throughput-{theme}.svg", ROOT / f"{PLOT}-{theme}.svg")
    readme = ROOT / "README.md"
    readme.write_text(inserted(readme.read_text("utf-8"), figures), encoding="utf-8")


if __name__ == "__main__":
    main()
