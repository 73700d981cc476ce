"""What one item gave, as JSON and back: the workers of a run hand it on to the process that tells of all."""

from __future__ import annotations

import dataclasses
import datetime
import json
from collections.abc import Mapping
from typing import Any

from chartgate.documents.json_documents.json_text import plain_form
from chartgate.gate.results.outcome import AcceptedFinding, Finding, ItemResult, PolicySummary, Problem, Variant
from chartgate.gate.telling.causes import JudgedItem
from chartgate.model import AskedObject, Waiver


def carried(item: JudgedItem) -> str:
    """Give a judged item as JSON, with what it gave that a report tells."""
    result = item.result
    content = {
        "kind": item.kind,
        "policy": item.policy,
        "case": item.case,
        "findings": [plain_form(dataclasses.asdict(finding)) for finding in result.findings],
        "waived": [plain_form(dataclasses.asdict(finding)) for finding in result.waived],
        "problems": [dataclasses.asdict(problem) for problem in result.problems],
        "unjudged": result.unjudged,
        "causes": [dataclasses.asdict(problem) for problem in result.causes],
        "checks": result.checks,
        "scenario": item.scenario,
        "where": item.where,
    }
    return json.dumps({key: value for key, value in content.items() if value})


def brought(text: str) -> JudgedItem:
    """Give the item that was carried; what is not there in a manifest is now the text `(absent)`."""
    content = json.loads(text)
    result = ItemResult(
        findings=tuple(map(_finding, content.get("findings", ()))),
        waived=tuple(map(_finding, content.get("waived", ()))),
        problems=tuple(map(_problem, content.get("problems", ()))),
        unjudged=tuple(content.get("unjudged", ())),
        causes=tuple(map(_problem, content.get("causes", ()))),
        checks=content.get("checks", 0),
    )
    about = (content.get("policy", ""), content.get("case", ""))
    return JudgedItem(content["kind"], *about, result, content.get("scenario", ""), content.get("where", ""))


def _finding(content: Mapping[str, Any]) -> Finding:
    entry = content["baseline"]
    accepted = AcceptedFinding(**{**entry, "since": datetime.date.fromisoformat(entry["since"])}) if entry else None
    waivers = tuple(
        Waiver(**{**waiver, "expires": datetime.date.fromisoformat(waiver["expires"])}) for waiver in content["waivers"]
    )
    lists = {key: tuple(content[key]) for key in ("cases", "again")}
    variants = tuple(Variant(**variant) for variant in content["variants"])
    policy = PolicySummary(**content["policy"])
    asked = AskedObject(*content["asked"]) if content["asked"] else None
    return Finding(
        **{
            **content,
            **lists,
            "policy": policy,
            "baseline": accepted,
            "waivers": waivers,
            "variants": variants,
            "asked": asked,
        }
    )


def _problem(content: Mapping[str, Any]) -> Problem:
    return Problem(**{**content, "cases": tuple(content["cases"]), "again": tuple(content["again"])})
