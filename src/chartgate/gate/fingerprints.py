"""What makes findings the same: one cause is one finding, whatever scenario, cluster, release or list index shows it.

A fingerprint is text that people read and that a baseline may list: `policy Kind name path`, or `policy cause` where
the policy says that what it finds in many places has one. It leaves out namespace, apiVersion, and the index of an item
that nothing else tells from the others. `<release>`, `<fullname>`, `<namespace>`, `<version>`, `<hash>`, `<random>` and
`<time>` are in place of what differs from one installation, one version of the chart or one rendering to the next.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice, product
from typing import Any

from chartgate.documents.addresses import below, item, written_steps
from chartgate.documents.words import with_word
from chartgate.gate.results.outcome import Finding, Variant
from chartgate.model import Case, Chart, Check, Scenario

_SUBJECT = re.compile(r"(?P<kind>\S++) (?:[^\s/]++/)?(?P<name>\S++)(?: \([^\s()]++\))?")
"""`Deployment shop/web (apps/v1)`, as an identity is written."""
_WORDS = {True: "true", False: "false"}
_NAMELESS = re.compile(r"a document(?: in \S++)?|\S++ \([^\s()]++\)")
"""What is rendered and no object: `Secret (v1)` without a name. Its template is all that tells it from another one."""
_HASH = re.compile(r"(?<![0-9a-zA-Z])(?=[0-9]*+[a-f])(?=[a-f]*+[0-9])[0-9a-f]{8,64}+(?![0-9a-zA-Z])")
"""A checksum, or the beginning of one: letters and digits, so that neither a word nor a date is taken for one."""
_CLUSTER = re.compile(r"(?<![0-9.])1\.[0-9]{2}(?:\.[0-9]++)?(?![0-9])")
"""A version of Kubernetes."""
_TOLD_BY_NUMBERS = "ports"
"""The lists whose items may be told apart by a number: by containerPort, or port."""

_BOTH = 2
_LIKE_A_WORD = 3
"""Characters: a release of a shorter name (`a`) is not looked for in sentences."""
_PLACEHOLDER = re.compile("<(?:namespace|release|fullname)>")
_PLACES = re.compile(f"({_PLACEHOLDER.pattern})")
_MOST_READINGS = 64
_MOST_COMPARED = 100
"""Of what findings of one fingerprint say besides; a report tells the first few, and how many more there are."""
_EVERYWHERE = ("<namespace>", "default")
"""A namespace that is a word of many fixed names."""
_NO_NAMES: Mapping[str, str] = {}


def fingerprint(
    policy: str,
    case: Case,
    check: Check,
    chart: Chart,
    names: Mapping[str, str] = _NO_NAMES,
) -> str:
    """Give what a finding of a policy has in common with all that have the same cause; masked, where the check is.

    Args:
        policy: the name of the policy.
        case: what it judged.
        check: the finding.
        chart: what was rendered.
        names: the names that chance gives, with a placeholder for what differs each time.
    """
    subject = _SUBJECT.fullmatch(check.subject)
    what = f"{subject['kind']} {subject['name']}" if subject else check.subject
    if _NAMELESS.fullmatch(check.subject):
        what = f"{check.subject} {check.template}".strip()
    words = [check.cause] if check.cause else [what, _without_indexes(check.path)]
    for name, same in sorted(names.items(), key=lambda pair: -len(pair[0])):
        words = [with_word(text, name, same) for text in words]
    return " ".join(filter(None, (policy, *(neutral(text, case, check.scenario, chart) for text in words))))


def variant(case: Case, check: Check, chart: Chart) -> Variant:
    """Give what else a finding says: findings of one fingerprint may differ in it, by more than names and versions."""
    place = f"{check.subject} {check.path}" if check.cause else f"{check.path}: expected {_text(check.expected)},"
    text = neutral(f"{place} found {_text(check.actual)}", case, check.scenario, chart, shortest=_LIKE_A_WORD)
    return Variant(_CLUSTER.sub("<kubernetes>", text), dict(_names(case, check.scenario, chart)))


def readings(text: str, names: Mapping[str, str]) -> Iterator[str]:
    """Give all that a text with placeholders may mean: each may be a fixed word, or another name that is the same.

    Args:
        text: a fingerprint, say.
        names: the name that each placeholder is in place of.
    """
    found, between = _PLACEHOLDER.findall(text), _PLACEHOLDER.split(text)
    choices = [[*(other for other in names if names[other] == names.get(one)), names.get(one, one)] for one in found]
    for chosen in islice(product(*choices), _MOST_READINGS):
        yield "".join(part for pair in zip(between, (*chosen, ""), strict=True) for part in pair)


def once(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Give findings of one fingerprint and severity once: the first, with the cases, variants and waivers of all.

    Where a release or a namespace is called like a word of fixed names, or both alike, what it gives is told with what
    others give.
    """
    every = list(findings)
    known = {(finding.fingerprint, finding.severity): _is_clear(finding) for finding in every}
    found: dict[tuple[str, str], list[Finding]] = {}
    for finding in every:
        own = finding.fingerprint
        meant = [one for one in readings(own, _names_of(finding)) if (one, finding.severity) in known]
        print_of = min(
            meant, default=own, key=lambda one: (len(_PLACEHOLDER.findall(one)), not known[one, finding.severity], one)
        )
        found.setdefault((print_of, finding.severity), []).append(finding)
    for (print_of, _), same in found.items():
        yield dataclasses.replace(
            same[0],
            fingerprint=print_of,
            cases=tuple(dict.fromkeys(case for finding in same for case in finding.cases)),
            variants=tuple(_different(variant for finding in same for variant in finding.variants)),
            waivers=tuple(dict.fromkeys(waiver for finding in same for waiver in finding.waivers)),
        )


def _names_of(finding: Finding) -> Mapping[str, str]:
    return finding.variants[0].names if finding.variants else {}


def _is_clear(finding: Finding) -> bool:
    """Tell whether no name of its installation may be taken for another one."""
    names = _names_of(finding)
    return len(set(names.values())) == len(names)


def _different(variants: Iterable[Variant]) -> Iterator[Variant]:
    """Leave out what says the same as one before it, as far as placeholders can tell."""
    told: dict[str, tuple[Variant, str]] = {}
    for this in variants:
        if this.text not in told:
            said = "".join(this.names.get(part, part) for part in _PLACES.split(this.text))
            before = islice(told.values(), _MOST_COMPARED)
            if not any(_may_say(this, other, its) or _may_say(other, this, said) for other, its in before):
                yield this
            told[this.text] = this, said


def _may_say(one: Variant, other: Variant, said: str) -> bool:
    """Tell whether the first, said of the other's installation, is what the other says."""
    if not said.endswith(one.text.rpartition(">")[2]):  # what is behind all placeholders
        return False
    ends = {0}
    for part in _PLACES.split(one.text):
        same = [place for place in one.names if one.names[place] == one.names.get(part)]
        words = {other.names.get(place, place) for place in same} or {part}
        ends = {end + len(word) for end in ends for word in words if said.startswith(word, end)}
    return len(said) in ends


def neutral(text: str, case: Case, scenario: str, chart: Chart, *, shortest: int = 1) -> str:
    """Put placeholders for what scenarios of a case and one version of a chart name.

    Those of the scenario that is named; of both of a pair, whose finding may be about an object of either. Names that
    are shorter than `shortest` characters stay: in a sentence, they may be words.
    """
    given = _names(case, scenario, chart)
    names = {name: placeholder for placeholder, name in given if (placeholder, name) != _EVERYWHERE}
    versions = {chart.version: "<version>", str(chart.metadata.get("appVersion") or ""): "<version>"}
    for name, placeholder in sorted((versions | names).items(), key=lambda pair: -len(pair[0])):
        text = with_word(text, name, placeholder) if len(name) >= shortest else text
    return _HASH.sub("<hash>", text)


def _names(case: Case, scenario: str, chart: Chart) -> list[tuple[str, str]]:
    """Give the placeholders for the names that a case gives an installation, and these names."""
    named = [s for s in case if s.name == scenario]
    given = named if named and len(case.scenarios) > _BOTH else list(case)
    names = [("<namespace>", s.namespace) for s in given] + [("<release>", s.release) for s in given]
    return [*names, *(("<fullname>", _full_name(s, chart)) for s in given)]


def neutral_name(name: str, scenario: Scenario, chart: Chart) -> str:
    """Put the placeholders into the name of an object of one scenario."""
    return neutral(name, Case(scenario.name, (scenario,)), scenario.name, chart)


def _full_name(scenario: Scenario, chart: Chart) -> str:
    """Give the name that most charts give their objects: https://helm.sh/docs/chart_best_practices/ (`helm create`)."""
    full, name = (scenario.values.get(key) for key in ("fullnameOverride", "nameOverride"))
    if isinstance(full, str) and full:
        return full
    own = name if isinstance(name, str) and name else chart.name
    return scenario.release if own in scenario.release else f"{scenario.release}-{own}"


def _without_indexes(path: str) -> str:
    """Leave out the index of each item that only its place in the list tells from the others."""
    try:
        steps = list(written_steps(path))
    except ValueError:  # the path is in words
        return path
    address, above = "", ""
    for step, in_brackets in steps:
        is_index = in_brackets and step.isdecimal() and above != _TOLD_BY_NUMBERS
        address = item(address, "" if is_index else step) if in_brackets else below(address, step)
        above = step
    return address if "[]" in address else path


def _text(value: Any) -> str:
    return _WORDS[value] if isinstance(value, bool) else f"{value!r}"[:300]
