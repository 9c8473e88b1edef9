"""After many runs of every fate and a Ctrl-C, nothing of ours is left on the machine."""

import os
import signal
from pathlib import Path

import leftovers
from gateway import SLOW, Gateway
from mixed import mixed_runs

RUNS = max(40, 200 // SLOW)


def own_files():
    return {str(path) for path in Path("/run").glob("mayfly*/**/*")}


def test_nothing_is_left(engine):
    files = own_files()
    created = leftovers.Created(engine)
    with Gateway(engine.host) as gateway:
        mixed_runs(gateway, RUNS)
        assert gateway.request("GET", "/health").status == 200
        assert gateway.execute("print('alive')")[1]["stdout"] == "alive\n"
        pids = [gateway.process.pid, *gateway.process.children()]
        assert gateway.stop(signal.SIGINT, timeout=60 * SLOW) == [0]
        events = gateway.events()
        assert not os.listdir(gateway.folder.name)  # its temporary files, and the socket of the roles
    (started,) = [event for event in events if event["event"] == "broker_started"]
    mine = started["instance"]
    ids = created.finish(mine)
    assert len(ids) >= RUNS * 8 // 10  # who hung up in the queue never had one
    assert not engine.managed(f"label=mayfly.instance={mine}")
    assert not [pid for pid in pids if os.path.exists(f"/proc/{pid}")]
    assert not ids & leftovers.ids_of_processes()
    assert not ids & leftovers.ids_of_mounts()
    assert not ids & leftovers.ids_of_cgroups()
    assert not ids & leftovers.ids_of_files(engine)
    assert own_files() <= files
    assert not [event for event in events if event.get("level") == "error"]
