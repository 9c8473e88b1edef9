"""Runs a pod from its manifest on a Docker engine. Like a kubelet, it applies users, groups, capabilities, mounts,
settings and probes of the containers, and the order in which they start and stop. The pod's only network is its own
loopback."""

import base64
import ctypes
import json
import os
import subprocess
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gateway import EXECUTE, Client
from images import archive

ROOT = Path(__file__).resolve().parent.parent.parent
CLONE_NEWNET = 0x40000000
STOP_SECONDS = 180
# What "privileged" means, less a capability that virtual machines may lack and dockerd can do without.
PRIVILEGED = ["--cap-add=ALL", "--cap-drop=SYS_RESOURCE", "--security-opt=seccomp=unconfined",
              "--security-opt=apparmor=unconfined", "--security-opt=systempaths=unconfined",
              "--device-cgroup-rule=a *:* rwm", "--cgroupns=private"]


def rendered(name):
    """Returns the documents that kustomize renders from a folder of deploy/kubernetes, by kind; if several have one
    kind, the first."""
    subprocess.run([ROOT / "tests/kubernetes/tools.sh"], check=True, timeout=300)
    script = "import { render } from './tests/kubernetes/manifests.mjs'; " \
             "console.log(JSON.stringify(render(process.argv[1]).documents))"
    done = subprocess.run(["node", "--input-type=module", "--eval", script, name], cwd=ROOT, capture_output=True,
                          check=True, timeout=60)
    return {document["kind"]: document for document in reversed(json.loads(done.stdout))}


class Pod:
    def __init__(self, engine, documents, images, settings):
        """`images` replaces those of the manifest, {container: (image, options of docker run)}; `settings` adds to the
        environment of every container that takes settings."""
        self.engine, self.images, self.settings = engine, images, settings
        self.spec = documents["Deployment"]["spec"]["template"]["spec"]
        self.shared = documents["ConfigMap"]["data"]
        self.secrets = {document["metadata"]["name"]: document["data"] for document in [documents.get("Secret")] if document}
        self.name = f"mayfly-pod-{uuid.uuid4().hex[:8]}"
        self.ids = {}
        self._entered = ThreadPoolExecutor(1)

    # ---- start ----

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            print(self.log())
            self.__exit__()
            raise
        return self

    def _start(self):
        for volume in self.spec["volumes"]:
            self._make_volume(volume)
        image, options = self.images["pause"]
        self.ids["pause"] = self._run("pause", ["--network=none", *options, image, "sleep", "infinity"])
        self._entered.submit(enter_network, self.pid("pause")).result()
        for container in self.spec["initContainers"]:
            self._start_container(container, is_sidecar=container.get("restartPolicy") == "Always")
        for container in self.spec["containers"]:
            self._start_container(container, is_sidecar=True)
        for container in self.spec["containers"]:
            self.probe(container, "readinessProbe", seconds=60)

    def _make_volume(self, volume):
        options = []
        if "emptyDir" in volume and volume["emptyDir"].get("medium") == "Memory":
            size = volume["emptyDir"]["sizeLimit"].removesuffix("i").lower()
            options = ["--driver=local", "--opt=type=tmpfs", "--opt=device=tmpfs", f"--opt=o=size={size},mode=0777"]
        self.engine.docker("volume", "create", *options, self._volume(volume["name"]))
        if "secret" in volume:
            self._fill(volume["name"], self.secrets[volume["secret"]["secretName"]], volume["secret"]["defaultMode"])

    def _fill(self, volume, files, mode):
        """Fill the volume by a tar, which is copied into a container that never runs."""
        image, options = self.images["pause"]
        data = archive({}, texts={name: (base64.b64decode(text), mode) for name, text in files.items()})
        filler = self.engine.docker("create", *options, f"--volume={self._volume(volume)}:/mnt", image, "true").strip()
        try:
            self.engine.docker("cp", "-", f"{filler}:/mnt", input=data)
        finally:
            self.engine.docker("rm", filler)

    def _volume(self, name):
        return f"{self.name}-{name}"

    def _run(self, name, words):
        return self.engine.docker("run", "--detach", f"--name={self.name}-{name}", *words).strip()

    def _start_container(self, container, is_sidecar):
        name = container["name"]
        self.ids[name] = self._run(name, self._words(container))
        if is_sidecar:
            self.probe(container, "startupProbe")
            return
        code = self.engine.docker("wait", self.ids[name], timeout=120).strip()
        assert code == "0", f"{name} ended with exit code {code}\n{self.log()}"

    def _words(self, container):
        """Returns the rest of docker run's command line."""
        image, options = self.images[container["name"]]
        words = [f"--network=container:{self.ids['pause']}", *options, *security(container.get("securityContext", {}))]
        memory = container.get("resources", {}).get("limits", {}).get("memory")
        words += [f"--memory={memory.removesuffix('i')}"] if memory else []
        words += [f"--env={name}={value}" for name, value in self.environment(container).items()]
        for mount in container.get("volumeMounts", []):
            mode = "ro" if mount.get("readOnly") else "rw"
            words.append(f"--volume={self._volume(mount['name'])}:{mount['mountPath']}:{mode}")
        return [*words, image, *container.get("args", [])]

    def environment(self, container):
        shared = self.shared | self.settings if "envFrom" in container else {}
        return shared | {each["name"]: each["value"] for each in container.get("env", [])}

    # ---- while it runs ----

    def container(self, name):
        return next(each for each in self.spec["initContainers"] + self.spec["containers"] if each["name"] == name)

    def client(self, port=8000):
        """Returns a connection to the pod's loopback."""
        return self._entered.submit(Client, ("127.0.0.1", port)).result()

    def execute(self, code, *headers, **fields):
        with self.client() as client:
            response = self.send(client, code, *headers, **fields).receive()
        return response.status, response.json()

    @staticmethod
    def send(client, code, *headers, **fields):
        client.send("POST", EXECUTE, json.dumps({"code": code, **fields}).encode(),
                    [("content-type", "application/json"), *headers])
        return client

    def passes(self, container, kind):
        """Returns whether a probe of the manifest passes now; a missing probe passes."""
        probe = container.get(kind)
        if probe and "exec" in probe:
            return self.engine.run("exec", self.ids[container["name"]], *probe["exec"]["command"]).returncode == 0
        if probe:
            ports = {port["name"]: port["containerPort"] for port in container["ports"]}
            try:
                with self.client(ports[probe["httpGet"]["port"]]) as client:
                    return client.request("GET", probe["httpGet"]["path"]).status < 400
            except OSError:
                return False
        return True

    def probe(self, container, kind, seconds=None):
        """Wait until the probe passes; by default for as long as its own numbers allow."""
        probe = container.get(kind, {})
        seconds = seconds or probe.get("periodSeconds", 10) * probe.get("failureThreshold", 3)
        self.until(lambda: self.passes(container, kind), f"{kind} of {container['name']}", seconds)

    def until(self, condition, what, seconds=30):
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"not within {seconds} s: {what}\n{self.log()}"
            time.sleep(0.05)

    def pid(self, name):
        return self.engine.inspect([self.ids[name]])[0]["State"]["Pid"]

    def restart(self, name):
        """Kill a container, and start it as restartPolicy Always does: with a new root and the same volumes."""
        container = self.container(name)
        self.engine.docker("rm", "--force", self.ids[name])
        self.ids[name] = self._run(name, self._words(container))
        self.probe(container, "startupProbe")

    def log(self, name=None):
        names = [name] if name else [each for each in self.ids if each != "pause"]
        logs = [(each, self.engine.run("logs", self.ids[each])) for each in names]
        return "\n".join(f"--- {each}\n{(log.stdout + log.stderr).decode(errors='replace')[-6000:]}" for each, log in logs)

    # ---- stop ----

    def stop(self, seen=lambda name: None):
        """As a kubelet does: each of the containers by SIGTERM, then the sidecars in reverse, one after the other; each must
        end by itself. (A preStop, which only waits, is left out.) `seen` is called with a container's name when it has
        ended. The exit codes, in that order."""
        sidecars = [each for each in self.spec["initContainers"] if each.get("restartPolicy") == "Always"]
        codes = {}
        for name in [each["name"] for each in [*self.spec["containers"], *reversed(sidecars)]]:
            self.engine.run("kill", "--signal=TERM", self.ids[name])  # it may have ended before
            codes[name] = int(self.engine.docker("wait", self.ids[name], timeout=STOP_SECONDS))
            seen(name)
        return codes

    def __exit__(self, *_):
        for name in reversed(self.ids):
            self.engine.run("rm", "--force", "--volumes", self.ids[name])
        self.engine.run("volume", "rm", *[self._volume(volume["name"]) for volume in self.spec["volumes"]])
        self._entered.shutdown()


def security(context):
    """Returns a container's securityContext as options of docker. The default of seccomp is the engine's, as with
    RuntimeDefault."""
    words = list(PRIVILEGED) if context.get("privileged") else []
    capabilities = context.get("capabilities", {})
    words += [f"--cap-drop={name}" for name in capabilities.get("drop", [])]
    words += [f"--cap-add={name}" for name in capabilities.get("add", [])]
    words += [] if context.get("allowPrivilegeEscalation", True) else ["--security-opt=no-new-privileges"]
    words += ["--read-only"] if context.get("readOnlyRootFilesystem") else []
    words += [f"--user={context['runAsUser']}:{context['runAsGroup']}"] if "runAsUser" in context else []
    return words


def enter_network(pid):
    """Put the calling thread into the network of a process; sockets that it makes may be used by any."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open(f"/proc/{pid}/ns/net", "rb") as network:
        if libc.setns(network.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"setns in {threading.current_thread().name}")


def processes_with(word):
    """Returns the pids on this machine, including containers, whose command line has this word."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if word.encode() in words and int(folder.name) != os.getpid():
            found.append(int(folder.name))
    return found
