"""Each check of each page, as a test of its own. The checks are in the scripts beside this file, for harness.mjs."""

import re
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
SCRIPTS = sorted(path.name for path in HERE.glob("*.mjs") if path.name != "harness.mjs")


def checks():
    """(script, name) of every check. Their names are literals, so they can be read."""
    for script in SCRIPTS:
        names = re.findall(r'^check\(\s*"([^"]+)"', (HERE / script).read_text("utf-8"), re.MULTILINE)
        assert names and len(set(names)) == len(names), f"{script}: no names, or one twice: {names}"
        yield from ((script, name) for name in names)


@pytest.mark.parametrize("script, name", checks())
def test_page(said, script, name):
    found, errors = said(script)
    assert name in found, f"{script} did not come to it\n{errors}"
    assert found[name].get("error") is None, found[name]["error"]


@pytest.mark.parametrize("script", SCRIPTS)
def test_no_check_goes_uncounted(said, script):
    found, _ = said(script)
    assert set(found) == {name for of, name in checks() if of == script}
