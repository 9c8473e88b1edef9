"""In front of Podman: boxes are made through its own interface, and what it does not tell is the self-test's to find."""

import os

import pytest

from helpers import settled


@pytest.fixture
def podman(engine):
    engine.is_podman = True
    return engine


def test_boxes_are_made_through_its_own_interface(podman, start):
    gateway = start(MAYFLY_WARM=1)
    assert gateway.execute({"stdout": "x"})[1]["stdout"] == "x"
    calls = podman.calls("create")
    assert {call.target for call in calls} == {"/v4.0.0/libpod/containers/create"}
    assert all(call.subject.startswith("mayfly-") for call in calls)
    assert {call.target.split("/")[1] for call in podman.calls("start") + podman.calls("attach")} == {"v1.41"}
    (up,) = gateway.events("engine_up")
    assert (up["vendor"], up["version"], up["architecture"]) == ("Podman", "5.4.2", "x86_64")
    assert gateway.events("sandbox")[0]["userns"] == "rootless"


def test_without_root_no_box_has_apparmor_whatever_info_says(podman, start):
    podman.canary = {"AppArmor": "crun (unconfined)"}
    assert start(MAYFLY_WARM=1).events("sandbox")[0]["apparmor"] == "not enforced"


def test_as_root_each_box_has_podmans_profile(podman, start):
    podman.info = {"SecurityOptions": ["name=apparmor", "name=seccomp,profile=default"]}
    podman.canary = {"AppArmor": "containers-default-0.62.2 (enforce)"}
    assert start(MAYFLY_WARM=1).events("sandbox")[0]["apparmor"] == "containers-default-"
    podman.canary = {"AppArmor": "crun (unconfined)"}
    start(wait_ready=False).wait_health(503, text="AppArmor")


def test_what_it_does_not_enforce_is_found_by_the_self_test(podman, start):
    """Its /info tells nothing true of limits, as on cgroup v1 without root."""
    podman.canary = {"memory": "9223372036854771712"}
    gateway = start(wait_ready=False)
    gateway.wait_health(503, text="the sandbox's self-test failed in runtime python: memory")
    assert gateway.execute({})[0] == 503 and not podman.runs


def test_the_profile_is_a_file_beside_the_socket_as_long_as_the_gateway(podman, start):
    gateway = start(MAYFLY_WARM=1)
    path = podman.calls("create")[0].body["seccomp_profile_path"]
    assert os.path.dirname(path) == os.path.dirname(podman.path)
    with open(path, encoding="ascii") as file:
        assert '"defaultAction":"SCMP_ACT_ERRNO"' in file.read()
    assert gateway.stop() == [0]
    assert not os.path.exists(path)


def test_the_profile_goes_where_the_operator_says(podman, start, tmp_path):
    os.chmod(tmp_path, 0o755)
    start(MAYFLY_WARM=1, MAYFLY_PROFILE_FOLDER=tmp_path)
    assert podman.calls("create")[0].body["seccomp_profile_path"].startswith(f"{tmp_path}/mayfly-seccomp-")


def test_a_folder_that_others_can_write_is_refused_and_named(podman, start, tmp_path):
    os.chmod(tmp_path, 0o777)
    gateway = start(wait_ready=False, MAYFLY_PROFILE_FOLDER=tmp_path)
    gateway.wait_health(503, "/health", text="can be written by others")
    assert not podman.calls("create")
    os.chmod(tmp_path, 0o755)
    gateway.wait_health(200, timeout=5)


def test_its_oci_runtime_is_its_own_choice(podman, start):
    gateway = start(wait_ready=False, MAYFLY_OCI_RUNTIME="crun")
    gateway.wait_health(503, "/health", text="Podman makes boxes with its own OCI runtime")
    assert not podman.calls("create")


def test_its_boxes_are_removed_like_any(podman, start):
    gateway = start(MAYFLY_WARM=2)
    settled(podman, 2)
    assert gateway.stop() == [0]
    assert not podman.managed()
