"""The Backstage pod as the spec draws it: which containers it has, and where each of them listens."""

from __future__ import annotations

from chartgate.model import Rendering, Resource, Scenario

BACKSTAGE = "backstage-backend"
"""The Deployment, its container and its Service: the name that people type."""
BRIDGE = ("location", "storage-rest", "rhoai-normalizer")
"""The sidecars that bring the models of OpenShift AI into the software catalog."""
SIDECARS = (*BRIDGE, "lightspeed-core", "llama-stack", "feedback-harvester")
"""What the Job injects, in the order of the spec."""
RAG_DATA = "init-rag-data"
"""The init container that copies the product documentation for llama-stack."""

PORTS = {
    BACKSTAGE: 7007,
    "location": 9090,
    "storage-rest": 7070,
    "rhoai-normalizer": 8888,
    "lightspeed-core": 8080,
    "llama-stack": 8321,
}
"""Where each container listens: the ports of the images, and those that the plugins expect."""

LOCAL_HOSTS = ("localhost", "127.0.0.1")
"""How the containers of one pod reach each other."""

CONTAINERS = "spec.template.spec.containers"
INIT_CONTAINERS = "spec.template.spec.initContainers"
POD = "spec.template.spec"


def after_hooks(rendering: Rendering) -> Resource:
    """Give the Backstage Deployment as it is once the sidecar Job has run.

    Raises:
        Missing: it is not rendered.
    """
    return rendering.after_hooks.one("Deployment", BACKSTAGE, rendering.scenario.namespace)


def hub_account(scenario: Scenario) -> str:
    """Give the account of the Backstage pod, as the subchart's values describe it."""
    account = scenario.value("redhat-developer-hub.upstream.serviceAccount")
    return str(account["name"] or (BACKSTAGE if account["create"] else "default"))


def cluster_name(scenario: Scenario, name: str) -> str:
    """Give the name of an object outside of the release's namespace, which other releases must not share."""
    return f"{scenario.release}.{scenario.namespace}.{name}"
