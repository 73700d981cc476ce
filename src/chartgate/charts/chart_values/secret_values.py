"""Which values of a chart are secret: what its schemas mark, what keys are called, and passwords inside of URLs."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from chartgate.charts.chart_values.commented_keys import comments_of
from chartgate.charts.chart_values.scalars import Reason, SecretPlace, scalars
from chartgate.charts.chart_values.schema_parts import SchemaPart, applying, of_key
from chartgate.documents.addresses import join, lookup
from chartgate.documents.secret_texts.inner_secrets import secrets_inside
from chartgate.documents.secret_texts.probable_secrets import is_secret_key, probable_secrets, secrets_of_secret
from chartgate.documents.secret_texts.writings import number_writings
from chartgate.documents.shapes import map_of
from chartgate.documents.very_objects import once_for
from chartgate.model import Chart, Values

_OF_AN_OBJECT = re.compile(
    r"namespace>?/<?(?:secret[_-]?)?name|kubernetes\.io/tls"
    r"|\bnames? of (?:an? |the )?(?:existing |kubernetes |tls )*+secret",
    re.IGNORECASE,
)


_OF_A_FILE = re.compile(r"\bpath (?:to|of) (?:an? |the )", re.IGNORECASE)
_PATH = re.compile(r"(?:/[\w.-]++){2,}+/?")


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


@dataclass(frozen=True)
class ValueTexts:
    """The texts and numbers in values, as text."""

    secrets: frozenset[str] = field(repr=False)
    plain: frozenset[str] = field(repr=False)
    """Those that are no secrets where they are, and all keys; a text may be in both."""

    def __or__(self, other: ValueTexts) -> ValueTexts:
        """Put both together."""
        return ValueTexts(self.secrets | other.secrets, self.plain | other.plain)


@once_for(256)
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
    found = [
        SecretValue(join(*place.keys), text, reason)
        for place, reason in scalars(chart, values)
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
        for place, reason in scalars(chart, values):
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


def secret_places(chart: Chart, values: Values) -> list[SecretPlace]:
    """Give where secrets are, or would be: in the values, null or empty, and what a schema marks and they lack.

    Of an object or list that is marked as a whole, each text in it; the object itself where there is none. Not where a
    comment, or a `secretNamespace` beside it, says that a key called `secret` is the name of one, nor where it is the
    path of a file by default.
    """
    found = {
        place.keys: SecretPlace(place.keys, reason == "marked", place.value)
        for place, reason in scalars(chart, _with_nulls(chart, values), empty=True)
        if reason == "marked"
        or (reason == "named" and not _names_an_object(chart, place.keys) and not _is_a_path(chart, place))
    }
    there = {keys[:length] for keys in found for length in range(len(keys) + 1)}
    found |= {keys: SecretPlace(keys, True) for keys in _marked_properties(chart) if keys not in there}
    return sorted(found.values(), key=lambda place: place.keys)


def _is_a_path(chart: Chart, place: SecretPlace) -> bool:
    """Tell whether a value is the path of the file with a secret, as its default or its comment says."""
    return bool(_PATH.fullmatch(str(place.value)) or _OF_A_FILE.search(comments_of(chart).said_at(place.keys)))


def _names_an_object(chart: Chart, keys: tuple[str, ...]) -> bool:
    if not keys[-1].lower().endswith("secret"):
        return False
    for subchart in chart.subcharts:
        if keys[0] == subchart.name:
            return _names_an_object(subchart, keys[1:])
    if "secretNamespace" in map_of(lookup(chart.own_values, join(*keys[:-1]))):
        return True
    return _OF_AN_OBJECT.search(comments_of(chart).said_at(keys)) is not None


def _secret_texts(value: Any, reason: Reason) -> Iterator[str]:
    yield from [str(value)] if reason != "inside" else secrets_inside(value)


def _marked_properties(chart: Chart, *above: str) -> Iterator[tuple[str, ...]]:
    """Give the keys that the schemas of a chart and its subcharts mark, whether the values have them or not."""
    yield from ((*above, *keys) for keys in _marked_by(chart.schema))
    for subchart in chart.subcharts:
        yield from _marked_properties(subchart, *above, subchart.name)


@once_for(64)
def _marked_by(schema: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
    found = _marked_below((SchemaPart(schema, schema),), (), frozenset())
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
