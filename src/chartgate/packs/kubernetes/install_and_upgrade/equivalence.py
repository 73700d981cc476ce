"""Equivalence: releases that differ in their names only."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from chartgate.documents.addresses import ABSENT
from chartgate.documents.json_documents.equality import unequal
from chartgate.documents.walking import replaced
from chartgate.kubernetes.contents import secret_text
from chartgate.matrix.derivations.derived import corners
from chartgate.model import Check, Identity, Manifest, Missing, Rendering, Resource, Scenario
from chartgate.policy.chance import Chance, chances, paired
from chartgate.policy.checks import states
from chartgate.policy.edits import added, in_first, put
from chartgate.policy.policy import policy

HEALTHY = """
{apiVersion: v1, kind: ConfigMap, metadata: {name: base}, data: {colour: red}}
---
{apiVersion: v1, kind: Secret, metadata: {name: login}, data: {host: ZGF0YWJhc2U=}}
"""
# Names that occur nowhere else in a chart, so that one can be replaced by the other wherever it is; of one length, so
# that a name which is cut for its length is cut at the same place.
ONE = {"release": "first-release-x7", "namespace": "first-namespace-x7"}
TWO = {"release": "other-release-y8", "namespace": "other-namespace-y8"}
_CERTIFICATE = re.compile(r"-----BEGIN ([A-Z ]++)-----(?:[^-]|-(?!----))*+-----END \1-----|LS0tLS1CRUdJTi[\w+/=]++")
_WORD = re.compile(r"[\w+/=]+")
# What `derivePassword` makes of a name has punctuation, too.
_PASSWORD = re.compile(r"[^\s\"']+")
# Some are cut to a few characters; and a schedule by the name spreads the load of several releases.
_CHECKSUM = re.compile(r"checksum/[^./\[\]]++\]$|^spec\.schedule$")
_SHORTEST = 8
_LIMITED, _LEAST, _MOST = re.compile(r"[\w.-]{40,63}+(?![\w.-])"), 3, 63
"""A word so long that a chart may have cut a name in it, which is then still of so many characters, but at its end."""
"""Characters: what is hashed or generated is hardly ever shorter."""
_PARTS = {name.split("-")[1]: TWO[key].split("-") for key, name in ONE.items()}
_WRITTEN_APART = re.compile(r"first(--|[_.]|)(release|namespace)\1x7")
_DIGEST = re.compile(r"\b(?=[a-f]*[0-9])[0-9a-f]{8,64}\b")


def renamed(scenarios: Sequence[Scenario]) -> Iterable[tuple[Scenario, Scenario]]:
    """Pair two releases that differ in name and namespace only."""
    return [two_of(scenario) for scenario in corners(scenarios)]


def two_of(scenario: Scenario) -> tuple[Scenario, Scenario]:
    """Give two releases of a scenario that differ in name and namespace only."""
    return scenario.derived("one", **ONE), scenario.derived("two", **TWO)


@policy(
    over=renamed,
    severity="error",
    remediation="Take names from .Release.Name and .Release.Namespace, and decide nothing by them.",
    rerenders=True,
)
def renaming_changes_names_only(before: Rendering, after: Rendering, *again: Rendering) -> Iterator[Check]:
    """A release of another name in another namespace is the same one with the names replaced.

    What was cut, counted or decided by a name surprises whoever installs the chart under another one. What differs
    when the same release is rendered twice (random and generated values, the time) is no matter of names, and the
    hash of a text with a name in it differs as a whole.
    """
    of_before, of_after = (chances(rendering, again, _readable) for rendering in (before, after))
    pairs = paired(
        before.resources,
        after.resources,
        of_before,
        of_after,
        key_of_one=lambda resource: _without_digests(_identity_as_second(resource)),
        key_of_two=lambda resource: _without_digests(resource.identity),
    )
    for old, new in pairs:
        if old is None or new is None:
            yield from _alone(old, new)
            continue
        chance = of_before.get(id(old), Chance()).renamed(_as_second).joined(of_after.get(id(new), Chance()))
        expected = replaced(_readable(old), _as_second, keys=True)
        differs = [
            (address, *sides)
            for address, *sides in unequal(expected, _readable(new))
            if not _CHECKSUM.search(address) and not _is_hash(*sides) and not chance.explains(address, *sides)
        ]
        if len(differs) == 1:
            [(address, was, there)] = differs
            yield states(new.place(address), False, expected=was, actual=there)
        else:
            actual = [address for address, *_ in differs]
            yield states(new.place(), not differs, expected="the same", actual=actual or "the same")


def _alone(old: Resource | None, new: Resource | None) -> Iterator[Check]:
    if old is not None:
        yield Check(str(_identity_as_second(old)), "", "rendered", ABSENT, passed=False)
    if new is not None:
        yield states(new.place(), False, expected=ABSENT, actual="rendered")


renaming_changes_names_only.breaks(
    manifests=HEALTHY,
    an_object_comes_with_the_name=added("{apiVersion: v1, kind: ConfigMap, metadata: {name: extra}}"),
    a_name_is_cut=(
        in_first(put("ConfigMap base", "data.release", ONE["release"][:6])),
        put("ConfigMap base", "data.release", TWO["release"][:6]),
    ),
    # As base64: first and secon.
    an_encoded_name_is_cut=(
        in_first(put("Secret login", "data.host", "Zmlyc3Q=")),
        put("Secret login", "data.host", "c2Vjb24="),
    ),
    another_word_for_another_name=(
        in_first(put("ConfigMap base", "data.store", "database")),
        put("ConfigMap base", "data.store", "postgres"),
    ),
)


def _as_second(text: str) -> str:
    """Give a text with the names of the first release replaced by those of the second, with any sign for the dashes."""
    for key, name in ONE.items():
        text = text.replace(name, TWO[key])
    if "first" in text:
        text = _WRITTEN_APART.sub(lambda word: word[1].join(_PARTS[word[2]]), text)
    return _LIMITED.sub(lambda word: _cut_as_second(word[0]), text)


def _cut_as_second(word: str) -> str:
    """Give a long word with what is left of a name of the first release replaced: at its end, or before a last part."""
    for key, name in ONE.items():
        for length in range(len(name) - 1, _LEAST, -1):
            before, cut, after = word.partition(f"-{name[:length]}")
            if cut and after[:1] in ("", "-"):
                return f"{before}-{TWO[key][:length]}{after}"
        if len(word) == _MOST and (kept := next((n for n in range(_LEAST, 0, -1) if word.endswith(f"-{name[:n]}")), 0)):
            return f"{word[:-kept]}{TWO[key][:kept]}"
    return word


def _identity_as_second(resource: Resource) -> Identity:
    return Identity(*map(_as_second, resource.identity))


def _without_digests(identity: Identity) -> Identity:
    """Give an identity without the hash in its name: that of a Job often is one of its content."""
    return identity._replace(name=_DIGEST.sub("#", identity.name))


def _readable(resource: Resource) -> Manifest:
    """Give a manifest with the content of a Secret as text, so that names in it can be seen."""
    encoded = resource.at("data")
    if resource.kind == "Secret" and isinstance(encoded, dict):
        try:
            content = secret_text(resource)
        except Missing:  # it holds bytes, or what is not base64
            return resource.manifest
        return {**resource.manifest, "data": {key: content[key] for key in encoded}}
    return resource.manifest


def _is_hash(old: Any, new: Any) -> bool:
    """Tell whether two texts differ only in words that were hashed or derived, and in certificates."""
    if not isinstance(old, str) or not isinstance(new, str):
        return False
    old, new = (_CERTIFICATE.sub("certificate", text) for text in (old, new))
    return any(_are_hashed(old, new, word) for word in (_WORD, _PASSWORD))


def _are_hashed(old: str, new: str, word: re.Pattern[str]) -> bool:
    words, others = word.findall(old), word.findall(new)
    return (
        word.sub("", old) == word.sub("", new)
        and len(words) == len(others)
        and all(a == b or _are_random(a, b) for a, b in zip(words, others, strict=True))
    )


def _are_random(one: str, other: str) -> bool:
    """Tell whether two words of one length look like chance: mixed letters or digits, and hardly a place alike."""
    if len(one) != len(other) or len(one) < _SHORTEST:
        return False
    alike = sum(a == b for a, b in zip(one, other, strict=True))
    return alike * 4 <= len(one) and all(_is_mixed(word) for word in (one, other))


def _is_mixed(word: str) -> bool:
    """Tell whether a word has digits, or capital letters other than its first."""
    return any(character.isdigit() for character in word) or word[1:].lower() != word[1:]
