"""A chart's values.schema.json as a validator that fetches nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from functools import cache, partial
from typing import Any

import jsonschema
import referencing
import referencing.exceptions
from jsonschema.protocols import Validator
from jsonschema.validators import extend, validator_for

from chartgate.documents.json_documents.go_patterns import UnreadablePattern, is_found, is_readable
from chartgate.documents.json_documents.plain_schemas import Fit, PlainSchemas
from chartgate.documents.very_objects import once_for
from chartgate.documents.walking import nodes
from chartgate.errors import InputError


class UnreadableSchema(InputError):
    """What is no schema (`type: 5`), or follows references without end, or for longer than anybody waits."""


UNDECIDABLE = (UnreadableSchema, UnreadablePattern, referencing.exceptions.Unresolvable)
"""What is raised where nobody here can say: no schema, a pattern that Go does not know, a reference out of the file.

Helm refuses a schema of the first two kinds, whatever the values are.
"""


_NO_SCHEMA = (TypeError, AttributeError, KeyError, ZeroDivisionError, jsonschema.exceptions.UnknownType)
"""What the library raises where something is no schema."""


def errors_in(values: Any, schema: Mapping[str, Any]) -> Iterator[jsonschema.ValidationError]:
    """Give what a schema refuses in values, one after the other.

    Raises:
        UNDECIDABLE: helm has to say.
    """
    work = _work_with(schema.get("definitions") or schema.get("$defs") or schema)
    work.begin()
    try:
        judge = _validator_of(schema)
        if not _is_sure_to_fit(schema, values):
            yield from judge.iter_errors(values)
    except RecursionError as error:
        raise UnreadableSchema("the schema refers to itself without end") from error
    except ValueError as error:  # of `urllib.parse`, for an `$id` or a `$ref` that is no URL
        raise UnreadableSchema(f"a name in the schema is not a URL: {error}") from error
    except _NO_SCHEMA as error:
        if _is_schema(schema):
            raise
        # The library takes for granted that it is one, and to ask first takes longer than all its answers.
        raise UnreadableSchema("it is not a JSON schema") from error


_MOST_REFERENCES = 100_000
"""That are followed for one answer: a few hundred are usual, and some seconds is what these take."""


class _Work:
    """How many references of a schema may still be followed: where each leads to two others, they never end."""

    def __init__(self) -> None:
        self._left = 0
        self._is_too_much = False

    def begin(self) -> None:
        """Allow those for one answer, unless one was too much work already."""
        if self._is_too_much:
            raise UnreadableSchema(_TOO_MUCH)
        self._left = _MOST_REFERENCES
        _current.work = self

    def follow(self) -> None:
        """Count one."""
        self._left -= 1
        if self._left < 0:
            self._is_too_much = True
            raise UnreadableSchema(_TOO_MUCH)


_TOO_MUCH = f"more than {_MOST_REFERENCES} references have to be followed"
_current = threading.local()


@once_for(16)
def _work_with(definitions: Any) -> _Work:  # noqa: ARG001 - it is what the cache goes by
    return _Work()


@cache
def _counting(kind: type[Validator]) -> type[Validator]:
    """Give a class of validators that counts the references which it follows."""
    original = kind.VALIDATORS["$ref"]

    def follow(validator: Any, reference: Any, instance: Any, schema: Any) -> Iterator[jsonschema.ValidationError]:
        if (work := getattr(_current, "work", None)) is not None:
            work.follow()
        yield from original(validator, reference, instance, schema)

    counting: type[Validator] = extend(kind, {"$ref": follow})  # type: ignore[no-untyped-call]
    return counting


def _is_schema(schema: Mapping[str, Any]) -> bool:
    kind: Any = _kind(schema)  # whose type does not know the format checker
    try:
        kind.check_schema(schema, format_checker=GO_FORMATS)
    except jsonschema.SchemaError:
        return False
    return True


def validator(schema: Mapping[str, Any]) -> Validator:
    """Give a validator for a schema; as helm 4, by draft 2020-12 where it names none.

    Helm 3.17 reads such a schema by draft 7 and older ones at once: of what helm 4 would judge otherwise, it ignores
    the keywords that came later. Source: https://github.com/santhosh-tekuri/jsonschema/blob/v6.0.2/draft.go
    (`draftLatest`), https://github.com/xeipuuv/gojsonschema/blob/v1.2.0/draft.go (`Hybrid`)

    Raises:
        UnreadableSchema: what should name its draft is not a text.
    """
    # Without a registry, it would fetch what a remote reference leads to.
    return _kind(schema)(schema, registry=referencing.Registry())


def _kind(schema: Mapping[str, Any]) -> type[Validator]:
    if not isinstance(schema.get("$schema", ""), str):
        raise UnreadableSchema("$schema is not a text")
    return _counting(with_go_patterns(validator_for(schema, default=jsonschema.Draft202012Validator)))


_validator_of = once_for(16)(validator)


def _is_sure_to_fit(schema: Mapping[str, Any], values: Any) -> bool:
    try:
        return _plain(schema)(values)
    except (RecursionError, ValueError, *UNDECIDABLE, *_NO_SCHEMA):
        return False  # nothing so deep is done quickly, and an error may come before this one


@once_for(16)
def _plain(schema: Mapping[str, Any]) -> Fit:
    """Give what tells quickly that values fit; a part that is not plain is for the library, and it alone.

    What the library is asked of follows its references from the top: not where a name below that leads them elsewhere.
    """
    names = (keys for keys, node in nodes(schema) if isinstance(node, Mapping) and "$id" in node)
    return PlainSchemas({"": schema}, {}, is_found, None if any(names) else partial(_judge_of_part, schema)).of("")


def _judge_of_part(schema: Mapping[str, Any], part: Mapping[str, Any]) -> Fit:
    judge: Any = _validator_of(schema)  # whose type does not know `evolve`
    fit: Fit = judge.evolve(schema=part).is_valid
    return fit


@cache
def with_go_patterns(kind: type[Validator]) -> type[Validator]:
    """Give a class of validators that matches patterns as Go does, and not as Python; what it says is UNDECIDABLE."""
    own: dict[str, Any] = {
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "additionalProperties": _additional_properties,
    }
    known: dict[str, Any] = dict(getattr(kind, "VALIDATORS", {}))
    if "dependencies" not in known:
        own["dependencies"] = jsonschema.Draft7Validator.VALIDATORS["dependencies"]  # helm judges it in every draft
    if "prefixItems" in known:
        own["items"] = _items(known["items"])
    if "unevaluatedProperties" in known:
        own["unevaluatedProperties"] = _unevaluated_properties(known["unevaluatedProperties"])
    extended: type[Validator] = extend(kind, own)  # type: ignore[no-untyped-call]
    return extended


def _regex_format() -> jsonschema.FormatChecker:
    checker = jsonschema.FormatChecker(formats=())
    checker.checks("regex")(is_readable)
    return checker


GO_FORMATS = _regex_format()
"""For `check_schema`: what a schema gives as a pattern must be one that Go reads, and need not be one of Python's."""


def _patterns_of_keys(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    found = schema.get("patternProperties")
    return found if isinstance(found, Mapping) else {}


def names_key(schema: Mapping[str, Any], key: str) -> bool:
    """Tell whether a schema says something of a key, by its name or by a pattern.

    Raises:
        UnreadablePattern: Go does not know one of them.
    """
    return key in (schema.get("properties") or ()) or any(is_found(p, key) for p in _patterns_of_keys(schema))


def _pattern(validator: Any, pattern: str, instance: Any, _: Any) -> Iterator[jsonschema.ValidationError]:
    if validator.is_type(instance, "string") and not is_found(pattern, instance):
        yield jsonschema.ValidationError(f"{instance!r} does not match {pattern!r}")


def _pattern_properties(
    validator: Any, patterns: Mapping[str, Any], instance: Any, _: Any
) -> Iterator[jsonschema.ValidationError]:
    for key, value in instance.items() if validator.is_type(instance, "object") else ():
        for pattern, below in patterns.items():
            if is_found(pattern, str(key)):
                yield from validator.descend(value, below, path=key, schema_path=pattern)


def _additional_properties(
    validator: Any, rule: Any, instance: Any, schema: Mapping[str, Any]
) -> Iterator[jsonschema.ValidationError]:
    if not validator.is_type(instance, "object"):
        return
    more = [key for key in instance if not names_key(schema, str(key))]
    if validator.is_type(rule, "object"):
        for key in more:
            yield from validator.descend(instance[key], rule, path=key)
    elif not rule and more:
        patterns = ", ".join(map(repr, sorted(_patterns_of_keys(schema))))
        names = ", ".join(map(repr, sorted(more, key=str)))
        if patterns:
            message = f"{names} {'does' if len(more) == 1 else 'do'} not match any of the regexes: {patterns}"
        else:
            were = "was" if len(more) == 1 else "were"
            message = f"Additional properties are not allowed ({names} {were} unexpected)"
        yield jsonschema.ValidationError(message)


def _items(original: Any) -> Any:
    """Leave a list of schemas, as older drafts have it, to helm: the newest one refuses it, and others do not."""

    def judge(validator: Any, rule: Any, instance: Any, schema: Any) -> Iterator[jsonschema.ValidationError]:
        if isinstance(rule, list):
            raise UnreadablePattern("a list of items is not of draft 2020-12")
        yield from original(validator, rule, instance, schema)

    return judge


def _unevaluated_properties(original: Any) -> Any:
    """Leave what jsonschema would decide by Python's patterns to helm: such schemas are few."""

    def judge(validator: Any, rule: Any, instance: Any, schema: Any) -> Iterator[jsonschema.ValidationError]:
        if any("patternProperties" in node for _, node in nodes(schema) if isinstance(node, Mapping)):
            raise UnreadablePattern("unevaluatedProperties beside patternProperties is for helm to judge")
        yield from original(validator, rule, instance, schema)

    return judge
