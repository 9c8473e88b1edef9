"""The official conformance suite. What a baseline names is expected to fail, and fails the run when it does not."""

import pytest


@pytest.mark.parametrize("revision", ["2026-07-28", "2025-11-25"])
def test_the_gateway_conforms(gateway, node, tmp_path, revision):
    done = node("conformance", "server", "--url", f"{gateway.url}/mcp", "--requirements", revision,
                "--expected-failures", f"baseline-{revision}.yml", "-o", tmp_path)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "✓ tools-list" in done.stdout and "✓ dns-rebinding-protection" in done.stdout
