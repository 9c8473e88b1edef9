"""The npm packages that tests need, as their package-lock.json names them."""

import subprocess

import pytest

from gateway import ROOT

SECONDS = 300


def packages(*folders):
    """Returns a fixture that installs the packages of these folders."""
    @pytest.fixture(scope="session")
    def installed():
        install = "; ".join([". deploy/lib.sh", *(f"npm_packages {folder}" for folder in folders)])
        subprocess.run(["bash", "-ec", install], cwd=ROOT, check=True, timeout=SECONDS)

    return installed
