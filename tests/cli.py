"""`mayfly run` as its users start it."""

import os
import subprocess

from gateway import BINARY

TIMEOUT_SECONDS = 60


def environment(**settings):
    """Nothing of the developer's: no proxy, no key, no gateway of his."""
    base = {name: value for name, value in os.environ.items()
            if name in ("PATH", "HOME", "LANG") or name.endswith("SAN_OPTIONS")}
    return base | settings


def start(url, *words, **options):
    """The process, its streams in pipes unless the options say otherwise."""
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    settings = options.pop("settings", {})
    return subprocess.Popen([BINARY, "run", *map(str, words)], **streams | options,
                            env=environment(MAYFLY_URL=url, **settings))


def run(url, *words, input=None, **options):
    """(exit code, stdout, stderr) once it has ended."""
    if input is not None:
        options["stdin"] = subprocess.PIPE
    with start(url, *words, **options) as process:
        try:
            out, err = process.communicate(input, TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    return process.returncode, out, err.decode()
