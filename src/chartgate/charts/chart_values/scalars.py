"""Every text and number in the values of a chart, and why it is secret: by a schema, its key, or a part of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

from chartgate.charts.chart_values.schema_parts import SchemaPart, applying, of_item, of_key
from chartgate.documents.secret_texts.inner_secrets import secrets_inside
from chartgate.documents.secret_texts.secret_names import holds_secrets, is_secret_name, names_a_key, names_an_object
from chartgate.documents.secret_texts.writings import VARIABLE
from chartgate.documents.very_objects import once_for
from chartgate.model import Chart, Values

Reason = Literal["marked", "named", "inside"]
"""Why a value is secret: a schema marks it, its key says so, or only a part of it is (the password of a URL)."""


class SecretPlace(NamedTuple):
    """One key or item whose value is secret, whether it has one or not."""

    keys: tuple[str, ...]
    is_marked: bool
    value: Any = None


def scalars(chart: Chart, values: Values, *, empty: bool = False) -> Iterator[tuple[SecretPlace, Reason | None]]:
    """Give every text and number of the values, and why it is secret; with `empty`, also null and blank ones."""
    yield from _walk(values, (), _whole(chart), _Above(None), empty=empty)


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
        marks = [rule.schema.get("writeOnly") for rule in self._rules]
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


@once_for(4)
def _whole(chart: Chart) -> _Part:
    shared = tuple(
        rule
        for _, one in chart.with_subcharts()
        for rule in of_key(applying([SchemaPart(one.schema, one.schema)]), "global")
    )
    return _Part((SchemaPart(chart.schema, chart.schema),), (chart,), shared)


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
_SEPARATOR = re.compile(r"[_.-]")
_LEAST_WORDS = 3
_NAME_OF_A_SECRET = re.compile(r"(?:[a-z0-9]+-){1,10}secrets?|secrets?(?:-[a-z0-9]+){1,10}")


def _says_nothing(name: str, value: Any) -> bool:
    """Tell whether a text below a secret's name holds none: a variable, an expression, a switch, the name of a file.

    Nor does the name itself, of so many words that nobody chooses it as a password: `{authSecretKey: auth_secret_key}`.
    """
    if not isinstance(value, str):
        return False
    is_switch = value.strip().lower() in ("true", "false")
    names_it = name == "secret" and _NAME_OF_A_SECRET.fullmatch(value)
    words = _SEPARATOR.split(value)
    is_its_own = len(words) >= _LEAST_WORDS and "".join(words).lower() == "".join(_SEPARATOR.split(name)).lower()
    return (
        is_switch
        or is_its_own
        or any((names_it, *(form.fullmatch(value.strip()) for form in (VARIABLE, _EXPRESSION, _FILE_NAME))))
    )
