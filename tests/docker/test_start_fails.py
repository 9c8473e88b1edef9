"""Boxes that a real engine cannot start: the health page has the engine's own words, up to the cause, and a remedy."""

import json

from gateway import Gateway

PROFILE = {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"],
           "syscalls": [{"names": ["read"], "action": "SCMP_ACT_OF_NO_ENGINE"}]}


def told(engine, text, **settings):
    """The health page and a client's answer once boxes cannot be started, and the log."""
    with Gateway(engine.host, wait_ready=False, MAYFLY_WARM=1, MAYFLY_MAX_BOXES=2, **settings) as gateway:
        health = gateway.wait_health(503, "/health", timeout=60, text=text).body.decode()
        status, answer = gateway.execute("print(1)")
        assert status == 503
        return [health, json.dumps(answer)], gateway.events("box_left")


def test_a_seccomp_profile_that_is_rejected(engine, tmp_path):
    path = tmp_path / "profile.json"
    path.write_text(json.dumps(PROFILE), encoding="ascii")
    texts, left = told(engine, "MAYFLY_SECCOMP", MAYFLY_SECCOMP=path)
    print(left[0])
    assert left and all("MAYFLY_SECCOMP" in event["hint"] for event in left), left
    for text in texts:
        assert "seccomp" in text and "attach" not in text, text


def test_an_oci_runtime_that_is_not_there(engine):
    texts, left = told(engine, "nosuch", MAYFLY_OCI_RUNTIME="nosuch")
    assert not left
    for text in texts:
        assert "nosuch" in text and "MAYFLY_OCI_RUNTIME" in text, text
