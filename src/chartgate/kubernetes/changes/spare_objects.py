"""An object without what goes without saying: defaults of the API server and of Helm, nulls, empty lists and maps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chartgate.documents.shapes import map_of, maps_in, texts_in
from chartgate.kubernetes.changes.lifecycle import TAKEN_FOR_GRANTED
from chartgate.kubernetes.changes.server_defaults import COMPUTED, CONSTANTS, WITHOUT_CONTENT
from chartgate.kubernetes.pods.workloads import LIKE_DEPLOYMENTS
from chartgate.kubernetes.validity.bundled_schemas import bundled_versions, definition_of, definitions
from chartgate.model import Manifest

_OF_CONTENT = ".CustomResourceSubresourceStatus"
"""An empty `status` of a definition says that its objects have one."""
_SELECTOR = "apimachinery.pkg.apis.meta.v1.LabelSelector"
_GATEWAYS = "gateway.networking.k8s.io"
_SERVICE = {"kind": "Service", "weight": 100}
_DEFAULTS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    _GATEWAYS: {
        "parentRefs": {"group": _GATEWAYS, "kind": "Gateway"},
        "backendRefs": {"group": "", "kind": "Service", "weight": 1},
        "certificateRefs": {"group": "", "kind": "Secret"},
    },
    "route.openshift.io": {"spec": {"wildcardPolicy": "None"}, "to": _SERVICE, "alternateBackends": _SERVICE},
    "monitoring.coreos.com": {"spec": {"namespaceSelector": {}}},
}
"""What is filled in where Kubernetes has no definition, by API group, and by the field or the list that it is in.

Sources: https://gateway-api.sigs.k8s.io/reference/spec/, https://prometheus-operator.dev/docs/api-reference/api/,
https://github.com/openshift/api/blob/master/route/v1/types.go
"""


def spare(manifest: Manifest) -> Manifest:
    """Leave out of a manifest what the API server fills in, and Helm takes for granted; of unknown kinds the latter."""
    manifest = _without_usual_annotations(manifest)
    version = bundled_versions()[-1]
    kind = str(manifest.get("apiVersion", "")), str(manifest.get("kind", ""))
    definition = definition_of(*(("apps/v1", "Deployment") if kind[1] in LIKE_DEPLOYMENTS else kind), version)
    if not definition:
        return _without_custom_defaults(manifest)
    result = _spare(manifest, definition, definitions(version))
    # What an object is and is called is never left out of it.
    return {**{key: manifest[key] for key in ("apiVersion", "kind") if key in manifest}, **map_of(result)}


def _without_usual_annotations(manifest: Manifest) -> Manifest:
    """Leave out the annotations that say what Helm and Argo CD do anyway."""
    metadata = map_of(manifest.get("metadata"))
    annotations = map_of(metadata.get("annotations"))
    left = {key: value for key, value in annotations.items() if str(value) != TAKEN_FOR_GRANTED.get(key)}
    if len(left) == len(annotations):
        return manifest
    without = {key: value for key, value in metadata.items() if key != "annotations"}
    return {**manifest, "metadata": {**without, **({"annotations": left} if left else {})}}


def _spare(value: Any, name: str, known: Mapping[str, Any]) -> Any:
    """Give a value of one definition without what goes without saying in it."""
    fields = map_of(map_of(known.get(name)).get("properties"))
    if not isinstance(value, dict) or not fields:
        return value
    short = name.removeprefix("io.k8s.").removeprefix("api.")
    constants, computed = CONSTANTS.get(short, {}), COMPUTED.get(short, {})
    result = {}
    for key, content in value.items():
        schema = map_of(fields.get(key))
        left = _of_schema(content, schema, known)
        # The selector of a workload is compared word by word: the API server refuses another form of it.
        if str(schema.get("$ref", "")).endswith(_SELECTOR) and not short.startswith(("apps.", "batch.")):
            left = _with_labels(left)
        if _says_nothing(str(key), left, schema):
            continue
        if key in constants and _is_the_same(left, constants[key]):
            continue
        if key in computed and computed[key](content, value):
            continue
        result[key] = left
    return result


def _with_labels(selector: Any) -> Any:
    """Write what a selector says of single values the short way: `matchLabels`."""
    if not isinstance(selector, dict):
        return selector
    labels, others = dict(map_of(selector.get("matchLabels"))), []
    expressions = maps_in(selector.get("matchExpressions"))
    for expression in expressions:
        key, values = str(expression.get("key")), texts_in(expression.get("values"))
        is_single = expression.get("operator") == "In" and expression.get("values") == values[:1] != []
        if not (is_single and labels.setdefault(key, values[0]) == values[0]):
            others.append(expression)
    if len(others) == len(expressions):
        return selector
    return {"matchLabels": labels, **({"matchExpressions": others} if others else {})}


def _of_schema(value: Any, schema: Mapping[str, Any], known: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        items = map_of(schema.get("items"))
        return [_of_schema(item, items, known) for item in value]
    reference = str(schema.get("$ref", ""))
    return _spare(value, reference.rpartition("/")[2], known) if reference else value


def _says_nothing(key: str, value: Any, schema: Mapping[str, Any]) -> bool:
    """Tell whether a value is empty, and empty is as good as not there: a list, a map of texts, a part of the spec."""
    if value is None:
        return bool(schema)
    if value == []:
        return isinstance(value, list) and "items" in schema
    if value != {} or not isinstance(value, dict) or str(schema.get("$ref", "")).endswith(_OF_CONTENT):
        return False
    return "additionalProperties" in schema or key in WITHOUT_CONTENT


def _is_the_same(value: Any, constant: Any) -> bool:
    return type(value) is type(constant) and bool(value == constant)


def _without_custom_defaults(manifest: Manifest) -> Manifest:
    """Give an object of a group of `_DEFAULTS` without what goes without saying in it; any other as it is."""
    group = str(manifest.get("apiVersion", "")).partition("/")[0]
    known = _DEFAULTS.get(group)
    if known is None:
        return manifest
    namespace = str(map_of(manifest.get("metadata")).get("namespace") or "")
    if namespace and group == _GATEWAYS:  # a reference is to something in the namespace of who refers to it
        known = {field: {**defaults, "namespace": namespace} for field, defaults in known.items()}
    return {key: _without(value, key, known) if key == "spec" else value for key, value in manifest.items()}


def _without(value: Any, field: str, known: Mapping[str, Mapping[str, Any]]) -> Any:
    if isinstance(value, list):
        return [_without(item, field, known) for item in value]
    if not isinstance(value, dict):
        return value
    defaults = known.get(field, {})
    return {
        key: _without(item, str(key), known)
        for key, item in value.items()
        if not (key in defaults and item == defaults[key] and type(item) is type(defaults[key]))
    }
