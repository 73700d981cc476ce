"""What findings have in common, in words that are alike in every report: severities, and how many are alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from chartgate.documents.escaping import one_line
from chartgate.documents.words import counted, listed
from chartgate.gate.results.outcome import AcceptedFinding, Finding, Written
from chartgate.model import Severity

_MOST_UNJUDGED = 12
_MOST_MENDED = 12
_MOST = 3
"""More would hide the other findings."""


def severity_words(findings: Iterable[Finding | AcceptedFinding]) -> str:
    """Give the severity of findings, or how many have which: `error`, `1 error, 2 warnings`."""
    counts = Counter(finding.severity for finding in findings)
    if len(counts) == 1:
        return next(iter(counts))
    return ", ".join(counted(counts[severity], severity) for severity in sorted(counts))


def tolerated(number: int, fail_on: Severity) -> str:
    """Say how many findings make no run red: `2 findings below error`."""
    return f"{counted(number, 'finding')} below {fail_on}"


def in_baseline(number: int) -> str:
    """Say how many findings make no run red since they were accepted: `2 findings in the baseline`."""
    return f"{counted(number, 'finding')} in the baseline"


def mended_lines(file: str, mended: Sequence[AcceptedFinding]) -> list[str]:
    """Tell which findings of a baseline are gone, and how it gets rid of them; nothing where none is."""
    if not mended:
        return []
    of = f"{counted(len(mended), 'finding')} of {file}"
    more = [f"  and {len(mended) - _MOST_MENDED} more"] * (len(mended) > _MOST_MENDED)
    return [
        one_line(f"mended: {of} {'is' if len(mended) == 1 else 'are'} no longer there: `chartgate check --prune`"),
        *(one_line(f"  {entry.fingerprint}") for entry in mended[:_MOST_MENDED]),
        *more,
    ]


def not_judged(things: Sequence[str]) -> str:
    """Name what could not be judged: `not judged: 2 kinds or parts: a, b`."""
    return one_line(f"not judged, {len(things)}: {listed(things, _MOST_UNJUDGED)}")


def place_words(written: Written | None) -> str:
    """Name the lines at which helm stops: `at chart/templates/_pod.tpl:3, called from chart/templates/web.yaml:9`."""
    if written is None or not written.by.line:
        return ""
    also = _also(written)
    return f"at {written.by}{_calls(written)}{_changed(written)}{also and f'; {also}'}"


def source_words(written: Written | None) -> str:
    """Say which lines of the chart something comes from; empty where that is not known.

    `written by chart/templates/_pod.tpl:3, called from chart/templates/web.yaml:9`
    """
    also = _also(written) if written else ""
    if written is None or not written.by.line:
        return also
    lines = f"inside of what {written.by} writes" if written.is_around else f"written by {written.by}"
    if written.scenario:
        lines = f"where it is there ({written.scenario}), {lines}"
    at = f" at {written.key_at}" if written.key_at else ""
    key = f"; it prints {written.key}{at}" if written.key else ""
    return f"{lines}{_calls(written)}{_changed(written)}{key}{also and f'; {also}'}"


def _calls(written: Written) -> str:
    return "".join(f", called from {call}" for call in written.calls)


def _also(written: Written) -> str:
    return f"see also {', '.join(map(str, written.also))}" if written.also else ""


def _changed(written: Written) -> str:
    whose = {"line": "", "template": "its template is "}
    return f" ({whose[written.changed]}changed since {written.since})" if written.changed else ""


def differing_lines(finding: Finding) -> list[str]:
    """Tell what the others say for which a finding stands: another index, another value."""
    others = finding.variants[1:]
    more = [f"      and {len(others) - _MOST} more of this kind"] * (len(others) > _MOST)
    return [*(one_line(f"      likewise: {text}") for text in others[:_MOST]), *more]


def heading(subject: str, template: str) -> str:
    """Name a resource and its template, or what else a finding is about: a file of the chart is its own template."""
    return f"{subject} from {template}" if template and template != subject else subject
