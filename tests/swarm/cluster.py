"""A swarm on this machine: nodes on one switch, with a HAProxy there, and on them the stack of deploy/swarm."""

import json
import os
import subprocess
from contextlib import ExitStack

from keyed import KeyedGateway
from network import Network
from node import SOCKET, Node
from pod import ROOT
from waiting import wait_until

STACK = "mayfly"
PROXY = ROOT / "deploy/swarm/haproxy.cfg"
ADDRESSES = ["10.0.0.1", "10.0.0.2"]  # which the file names
OWN_ADDRESS = "10.0.0.100"
UPDATE_SECONDS = 400


class Cluster:
    """The first node is its manager."""

    def __init__(self, folder):
        self._all = ExitStack()
        self.switch = Network()
        self.nodes = [Node(folder / address, address, self.switch) for address in ADDRESSES]
        self.manager = self.nodes[0]

    def __enter__(self):
        with self._all:
            self._all.enter_context(self.switch)
            self.switch.run("ip", "link", "add", "switch", "type", "bridge")
            self.switch.run("ip", "address", "add", f"{OWN_ADDRESS}/24", "dev", "switch")
            self.switch.run("ip", "link", "set", "switch", "up")
            for node in self.nodes:
                self._all.enter_context(node)
            self._join()
            self._all = self._all.pop_all()
        return self

    def __exit__(self, *_):
        self._all.close()

    def _join(self):
        self.manager.docker("swarm", "init", f"--advertise-addr={self.manager.address}")
        token = self.manager.docker("swarm", "join-token", "--quiet", "worker").strip()
        for node in self.nodes[1:]:
            node.docker("swarm", "join", f"--token={token}", f"{self.manager.address}:2377")
        for node in self.nodes:
            name = node.docker("info", "--format={{.Swarm.NodeID}}").strip()
            self.manager.docker("node", "update", "--label-add=mayfly=yes", name)

    def leave(self):
        for node in reversed(self.nodes):
            node.docker("swarm", "leave", "--force")

    def gateway(self, key, address=OWN_ADDRESS, port=80):
        """Returns the gateway at this address, by default the proxy's. Its clients send a key."""
        return KeyedGateway(lambda kind, timeout: self.switch.connect((address, port), kind, timeout), key, self.log)

    # ---- the stack ----

    def deploy(self, **settings):
        settings = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | settings
        done = subprocess.run(["/usr/bin/docker", "--host", self.manager.host, "stack", "deploy", "--resolve-image=never",
                               f"--compose-file={ROOT}/deploy/swarm/stack.yml", STACK], capture_output=True, text=True,
                              env=settings | {"DOCKER_SOCKET": SOCKET}, stdin=subprocess.DEVNULL, timeout=60, check=False)
        assert done.returncode == 0, done.stderr

    def update(self, service, *options):
        """Update, and wait until each node has the update, or it is rolled back. Returns Swarm's word for the
        result."""
        self.manager.run("service", "update", "--quiet", "--no-resolve-image", *options, f"{STACK}_{service}",
                         timeout=UPDATE_SECONDS)
        wait_until(lambda: not self._update_state(service).endswith(("updating", "started")), f"{service}'s update ends")
        return self._update_state(service)

    def _update_state(self, service):
        return self.manager.docker("service", "inspect", "--format={{.UpdateStatus.State}}", f"{STACK}_{service}").strip()

    def running(self, service):
        """Returns the number of tasks that are running and healthy."""
        states = self.manager.docker("service", "ps", "--filter=desired-state=running", "--format={{.CurrentState}}",
                                     f"{STACK}_{service}")
        return sum(state.startswith("Running ") for state in states.splitlines())

    def wait_running(self, seconds=180):
        for service in ("broker", "front"):
            wait_until(lambda: self.running(service) == len(self.nodes), f"each node has a {service}", seconds)

    def remove(self):
        """Remove the stack, and wait until its containers and networks are gone; a volume remains on each node."""
        self.manager.docker("stack", "rm", STACK)
        wait_until(lambda: self.left() == [], "it is gone", seconds=120)
        for node in self.nodes:
            node.docker("volume", "rm", f"{STACK}_wire")

    def left(self):
        """Returns the objects of the stack and its boxes that the nodes still have."""
        label = f"label=com.docker.stack.namespace={STACK}"
        return [line for node in self.nodes
                for line in node.docker("ps", "--all", "--quiet", "--filter", label).split() + node.managed()
                + node.docker("network", "ls", "--quiet", "--filter", label).split()]

    def containers(self, service, *options):
        """(node, what its engine tells of it) of the tasks of a service; with --all also of those that are over."""
        label = f"label=com.docker.swarm.service.name={STACK}_{service}"
        return [(node, container) for node in self.nodes
                for container in node.inspect(node.run("ps", "--quiet", "--filter", label, *options).stdout.split())]

    def events(self, service, name):
        """(node, event), from all of its logs that are left."""
        logs = [(node, node.run("logs", container["Id"]).stderr.decode().splitlines())
                for node, container in self.containers(service, "--all")]
        return [(node, event) for node, lines in logs for event in map(json.loads, lines) if event["event"] == name]

    def log(self):
        tasks = self.manager.run("stack", "ps", "--no-trunc", STACK).stdout.decode()
        logs = [f"--- {service} at {node.address}\n" + node.run("logs", "--tail=40", container["Id"]).stderr.decode()
                for service in ("broker", "front") for node, container in self.containers(service, "--all")]
        return "\n".join([tasks, *logs])


class Proxy:
    """HAProxy with the file of deploy/swarm, where the cluster's nodes are reached."""

    def __init__(self, cluster, folder):
        self._log = folder / "haproxy.log"
        with open(self._log, "wb") as log:
            self._process = subprocess.Popen(cluster.switch.words("haproxy", "-db", "-f", PROXY),
                                             stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()

    def wait_said(self, text, action):
        """Call a function, and wait until this text is logged after that."""
        before = self._log.stat().st_size
        action()
        wait_until(lambda: text in self._log.read_bytes()[before:], f"HAProxy says {text}", seconds=120)
