"""What `check` found as SARIF, which code scanning of GitHub and GitLab, Azure DevOps and editors show beside the code.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html and, for what GitHub takes,
https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from chartgate import __version__
from chartgate.documents.escaping import json_text
from chartgate.gate.results.outcome import Outcome
from chartgate.gate.results.written import SourceLine
from chartgate.reports.told_results import ToldResult, told_results

_MOST_RESULTS = 25_000
"""GitHub refuses a run with more."""
_ROOT = "%SRCROOT%"


def sarif_report(outcome: Outcome) -> str:
    """Give one run with a result for each cause; what is waived or in the baseline is there as suppressed."""
    results = told_results(outcome, with_accepted=True)[:_MOST_RESULTS]
    rules = {result.rule: result for result in reversed(results)}
    places = {rule: place for place, rule in enumerate(rules)}
    driver = {
        "name": "chartgate",
        "version": __version__,
        "rules": [_rule(result) for result in rules.values()],
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": True, "exitCode": int(outcome.is_red)}],
        "columnKind": "unicodeCodePoints",
        "results": [_result(result, places[result.rule]) for result in results],
    }
    return json_text({"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]})


def _rule(result: ToldResult) -> dict[str, Any]:
    rule: dict[str, Any] = {"id": result.rule, "shortDescription": {"text": result.rule_title or result.rule}}
    return rule | ({"help": {"text": result.help}} if result.help else {})


def _result(result: ToldResult, rule: int) -> dict[str, Any]:
    location = _location(result.at)
    if result.about:
        location["logicalLocations"] = [{"fullyQualifiedName": result.about}]
    found: dict[str, Any] = {
        "ruleId": result.rule,
        "ruleIndex": rule,
        "level": result.level,
        "message": {"text": result.text},
        "locations": [location],
        "partialFingerprints": {"chartgate/v1": result.fingerprint},
    }
    if result.related:
        found["relatedLocations"] = [
            {"id": number, "message": {"text": words}} | _location(place)
            for number, (words, place) in enumerate(result.related)
        ]
    if result.accepted:
        found["suppressions"] = [{"kind": "external", "status": "accepted", "justification": result.accepted}]
    return found


def _location(place: SourceLine) -> dict[str, Any]:
    artifact = {"uri": quote(place.file)} | ({} if place.file.startswith("/") else {"uriBaseId": _ROOT})
    physical: dict[str, Any] = {"artifactLocation": artifact}
    if place.line:
        physical["region"] = {"startLine": place.line, "endLine": max(place.line, place.last)}
    return {"physicalLocation": physical}
