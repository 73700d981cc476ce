"""What is wrong with an entry of an infrastructure file besides what it renders: its version, its placeholders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from chartgate.documents.words import near
from chartgate.gate.results.outcome import Problem
from chartgate.gate.rules.target_revision import revision_problem
from chartgate.gate.vault_placeholders import Payload, Placeholder, payloads, placeholders
from chartgate.matrix.application import read_application
from chartgate.model import Chart


def deployment_problems(infrastructure: str, chart: Chart, given_payloads: Sequence[str]) -> list[Problem]:
    """Compare the entry of a chart with the chart's version, and its placeholders with the documents of the secrets.

    Raises:
        InputError: there is no such entry, or no document of a secret, or one of them cannot be used.
    """
    file = Path(infrastructure)
    application = read_application(file, chart.name)
    problems = []
    if message := revision_problem(application.revision, chart.name, chart.version):
        problems.append(Problem("target_revision", infrastructure, message))
    used = list(placeholders(application.values))
    secrets = sorted({one.secret for one in used if one.key})
    documented = payloads(file, secrets, given_payloads)
    # The other charts of the file may take from the same secrets.
    taken = {(one.secret, one.key) for one in (*used, *placeholders(list(application.others)))}
    messages = [*_wrong(used, documented), *_unused(taken, documented)]
    return problems + [Problem("placeholder", infrastructure, message) for message in messages]


def _wrong(used: Sequence[Placeholder], documented: Mapping[str, Payload]) -> Iterator[str]:
    for one in used:
        if not one.key:
            yield f"{one.address} holds {one.text}, which is not a placeholder: write <path:SECRET#KEY>"
        elif one.secret not in documented:
            known = ", ".join(f"{secret} ({payload.file})" for secret, payload in documented.items())
            yield f"{one.address} takes {one.key} of the secret {one.secret}, which is not documented; known: {known}"
        elif one.key not in documented[one.secret].keys:
            payload = documented[one.secret]
            meant = near(one.key, payload.keys)
            hint = f"did you mean {', '.join(meant)}?" if meant else f"it has {', '.join(payload.keys) or 'no key'}"
            what = f"{one.key} of the secret {one.secret}"
            yield f"{one.address} takes {what}, which {payload.file} does not have: {hint}"


def _unused(taken: set[tuple[str, str]], documented: Mapping[str, Payload]) -> Iterator[str]:
    for secret, payload in documented.items():
        for key in payload.keys:
            if (secret, key) not in taken:
                yield f"{payload.file} documents {key} of the secret {secret}, which no value takes"
