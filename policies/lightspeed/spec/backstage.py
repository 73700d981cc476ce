"""The Backstage pod as the spec draws it: which containers it has, and where each of them listens."""

from __future__ import annotations

from chartgate.kubernetes.pods.workloads import Container, container
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

HUB = f"Deployment {BACKSTAGE}"
"""The Deployment, as edits name it."""
POD = "spec.template.spec"
"""Where in it the pod spec is, and each container."""
INIT_CONTAINERS = f"{POD}.initContainers"
CONTAINERS = f"{POD}.containers"
MAIN = f"{CONTAINERS}[{BACKSTAGE}]"
LOCATION, STORAGE_REST, NORMALIZER, CORE, LLAMA_STACK, HARVESTER = (f"{CONTAINERS}[{name}]" for name in SIDECARS)

PROBES = ("startupProbe", "livenessProbe", "readinessProbe")
"""The probes that a container may have."""

EVERYBODY = {"kind": "Group", "name": "system:serviceaccounts", "apiGroup": "rbac.authorization.k8s.io"}
"""Every service account of the cluster, as the subject of a binding."""


def after_hooks(rendering: Rendering) -> Resource:
    """Give the Backstage Deployment as it is once the sidecar Job has run.

    Raises:
        Missing: it is not rendered.
    """
    return rendering.after_hooks.one("Deployment", BACKSTAGE, rendering.scenario.namespace)


def hub_container(rendering: Rendering, name: str) -> Container:
    """Give one container of the Backstage pod as it is once the sidecar Job has run.

    Raises:
        Missing: the Deployment is not rendered, or has no such container.
    """
    return container(after_hooks(rendering), name)


def hub_account(scenario: Scenario) -> str:
    """Give the account of the Backstage pod, as the subchart's values describe it."""
    account = scenario.value("redhat-developer-hub.upstream.serviceAccount")
    return str(account["name"] or (BACKSTAGE if account["create"] else "default"))


def cluster_name(scenario: Scenario, name: str) -> str:
    """Give the name of an object outside of the release's namespace, which other releases must not share."""
    return f"{scenario.release}.{scenario.namespace}.{name}"
