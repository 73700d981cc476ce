"""What changes in one scenario: the differences of its two renderings, each with the risks that rules see in it."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from chartgate.documents.addresses import ABSENT, is_inside
from chartgate.documents.json_documents.equality import canonical
from chartgate.documents.secret_texts.masking import Masker, is_guarded
from chartgate.kubernetes.changes.differences import Difference
from chartgate.kubernetes.changes.lifecycle import is_test
from chartgate.kubernetes.pods.workloads import WORKLOAD_KINDS
from chartgate.kubernetes.version_labels import versions_of
from chartgate.model import Rendering
from chartgate.review.by_chance import ByChance
from chartgate.review.pairing import Pair, pairs
from chartgate.review.pods_inside import hits_of_pods_inside
from chartgate.review.review import Fate, Risk
from chartgate.review.risks.found_elsewhere import unstable
from chartgate.review.risks.made_secrets import keys_of_new_ones
from chartgate.review.risks.restarted_pods import Restart, restart_of
from chartgate.review.risks.risk_class import Hit, RiskClass
from chartgate.review.risks.started_containers import source_changed

_EACH_TIME = "<another one each time>"
_HASH_LENGTHS = (32, 40, 64, 128)
_POSITION = re.compile(r"(?<=\.args)\[\d++\]$|(?<=\.command)\[\d++\]$")
"""Of an argument: those before it move it."""
_WORD = re.compile(r"[^\s,]++")


@dataclass(frozen=True)
class Change:
    """One difference of one object: what it was and is, and what is risky about it."""

    fate: Fate
    subject: str
    """The object, as `Kind namespace/name`."""
    template: str
    address: str
    """Where in the object; empty for the object itself."""
    before: Any
    after: Any
    risks: tuple[Risk, ...]

    @property
    def place(self) -> str:
        """The address, of an argument without its position."""
        return _POSITION.sub("", self.address)

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes changes of several scenarios the same."""
        return self.subject, self.place, self.content

    @cached_property
    def content(self) -> str:
        """What changed, whichever object it is in: changes of the same content are one for a reader."""
        return self._content([(risk.name, risk.reason) for risk in self.risks])

    @cached_property
    def sides(self) -> str:
        """The same, whatever is risky about it."""
        return self._content([])

    def _content(self, risks: list[tuple[str, str]]) -> str:
        # What was in the place of an argument says nothing about it where a reason does.
        is_told = bool(risks) and self.place != self.address
        sides = [] if is_told else [_shown(side) for side in (self.before, self.after)]
        # An image that several containers run changes in all of them at once.
        is_image = [name for name, _ in risks] == ["image"]
        return json.dumps([self.fate, "" if is_image else self.place, *sides, risks], default=str)

    def masked(self, masker: Masker) -> Change:
        """Give the same without secret values."""
        guarded = is_guarded(self.subject, self.address)
        return dataclasses.replace(
            self,
            subject=masker.text(self.subject),
            address=masker.text(self.address),
            before=masker.document(self.before, guarded=guarded),
            after=masker.document(self.after, guarded=guarded),
            risks=masked_risks(self.risks, masker),
        )


def masked_risks(risks: Sequence[Risk], masker: Masker) -> tuple[Risk, ...]:
    """Give risks whose reasons show no secret values."""
    return tuple(dataclasses.replace(risk, reason=masker.text(risk.reason)) for risk in risks)


@dataclass(frozen=True)
class ScenarioChanges:
    """What changes in one scenario."""

    changes: tuple[Change, ...]
    restarts: tuple[Restart, ...]
    renames: tuple[tuple[str, str], ...]
    """The old and the new names of objects that only have another one."""
    chances: tuple[str, ...]
    """Where both sides differ at each rendering."""


def changes(
    before: Rendering,
    after: Rendering,
    rules: Sequence[RiskClass],
    again: tuple[Rendering | None, Rendering | None] = (None, None),
) -> ScenarioChanges:
    """Compare two renderings, as they are once their hooks have run; nothing is masked yet.

    Args:
        before: that of the older side.
        after: that of the newer side.
        rules: what sees risks in them.
        again: both, rendered once more, where they may differ by chance.
    """
    versions = tuple(frozenset(versions_of(rendering.chart)) for rendering in (before, after))
    chance = ByChance.of((before, after), again)
    found: list[Change] = []
    restarted: list[Restart] = []
    chances: dict[str, None] = {}
    renames: dict[tuple[str, str], None] = {}
    for pair in pairs(before.after_hooks, after.after_hooks, (versions[0], versions[1])):
        if "1" in pair.resource.name and chance.calls[1].is_named_by_revision(pair.resource.template):
            pair = dataclasses.replace(pair, is_replaced=True)  # that of the first revision is not that of the next
        settled, always = chance.without(pair)
        chances |= dict.fromkeys(always)
        template = chance.calls[1].sources.get(pair.resource.template, "")
        lacking = [(source_changed, hit) for hit in keys_of_new_ones(pair, template)]
        if settled is None:
            found += of_pair(dataclasses.replace(pair, differences=()), (), (), lacking) if lacking else ()
            continue
        found += of_pair(settled, rules, chance.new_in(settled), lacking)
        restarted += filter(None, [restart_of(settled)])
        if pair.fate == "renamed" and pair.both:
            renames[pair.both[0].name, pair.both[1].name] = None
    return ScenarioChanges(tuple(found), tuple(restarted), tuple(renames), tuple(chances))


def of_pair(
    pair: Pair,
    rules: Sequence[RiskClass],
    unstable_at: Sequence[str] = (),
    of_template: Sequence[tuple[RiskClass, Hit]] = (),
) -> Iterator[Change]:
    """Give the changes of one object: one for each difference, and one for the object if it came, went or moved.

    Args:
        pair: the object.
        rules: what sees risks in it.
        unstable_at: the addresses that differ at each rendering now, and did not before.
        of_template: what the text of its template says.
    """
    # What `helm test` runs, it runs when somebody asks: no release depends on it.
    is_spare = pair.resource.kind in WORKLOAD_KINDS and bool(pair.both) and all(map(is_test, pair.both or ()))
    hits = [(rule, hit) for rule in rules for hit in rule(pair) if not is_spare]
    hits += hits_of_pods_inside(pair, rules)
    hits += [*((unstable, hit) for hit in unstable(unstable_at)), *of_template]
    resource = pair.resource
    # What chance made this time nobody will see again.
    differences = [
        dataclasses.replace(d, after=_EACH_TIME) if d.address in unstable_at and isinstance(d.after, str) else d
        for d in pair.differences
    ]
    if pair.fate != "changed":
        differences.insert(0, Difference("", ABSENT, ABSENT))
    found: dict[int, list[Risk]] = {}
    for rule, hit in hits:
        # What is narrower in a schema, its reason says: of all that differs in it, much may be wider.
        inside = sum(is_inside(difference.address, hit.address) for difference in differences)
        is_vague = hit.address.endswith(".openAPIV3Schema") and inside > 1
        number = None if is_vague else _nearest(hit, differences)
        if number is None:
            # A rule sees more than what differs, such as what now holds because something else is gone.
            differences.append(Difference(hit.address, ABSENT, ABSENT))
            number = len(differences) - 1
        found.setdefault(number, []).append(rule.because(hit))
    for number, difference in enumerate(differences):
        risks = tuple(dict.fromkeys(found.get(number, ())))
        fate: Fate = pair.fate if not difference.address else "changed"
        sides = difference.before, difference.after
        yield Change(fate, resource.identity.label, resource.template, difference.address, *sides, risks)


def _nearest(hit: Hit, differences: Sequence[Difference]) -> int | None:
    """Give the difference at which a reader looks for what a rule found.

    The one at the address, else one inside of it, else one around it; of several, preferably the argument that the
    reason names, or one with a new value.
    """
    address = hit.address
    fits: tuple[Callable[[str], bool], ...] = (
        lambda other: other == address,
        lambda other: bool(address) and is_inside(other, address),
        lambda other: bool(other) and is_inside(address, other),
    )
    words = set(_WORD.findall(hit.reason))
    for fit in fits:
        found = [number for number, difference in enumerate(differences) if fit(difference.address)]
        if found:
            named = [number for number in found if words & set(_arguments(differences[number]))]
            return min(named or found, key=lambda number: differences[number].after is ABSENT)
    return None


def _arguments(difference: Difference) -> Iterator[str]:
    """Give the flags that an argument was and is, without what they are set to."""
    for side in (difference.before, difference.after) if _POSITION.search(difference.address) else ():
        if isinstance(side, str) and side.startswith("-"):
            yield side.partition("=")[0]


def _shown(value: Any) -> str:
    """Write a value for comparison. All checksums compare as equal; the content behind them is compared anyway."""
    if isinstance(value, str) and len(value) in _HASH_LENGTHS and set(value) <= set("0123456789abcdef"):
        return "<checksum>"
    return canonical(value)
