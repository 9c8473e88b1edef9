"""Each runtime that is part of Mayfly is in the Dockerfile, in the deployments and in the documents."""

import re

import pytest

import shipped
from gateway import ROOT

TAG = "${MAYFLY_TAG:-latest}"
REGISTRY = "${MAYFLY_REGISTRY:-}"


def text_of(path):
    """Continued lines are one."""
    return re.sub(r"\\\n *", "", (ROOT / path).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", shipped.NAMES)
def test_its_image_is_a_target_with_its_name(name):
    target = re.search(rf"^FROM \S+ AS {name}\n(.*?)(?=^FROM |\Z)", text_of("runner-image/Dockerfile"),
                       re.MULTILINE | re.DOTALL)
    assert target and f'mayfly.runtime="{name}"' in target[1]


@pytest.mark.parametrize("name", shipped.NAMES)
def test_compose_and_the_stack_bring_its_image(name):
    compose, stack = text_of("docker-compose.yml"), text_of("deploy/swarm/stack.yml")
    service = re.search(rf"^  (\S+):\n    <<: \*runner\n    image: mayfly-{name}:{re.escape(TAG)}\n"
                        rf"(?:    .*\n)*?      target: {name}\n", compose, re.MULTILINE)
    assert service, "docker-compose.yml builds it"
    assert f"      {service[1]}: {{condition: service_completed_successfully}}" in compose
    assert f"    <<: *images\n    image: {REGISTRY}mayfly-{name}:{TAG}\n" in stack


def test_compose_and_the_stack_serve_all_of_them():
    assert f'MAYFLY_RUNTIMES: "${{MAYFLY_RUNTIMES:-{shipped.setting()}}}"' in text_of("docker-compose.yml")
    assert f'MAYFLY_RUNTIMES: "{shipped.setting(TAG, REGISTRY)}"' in text_of("deploy/swarm/stack.yml")
    assert f"for name in mayfly {' '.join(shipped.IMAGES)}; do" in text_of("deploy/docs/swarm.md")


@pytest.mark.parametrize("path", ["README.md", "gateway/docs/using.md", "deploy/docs/image.md", "runner-image/README.md"])
def test_the_documents_name_each(path):
    assert [name for name in shipped.NAMES if f"`{name}`" not in text_of(path)] == []
