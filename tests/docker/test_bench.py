"""The bench: each of its parts runs, here for a moment, and its page is one. No time is judged."""

import json
import os
import re
import shutil
import sys
import tempfile
import xml.etree.ElementTree
from pathlib import Path

import pytest

from box import DATA_IMAGE, IMAGE
from gateway import BINARY, OF_THE_ENGINE

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS / "bench"), str(TESTS / "system")]

import against  # noqa: E402
import agents  # noqa: E402
import bench  # noqa: E402
import boxes  # noqa: E402
import burst  # noqa: E402
import cells  # noqa: E402
import churn  # noqa: E402
import compare  # noqa: E402
import cost  # noqa: E402
import data  # noqa: E402
import deadline  # noqa: E402
import latency  # noqa: E402
import machine  # noqa: E402
import page  # noqa: E402
import publish  # noqa: E402
import report  # noqa: E402
import reuse  # noqa: E402
import stream  # noqa: E402
import suite  # noqa: E402

BRIEF = [
    (against, {"CLIENTS": 2, "SLICES": 1, "SLICE_SECONDS": 0.2, "LEAD_IN_SECONDS": 0.1}),
    (agents, {"ROUNDS": 2, "WARM_UP_ROUNDS": 0, "FILL_SECONDS": 0, "PACE_SECONDS": 0.1}),
    (bench, {"IMAGE": IMAGE}), (boxes, {"LOOK_SECONDS": 0.05, "QUIET_SECONDS": 3600}),
    (churn, {"SLICES": 1, "SLICE_SECONDS": 0.5, "WORKERS": 2}),
    (compare, {"IMAGE_DATA": DATA_IMAGE, "CLIENTS": 1, "COUNTS": (1,), "SLICE_SECONDS": 0.2, "LEAD_IN_SECONDS": 0.1,
               "MORE_SLICES": 1, "DATA_SECONDS": 0.2, "DATA_SLICES": 1, "DATA_LEAD_IN_SECONDS": 0.1}),
    (cost, {"REQUESTS": 80, "WAITING": 10}), (data, {"IMAGE": DATA_IMAGE, "ROUNDS": 2, "WARM_UP_SECONDS": 0}),
    (deadline, {"RUNS": 7, "CLIENTS": 2}), (latency, {"ROUNDS": 2, "WARM_UP_ROUNDS": 0, "FILL_SECONDS": 0}),
    (burst, {"AT_ONCE": 2, "ROUNDS": 1, "WARM_UP_ROUNDS": 0, "REST_SECONDS": 0}),
    (suite, {"ROUNDS": 1, "TESTS": 8, "REQUEST": suite.request(8)}),
    (cells, {"ROUNDS": 2, "PACE_SECONDS": 0, "CELLS": 6, "EDGE": 3, "OPENINGS": 2, "OPENING_SECONDS": 0, "IDLE": 2,
             "FILL_SECONDS": 0, "WARM_UP_ROUNDS": 0}),
    (reuse, {"PACED_RUNS": 5, "RUNS": 60, "EDGE": 20, "CLIENTS": 2}), (stream, {"ROUNDS": 2, "WARM_UP_ROUNDS": 0}),
]
POINTS = [(1, 90.0, 10.0, 20.5), (2, 150.25, 13.0, 30.0), (8, 200.0, 40.0, 80.0)]
FIGURES = {
    "machine": {"Mayfly": "0 (a)", "date": "2026-01-02 03:04", "cores": "2", "processor": "One | Other", "memory": "4 GiB",
                "kernel": "Linux 6.1", "engine": "Docker 20, runc, cgroup v2", "load before": "0.1"},
    "sections": [{"title": "A section", "rows": [["name | more", "1 : 2.0", "<= 1 : 8", "NO"], ["other", "1", "", ""]]}],
    "loads": {name: [{"clients": clients, "rate": rate / slower, "p50_ms": p50 * slower, "p99_ms": p99 * slower}
                     for clients, rate, p50, p99 in POINTS]
              for name, slower in (("fresh", 20), ("reuse", 1), ("subprocess", 10))},
}


@pytest.fixture
def brief(monkeypatch):
    """Every part for a moment only, on gateways that keep few boxes warm."""
    monkeypatch.setitem(OF_THE_ENGINE, "MAYFLY_WARM", 2)
    monkeypatch.setitem(compare.SHARED, "MAYFLY_WARM", 1)
    for module, values in BRIEF:
        for name, value in values.items():
            monkeypatch.setattr(module, name, value)


@pytest.mark.usefixtures("brief")
@pytest.mark.parametrize("part", bench.PARTS)
def test_each_part_runs_and_is_on_the_page(part, engine, tmp_path):
    rows = report.Report(machine.describe(engine.host))
    bench.PARTS[part](rows, engine.host)
    figures = json.loads(json.dumps(rows.figures()))
    page.write(figures, tmp_path)
    text = (tmp_path / "page.md").read_text("utf-8")
    assert figures["sections"] and all(section["rows"] for section in figures["sections"])
    assert all(f"## {section['title']}\n" in text for section in figures["sections"])
    assert bool(figures["loads"]) == (part == "compare")


@pytest.mark.usefixtures("brief")
def test_another_checkout_is_measured_beside_this_one(engine):
    """Here the other's binary and image are our own, under other names."""
    with tempfile.TemporaryDirectory() as folder:
        binary = shutil.copy(BINARY, folder)
        other = f"{IMAGE.partition(':')[0]}:other"
        engine.docker("tag", IMAGE, other)
        try:
            hosts = {against.THIS: engine.host, against.SAME_ENGINE: engine.host}
            rates = against.measure(hosts, binary, other)
        finally:
            engine.docker("rmi", other)
    rows = report.Report(machine.describe(engine.host))
    against.rows(rows, rates, 1.6)
    against.rows(rows, rates, None)
    judged, told = (section["rows"] for section in rows.sections)
    assert rates.keys() == hosts.keys() and all(rates.values())
    assert [row[0] for row in judged] == [f"runs a second: {name}" for name in hosts] + [f"this : {against.SAME_ENGINE}"]
    assert judged[-1][2] == ">= 1.6 : 1" and not told[-1][2] and judged[-1][1] == told[-1][1]


def test_the_service_that_it_is_compared_with_answers_as_mayfly_does(gateway):
    programs = [("print('hi')", 5), ("import sys; print('no', file=sys.stderr); sys.exit(3)", 5),
                ("print('first', flush=True)\nwhile True: pass", 0.5), ("import os; os.kill(os.getpid(), 9)", 5)]
    with compare.SubprocessService() as service, compare.Client(service.address) as client:
        for code, timeout in programs:
            ours = gateway.execute(code, timeout=timeout)[1]
            theirs = client.post({"code": code, "timeout": timeout}).receive().json()
            for field in ("status", "stdout", "stderr"):
                assert theirs[field] == ours[field], (code, field)
            assert theirs["execution_time"] > 0
            assert theirs["return_code"] == (-9 if "kill" in code else ours["return_code"])


def test_the_page_shows_every_figure(tmp_path):
    page.write(FIGURES, tmp_path)
    text = (tmp_path / "page.md").read_text("utf-8")
    tables = re.findall(r"(?:^\|.*\|\n)+", text, re.MULTILINE)
    assert len(tables) == 3
    for table in tables:
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}) == 1, table
    assert "| name \\| more | 1 : 2.0 | <= 1 : 8 | NO |" in text
    assert f"| {page.NAMES['reuse']} | 2 | 150.2 | 13.0 | 30.0 |" in text
    shown = re.findall(r'(?:src|srcset)="([^"]+)"', text)
    assert sorted(shown) == sorted(path.name for path in tmp_path.glob("*.svg"))
    assert len(shown) == len(page.PLOTS) * len(page.THEMES)


def test_the_plots_are_drawings_of_every_service(tmp_path):
    page.write(FIGURES, tmp_path)
    for path in tmp_path.glob("*.svg"):
        root = xml.etree.ElementTree.parse(path).getroot()
        assert root.tag.endswith("svg") and root.get("viewBox")
        theme = page.THEMES[path.stem.rpartition("-")[2]]
        text = path.read_text("utf-8")
        for name in FIGURES["loads"]:
            assert f"stroke: {theme[name]}" in text, (path.name, name)
        assert "<script" not in text and "<dc:date>" not in text


def test_the_same_figures_make_the_same_page(tmp_path):
    for folder in ("one", "other"):
        page.write(FIGURES, tmp_path / folder)
    names = sorted(os.listdir(tmp_path / "one"))
    assert names == sorted(os.listdir(tmp_path / "other")) and len(names) == 5
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "other" / name).read_bytes(), name


def test_the_readme_takes_the_plot_and_says_what_it_shows():
    readme = (TESTS.parent / "README.md").read_text("utf-8")
    begin, end = readme.index(publish.BEGIN), readme.index(publish.END)
    made = publish.inserted(readme, FIGURES)
    assert made[:begin] == readme[:begin] and made.endswith(readme[end:])
    assert publish.inserted(made, FIGURES) == made
    for theme in page.THEMES:
        assert f'="{publish.PLOT}-{theme}.svg"' in made
    said = " ".join(publish.block(FIGURES).split())
    assert "8 clients in a closed loop get 200 runs" in said
    assert "10 where each run has a fresh box, and 20 from FastAPI" in said
    assert "on 2026-01-02: 2 cores of One | Other, Linux 6.1, Docker 20, runc, cgroup v2." in said
