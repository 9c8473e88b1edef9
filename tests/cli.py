"""`mayfly run` as its users start it."""

import os
import subprocess

from gateway import BINARY

TIMEOUT_SECONDS = 60


def environment(**settings):
    """Returns an environment without the developer's own proxy, key and gateway."""
    base = {name: value for name, value in os.environ.items()
            if name in ("PATH", "HOME", "LANG") or name.endswith("SAN_OPTIONS")}
    return base | settings


def start(url, *words, **options):
    """Start the process, with its streams in pipes unless the options name others. Returns the process."""
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    settings = options.pop("settings", {})
    return subprocess.Popen([BINARY, "run", *map(str, words)], **streams | options,
                            env=environment(MAYFLY_URL=url, **settings))


def run(url, *words, input=None, **options):
    """Run to the end. Returns (exit code, stdout, stderr)."""
    if input is not None:
        options["stdin"] = subprocess.PIPE
    with start(url, *words, **options) as process:
        try:
            out, err = process.communicate(input, TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    return process.returncode, out, err.decode()
