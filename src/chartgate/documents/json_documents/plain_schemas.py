"""Tells quickly that a document fits a JSON schema of few words, as those of Kubernetes and most charts are.

jsonschema takes a quarter of a millisecond to find nothing wrong with an object, and some thirty with all values of a
large chart, and nearly all have nothing wrong. What is not sure to fit is for jsonschema to judge, which also says why.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from chartgate.documents.shapes import is_number, is_whole

Fit = Callable[[Any], bool]
"""Whether a document is sure to fit; False says nothing."""


_NOTES = ("description", "title", "default", "example", "examples", "deprecated", "$comment")
_SAY_NOTHING = frozenset([*_NOTES, "$schema", "$defs", "definitions"])
_DEFINITION = "#/$defs/"
_PLAIN_URL = re.compile(r"[\w:/.#?=-]*+")
_APART = ("$ref", "allOf", "oneOf", "not")
"""What these words say depends on no other word beside them, and another judge may be asked of them alone."""
_SIZED = {"Length": str, "Items": list, "Properties": dict}
"""What `min` or `max` in front of these counts."""
_SIZES = frozenset(limit + what for limit in ("min", "max") for what in _SIZED)
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _asks_for_keys(value: Any) -> bool:
    return isinstance(value, Mapping) and list(value) == ["required"] and _are_texts(value["required"])


_FORMS: Mapping[str, Callable[[Any], bool]] = {
    "type": lambda given: isinstance(given, str) or _are_texts(given),
    "properties": lambda given: isinstance(given, Mapping),
    "required": _are_texts,
    "items": lambda given: isinstance(given, Mapping),
    "enum": lambda given: isinstance(given, list),
    "anyOf": lambda given: isinstance(given, list),
    "minimum": is_number,
    "maximum": is_number,
    "format": lambda given: isinstance(given, str),
    "propertyNames": lambda given: isinstance(given, Mapping),
    "pattern": lambda given: isinstance(given, str),
    "if": _asks_for_keys,
    **dict.fromkeys(_SIZES, is_whole),
    "$id": lambda given: isinstance(given, str) and _PLAIN_URL.fullmatch(given) is not None,
}
"""What follows these words; what else does is no schema, or of an old draft."""


class PlainSchemas:
    """The definitions of one schema file, each made to a function when it is first asked for."""

    def __init__(
        self,
        definitions: Mapping[str, Any],
        formats: Mapping[str, Fit],
        finds: Callable[[str, str], object] | None = None,
        asks: Callable[[Mapping[str, Any]], Fit] | None = None,
    ) -> None:
        """Start with none made.

        Args:
            definitions: what is below `$defs`.
            formats: what the formats mean that are checked; all others mean nothing.
            finds: finds a pattern in a text; without it, jsonschema has to say.
            asks: gives what judges a part of a schema that is not plain; without it, nothing is sure to fit that.
        """
        self._definitions = definitions
        self._formats = formats
        self._finds = finds
        self._asks = asks
        self._made: dict[str, Fit] = {}

    def fits(self, document: Any, definition: str) -> bool:
        """Tell whether a document is sure to fit a definition."""
        return self.of(definition)(document)

    def of(self, definition: str) -> Fit:
        """Give what tells it of documents."""
        if definition not in self._made:
            # A definition may refer to itself: while it is made, it is what it will be.
            self._made[definition] = lambda value: self._made[definition](value)
            self._made[definition] = self._fit(self._definitions.get(definition))
        return self._made[definition]

    def _fit(self, schema: Any) -> Fit:
        if not isinstance(schema, Mapping):
            return lambda _: schema is True
        rules = [self._rule(word, schema) for word in schema if word not in _SAY_NOTHING and word[:2] != "x-"]
        if len(rules) == 1:
            return rules[0]

        # Loops, here and below: `all` of a generator takes twice the time, and this is asked a hundred times an object.
        def fit(value: Any) -> bool:
            for rule in rules:  # noqa: SIM110
                if not rule(value):
                    return False
            return True

        return fit

    def _rule(self, word: str, schema: Mapping[str, Any]) -> Fit:
        given = schema[word]
        if word in _FORMS and not _FORMS[word](given):
            return _nothing
        if word == "$id":
            return _anything
        if word == "type":
            return _typed(given)
        if word == "$ref" and isinstance(given, str) and given.startswith(_DEFINITION):
            return self.of(given.removeprefix(_DEFINITION))
        if word == "properties" or (word == "additionalProperties" and "properties" not in schema):
            return self._object(schema)
        if word == "additionalProperties":
            return _anything  # judged with the properties
        if word == "required":
            required = frozenset(given)
            return lambda value: not isinstance(value, dict) or value.keys() >= required
        if word == "items":
            item = self._fit(given)
            return lambda value: not isinstance(value, list) or all(map(item, value))
        if word in ("enum", "const"):
            # To Python, True is 1 and 1.0 as well.
            given = [given] if word == "const" else given
            listed = frozenset((type(one), one) for one in given if isinstance(one, str | bool | None))
            return lambda value: isinstance(value, str | bool | None) and (type(value), value) in listed
        if word == "minimum":
            return lambda value: not is_number(value) or value >= given
        if word == "maximum":
            return lambda value: not is_number(value) or value <= given
        if word == "format":
            return self._formats.get(given, _anything)
        if word == "propertyNames":
            name = self._fit(given)
            return lambda value: not isinstance(value, dict) or all(map(name, value))
        if word in _SIZES:
            return _sized(word, given)
        if word == "pattern":
            finds = self._finds or (lambda *_: False)
            return lambda value: not isinstance(value, str) or bool(finds(given, value))
        if word == "uniqueItems":
            return lambda value: not isinstance(value, list) or (_are_texts(value) and len({*value}) == len(value))
        if word == "anyOf":
            some = [self._fit(one) for one in given]
            return lambda value: any(fit(value) for fit in some)
        if word == "if":
            return self._conditional(schema)
        if word in ("then", "else"):
            return _anything  # judged with the condition; without one, they say nothing
        if word in _APART and self._asks is not None:
            return self._asks({word: given})
        return _nothing

    def _conditional(self, schema: Mapping[str, Any]) -> Fit:
        asked, holds, fails = (self._fit(schema.get(word, True)) for word in ("if", "then", "else"))
        # Which keys a map has is known, and not only surely known, so that `else` may be asked as well.
        return lambda value: (holds if asked(value) else fails)(value)

    def _object(self, schema: Mapping[str, Any]) -> Fit:
        fits = {key: self._fit(below) for key, below in schema.get("properties", {}).items()}
        others = self._fit(schema.get("additionalProperties", True))

        def fit(value: Any) -> bool:
            if not isinstance(value, dict):
                return True
            for key, below in value.items():  # noqa: SIM110
                if not (isinstance(key, str) and fits.get(key, others)(below)):
                    return False
            return True

        return fit


def _typed(given: Any) -> Fit:
    types = frozenset(kind for name in ([given] if isinstance(given, str) else given) for kind in _TYPES.get(name, ()))
    return lambda value: type(value) in types


def _sized(word: str, limit: int) -> Fit:
    kind = _SIZED[word[3:]]
    if word.startswith("min"):
        return lambda value: not isinstance(value, kind) or len(value) >= limit
    return lambda value: not isinstance(value, kind) or len(value) <= limit


def _anything(_: Any) -> bool:
    return True


def _nothing(_: Any) -> bool:
    return False
