"""Which lines of the chart wrote the first of what differs from a snapshot, found as those of findings are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from chartgate.documents.addresses import ABSENT, lookup
from chartgate.documents.yaml_texts import go_yaml
from chartgate.errors import InputError
from chartgate.gate.judgement import Judgement
from chartgate.gate.results.outcome import Finding, PolicySummary
from chartgate.gate.results.written import SourceLine
from chartgate.gate.telling.causes import marking
from chartgate.gate.telling.source_lines import located
from chartgate.kubernetes.changes.differences import Difference, differences
from chartgate.model import Rendering

_DOCUMENT = re.compile(r"^---\n", re.MULTILINE)
_SOURCE = re.compile(r"# Source: (.+)\n")
_NAMES = ("apiVersion", "kind", "metadata.namespace", "metadata.name")
_MOST_OF_AN_OBJECT = 3
_MOST = 12
"""Fields that are looked for."""
_NO_POLICY = PolicySummary("", "", "", "")


def who_wrote_it(before: str, now: str, rendering: Rendering, judgement: Judgement) -> list[Finding]:
    """Give the first fields that differ, each with the line that wrote it; of those with one line the first.

    Args:
        before: the snapshot, objects as `# Source: TEMPLATE` and YAML.
        now: the same of what is rendered.
        rendering: which that shows.
        judgement: of the run.
    """
    masker, name = judgement.gate.masker_for([rendering.scenario]), judgement.gate.masker.name(rendering.scenario.name)
    subjects = {(r.template, *(str(r.at(at)) for at in _NAMES)): masker.text(r.subject) for r in rendering.forms}
    known = dict(_objects(before))
    found = [
        Finding(_NO_POLICY, "error", "", subjects[key], key[0], one.address, one.before, one.after, (name,), name)
        for key, manifest in _objects(now)
        if key in subjects
        for one in _first(known.get(key, ABSENT), manifest)
    ]
    told: dict[SourceLine, Finding] = {}
    for one in map(marking(judgement), located(found[:_MOST], judgement)):
        if one.written and one.written.by.line:
            told.setdefault(one.written.by, one)
    return list(told.values())


def _first(before: Any, now: Any) -> list[Difference]:
    """Give the first fields that differ, what is gone only where nothing else does; or an object that is new itself."""
    found = [Difference("", ABSENT, "rendered")] if before is ABSENT else differences(before, now)
    return ([one for one in found if one.after is not ABSENT] or found)[:_MOST_OF_AN_OBJECT]


def _objects(text: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    for part in _DOCUMENT.split(text):
        try:
            source, manifest = _SOURCE.match(part), go_yaml.load(part, "")
        except InputError:  # a file that somebody has edited
            continue
        if source and isinstance(manifest, dict):
            yield (source[1], *(str(lookup(manifest, name)) for name in _NAMES)), manifest
