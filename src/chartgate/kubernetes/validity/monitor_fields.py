"""What the fields of monitors hold: those of the operator of Prometheus, whose schemas no chart brings along.

Source: https://prometheus-operator.dev/docs/api-reference/api/ (ServiceMonitorSpec, PodMonitorSpec, Endpoint)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from chartgate.documents.places import Place
from chartgate.documents.shapes import is_whole
from chartgate.model import Resource

_GROUPS = ("monitoring.coreos.com", "azmonitoring.coreos.com")
_TEXT, _NUMBER, _SWITCH, _MAP, _TEXTS, _MAPS, _LABELS = (
    "a text",
    "a number",
    "true or false",
    "a map",
    "a list of texts",
    "a list of maps",
    "a map of texts",
)
_ENDPOINT: Mapping[str, str] = {
    **dict.fromkeys(("port", "path", "scheme", "interval", "scrapeTimeout", "bearerTokenFile", "proxyUrl"), _TEXT),
    **dict.fromkeys(("honorLabels", "honorTimestamps", "followRedirects", "enableHttp2", "filterRunning"), _SWITCH),
    **dict.fromkeys(("basicAuth", "oauth2", "tlsConfig", "bearerTokenSecret", "authorization", "params"), _MAP),
    **dict.fromkeys(("metricRelabelings", "relabelings"), _MAPS),
}
_SELECTORS: Mapping[str, Mapping[str, str]] = {
    "selector": {"matchLabels": _LABELS, "matchExpressions": _MAPS},
    "namespaceSelector": {"any": _SWITCH, "matchNames": _TEXTS},
}
_SPEC: Mapping[str, str] = {
    **dict.fromkeys(("jobLabel", "bodySizeLimit", "scrapeClass"), _TEXT),
    **dict.fromkeys(("targetLabels", "podTargetLabels", "scrapeProtocols"), _TEXTS),
    **dict.fromkeys(("sampleLimit", "targetLimit", "labelLimit", "keepDroppedTargets"), _NUMBER),
    **dict.fromkeys(("selector", "namespaceSelector", "attachMetadata"), _MAP),
    **dict.fromkeys(("endpoints", "podMetricsEndpoints"), _MAPS),
}
_OF_ENDPOINTS = tuple(name for name in _ENDPOINT if name not in _SPEC)


class WrongField(NamedTuple):
    """A field of a monitor that the API server refuses, or drops, and what belongs there."""

    place: Place[Resource]
    wanted: str
    is_wrong: bool


def monitor_fields(resource: Resource) -> Iterator[WrongField]:
    """Give each field of a monitor whose form is known; nothing of anything else."""
    group = resource.identity.api_version.rpartition("/")[0]
    if group not in _GROUPS or resource.kind not in ("ServiceMonitor", "PodMonitor"):
        return
    spec = resource / "spec"
    yield from _of(spec, _SPEC)
    for name, fields in _SELECTORS.items():
        yield from _of(spec / name, fields)
    of_kind = "endpoints" if resource.kind == "ServiceMonitor" else "podMetricsEndpoints"
    for endpoint in (spec / of_kind).maps():
        yield from _of(endpoint, _ENDPOINT)
    for name in _OF_ENDPOINTS:
        if (spec / name).is_there:
            yield WrongField(spec / name, f"below an item of {of_kind}", is_wrong=True)


def _of(map_: Place[Resource], fields: Mapping[str, str]) -> Iterator[WrongField]:
    for name, place in map_.entries():
        if (wanted := fields.get(name)) and place.value is not None:
            yield WrongField(place, wanted, not _holds(place.value, wanted))


def _holds(value: object, wanted: str) -> bool:
    if wanted == _SWITCH:
        return isinstance(value, bool)
    if wanted == _NUMBER:
        return is_whole(value)
    if wanted in (_TEXTS, _MAPS):
        item = str if wanted == _TEXTS else dict
        return isinstance(value, list) and all(isinstance(one, item) for one in value)
    if wanted in (_MAP, _LABELS):
        return isinstance(value, dict) and (wanted == _MAP or all(isinstance(one, str) for one in value.values()))
    return isinstance(value, str)
