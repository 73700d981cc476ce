"""Who printed a document without a kind or a name, by which nothing finds it: the only one of its template."""

from __future__ import annotations

from collections.abc import Mapping

from chartgate.charts.template_texts.stamps import StampedText
from chartgate.documents.addresses import lookup, steps
from chartgate.documents.yaml_texts.written_places import nearest
from chartgate.gate.results.outcome import Finding
from chartgate.gate.telling.printed_places import PrintedPlace, objects_in, templates_of, who_wrote

_NEEDED = ("apiVersion", "kind", "metadata", "metadata.name")


def flawed_place(finding: Finding, printed: Mapping[str, StampedText]) -> PrintedPlace | None:
    """Give who printed what is around that which a finding misses, or finds wrong; None where that is not sure."""
    text = printed.get(templates_of(finding.template)[0])
    if text is None or finding.path not in _NEEDED:
        return None
    flawed = [
        node
        for node in objects_in(text.text)
        if isinstance(node.data, dict)
        and not str(node.data.get("kind")).endswith("List")
        and not _is_sound(lookup(node.data, finding.path), dict if finding.path == "metadata" else str)
    ]
    if len(flawed) != 1:
        return None
    there, left = nearest(flawed[0], finding.path)
    taken = steps(finding.path)[: -len(left) or None]
    return next(who_wrote(text, there, taken, is_around=bool(left)), None)


def _is_sound(value: object, kind: type) -> bool:
    return isinstance(value, kind) and value != ""
