"""Scenarios in which users bring what the chart would make: a Secret, a ConfigMap or a claim that is there already."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from chartgate.charts.chart_values.commented_keys import CommentedKeys, comments_of
from chartgate.charts.chart_values.samples import Rules
from chartgate.charts.template_texts.key_readers import all_uses
from chartgate.documents.addresses import ABSENT, join, lookup, steps
from chartgate.documents.walking import Keys, nodes
from chartgate.matrix.derivations.derived import accepted, chart_of, fullest, with_values
from chartgate.matrix.derivations.single_texts import plain_texts
from chartgate.matrix.derivations.switch_turns import GIVEN, HOST, asked_switches
from chartgate.model import Chart, Scenario

_OBJECTS = ("secret", "claim", "pvc", "configmap")
BROUGHT, BROUGHT_KEY = "brought-by-user", "brought-key"
_SWITCHES = ("enabled",)
_NOT = re.compile(r"existing|external|disable|skip|\bno[A-Z]|without|use[A-Z]|debug|test", re.IGNORECASE)
_UNLESS = re.compile(r"\bnot\s++\(?+\$?+\.Values((?:\.\w++)++)")
_EXISTING = re.compile(r"\b(?:pre-?)?existing\b", re.IGNORECASE)
_MOST = 2
"""Files in ci/ that are tried besides the fullest; each is one more start of helm."""


def with_brought_objects(scenarios: Sequence[Scenario]) -> Iterator[tuple[Scenario, Scenario]]:
    """Pair the fullest scenario with the same one in which each key for an existing object names one.

    The switches above such a key are on in both. Keys that somebody has set are left alone, and what a schema refuses.
    Then pair those scenarios that set something else beside such a key, since the fullest one may not use that section;
    the one in which every other switch is on and every host given, by which templates decide what they render; and one
    in which the chart is told not to create what it is told the name of. Where values say the keys of what is brought
    as well, pair it with the same one in which these are others.
    """
    base = fullest(scenarios)
    if base is None:
        return
    keys = _keys_of_existing(base)
    yield from _brought(base, keys)
    yield from _named_and_not_created(base)
    if base.declared.is_conventional and keys and (given := _other_switches(base) | _other_texts(base, keys)):
        yield from _brought(with_values(base, "all-asked", given), keys)
    for scenario in [s for s in scenarios if s is not base and s.declared.is_conventional and _beside(s)][:_MOST]:
        yield from _brought(scenario, _beside(scenario))


def _other_switches(base: Scenario) -> dict[str, object]:
    """Turn on what is off, but for switches that say no to something, or that users bring something."""
    return accepted(base, {join(*keys): True for keys in asked_switches(base) if not _NOT.search(join(*keys))})


def _other_texts(base: Scenario, brought: list[Keys]) -> dict[str, object]:
    """Give the hosts that are empty, without which templates leave out what belongs to them."""
    plain = plain_texts(chart_of(base))
    empty = [k for k, v in nodes(base.values, lists=False) if v == "" and k in plain and k not in brought]
    return accepted(base, {join(*keys): GIVEN for keys in empty if HOST.search(keys[-1])})


def _beside(scenario: Scenario) -> list[Keys]:
    """Give the keys for existing objects beside which a scenario sets something."""
    sections = ((keys, lookup(scenario.overrides, join(*keys[:-1]))) for keys in _keys_of_existing(scenario))
    return [keys for keys, section in sections if isinstance(section, Mapping) and section]


def _keys_of_existing(scenario: Scenario) -> list[Keys]:
    """Give the keys that are empty, or that only a template has: a comment of values.yaml may show them."""
    chart = chart_of(scenario)
    deciding, comments = _deciding(chart), comments_of(chart)
    given = [
        keys
        for keys, value in nodes(scenario.values, lists=False)
        if value in ("", None)
        and (
            _names_existing(keys)
            or (
                _names_object(str(keys[-1]).lower())
                and (keys in deciding or _is_said_to_exist(keys, scenario, comments))
            )
        )
    ]
    read = dict.fromkeys(use.path for use in all_uses(chart) if _names_existing(use.path))
    return given + [
        keys
        for keys in read
        if _is_left_out(keys, scenario.values) and not any(_are_of_one_object(keys, other) for other in given)
    ]


def _are_of_one_object(one: Keys, other: Keys) -> bool:
    """Tell whether two keys of a section name one object: a template may read a key that values.yaml has otherwise."""
    both = one[-1].lower(), str(other[-1]).lower()
    return one[:-1] == other[:-1] and any(all(word in key for key in both) for word in _OBJECTS)


def _is_left_out(keys: Keys, values: Mapping[str, object]) -> bool:
    """Tell whether values lack a key of a section that they have."""
    section = lookup(values, join(*keys[:-1]))
    return bool(keys[1:]) and isinstance(section, Mapping) and section != {} and keys[-1] not in section


def _is_said_to_exist(keys: Keys, scenario: Scenario, comments: CommentedKeys) -> bool:
    """Tell whether a comment says of a name that it is of something existing, which no `create` beside it makes."""
    is_made = lookup(scenario.values, join(*keys[:-1], "create")) is not ABSENT
    return not is_made and _EXISTING.search(comments.said_at([str(key) for key in keys])) is not None


def _deciding(chart: Chart) -> set[Keys]:
    """Give the keys without which a template renders something of its own: `if not .Values.externalConfigMap`."""
    found = (
        (use.path, _UNLESS.finditer(use.action.text)) for use in all_uses(chart) if use.action.word in ("if", "else")
    )
    return {path for path, unless in found for one in unless if ".".join(("", *path)).endswith(one[1])}


def _named_and_not_created(base: Scenario) -> Iterator[tuple[Scenario, Scenario]]:
    """Pair the fullest scenario with one in which what has a name and a `create` is brought: `secret.create: false`."""
    rules, changes = Rules(chart_of(base)), dict[str, object]()
    for keys, value in nodes(base.values, lists=False):
        if keys[1:] and keys[-1] == "name" and value in ("", None) and _names_object(str(keys[-2]).lower()):
            name, create = join(*keys), join(*keys[:-1], "create")
            one = {create: False, name: f"{BROUGHT}-{len(changes)}"}
            if lookup(base.values, create) is True and rules.accept(with_values(base, "", one).values):
                changes |= one
    if changes:
        yield base, with_values(base, "brought.named", changes)


def _brought(base: Scenario, keys: list[Keys]) -> Iterator[tuple[Scenario, Scenario]]:
    rules = Rules(chart_of(base))
    on = {name: True for path in keys for name in _switches_off(path, base.values)}
    before = with_values(base, "before-brought", on) if on else base
    changes: dict[str, str] = {}
    for number, path in enumerate(keys):
        one = {join(*path): f"{BROUGHT}-{number}"}
        if rules.accept(with_values(before, "", one).values) or not rules.accept(before.values):
            changes |= one
    if changes:
        brought = with_values(before, "brought", changes)
        yield before, brought
        others = dict(_other_keys(brought, [tuple(steps(key)) for key in changes]))
        if others and rules.accept(with_values(brought, "", others).values):
            yield brought, with_values(brought, "keys", others)


def _other_keys(brought: Scenario, names: list[Keys]) -> Iterator[tuple[str, str]]:
    """Give what says a key of an object beside its name: `existingSecretPasswordKey`, `secretKeys.password`."""
    sections = {keys[:-2] if keys[-1] == "name" else keys[:-1] for keys in names}
    for keys, value in nodes(brought.values, lists=False):
        above = keys[:-2] if len(keys) > 1 and str(keys[-2]).lower().endswith("keys") else keys[:-1]
        is_key = len(keys) > 1 and (above != keys[:-1] or str(keys[-1]).lower().endswith("key"))
        if is_key and above in sections and (value is None or isinstance(value, str)) and keys not in names:
            yield join(*keys), f"{BROUGHT_KEY}-{str(keys[-1]).lower()}"


def _names_existing(keys: Keys) -> bool:
    """Tell whether a key is `existingSecret`, `existingClaim`, `tlsExistingSecretName`; not `existingSecretKey`.

    Or the `name` below such a key, or below `secretRef`.
    """
    above, name = (str(key).lower() for key in ("", *keys)[-2:]) if keys else ("", "")
    if name == "name":
        return above.endswith("secretref") or _is_existing(above)
    return _is_existing(name)


def _is_existing(name: str) -> bool:
    return "existing" in name and _names_object(name)


def _names_object(name: str) -> bool:
    return name.removesuffix("name").removesuffix("ref").endswith(_OBJECTS)


def _switches_off(path: Keys, values: Mapping[str, object]) -> Iterator[str]:
    """Give the switches above a key that are off."""
    node: object = values
    for depth, key in enumerate(path[:-1], 1):
        node = node.get(key) if isinstance(node, Mapping) else None
        if isinstance(node, Mapping):
            yield from (join(*path[:depth], switch) for switch in _SWITCHES if node.get(switch) is False)
