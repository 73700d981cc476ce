"""Objects as they were and as they are, written as YAML, and the classes of risk that the change shows."""

from __future__ import annotations

from chartgate.documents.yaml_texts import go_yaml
from chartgate.model import Resource, Resources
from chartgate.review.pairing import Pair, pairs
from chartgate.review.review import Risk
from chartgate.review.risks.risk_classes import OF_RESOURCES
from chartgate.review.scenario_changes import of_pair


def of(kind: str, inside: str, version: str = "v1", meta: str = "name: web") -> str:
    """Write an object, on one line."""
    return f"{{apiVersion: {version}, kind: {kind}, metadata: {{{meta}}}, {inside}}}"


def paired(before: str, after: str, *templates: str) -> list[Pair]:
    """Pair the objects of two texts.

    Args:
        before: documents, those of version 1.4.2.
        after: those of version 1.4.3.
        templates: the files of both sides, where it counts which.
    """
    files = templates or ("web/templates/web.yaml", "web/templates/web.yaml")
    sides = []
    for text, file in zip((before, after), files, strict=True):
        documents = [dict(go_yaml.load(part, "")) for part in text.split("---") if part.strip()]
        sides.append(Resources(Resource(document, file, "shop") for document in documents))
    return list(pairs(sides[0], sides[1], ({"1.4.2"}, {"1.4.3"})))


def risks_of(found: list[Pair]) -> list[tuple[Risk, str]]:
    """Give the risks that changes show, each with the address of its change."""
    changes = [change for pair in found for change in of_pair(pair, OF_RESOURCES)]
    return [(risk, change.address) for change in changes for risk in change.risks]


def shown(found: list[Pair]) -> dict[str, tuple[str, str]]:
    """Give the classes that a change shows, each with its level and where."""
    return {risk.name: (risk.level, address) for risk, address in risks_of(found)}


def risks_told(before: str, after: str) -> list[str]:
    """Give each risk that the change from one text to another shows: its class, its level and its reason."""
    return [f"{risk.name} {risk.level} {risk.reason}" for risk, _ in risks_of(paired(before, after))]
