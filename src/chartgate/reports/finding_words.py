"""What findings have in common, in words that are alike in every report: severities, and how many are alike."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from chartgate.documents.escaping import lines_of, one_line
from chartgate.documents.words import counted, listed
from chartgate.gate.results.outcome import AcceptedFinding, Finding, Variant
from chartgate.gate.results.written import SourceLine, Written
from chartgate.model import Severity
from chartgate.reports.value_text import difference_words

_MOST_UNJUDGED = 12
_MOST_MENDED = 12
_MOST_POLICIES = 4
_PLACEHOLDER = re.compile("<[a-z]++>")
_MOST = 3
"""More would hide the other findings."""
_HINT = "\n\nUse --debug flag to render out invalid YAML"
"""What helm says behind every error."""


def said_lines(message: str) -> list[str]:
    """Give what helm says, or a problem else, in its lines, without the advice about an option of helm's."""
    return lines_of(message.removesuffix(_HINT))


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


def following(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """Give what only follows from findings, by the fingerprint of each."""
    follows: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.follows:
            follows.setdefault(finding.follows, []).append(finding)
    return follows


def consequence_words(findings: Iterable[Finding]) -> str:
    """Count what follows from a finding: `and what follows from it: 2 findings of secrets_are_read, keys_are_there`."""
    policies = [finding.policy.name for finding in findings]
    of = listed(list(dict.fromkeys(policies)), _MOST_POLICIES)
    return f"and what follows from it: {counted(len(policies), 'finding')} of {of}"


def place_words(written: Written | None) -> str:
    """Name the lines at which helm stops: `at chart/templates/_pod.tpl:3, called from chart/templates/web.yaml:9`."""
    if written is None or not written.by.line:
        return ""
    parts = _prefixed(" with ", written.parts, written)
    means = f", which may mean {written.key}" + f" at {written.key_at}" * bool(written.key_at) if written.key else ""
    at = f"at {written.by}{_changed(written.by, written)}{means}{parts}{_calls(written)}"
    return _joined(_elsewhere_changed(written), at, _also(written))


def source_words(written: Written | None) -> str:
    """Say which lines of the chart something comes from; empty where that is not known.

    `written by chart/templates/_pod.tpl:3 with chart/templates/_pod.tpl:1, called from chart/templates/web.yaml:9`
    """
    if written is None:
        return ""
    if not written.by.line:
        likely = _prefixed("look at ", written.also[:1], written)
        return _joined(_elsewhere_changed(written), likely, _prefixed("see also ", written.also[1:], written))
    by = f"{written.by}{_changed(written.by, written)}"
    parts = _prefixed(" with " if "templates/" in written.by.file else ", read by ", written.parts, written)
    more = f"{parts}{_calls(written)}"
    more += _prefixed(", compared with ", written.compared, written)
    lines = f"inside of what {by} writes{more}" if written.is_around else f"written by {by}{more}"
    if written.scenario:
        lines = f"where it is there ({written.scenario}), {lines}"
    at = f" at {written.key_at}" if written.key_at else ""
    key = f"it prints {written.key}{at}" if written.key else ""
    return _joined(_elsewhere_changed(written), lines, key, _also(written))


def _joined(*parts: str) -> str:
    return "; ".join(filter(None, parts))


def _calls(written: Written) -> str:
    return "".join(f", called from {call}{_changed(call, written)}" for call in written.calls)


def _also(written: Written) -> str:
    return _prefixed("see also ", written.also, written)


def _prefixed(words: str, lines: Iterable[SourceLine], written: Written) -> str:
    """Name lines behind some words, but for those that differ, which are told first; empty where there are none.

    A file is named once where several lines of it follow each other.
    """
    file = written.by.file if lines is written.parts and written.by.line else ""
    named = []
    for line in lines:
        if line != written.changed_at:
            at = str(line).removeprefix(f"{line.file}:")
            named.append(f"{'lines' if '-' in at else 'line'} {at}" if line.line and line.file == file else str(line))
            file = line.file
    return f"{words}{', '.join(named)}" if named else ""


def _changed(line: SourceLine, written: Written) -> str:
    """Say of a line that it has changed, or which of several."""
    if not _is_among(written.changed_at, line):
        return ""
    at = str(written.changed_at).rpartition(":")[2]
    which = "" if str(written.changed_at) == str(line) else f"{'lines' if '-' in at else 'line'} {at} "
    return f" ({which}changed since {written.since})"


def _elsewhere_changed(written: Written) -> str:
    """Say which lines have changed that are not those which wrote it: the likeliest ones."""
    if not written.changed or any(_is_among(written.changed_at, line) for line in (written.by, *written.calls)):
        return ""
    return f"changed since {written.since}: {written.changed_at or 'its template'}"


def _is_among(lines: SourceLine | None, others: SourceLine) -> bool:
    if lines is None or lines.file != others.file:
        return False
    return others.line <= lines.line and max(lines.line, lines.last) <= max(others.line, others.last)


def differing_lines(finding: Finding) -> list[str]:
    """Tell what differs in a list or a map, and what the others say for which a finding stands: another index, say."""
    difference = difference_words(finding.expected, finding.actual)
    others = finding.variants[1:]
    more = [f"      and {len(others) - _MOST} more of this kind"] * (len(others) > _MOST)
    lines = [one_line(f"      differs:  {difference}")] * bool(difference)
    return [*lines, *(one_line(f"      likewise: {variant_words(variant)}") for variant in others[:_MOST]), *more]


def variant_words(variant: Variant) -> str:
    """Give what another finding says, with the names of its own installation in place of `<release>` and the like."""
    named = _PLACEHOLDER.sub(lambda found: variant.names.get(found[0], found[0]), variant.text)
    return named.removeprefix(": ")


def heading(subject: str, template: str) -> str:
    """Name a resource and its template, or what else a finding is about: a file of the chart is its own template."""
    return f"{subject} from {template}" if template and template != subject else subject
