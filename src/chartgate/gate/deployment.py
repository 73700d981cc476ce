"""What is wrong with an entry of an infrastructure file besides what it renders: its version, its placeholders.

The placeholders are those of argocd-vault-plugin, `<path:SECRET#KEY>`, for the documents of the secrets that they name.
Source: https://argocd-vault-plugin.readthedocs.io/en/stable/howitworks/
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chartgate.charts.metadata.version_constraints import chart_version, is_compatible, is_constraint
from chartgate.documents.addresses import join
from chartgate.documents.json_documents.json_text import load_json
from chartgate.documents.walking import strings
from chartgate.documents.words import near
from chartgate.errors import InputError
from chartgate.gate.results.outcome import Problem
from chartgate.gate.results.written import SourceLine, Written
from chartgate.matrix.application import read_application
from chartgate.model import Chart
from chartgate.system.answers import is_file
from chartgate.system.files import read_text

_REVISION = re.compile(r"\btargetRevision[\"']?: *+[\"']?([^\s\"',}]++)")
_PLACEHOLDER_TEXT = re.compile(r"<\s*+path:[^<>]*+>?")
# After the key there may be a version of the secret, and then modifiers: `<path:a#b#2 | base64encode>`.
_PLACEHOLDER = re.compile(r"<\s*path:([^#<>]+)#([^#<>|]+)(?:#[^#<>|]*)?(?:\|[^<>]*)?>")
_BEGINNING = re.compile(r"<\s*path:[^<>]*>?")


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


def _wrong(one: Placeholder, documented: Mapping[str, _Payload]) -> str:
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


def _unused(taken: set[tuple[str, str]], documented: Mapping[str, _Payload]) -> Iterator[str]:
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


@dataclass(frozen=True)
class Placeholder:
    """One of them, and the address of the value that holds it; `key` is empty where its form is not usable."""

    address: str
    secret: str
    key: str
    text: str


@dataclass(frozen=True)
class _Payload:
    """The documented content of a secret; its values must not be shown, so only the keys are kept."""

    file: Path
    keys: tuple[str, ...]


def placeholders(document: Any) -> Iterator[Placeholder]:
    """Give every placeholder in the texts of a document of maps and lists, its keys included."""
    for keys, text in strings(document):
        for found in _BEGINNING.finditer(text):
            whole = _PLACEHOLDER.fullmatch(found[0])
            secret, key = (whole[1].strip(), whole[2].strip()) if whole else ("", "")
            yield Placeholder(join(*keys), secret, key, found[0])


def payloads(infrastructure: Path, secrets: Collection[str], given: Sequence[str]) -> dict[str, _Payload]:
    """Find the documents of these secrets: those that are given (`FILE`, `SECRET=FILE`), else those beside the file.

    There, `SECRET.json` is sought, and in a folder `np-hub` also `secret-4.json` for the secret `np-hub-secret-4`.

    Raises:
        InputError: no document is there at all, one cannot be read or used, or it is not said for which secret it is.
    """
    found = {}
    for option in given:
        secret, equals, name = option.rpartition("=")
        if not equals:
            if len(secrets) != 1:
                several = ", ".join(sorted(secrets)) or "none"
                raise InputError(
                    f"--secret-payload={option}: say for which secret, with --secret-payload=SECRET=FILE; the values"
                    f" name {several}"
                )
            [secret] = secrets
        found[secret] = read_payload(Path(name))
    if given:
        return found
    sought = {secret: list(_beside(infrastructure, secret)) for secret in sorted(secrets)}
    found = {
        secret: read_payload(next(file for file in files if is_file(file)))
        for secret, files in sought.items()
        if any(is_file(file) for file in files)
    }
    if sought and not found:
        files = ", ".join(str(file) for files in sought.values() for file in files)
        raise InputError(
            f"{infrastructure}: the values name the secret {', '.join(sought)}, and no document of its keys is there"
            f" ({files}): name it with --secret-payload=FILE"
        )
    return found


def read_payload(file: Path) -> _Payload:
    """Read the JSON document of a secret.

    Raises:
        InputError: it cannot be read, or is not an object of texts, each key once.
    """
    pairs = load_json(read_text(file, f"{file}: the secret's document"), str(file), _Pairs)
    if not isinstance(pairs, _Pairs):
        raise InputError(f"{file}: expected a JSON object of the secret's keys")
    keys: set[str] = set()
    for key, value in pairs:
        if key in keys:
            raise InputError(f"{file}: the key {key!r} is there twice")
        if not isinstance(value, str):
            raise InputError(f"{file}: the value of {key!r} is not a text, as a secret's values are")
        keys.add(key)
    return _Payload(file, tuple(key for key, _ in pairs))


class _Pairs(list[tuple[str, Any]]):
    """A JSON object as it is written."""


def _beside(infrastructure: Path, secret: str) -> Iterator[Path]:
    name = secret.rpartition("/")[2]
    yield infrastructure.parent / f"{name}.json"
    cluster = f"{infrastructure.resolve().parent.name}-"
    if name.startswith(cluster):
        yield infrastructure.parent / f"{name.removeprefix(cluster)}.json"
