"""Which values of a chart are secret: what its schemas mark, what keys are called, and passwords inside of URLs."""

from __future__ import annotations

import copy
import functools
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from chartgate.charts.chart_values.schema_parts import SchemaPart, applying, of_item, of_key
from chartgate.documents.addresses import join
from chartgate.documents.secret_texts.inner_secrets import secrets_inside
from chartgate.documents.secret_texts.probable_secrets import is_secret_key, probable_secrets, secrets_of_secret
from chartgate.documents.secret_texts.secret_names import holds_secrets, is_secret_name, names_a_key, names_an_object
from chartgate.documents.secret_texts.writings import VARIABLE, number_writings
from chartgate.documents.shapes import map_of
from chartgate.documents.very_objects import TheVery
from chartgate.model import Chart, Values

Reason = Literal["marked", "named", "inside"]
"""Why a value is secret: a schema marks it, its key says so, or only a part of it is (the password of a URL)."""


class SecretValue(NamedTuple):
    """One secret of a chart's values."""

    address: str
    """Of the value that it is, or is in."""
    text: str
    reason: Reason

    @property
    def is_marked(self) -> bool:
        """Whether a schema says so; else the value is only called like a secret, or looks like one."""
        return self.reason == "marked"


class SecretPlace(NamedTuple):
    """One key or item whose value is secret, whether it has one or not."""

    keys: tuple[str, ...]
    is_marked: bool
    value: Any = None


@dataclass(frozen=True)
class ValueTexts:
    """The texts and numbers in values, as text."""

    secrets: frozenset[str] = field(repr=False)
    plain: frozenset[str] = field(repr=False)
    """Those that are no secrets where they are, and all keys; a text may be in both."""

    def __or__(self, other: ValueTexts) -> ValueTexts:
        """Put both together."""
        return ValueTexts(self.secrets | other.secrets, self.plain | other.plain)


def secrets_in(chart: Chart, values: Values) -> tuple[SecretValue, ...]:
    """Give every secret in the merged values of a scenario: what no report may show, and only a Secret may hold.

    The rule, in this order:

    - what a schema of the chart or of a subchart marks `writeOnly: true` is secret, an object or a list as a whole; the
      schema is followed wherever it applies to the values (`$ref`, `items`, `patternProperties`, `allOf`, `if` ...);
    - what a schema marks `writeOnly: false` is none, whatever it is called;
    - what is called like a secret is one, in maps, lists, and variables (`{name: DB_PASSWORD, value: x}`), below keys
      that values.yaml does not have as well, and also where a schema marks others: an author forgets one;
    - in all other texts, the password of a URL and a private key.

    Source: https://json-schema.org/draft/2020-12/json-schema-validation#section-9.4
    """
    return _secrets_in(TheVery(chart), TheVery(values))


@functools.lru_cache(maxsize=256)
def _secrets_in(chart: TheVery[Chart], values: TheVery[Values]) -> tuple[SecretValue, ...]:
    found = [
        SecretValue(join(*place.keys), text, reason)
        for place, reason in _scalars(chart.it, values.it)
        if reason
        for text in _secret_texts(place.value, reason)
    ]
    return tuple(dict.fromkeys(found))


def value_texts(given: Iterable[tuple[Chart, Values]]) -> ValueTexts:
    """Give the texts of all these values, in every form in which helm may print a number.

    What is only probably secret counts here as well: it is put out of sight, and nobody is blamed for it.
    """
    secrets: set[str] = set()
    plain: set[str] = set()
    for chart, values in given:
        for place, reason in _scalars(chart, values):
            if reason in ("marked", "named"):
                secrets |= number_writings(place.value)
                secrets.update(secrets_of_secret(str(place.value)))
            else:
                secrets.update(secrets_inside(place.value))
                probable = [*probable_secrets(place.keys, place.value)]
                secrets.update(probable)
                plain |= {str(place.value)}.difference(probable)
            hidden = {key for above, key in itertools.pairwise(place.keys) if is_secret_key(above, key)}
            secrets |= hidden
            plain.update(key for key in place.keys if key not in hidden)
    return ValueTexts(frozenset(secrets), frozenset(plain))


def with_other_secrets(chart: Chart, values: Values, other: str) -> Values:
    """Give values with another text in the place of each secret that a schema or a name tells."""
    changed = copy.deepcopy(values)
    for place, reason in _scalars(chart, values):
        if reason:
            texts = list(_secret_texts(place.value, reason))
            new = str(place.value)
            for text in texts:
                new = new.replace(text, other)
            around: Any = changed
            for key in place.keys[:-1]:
                around = around[int(key)] if isinstance(around, list) else around[key]
            around[int(place.keys[-1]) if isinstance(around, list) else place.keys[-1]] = new
    return changed


def secret_places(chart: Chart, values: Values) -> list[SecretPlace]:
    """Give where secrets are, or would be: in the values, null or empty, and what a schema marks and they lack.

    Of an object or list that is marked as a whole, each text in it; the object itself where there is none.
    """
    found = {
        place.keys: SecretPlace(place.keys, reason == "marked", place.value)
        for place, reason in _scalars(chart, _with_nulls(chart, values), empty=True)
        if reason in ("marked", "named")
    }
    there = {keys[:length] for keys in found for length in range(len(keys) + 1)}
    found |= {keys: SecretPlace(keys, True) for keys in _marked_properties(chart) if keys not in there}
    return sorted(found.values(), key=lambda place: place.keys)


class _Part:
    """What the schemas of a chart say of one place in its values, and of those below: found once for all scenarios."""

    def __init__(
        self, rules: Iterable[SchemaPart], charts: tuple[Chart, ...] = (), of_globals: tuple[SchemaPart, ...] = ()
    ) -> None:
        """Take the rules that apply here, the charts whose values these are, and what any chart says of `global`."""
        self._rules = tuple(applying(rules))
        self._charts = charts
        self._of_globals = of_globals
        self._keys: dict[str, _Part] = {}
        self._items: dict[tuple[int, ...], _Part] = {}
        marks = {rule.schema.get("writeOnly") for rule in self._rules}
        self.is_secret = any(mark is True for mark in marks)
        self.is_plain = any(mark is False for mark in marks)

    def of_key(self, key: str) -> _Part:
        """Give what is said of a key of this map."""
        if key not in self._keys:
            charts = tuple(sub for chart in self._charts for sub in chart.subcharts if sub.name == key)
            rules = (*of_key(self._rules, key), *(SchemaPart(sub.schema, sub.schema) for sub in charts))
            shared = self._of_globals if self._charts and key == "global" else ()
            self._keys[key] = _Part((*rules, *shared), charts, self._of_globals)
        return self._keys[key]

    def of_item(self, index: int) -> _Part:
        """Give what is said of an item of this list."""
        rules = tuple(of_item(self._rules, index))
        named = tuple(id(rule.schema) for rule in rules)
        if named not in self._items:
            self._items[named] = _Part(rules)
        return self._items[named]


@functools.lru_cache(maxsize=4)
def _whole(chart: TheVery[Chart]) -> _Part:
    shared = tuple(
        rule
        for _, one in chart.it.with_subcharts()
        for rule in of_key(applying([SchemaPart(one.schema, one.schema)]), "global")
    )
    return _Part((SchemaPart(chart.it.schema, chart.it.schema),), (chart.it,), shared)


def _scalars(chart: Chart, values: Values, *, empty: bool = False) -> Iterator[tuple[SecretPlace, Reason | None]]:
    """Give every text and number of the values, and why it is secret; with `empty`, also null and blank ones."""
    yield from _walk(values, (), _whole(TheVery(chart)), _Above(None), empty=empty)


class _Above(NamedTuple):
    """What is around a value: the map, and what its keys and marks say of all that is inside."""

    around: Mapping[str, Any] | None
    is_marked: bool = False
    holds: bool = False
    """Whether a key says that all texts here are secret."""


def _walk(
    node: Any, keys: tuple[str, ...], part: _Part, above: _Above, *, empty: bool
) -> Iterator[tuple[SecretPlace, Reason | None]]:
    marked = above.is_marked or part.is_secret
    name = keys[-1] if keys else ""
    if isinstance(node, Mapping):
        named = above.around is not None and (holds_secrets(name) or _is_of_a_secret(name, above.around))
        inside = _Above(node, marked, above.holds or named)
        for key, value in node.items():
            yield from _walk(value, (*keys, str(key)), part.of_key(str(key)), inside, empty=empty)
    elif isinstance(node, list):
        inside = _Above(None, marked, above.holds or holds_secrets(name))
        for index, value in enumerate(node):
            yield from _walk(value, (*keys, str(index)), part.of_item(index), inside, empty=empty)
    elif _is_text(node) or (empty and (node is None or isinstance(node, str))):
        place = SecretPlace(keys, marked, node)
        if marked:
            yield place, "marked"
        elif not part.is_plain and _is_named(name, above.around, above.holds) and not _says_nothing(name, node):
            yield place, "named"
        elif not empty:
            yield place, "inside" if any(True for _ in secrets_inside(node)) else None


def _is_text(node: Any) -> bool:
    return isinstance(node, str | int | float) and not isinstance(node, bool) and str(node).strip() != ""


def _is_of_a_secret(name: str, above: Mapping[str, Any]) -> bool:
    """Tell whether a map is the content of a Secret: charts take whole manifests as values (`extraObjects`)."""
    return name in ("data", "stringData") and above.get("kind") == "Secret"


def _is_named(name: str, above: Mapping[str, Any] | None, holds: bool) -> bool:
    """Tell whether the key of a map is called like a secret, or the variable whose value it is, or what is around."""
    if above is None:
        return holds
    if name == "value" and isinstance(above.get("name"), str):
        return is_secret_name(above["name"])
    if names_a_key(name) and any(
        value and (key == "name" or names_an_object(str(key))) for key, value in above.items()
    ):
        return False  # `{secretName: mine, secretKey: password}`
    return is_secret_name(name) or (holds and not names_an_object(name))


_EXPRESSION = re.compile(r"\{\{[^{}]*\}\}")
_FILE_NAME = re.compile(r"(?<![\w-])[\w-]{1,80}\.(?:ya?ml|json|key|pem|crt|ini|conf|env|txt|properties)")
_NAME_OF_A_SECRET = re.compile(r"(?:[a-z0-9]+-){1,10}secrets?|secrets?(?:-[a-z0-9]+){1,10}")


def _says_nothing(name: str, value: Any) -> bool:
    """Tell whether a text below a secret's name holds none: a variable, an expression, a switch, the name of a file."""
    if not isinstance(value, str):
        return False
    is_switch = value.strip().lower() in ("true", "false")
    names_it = name == "secret" and _NAME_OF_A_SECRET.fullmatch(value)
    return is_switch or any(
        (names_it, *(form.fullmatch(value.strip()) for form in (VARIABLE, _EXPRESSION, _FILE_NAME)))
    )


def _secret_texts(value: Any, reason: Reason) -> Iterator[str]:
    yield from [str(value)] if reason != "inside" else secrets_inside(value)


def _marked_properties(chart: Chart, *above: str) -> Iterator[tuple[str, ...]]:
    """Give the keys that the schemas of a chart and its subcharts mark, whether the values have them or not."""
    yield from ((*above, *keys) for keys in _marked_by(TheVery(chart.schema)))
    for subchart in chart.subcharts:
        yield from _marked_properties(subchart, *above, subchart.name)


@functools.lru_cache(maxsize=64)
def _marked_by(schema: TheVery[Mapping[str, Any]]) -> tuple[tuple[str, ...], ...]:
    found = _marked_below((SchemaPart(schema.it, schema.it),), (), frozenset())
    return tuple(itertools.islice(filter(None, itertools.islice(found, _MOST_PARTS)), _MOST_MARKED))


_MOST_PARTS, _MOST_MARKED = 20_000, 50
"""Keys of a schema that are looked at for what the values lack, and those of them that count. Each `$ref` that is there
twice doubles what is below it; what the values have is found by the values."""


def _marked_below(
    rules: tuple[SchemaPart, ...], above: tuple[str, ...], around: frozenset[int]
) -> Iterator[tuple[str, ...]]:
    """Go down by `properties` only: nobody knows other keys; a schema inside of itself is not gone into.

    A key that is not marked is an empty one in what it gives, so that whoever takes them can stop.
    """
    found = [rule for rule in applying(rules) if id(rule.schema) not in around]
    inside = around | {id(rule.schema) for rule in found}
    for key in dict.fromkeys(key for rule in found for key in map_of(rule.schema.get("properties"))):
        below = tuple(of_key(found, key))
        if any(rule.schema.get("writeOnly") is True for rule in applying(below)):
            yield (*above, key)
        else:
            yield ()
            yield from _marked_below(below, (*above, key), inside)


def _with_nulls(chart: Chart, values: Mapping[str, Any]) -> Values:
    """Give merged values with the keys that are null in values.yaml, which helm leaves out."""
    whole = _added(chart.own_values, values)
    for subchart in chart.subcharts:
        below = whole.get(subchart.name)
        if isinstance(below, Mapping):
            whole[subchart.name] = _with_nulls(subchart, below)
    return whole


def _added(own: Mapping[str, Any], merged: Mapping[str, Any]) -> Values:
    whole = dict(merged)
    for key, value in own.items():
        if value is None:
            whole.setdefault(key, None)
        elif isinstance(value, Mapping) and isinstance(whole.get(key), Mapping):
            whole[key] = _added(value, whole[key])
    return whole
