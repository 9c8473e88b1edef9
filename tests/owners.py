"""Owners for tests: a keys file in which each owner's key is its name."""

import hashlib
import json
import os
from pathlib import Path


def write(folder, *owners):
    """The file, in a folder that the front's user may then enter."""
    os.chmod(folder, 0o755)
    path = Path(folder) / "keys.json"
    keys = [{"name": owner, "sha256": hashlib.sha256(owner.encode()).hexdigest()} for owner in owners]
    path.write_text(json.dumps({"keys": keys}), encoding="ascii")
    return path


def headers(owner):
    """Returns the headers of this owner's requests; none for the owner "", who has no key."""
    return [("authorization", f"Bearer {owner}")] if owner else []
