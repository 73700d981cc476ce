"""What is wrong with an entry of an infrastructure file besides what it renders: its version, its placeholders."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from chartgate.charts.metadata.version_constraints import chart_version, is_compatible, is_constraint
from chartgate.documents.words import near
from chartgate.gate.results.outcome import Problem
from chartgate.gate.results.written import SourceLine, Written
from chartgate.gate.vault_placeholders import Payload, Placeholder, payloads, placeholders
from chartgate.matrix.application import read_application
from chartgate.model import Chart
from chartgate.system.files import read_text

_REVISION = re.compile(r"\btargetRevision[\"']?: *+[\"']?([^\s\"',}]++)")
_PLACEHOLDER_TEXT = re.compile(r"<\s*+path:[^<>]*+>?")


def deployment_problems(infrastructure: str, chart: Chart, given_payloads: Sequence[str]) -> list[Problem]:
    """Compare the entry of a chart with the chart's version, and its placeholders with the documents of the secrets.

    Raises:
        InputError: there is no such entry, or no document of a secret, or one of them cannot be used.
    """
    file = Path(infrastructure)
    application = read_application(file, chart.name)
    problems = []
    if message := revision_problem(application.revision, chart.name, chart.version):
        at = _line_of(application.revision, file, _REVISION)
        problems.append(Problem("target_revision", infrastructure, message, written=at))
    used = list(placeholders(application.values))
    secrets = sorted({one.secret for one in used if one.key})
    documented = payloads(file, secrets, given_payloads)
    # The other charts of the file may take from the same secrets.
    taken = {(one.secret, one.key) for one in (*used, *placeholders(list(application.others)))}
    said = [(_wrong(one, documented), one) for one in used]
    wrong = [(message, _line_of(one.text, file)) for message, one in said if message]
    wrong += [(message, None) for message in _unused(taken, documented)]
    return problems + [Problem("placeholder", infrastructure, message, written=at) for message, at in wrong]


def _line_of(text: str, file: Path, pattern: re.Pattern[str] = _PLACEHOLDER_TEXT) -> Written | None:
    """Give the one line of a file that says a text where a pattern finds one; None for several lines, and for none."""
    lines = read_text(file, f"{file}: the infrastructure file").split("\n")
    found = [number for number, line in enumerate(lines, 1) if text in pattern.findall(line)]
    return Written(SourceLine(str(file), *found, *found)) if len(found) == 1 else None


def _wrong(one: Placeholder, documented: Mapping[str, Payload]) -> str:
    """Say what is wrong with a placeholder; else nothing."""
    if not one.key:
        return f"{one.address} holds {one.text}, which is not a placeholder: write <path:SECRET#KEY>"
    if one.secret not in documented:
        known = ", ".join(f"{secret} ({payload.file})" for secret, payload in documented.items())
        return f"{one.address} takes {one.key} of the secret {one.secret}, which is not documented; known: {known}"
    payload = documented[one.secret]
    if one.key in payload.keys:
        return ""
    meant = near(one.key, payload.keys)
    hint = f"did you mean {', '.join(meant)}?" if meant else f"it has {', '.join(payload.keys) or 'no key'}"
    what = f"{one.key} of the secret {one.secret}"
    return f"{one.address} takes {what}, which {payload.file} does not have: {hint}"


def _unused(taken: set[tuple[str, str]], documented: Mapping[str, Payload]) -> Iterator[str]:
    for secret, payload in documented.items():
        for key in payload.keys:
            if (secret, key) not in taken:
                yield f"{payload.file} documents {key} of the secret {secret}, which no value takes"


def revision_problem(revision: str, chart: str, version: str) -> str:
    """Say why a targetRevision of Argo CD does not mean this version of the chart; else nothing.

    In a Helm repository it is a version or a range of versions; in a git repository a tag, a range over the tags, a
    branch or a commit. A tag means a version under the names that tools give it: `1.2.3`, `v1.2.3`, `CHART-1.2.3`.
    Source: https://argo-cd.readthedocs.io/en/stable/user-guide/tracking_strategies/
    """
    if not revision:
        return f"it names no targetRevision, so that nobody knows which version it deploys: write {version}"
    if revision in (version, f"v{version}", f"{chart}-{version}"):
        return ""
    known = chart_version(version)
    if known is None:
        return f"targetRevision {revision} is not the version of Chart.yaml, {version}"
    if not is_constraint(revision):
        return (
            f"targetRevision {revision} is not a version, so a branch or a commit, which may hold any version: write"
            f" {version}, the tag v{version}, or a range such as {known.major}.{known.minor}.*"
        )
    if is_compatible(revision, version):
        return ""
    return f"targetRevision {revision} does not mean the version of Chart.yaml, {version}"
