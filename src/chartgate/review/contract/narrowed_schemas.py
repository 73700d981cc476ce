"""What values.schema.json accepted and refuses now."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chartgate.documents.addresses import ABSENT, join, steps
from chartgate.documents.json_documents.equality import canonical
from chartgate.documents.shapes import map_of, maps_in, texts_in
from chartgate.model import Chart
from chartgate.review.contract.changed_keys import written_defaults
from chartgate.review.contract.whole_schemas import (
    EVERY_TYPE,
    LOWER_BOUNDS,
    NOTHING_SAID,
    UPPER_BOUNDS,
    Schema,
    SchemaSide,
    allowed_types,
)

_NOT_NEGATIVE = frozenset(["minLength", "minItems", "minProperties"])
"""The bounds that mean nothing at zero."""
_ANYTHING = ("", ".*", "^", "^.*$", "^.*", ".*$", "$")
"""The patterns that every text of one line fits."""
_RULE_WORDS = """
    pattern format multipleOf uniqueItems const not if then else allOf anyOf oneOf dependentRequired dependentSchemas
    dependencies contains propertyNames prefixItems patternProperties items additionalItems unevaluatedItems
    unevaluatedProperties minContains maxContains
"""
_RULES = _RULE_WORDS.split()
_WORDS = frozenset(["required", "not"])


@dataclass(frozen=True)
class Narrowing:
    """Something that values could be, and no longer can."""

    address: str
    reason: str
    subchart: str = ""
    """The subchart whose schema it is, as a path of names; empty for the chart's own."""
    is_mild: bool = False
    """Whether only numbers below zero are refused, of which there are hardly any, or reused values without a key."""


def narrowings(before: Chart, after: Chart) -> list[Narrowing]:
    """Compare the schemas of two charts, and of the subcharts that both have.

    A key that the old chart had neither in its schema nor in its values may be restricted: nobody sets it. A key
    without a type has the type of its default, and a key with a default is never missing.
    """
    compared = _Comparison(before.schema, after.schema)
    result = list(dict.fromkeys(compared.narrowed(written_defaults(before), written_defaults(after))))
    old = {subchart.name: subchart for subchart in before.subcharts}
    for subchart in after.subcharts:
        if subchart.name in old:
            result += [
                replace(
                    below,
                    address=join(subchart.name, *steps(below.address)),
                    subchart="/".join(filter(None, (subchart.name, below.subchart))),
                )
                for below in narrowings(old[subchart.name], subchart)
            ]
    return result


def narrowings_between(before: Schema, after: Schema) -> list[Narrowing]:
    """Compare two schemas of anything."""
    return list(dict.fromkeys(_Comparison(before, after).narrowed({}, {})))


class _Comparison:
    """Walks through two schemas side by side; their local references lead to their own roots."""

    def __init__(self, before: Schema, after: Schema) -> None:
        self._sides = SchemaSide(before), SchemaSide(after)
        self._seen: set[tuple[int, ...]] = set()
        """What is being compared further up: what leads back to it adds nothing."""

    def narrowed(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Narrowing]:
        """Compare the whole schemas, with the defaults of both sides; an empty schema accepts everything."""
        before, after = (side.root for side in self._sides)
        if after:
            yield from self._at((), before, after, old, new)

    def _at(self, above: tuple[str, ...], before: Any, after: Any, old: Any, new: Any) -> Iterator[Narrowing]:
        """Compare what holds at one address; `old` and `new` are the defaults there."""
        before, after = (side.whole(part) for side, part in zip(self._sides, (before, after), strict=True))
        if not isinstance(before, Mapping) or not isinstance(after, Mapping) or (id(before), id(after)) in self._seen:
            return
        choices = [side.alternatives(part) for side, part in zip(self._sides, (before, after), strict=True)]
        if max(map(len, choices)) > 1:
            offered = tuple(id(part.get(word)) for part in (before, after) for word in ("anyOf", "oneOf"))
            if offered in self._seen:
                return
            self._seen.add(offered)
            are_taken = self._are_all_taken(above, choices[0], choices[1], (old, new))
            self._seen.discard(offered)
            if are_taken:
                return
        before, after = (one[0] if len(one) == 1 else side for one, side in zip(choices, (before, after), strict=True))
        self._seen.add((id(before), id(after)))
        here, had, may = join(*above), allowed_types(before, old), allowed_types(after, ABSENT)
        # Where there is a default, helm takes a null for the wish to have none, and shows it to no schema.
        is_told = had - may != {"null"} or new is ABSENT or new is None
        if had - may and is_told:
            yield Narrowing(here, _type_words(before, had, may))
        if had & may:
            yield from _bounds(here, before, after)
            if _is_of_one_condition(before, after):
                for word in ("then", "else"):
                    yield from self._at(above, before.get(word, NOTHING_SAID), after.get(word, NOTHING_SAID), old, new)
            for key in after.get("required", []):
                if key not in before.get("required", []) and not _has(new, key):
                    yield Narrowing(join(*above, key), "it is required now")
            lacking = [key for key in after.get("required", []) if _has(new, key) and not _has(old, key)]
            if lacking and old is not ABSENT:
                reason = f"new and required: {', '.join(lacking)}; --reuse-values, which leaves that out, is refused"
                yield Narrowing(here, reason, is_mild=True)
            if "object" in had:
                yield from self._below(above, before, after, old, new)
            if "array" in had and isinstance(after.get("items"), Mapping):
                yield from self._at(
                    (*above, "*"), map_of(before.get("items")) or NOTHING_SAID, after["items"], ABSENT, ABSENT
                )
        self._seen.discard((id(before), id(after)))

    def _are_all_taken(
        self, above: tuple[str, ...], before: Sequence[Schema], after: Sequence[Schema], defaults: tuple[Any, Any]
    ) -> bool:
        """Tell whether each alternative that there was fits one that there is."""
        return all(any(not list(self._at(above, was, now, *defaults)) for now in after) for was in before)

    def _below(self, above: tuple[str, ...], before: Schema, after: Schema, old: Any, new: Any) -> Iterator[Narrowing]:
        """Go into properties; what one side does not name is judged by its `additionalProperties`."""
        old_keys, new_keys = (map_of(schema.get("properties")) for schema in (before, after))
        old_rest, new_rest = (schema.get("additionalProperties", True) for schema in (before, after))
        for key in dict.fromkeys([*old_keys, *new_keys]):
            was, now = old_keys.get(key, old_rest), new_keys.get(key, new_rest)
            is_unknown = key not in old_keys and was is True
            if was is False or (is_unknown and key not in map_of(old)):
                continue
            if is_unknown and not _has(old, key):
                yield from self._of_null((*above, key), now)
                continue
            if now is False:
                yield Narrowing(join(*above, key), "the schema no longer knows this key")
            else:
                sides = [NOTHING_SAID if side is True else side for side in (was, now)]
                yield from self._at((*above, key), *sides, *(map_of(side).get(key, ABSENT) for side in (old, new)))
        if old_rest is not False and new_rest is False:
            yield Narrowing(join(*above), "keys that the schema does not name are refused now")
        elif old_rest is not False and isinstance(new_rest, Mapping):
            yield from self._at((*above, "*"), NOTHING_SAID if old_rest is True else old_rest, new_rest, ABSENT, ABSENT)

    def _of_null(self, keys: tuple[str, ...], schema: Any) -> Iterator[Narrowing]:
        """Look at what a key may be now whose default is null: nobody can say of what type its values are."""
        schema = self._sides[1].whole(schema)
        if schema is False:
            yield Narrowing(join(*keys), "the schema no longer knows this key")
        elif isinstance(schema, Mapping) and allowed_types(schema, ABSENT) == {"null"}:
            yield Narrowing(join(*keys), "it may only be null now")


def _bounds(here: str, before: Schema, after: Schema) -> Iterator[Narrowing]:
    """Compare the rules about the value itself."""
    if "enum" in after:
        gone = [item for item in before.get("enum", []) if item not in after["enum"]]
        if "enum" not in before:
            yield Narrowing(
                here, f"only {_list(after['enum'])} {'is' if len(after['enum']) == 1 else 'are'} accepted now"
            )
        elif gone:
            yield Narrowing(here, f"{_list(gone)} {'is' if len(gone) == 1 else 'are'} no longer accepted")
    for words, worse in ((LOWER_BOUNDS, 1), (UPPER_BOUNDS, -1)):
        for word in words:
            old, new = before.get(word), after.get(word)
            if new is None or (word in _NOT_NEGATIVE and new <= 0):
                continue
            if old is None or (new - old) * worse > 0:
                words_of_old = "" if old is None else f", it was {old}"
                is_zero = word == "minimum" and new == 0 and old is None
                yield Narrowing(here, f"{word} is {new} now{words_of_old}", is_mild=is_zero)
    for word in _RULES:
        if (
            word in after
            and canonical(before.get(word)) != canonical(after[word])
            and not _refuses_nothing(word, after[word])
            and not (word in ("anyOf", "oneOf") and _is_sure_to_fit(word, after[word], before))
            and not (word in ("then", "else") and _is_of_one_condition(before, after))
        ):
            is_text = isinstance(after[word], str)
            yield Narrowing(here, f"{word} is {after[word]} now" if is_text else f"its {word} is different")


def _is_of_one_condition(before: Schema, after: Schema) -> bool:
    return "if" in after and canonical(before.get("if")) == canonical(after["if"])


def _refuses_nothing(word: str, value: Any) -> bool:
    """Tell whether a word with this value refuses nothing, or is compared by itself."""
    if (word == "items" and isinstance(value, Mapping)) or (word != "not" and value in ({}, [], [{}])):
        return True
    if word == "pattern" and value in _ANYTHING:
        return True
    return value is (word != "uniqueItems" and word != "not")


def _type_words(before: Schema, had: frozenset[str], may: frozenset[str]) -> str:
    now = " or ".join(sorted(may - ({"integer"} if "number" in may else set())))
    if had == EVERY_TYPE:
        return f"it must be {now} now"
    lost = " or ".join(sorted(had - may - ({"integer"} if "number" in had - may else set())))
    return (
        f"it may no longer be {lost}, only {now}"
        if before.get("type")
        else f"it must be {now} now, its default was {lost}"
    )


def _has(values: Any, key: str) -> bool:
    return isinstance(values, Mapping) and values.get(key) is not None


def _list(items: Any) -> str:
    return ", ".join(json.dumps(item) for item in items)


def _is_sure_to_fit(word: str, alternatives: Any, before: Mapping[str, Any]) -> bool:
    """Tell whether all that a schema took fits `anyOf` or `oneOf` of a newer one.

    Args:
        word: `anyOf` or `oneOf`.
        alternatives: what it says.
        before: the schema that there was.
    """
    found = [_fits(one, before) for one in maps_in(alternatives)]
    if len(found) != (len(alternatives) if isinstance(alternatives, Sequence) else -1):
        return False
    return any(found) if word == "anyOf" else None not in found and sum(map(bool, found)) == 1


def _fits(alternative: Mapping[str, Any], before: Mapping[str, Any]) -> bool | None:
    """Tell whether everything that the schema took fits, or nothing; None where nobody can say."""
    if {*alternative} - _WORDS or {*map_of(alternative.get("not"))} - {"required"}:
        return None
    named, refused = {*map_of(before.get("properties"))}, before.get("additionalProperties") is False
    demanded = texts_in(alternative.get("required"))
    unwanted = texts_in(map_of(alternative.get("not")).get("required"))
    if refused and any(key not in named for key in demanded):
        return False
    is_there = all(key in texts_in(before.get("required")) for key in demanded)
    is_kept_out = not unwanted or (refused and any(key not in named for key in unwanted))
    return True if is_there and is_kept_out else None
