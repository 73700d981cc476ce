"""Values that users do set, derived from a scenario: nulls, digests of images, other names, numbers as texts."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chartgate.charts.chart_values.coalescing import nested, overlay
from chartgate.charts.chart_values.commented_keys import comments_of
from chartgate.charts.chart_values.samples import Rules, all_accepted
from chartgate.charts.template_texts.template_actions import texts_of_actions
from chartgate.charts.template_texts.template_reads import Path, Use, keys_of_dots, paths_in, reads, uses
from chartgate.documents.addresses import ABSENT, join, lookup, steps
from chartgate.documents.shapes import is_whole
from chartgate.documents.walking import nodes
from chartgate.matrix.derivations.derived import chart_of, fullest, with_values
from chartgate.matrix.derivations.switch_turns import all_on, bases_of
from chartgate.model import Chart, Scenario

DIGITS = "4815162"
"""A text of digits, as passwords and tags may be; nothing else in a chart is it."""
CHOSEN_NAME = "chosen-by-user"
LONG_NAME = "a-name-of-forty-characters-that-its-user"
"""A StatefulSet's name is at most 52 characters long, and most charts add a component to some name."""
CHOSEN_NAMESPACE, CHOSEN_DOMAIN = "chosen-namespace", "chosen.example"
_NAMESPACES = (("namespaceOverride",), ("forceNamespace",), ("namespace",), ("global", "namespace"))
"""Where charts have the namespace of their objects, and an empty text where it is the release's."""
_OF_THE_RELEASE = re.compile(r"\bdefault\s++\$?\.Release\.Namespace\b")
_OF_LEASES = re.compile(r"leader\w{0,20}\.\w{0,20}namespace\Z", re.IGNORECASE)
_OF_MONITORS = re.compile(r"(?:service|pod)_?monitor\w{0,9}\.namespace\Z", re.IGNORECASE)
DOMAIN_KEYS = ("clusterDomain", "clusterDnsDomain", "clusterDNSDomain", "dnsDomain", "kubernetesClusterDomain")
_DIGEST_KEYS = ("digest", "sha")
_COMPARES = re.compile(r"\b(?:eq|ne|lt|le|gt|ge|has|contains|has(?:Prefix|Suffix)|semver\w*+|regex\w*+|lookup|index)\b")
_DECIDES = re.compile(r"^-?\s*+(?:if|else|with)\b")
_IS_SET = re.compile(r"^-?\s*+(?:if|with)\s++\$?\.Values(?:\.\w++)++\s*+-?$")
_RANGE = re.compile(r"^-?\s*+range\s++\$\w++\s*+,\s*+(\$\w++)\s*+:=\s*+\$?\.Values((?:\.\w++)++)\s*+-?$")
_OF_A_FORM = re.compile(r"/|^[0-9.]++(?:[smhdkKMGT]i?|ms)$")
_OFTEN_DIGITS = re.compile(r"pass|token|tag$|version$|id$|user$|code$", re.IGNORECASE)
_ONE_OF_A_FEW = re.compile(r"[A-Z]{2,9}+[0-9]{1,3}|IPv[46]")
"""`TLS12`, `HTTP2`, `IPv4`: what a chart compares with nothing, but its program does."""
_NEVER_DIGITS = re.compile(
    r"(?:logo|ur[il]|link|host(?:s|name)?+|domain|path|file|image|icon|colou?r|address|e?mail|expression|query|regex"
    r"|zone|tz|list|level|format|ranges?|cidrs?|managedby|checksum|(?-i:Ip|IP|\bip|_ip)s?+)\Z",
    re.IGNORECASE,
)
_NAMES = re.compile(r"(?:names?|override|namespace|secret|configmap|claim|class|account)$", re.IGNORECASE)
_MOST = 6
"""Scenarios with a null, and files in ci/ under other names; each is one more start of helm."""


def with_nulls(scenarios: Sequence[Scenario]) -> Iterator[tuple[Scenario, Scenario]]:
    """Pair the fullest scenario with ones in which a section is null, where its default or its schema is empty as well.

    Only sections that a template reads something of, with the switches above them on; `global` is helm's own.
    """
    if base := fullest(scenarios):
        chart = chart_of(base)
        below = {path[:depth] for _, path in reads(chart) for depth in range(1, len(path))}
        rules = Rules(chart)
        found = [path for path in sorted(below) if path[0] != "global" and _may_be_null(path, chart, rules)]
        for path in found[:_MOST]:
            on = {join(*path[:n], "enabled"): True for n in range(1, len(path)) if _is_off(base, path[:n])}
            yield from _pair(base, f"null.{join(*path)}", {**on, join(*path): None})


def _is_off(scenario: Scenario, path: Path) -> bool:
    return lookup(scenario.values, join(*path, "enabled")) is False


def _may_be_null(path: Path, chart: Chart, rules: Rules) -> bool:
    default = lookup(chart.own_values, join(*path))
    if default == {} and comments_of(chart).shows_inside(path):
        return False  # who takes away the braces puts what is shown there in their place
    types = [schema.get("type") for schema in rules.schemas_at(join(*path))]
    return default is None or default == {} or any("null" in kind for kind in types if isinstance(kind, list))


def with_digests(scenarios: Sequence[Scenario]) -> Iterator[tuple[Scenario, Scenario]]:
    """Pair the fullest scenario, and that with every switch on, with one in which each image has a digest.

    Under its key, or behind the tag.
    """
    for base in bases_of(scenarios):
        chart = chart_of(base)
        read = {path for _, path in reads(chart)}
        changes = dict(_digests(base.values, read, str(chart.metadata.get("appVersion") or "1.0.0")))
        yield from _pair(base, "digests", changes)


def _digests(values: Mapping[str, Any], read: set[Path], version: str) -> Iterator[tuple[str, str]]:
    for keys, image in nodes(values, lists=False):
        if not isinstance(image, dict) or not isinstance(image.get("repository"), str) or "@" in image["repository"]:
            continue
        digest, tag = hashlib.sha256(join(*keys).encode()).hexdigest(), image.get("tag", ABSENT)
        own = next((key for key in _DIGEST_KEYS if key in image or (*keys, key) in read), "")
        if own:
            yield join(*keys, own), digest if own == "sha" else f"sha256:{digest}"
        elif any(key.lower().endswith("digest") and isinstance(image[key], str) for key in image):
            continue  # one of several, `awsDigest`, by which the template chooses
        elif (isinstance(tag, str) and "@" not in tag) or (tag in (None, ABSENT) and (*keys, "tag") in read):
            yield join(*keys, "tag"), f"{tag or version}@sha256:{digest}"


def with_other_names(scenarios: Sequence[Scenario]) -> Iterator[tuple[Scenario, Scenario]]:
    """Pair the fullest scenario with one that overrides the name of the chart, and one that overrides the full name.

    Of the files in ci/, each may switch on what the others do not, so that all of them are paired, up to a number, and
    so is the one with every switch on.
    """
    base = fullest(scenarios)
    bases = [base, *(s for s in scenarios if s is not base)] if base and base.declared.is_conventional else [base]
    for scenario in filter(None, [*bases[:_MOST], all_on(scenarios)]):
        chart = chart_of(scenario)
        known = set(chart.own_values) | {path[0] for _, path in reads(chart)}
        for key, name in (("nameOverride", CHOSEN_NAME), ("fullnameOverride", LONG_NAME)):
            if key in known and not scenario.values.get(key):
                yield from _pair(scenario, key, {key: name})


def with_other_accounts(scenarios: Sequence[Scenario]) -> Iterator[tuple[Scenario, Scenario]]:
    """Pair the fullest scenario with one that names each account that the chart makes."""
    if base := fullest(scenarios):
        names = [
            join(*keys[:-1], "name")
            for keys, value in nodes(base.values, lists=False)
            if keys[-1:] == ("create",) and value is True and keys[-2:-1] and "account" in keys[-2].lower()
        ]
        known = [k for k in names if _is_blank(base, tuple(steps(k))) or lookup(base.values, k) is not ABSENT]
        yield from _pair(base, "accounts", {key: f"{CHOSEN_NAME}-{number}" for number, key in enumerate(known)})


def with_brought_accounts(scenarios: Sequence[Scenario]) -> Iterator[tuple[Scenario, Scenario]]:
    """Pair the scenario that names each account with one in which the chart makes none of them."""
    for _, named in with_other_accounts(scenarios):
        switches = [join(*steps(key)[:-1], "create") for key in named.changes if key.endswith(".name")]
        yield from _pair(named, "brought", dict.fromkeys(switches, False))


def with_unmade_accounts(scenarios: Sequence[Scenario]) -> Iterator[tuple[Scenario, Scenario]]:
    """Pair the fullest scenario with one in which the chart makes none of its accounts without a name."""
    if base := fullest(scenarios):
        made = [keys for keys, value in nodes(base.values, lists=False) if keys[-1:] == ("create",) and value is True]
        of_accounts = [keys for keys in made if any("account" in str(key).lower() for key in keys[:-1])]
        unnamed = [keys for keys in of_accounts if lookup(base.values, join(*keys[:-1], "name")) in ("", None, ABSENT)]
        yield from _pair(base, "unmade", {join(*keys): False for keys in unnamed})


def with_other_subcharts(scenarios: Sequence[Scenario]) -> Iterator[tuple[Scenario, Scenario]]:
    """Pair the fullest scenario with ones that override the full name, or the name, of each subchart that has them."""
    if base := fullest(scenarios):
        for key in ("fullnameOverride", "nameOverride"):
            subcharts = [s for s in chart_of(base).subcharts if _reads_key(s, key)]
            names = {join(s.name, key): f"{CHOSEN_NAME}-{number}" for number, s in enumerate(subcharts)}
            free = {address: name for address, name in names.items() if not lookup(base.values, address)}
            yield from _pair(base, f"subcharts.{key}", free)


def _reads_key(chart: Chart, key: str) -> bool:
    return chart.metadata.get("type") != "library" and (key,) in {path for _, path in reads(chart)}


def with_other_places(scenarios: Sequence[Scenario]) -> Iterator[tuple[Scenario, Scenario]]:
    """Pair scenarios with ones in which the objects' namespace, and the cluster's domain, are overridden."""
    for base in bases_of(scenarios):
        chart = chart_of(base)
        read = {path for _, path in reads(chart)}
        known = {*_NAMESPACES, *(use.path for use in uses(chart) if len(use.path) == 1 and _is_namespace(use))}
        places = [p for p in read if p[-1] == "namespaceOverride" or (p in known and _is_blank(base, p))]
        domains = [path for path in read if path[-1] in DOMAIN_KEYS]
        yield from _pair(base, "namespaceOverride", {join(*path): CHOSEN_NAMESPACE for path in sorted(places)})
        yield from _pair(base, "clusterDomain", {join(*path): CHOSEN_DOMAIN for path in sorted(domains)})


def _is_namespace(use: Use) -> bool:
    """Tell whether a named template puts a value in the place of the release's namespace."""
    return bool(use.action.definition) and _OF_THE_RELEASE.search(use.action.text) is not None


def with_leases_elsewhere(scenarios: Sequence[Scenario]) -> Iterator[tuple[Scenario, Scenario]]:
    """Pair scenarios with ones in which the lease of the leader is in another namespace, where that is a value."""
    for base in bases_of(scenarios):
        read = {path for _, path in reads(chart_of(base))}
        places = [path for path in read if _OF_LEASES.search(join(*path)) and _is_blank(base, path)]
        yield from _pair(base, "lease", {join(*path): CHOSEN_NAMESPACE for path in sorted(places)})


def with_monitors_elsewhere(scenarios: Sequence[Scenario]) -> Iterator[tuple[Scenario, Scenario]]:
    """Pair scenarios with ones in which monitors are in another namespace than what they scrape, by a value."""
    for base in bases_of(scenarios):
        read = {path for _, path in reads(chart_of(base))}
        places = [path for path in read if _OF_MONITORS.search(join(*path)) and _is_blank(base, path)]
        yield from _pair(base, "monitors", {join(*path): CHOSEN_NAMESPACE for path in sorted(places)})


def _is_blank(scenario: Scenario, path: Path) -> bool:
    """Tell whether a value is empty; helm leaves out what is null in values.yaml."""
    value = lookup(scenario.values, join(*path))
    return value in ("", None) or (value is ABSENT and lookup(chart_of(scenario).own_values, join(*path)) is None)


def with_texts(scenarios: Sequence[Scenario]) -> Iterator[tuple[Scenario, Scenario]]:
    """Pair the fullest scenario with one in which texts are digits, and numbers are texts.

    Of the values that a template prints as they are; not names, and what it compares with something.
    """
    if base := fullest(scenarios):
        chart = chart_of(base)
        actions = [action for text in chart.templates.values() for action in texts_of_actions(text)]
        compared = {path for a in actions if _COMPARES.search(a) for path in paths_in(a)}
        # Whether it is set at all is no choice of something else.
        deciding = {path for a in actions if _DECIDES.search(a) and not _IS_SET.match(a) for path in paths_in(a)}
        changes: dict[str, Any] = {}
        of_dots = list(keys_of_dots(chart))
        compared |= {path for path, action in of_dots if _COMPARES.search(action) or _DECIDES.search(action)}
        read = {path for _, path in reads(chart)} | {path for path, _ in of_dots}
        for path in sorted(read):
            value = lookup(base.values, join(*path))
            if path in compared or (path in deciding and not value):
                continue
            if isinstance(value, str) and _may_be_digits(path[-1], value):
                changes[join(*path)] = DIGITS
            # What is printed as a whole, resources or a security context, is the user's to write as Kubernetes demands.
            elif is_whole(value) and not (_above(path) & read):
                changes[join(*path)] = str(value)
        for action in actions:
            loop = _RANGE.search(action)
            # What is more than a text has parts that are read.
            map_there = lookup(base.values, loop[2][1:]) if loop else None
            if loop and _is_of_texts(map_there) and not any(f"{loop[1]}." in other for other in actions):
                changes[f"{loop[2][1:]}.CHOSEN"] = DIGITS
        yield from _pair(base, "texts", changes)


def _is_of_texts(value: object) -> bool:
    """Tell whether this is a map to which users add texts: an empty one, or one that has nothing else."""
    return isinstance(value, Mapping) and all(isinstance(entry, str) for entry in value.values())


def _may_be_digits(key: str, value: str) -> bool:
    """Tell whether a text may as well be digits: one that is, one of which nothing is known, a password, a tag."""
    if (
        _NAMES.search(key)
        or _OF_A_FORM.search(value)
        or _ONE_OF_A_FEW.fullmatch(value)
        or (not value and _NEVER_DIGITS.search(key))
    ):
        return False
    return not value or value.isdigit() or _OFTEN_DIGITS.search(key) is not None


def _above(path: Path) -> set[Path]:
    return {path[:depth] for depth in range(1, len(path))}


def _pair(base: Scenario, suffix: str, changes: Mapping[str, Any]) -> Iterator[tuple[Scenario, Scenario]]:
    """Pair a scenario with one that has these changes, as far as the schema accepts them."""
    rules = Rules(chart_of(base))
    if not rules.accept(base.values):  # helm asks no subchart that is off
        rules = Rules(dataclasses.replace(chart_of(base), subcharts=()))

    def is_accepted(these: Mapping[str, Any]) -> bool:
        if None in these.values():  # helm deletes the key
            return rules.accept(with_values(base, suffix, these).values)
        return rules.accept(overlay(base.values, nested(these)))

    if accepted := all_accepted(changes, is_accepted):
        yield base, with_values(base, suffix, accepted)
