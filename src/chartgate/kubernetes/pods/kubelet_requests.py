"""What the kubelet asks a container, by probes and by hooks."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.documents.places import Place
from chartgate.kubernetes.pods.workloads import Container
from chartgate.model import Resource

PROBES = ("livenessProbe", "readinessProbe", "startupProbe")


def kubelet_requests(container: Container) -> Iterator[Place[Resource]]:
    """Give each `httpGet` and `tcpSocket` of a container's probes and lifecycle hooks."""
    probes = (container / key for key in PROBES)
    hooks = (container / "lifecycle" / key for key in ("postStart", "preStop"))
    for handler in (*probes, *hooks):
        yield from (handler / kind for kind in ("httpGet", "tcpSocket") if (handler / kind).is_map)
