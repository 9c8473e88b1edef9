"""Compares the texts of deploy/ about metrics with /metrics: the table in docs/metrics.md, the dashboard and the
alerts."""

import hashlib
import json
import os
import re
import subprocess
import tempfile
from itertools import combinations
from pathlib import Path

import pytest

from engine import Engine
from gateway import Gateway
from metrics import Metrics

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
ROW = re.compile(r"\| `([a-z_]+)` \| (counter|gauge|histogram) \| (.*?) \| (.*) \|")
NAME = re.compile(r"\b(?:mayfly|process)_[a-z_]+\b")
SUFFIX = re.compile(r"_(?:bucket|sum|count)$")
INSTEAD = {"$__rate_interval": "5m", "$instance": ".*"}


@pytest.fixture(scope="module")
def metrics():
    """All that there are: those of keys too."""
    with tempfile.TemporaryDirectory(prefix="mayfly-metrics-") as folder:
        os.chmod(folder, 0o755)
        keys, key = Path(folder) / "keys.json", "key"
        keys.write_text(json.dumps({"keys": [{"name": key, "sha256": hashlib.sha256(key.encode()).hexdigest()}]}),
                        encoding="ascii")
        with Engine(f"{folder}/docker.sock") as engine, \
                Gateway(f"unix://{engine.path}", MAYFLY_KEYS_FILE=keys) as gateway:
            response = gateway.request("GET", "/metrics", headers=[("x-api-key", key)])
            return Metrics(response.body.decode())


def promtool(*words):
    return subprocess.run(["promtool", *map(str, words)], capture_output=True, timeout=60, check=False)


def has_samples(metrics, name):
    """A histogram's samples have a suffix, and nothing else's."""
    family = metrics.families.get(name) or metrics.families.get(SUFFIX.sub("", name))
    return family and (family.type == "histogram") == (family.name != name)


def queries():
    """(panel, query) of the whole dashboard, its variables filled in."""
    for panel in dashboard()["panels"]:
        for target in panel.get("targets", []):
            query = target["expr"]
            for variable, value in INSTEAD.items():
                query = query.replace(variable, value)
            yield panel["title"], query


def dashboard():
    return json.loads((DEPLOY / "grafana/dashboard.json").read_text(encoding="utf-8"))


def test_the_page_lists_every_metric_as_it_is(metrics):
    written = [match.group(0) for line in (DEPLOY / "docs/metrics.md").read_text(encoding="utf-8").splitlines()
               if (match := ROW.fullmatch(line))]
    there = [f"| `{family.name}` | {family.type} | {', '.join(f'`{label}`' for label in family.labels())} "
             f"| {family.help} |" for family in metrics.families.values()]
    assert written == there, "the table should be:\n" + "\n".join(there)


def test_the_rules_are_good_and_each_is_tested():
    for words in (("check", "rules", DEPLOY / "grafana/alerts.yml"),
                  ("test", "rules", DEPLOY / "grafana/alerts.test.yml")):
        done = promtool(*words)
        assert done.returncode == 0, (done.stdout + done.stderr).decode()
    rules = re.findall(r"- alert: (\w+)", (DEPLOY / "grafana/alerts.yml").read_text(encoding="utf-8"))
    tests = (DEPLOY / "grafana/alerts.test.yml").read_text(encoding="utf-8")
    assert rules and not [rule for rule in rules if not re.search(rf"\b{rule}\b", tests)]


def test_they_ask_for_samples_that_there_are(metrics):
    rules = (DEPLOY / "grafana/alerts.yml").read_text(encoding="utf-8")
    asked = [*NAME.findall(re.sub(r"description: .*", "", rules)),
             *(name for _, query in queries() for name in NAME.findall(query))]
    assert asked and not [name for name in asked if not has_samples(metrics, name)]
    told = NAME.findall(rules)
    assert not [name for name in told if not has_samples(metrics, name) and name not in metrics.families]


def test_the_dashboards_queries_are_promql(tmp_path):
    """promtool reads queries in rules only."""
    rules = [{"record": f"panel:{number}", "expr": query} for number, (_, query) in enumerate(queries())]
    assert rules
    file = tmp_path / "rules.yml"  # JSON is YAML
    file.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}), encoding="utf-8")
    done = promtool("check", "rules", file)
    assert done.returncode == 0, (done.stdout + done.stderr).decode()


def test_the_dashboard_shows_every_metric_but_a_few(metrics):
    shown = {SUFFIX.sub("", name) if name not in metrics.families else name
             for _, query in queries() for name in NAME.findall(query)}
    assert set(metrics.families) - shown == {
        "process_virtual_memory_bytes", "process_max_fds", "process_start_time_seconds"}


def test_the_dashboards_panels_do_not_overlap():
    panels = dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for one, other in combinations([panel["gridPos"] for panel in panels], 2):
        assert one["x"] + one["w"] <= 24
        apart = [one[at] + one[size] <= other[at] or other[at] + other[size] <= one[at]
                 for at, size in (("x", "w"), ("y", "h"))]
        assert any(apart), (one, other)
