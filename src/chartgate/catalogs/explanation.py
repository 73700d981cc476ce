"""What there is to say of one policy, or of one class of risk: why, on what, an example, and what one can do."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass

from chartgate.catalogs.policy_examples import Example
from chartgate.gate.rules.settings import Settings
from chartgate.policy.policy import THE_CHART, WHOLE_MATRIX, Policy, everywhere
from chartgate.review.risks.risk_class import RiskClass

_URL = re.compile(r"https?://[^\s<>()\"'`]++")
_DAYS = 90
"""A waiver's time in the example."""


@dataclass(frozen=True)
class Snippet:
    """Something to write into a file."""

    purpose: str
    language: str
    text: str


@dataclass(frozen=True)
class Explanation:
    """All that is known of one policy or class of risk."""

    name: str
    title: str
    facts: Mapping[str, str]
    """Short answers by their questions: `looks at`, `severity`."""
    rationale: tuple[str, ...]
    """Paragraphs."""
    sources: tuple[str, ...]
    """Where the rule is written."""
    example: Example | None = None
    no_example: str = ""
    """Why there is no example, where one could be expected."""
    remediation: str = ""
    snippets: tuple[Snippet, ...] = ()


def explained_policy(
    policy: Policy, settings: Settings, example: Example | str, matrix: str, today: datetime.date
) -> Explanation:
    """Explain a policy.

    Args:
        policy: which one.
        settings: those of the project, which may have another severity for it, or disable it.
        example: one of its findings, or why there is none.
        matrix: the project's file of waivers, as a person here would write it; empty for none.
        today: what a waiver's time is counted from.
    """
    shown = example if isinstance(example, Example) else None
    facts = {
        "of": f"{' / '.join(policy.packages) or 'policies'}, family {policy.family}",
        "severity": policy.severity,
        "here": here(policy, settings),
        "looks at": looks_at(policy),
        "spec": policy.spec,
    }
    return Explanation(
        name=policy.name,
        title=policy.title,
        facts={question: answer for question, answer in facts.items() if answer},
        rationale=_rationale(policy.documentation),
        sources=sources_of(policy.documentation),
        example=shown,
        no_example="" if shown else str(example),
        remediation=policy.remediation,
        snippets=(
            Snippet(
                f"Waive a finding that is right as it is, in {matrix or 'the matrix'}",
                "yaml",
                _waiver("policy", policy.name, shown.finding.subject if shown else "", today),
            ),
            Snippet(
                "Accept what was there before the gate, until it is mended",
                "console",
                f"$ chartgate check --accept {policy.name}",
            ),
            Snippet(f"Disable it, in {settings.source or 'pyproject.toml'}", "toml", _disabling(policy, settings)),
        ),
    )


def explained_risk(risk: RiskClass, today: datetime.date) -> Explanation:
    """Explain a class of risk of a review."""
    return Explanation(
        name=risk.name,
        title=risk.title,
        facts={"level": risk.level, "version": risk.bump},
        rationale=_rationale(risk.documentation),
        sources=(risk.source,),
        snippets=(Snippet("Waive one that is meant, in the matrix", "yaml", _waiver("risk", risk.name, "", today)),),
    )


def looks_at(policy: Policy) -> str:
    """Say what a policy gets to judge, and where."""
    if policy.over is None:
        what = f"{policy.judges.words if policy.judges else 'all that is rendered'}, in each scenario by itself"
    elif policy.over == WHOLE_MATRIX:
        what = "all scenarios together"
    elif policy.over == THE_CHART:
        what = "the chart's own files, whatever is rendered of them"
    else:
        what = f"several scenarios together ({_words(policy.over, 'those that it chooses')})"
    where = "" if policy.where is everywhere else f"; only where: {_words(policy.where, 'its own condition holds')}"
    again = "; renders again what has a finding, to tell what differs by chance" * policy.rerenders
    return f"{what}{where}{again}"


def here(policy: Policy, settings: Settings) -> str:
    """Say what the settings of a project make of a policy; nothing where they leave it alone."""
    if reason := settings.disable.get(policy.name):
        return f"disabled: {reason}"
    change = settings.severity.get(policy.name)
    return f"{change.to}: {change.reason}" if change else ""


def sources_of(documentation: str) -> tuple[str, ...]:
    """Give the addresses in a text, each once."""
    return tuple(dict.fromkeys(url.rstrip(".,;:") for url in _URL.findall(documentation)))


def _words(function: object, otherwise: str) -> str:
    """Give the first line of a function's documentation, or its name in words; a lambda has neither."""
    line = (getattr(function, "__doc__", "") or "").strip().partition("\n")[0].rstrip(".")
    name = getattr(function, "__name__", "<").strip("_").replace("_", " ")
    return (line[:1].lower() + line[1:]) or (otherwise if name.startswith("<") else name)


def _without_sources(paragraph: str) -> str:
    """Leave out the addresses that a paragraph ends with, which are shown by themselves."""
    text = paragraph.strip()
    last = text.split()[-1:]
    while last and _URL.match(last[0]):
        text = text.removesuffix(last[0]).rstrip().removesuffix(" and").rstrip(",").rstrip()
        last = text.split()[-1:]
    return text.removesuffix("Source:").removesuffix("Sources:").rstrip()


def _rationale(documentation: str) -> tuple[str, ...]:
    paragraphs = documentation.partition("\n")[2].split("\n\n")
    return tuple(filter(None, map(_without_sources, paragraphs)))


def _waiver(word: str, name: str, subject: str, today: datetime.date) -> str:
    kind, _, object_name = (subject.partition(" (")[0] or "Deployment shop/web").partition(" ")
    pattern = f"*/{object_name.partition('/')[2]}" if "/" in object_name else object_name
    lines = [
        "waivers:",
        f"  - {word}: {name}",
        f"    resource: {_quoted(f'{kind} {pattern}'.strip())}",
        '    scenario: "*"',
        "    reason: Why it is right here.",
        "    owner: Who answers for it.",
        f"    expires: {today + datetime.timedelta(days=_DAYS)}",
    ]
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _disabling(policy: Policy, settings: Settings) -> str:
    table = "disable" if settings.source.endswith("chartgate.toml") else "tool.chartgate.disable"
    return f'[{table}]\n{policy.name} = "Why it does not judge here."'
