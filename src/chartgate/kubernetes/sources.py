"""Whether a variable that a configuration names has a source that exists in the rendering."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.addresses import ABSENT, join
from chartgate.checks import exists, rendered, states
from chartgate.kubernetes.environment import variables
from chartgate.kubernetes.workloads import Container
from chartgate.model import Check, Rendering, Resource, Resources

# The keys that the control plane writes into a Secret of that type.
_WRITTEN_LATER = {"kubernetes.io/service-account-token": ("token", "ca.crt", "namespace")}


def find(resources: Resources, kind: str, name: str, namespace: str) -> Resource | None:
    """Give a Secret or ConfigMap if it is rendered."""
    return next((r for r in resources.of_kind(kind) if (r.name, r.namespace) == (name, namespace)), None)


def has_key(resource: Resource, key: str) -> bool:
    """Tell whether a Secret or ConfigMap has a key, now or once the control plane has filled it."""
    fields = ("data", "stringData", "binaryData")
    later = _WRITTEN_LATER.get(str(resource.at("type")), ())
    return key in later or any(resource.at(join(field, key)) is not ABSENT for field in fields)


def source_checks(
    rendering: Rendering, container: Container, variable: str, reader: Resource, path: str
) -> Iterator[Check]:
    """Check that a container has a variable, and that the key which it is read from is rendered.

    `reader` and `path` say where the variable is used. What should be rendered and is not is a finding of its own:
    either of the two can be the one that is wrong.
    """
    origin = variables(container, rendering.resources).get(variable)
    expected = f"{variable} has a source on the container {container.name} that is rendered"
    if origin is None or origin.kind not in ("Secret", "ConfigMap"):
        yield states(reader, path, origin is not None, expected=expected, actual=str(origin or ABSENT))
        return
    namespace = container.resource.namespace
    found = find(rendering.resources, origin.kind, origin.name, namespace)
    passed = found is not None and has_key(found, origin.key)
    yield states(reader, path, passed, expected=expected, actual=f"{origin}{'' if passed else ', not rendered'}")
    yield rendered(rendering, origin.kind, origin.name, namespace)
    if found is not None and not passed:
        yield exists(found, join("stringData" if origin.kind == "Secret" else "data", origin.key))
