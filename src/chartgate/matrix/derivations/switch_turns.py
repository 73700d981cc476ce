"""Scenarios in which switches are turned that no file in ci/ turns: one at a time, and all of them on."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chartgate.charts.chart_values.coalescing import nested, overlay
from chartgate.charts.chart_values.commented_keys import comments_of
from chartgate.charts.chart_values.samples import Rules
from chartgate.charts.template_texts.key_readers import all_uses, uses_below
from chartgate.documents.addresses import ABSENT, join, lookup, steps
from chartgate.documents.very_objects import once_for
from chartgate.documents.walking import Keys, nodes
from chartgate.matrix.derivations.derived import accepted, chart_of, fullest, with_values
from chartgate.matrix.derivations.refusals import demanded, refused_by, refused_in
from chartgate.model import Chart, Scenario, Values

SWITCHES = ("enabled", "enable", "create", "install")
"""What keys are called that say whether there is a part at all."""
ALL_ON = "all-on"
"""How the scenario's name ends that has all of them on."""
_SERVED = re.compile(r'\bHas\s++"((?:monitoring\.coreos\.com|autoscaling\.k8s\.io)/[\w/]++)"')
_BUDGET, _IS_A_BUDGET = {"maxUnavailable": 1}, re.compile(r"(?i:poddisruptionbudget|pdb)").fullmatch
"""An empty map that is a budget once there is something in it, and what is then in it."""
_REPLICAS = re.compile(r"(?<!min)(?<!max)replica(?:s|Count)\Z", re.IGNORECASE)
_SEVERAL = 3
WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet")
SERVICE_TYPES = ("ClusterIP", "NodePort", "LoadBalancer")
_OF_OLD_CLUSTERS = re.compile(r"psp|podsecuritypol", re.IGNORECASE)
"""What no cluster that there is serves any longer."""
_OF_NO_SWITCH = re.compile(
    r"(?:Seconds|Timeout|Replicas|Count|Size|Limit|Port|[vV]olumes|[vV]olumeMounts|[tT]olerations|[aA]ffinity)\Z"
)
"""What is false for no number, or no list: `timeoutSeconds: false`, `volumes: false`."""
_MOST = {True: 16, False: 6}
"""Switches by such a name, and others, that are turned one at a time; each is one more start of helm."""
_OBJECT, _BESIDE = ("apiVersion:", "kind:"), ("{{", "---", "#")
"""How an object begins, and lines that may be between its condition and that."""
_REFUSES = re.compile(r"\bfail\b|\brequired\b")
_DEMANDS = re.compile(r"\b(?:tpl|required|b64enc)\b")
_QUANTITIES = frozenset(("requests", "limits"))
_IS_A_PATH = re.compile(r"path|folder|dir|file", re.IGNORECASE)
HOST, GIVEN = re.compile(r"(?:host|hostname|address|endpoint|server)\Z", re.IGNORECASE), "given.example.com"
_IS_A_DATABASE = re.compile(r"postgres|sql|mariadb|mongo|db|database", re.IGNORECASE)
_OTHER_DATABASES = {"externaldatabase", "externaldb", "databaseexternal", "dbexternal"}
_MOST_PARTS = 4
"""Parts that some file leaves out, and that are left out of the fullest scenario as well."""


def turned(scenarios: Sequence[Scenario]) -> Iterator[tuple[Scenario, Scenario]]:
    """Pair a scenario with ones in which one switch is turned that all files in ci/ have at its default.

    A switch is a key that says whether there is a part, with those above it on, or another one that is true or false
    and in a condition of a template. Parts at the top of the values that are off in some file, but not where all else
    is on, are turned off there as well. Of what is turned off, the host is given that users have in its place. A matrix
    turns its own toggles.
    """
    base = fullest(scenarios)
    if base is None or not base.declared.is_conventional:
        return
    rules, asked = Rules(chart_of(base)), _in_conditions(chart_of(base))
    found, parts, of_objects = {True: 0, False: 0}, 0, _before_objects(chart_of(base))
    # Whole parts first, and what whole objects depend on.
    order = sorted(nodes(base.values, lists=False), key=lambda node: (len(node[0]), node[0] not in of_objects))
    for keys, value in order:
        is_named = keys[-1:] != () and keys[-1] in SWITCHES
        if not isinstance(value, bool) or found[is_named] == _MOST[is_named] or not (is_named or keys in asked):
            continue
        if _OF_OLD_CLUSTERS.search(join(*keys)) or _OF_NO_SWITCH.search(keys[-1]):
            continue
        before = with_all_above(keys, base, scenarios)
        given = {lookup(s.values, join(*keys)) for s in (before, *scenarios)} if before else set()
        is_part = before is base and value and len(keys) == 2 and keys[1] == SWITCHES[0] and given == {True, False}
        parts += is_part
        if before is None or not (given == {value} or (is_part and parts <= _MOST_PARTS)):
            continue
        needed: dict[str, Any] = {}
        if is_named and value:
            needed = dict(_hosts_instead(keys[:-1], before))
        elif is_named:
            needed = _needed([join(*keys)], before)
        after = with_values(before, f"turned.{join(*keys)}", {**needed, join(*keys): not value})
        if rules.accept(after.values):
            found[is_named] += not is_part
            yield before, after


def _hosts_instead(section: Keys, scenario: Scenario) -> Iterator[tuple[str, str]]:
    """Give the hosts that whoever turns a part off names in its place: empty ones of its section, or an external one.

    As in `db.host`, `externalDb.host`, `external.db.host`, and `externalDatabase.host` or `database.external.host` for
    whatever database.
    """
    *above, last = section or ("",)
    names = {f"external{last}".lower()} | (_OTHER_DATABASES if _IS_A_DATABASE.search(last) else set())
    for keys, value in nodes(scenario.values, lists=False):
        if keys and value == "" and HOST.match(keys[-1]) and list(keys[: len(above)]) == above:
            inside = "".join(keys[len(above) : -1])
            if inside == last or inside.lower() in names:
                yield join(*keys), GIVEN


def _needed(switches: Sequence[str], base: Scenario) -> dict[str, str]:
    """Give what these switches demand that are on: for their sections, and in words."""
    chart, on = chart_of(base), dict.fromkeys(switches, True)
    sections = dict.fromkeys(tuple(steps(switch)[:-1]) for switch in switches)
    given = (_demanded(section, chart).items() for section in sections)
    return dict(item for items in given for item in items) | demanded(switches, chart, overlay(base.values, nested(on)))


def _demanded(section: Keys, chart: Chart) -> dict[str, str]:
    """Give what a part demands that is on: what values.yaml leaves out, and templates print without a question.

    Nothing where it has an empty list as well, which only its user can fill.
    """
    if any(value == [] for _, value in nodes(lookup(chart.own_values, join(*section)), lists=False)):
        return {}
    uses = uses_below(chart).get(section, ())
    asked = {use.path for use in uses if use.action.word in ("if", "with", "else")}
    printed = {use.path for use in uses if _DEMANDS.search(use.action.text)} - asked
    empty = [path for path in sorted(printed) if lookup(chart.own_values, join(*path)) in (None, ABSENT)]
    return {join(*path): _text_for(path) for path in empty}


def _text_for(path: Keys) -> str:
    if not _QUANTITIES.isdisjoint(path):
        return "1" if path[-1] == "cpu" else "1Gi"
    return "/given" if _IS_A_PATH.search(str(path[-1])) else "given"


def asked_switches(scenario: Scenario) -> list[Keys]:
    """Give the keys of a scenario that are false and by which some template of the chart itself decides."""
    asked, chart = _in_conditions(chart_of(scenario)), chart_of(scenario)
    off = [keys for keys, value in nodes(scenario.values, lists=False) if value is False and keys in asked]
    return [keys for keys in off if not _is_of_others(keys, chart)]


def _in_conditions(chart: Chart) -> frozenset[Keys]:
    """Give the keys by which some template decides what it renders."""
    return frozenset(use.path for use in all_uses(chart) if use.action.word in ("if", "with", "else"))


def _before_objects(chart: Chart) -> frozenset[Keys]:
    """Give the keys of conditions right above an object."""
    uses = (use for use in all_uses(chart) if use.action.word == "if")
    lines = {name: text.splitlines() for name, text in chart.templates.items()}
    below = ((use.path, lines.get(use.template, [])[use.action.line :]) for use in uses)
    first = (
        (path, next((line for line in found if line and not line.startswith(_BESIDE)), "")) for path, found in below
    )
    return frozenset(path for path, line in first if line.startswith(_OBJECT))


def with_all_above(keys: Keys, base: Scenario, scenarios: Sequence[Scenario]) -> Scenario | None:
    """Give a scenario in which all switches above a key are on: one of them, or the first with that one turned."""
    above = [keys[:depth] for depth in range(1, len(keys) - (keys[-1] in SWITCHES))]
    off = {
        s.name: [join(*k, name) for k in above for name in SWITCHES if lookup(s.values, join(*k, name)) is False]
        for s in (base, *scenarios)
    }
    for scenario in (base, *scenarios):
        if not off[scenario.name]:
            return scenario
    [*rest, last] = off[base.name]
    return None if rest else with_values(base, f"turned.{last}", {**_needed([last], base), last: True})


def all_on(scenarios: Sequence[Scenario]) -> Scenario | None:
    """Give the fullest scenario with every switch of the chart on that its schema lets be on; helm may refuse it.

    None where a matrix has its own scenarios, and where all of them are on. Those of subcharts that come from
    elsewhere are left alone.
    """
    base = fullest(scenarios)
    return _all_on(base) if base and base.declared.is_conventional else None


def may_be_refused(scenario: Scenario) -> bool:
    """Tell whether some template may refuse values in words."""
    return any(map(_REFUSES.search, chart_of(scenario).every_template()))


@once_for(16)
def _all_on(base: Scenario) -> Scenario | None:
    changes: dict[str, Any] = {
        join(*keys): True
        for keys, value in nodes(base.values, lists=False)
        if value is False and keys[-1] in SWITCHES and not _is_of_others(keys, chart_of(base))
    }
    changes |= {
        join(*k): _BUDGET for k, v in nodes(base.values, lists=False) if k and v == {} and _IS_A_BUDGET(str(k[-1]))
    }
    return _unrefused(base, accepted(base, changes))


def _unrefused(base: Scenario, changes: Mapping[str, Any]) -> Scenario | None:
    """Derive the scenario with these switches on, without those that the chart refuses in words, read or from helm."""
    chart, on = chart_of(base), dict(changes)
    while on:
        found = with_values(base, ALL_ON, {**_needed(list(on), base), **on})
        refused = list(filter(None, [refused_by(list(on), chart, found.values)]))
        if not refused:
            versions = (*found.api_versions, *_asked_of_clusters(chart, found))
            found = dataclasses.replace(found, api_versions=versions, is_all_on=True)
            refused = refused_in(found.refused_in, list(on), chart)
            if not refused:
                return found
        on = {key: value for key, value in on.items() if key not in refused}
    return None


def _asked_of_clusters(chart: Chart, scenario: Scenario) -> list[str]:
    """Give what templates ask the cluster for before they render a monitor, or what sets the size of pods."""
    asked = {version for text in chart.every_template() for version in _SERVED.findall(text)}
    return sorted(asked.difference(scenario.api_versions))


def _is_of_others(keys: Keys, chart: Chart) -> bool:
    return any(keys[0] == subchart.name and subchart.source.endswith(".tgz") for subchart in chart.subcharts)


def turned_last(scenario: Scenario) -> tuple[str, Any]:
    """Give the key that was turned last, and what it is now; an empty one where nothing was."""
    return next(reversed([*scenario.changes.items()]), ("", None))


def of_other_kinds(scenarios: Sequence[Scenario]) -> Iterator[tuple[Scenario, Scenario]]:
    """Pair scenarios with ones whose workload is of another kind, where its kind is a value that templates look at."""
    for base in bases_of(scenarios) if any(s.declared.is_conventional for s in scenarios) else ():
        chart = chart_of(base)
        rules = Rules(chart)
        for keys, value in nodes(base.values, lists=False):
            is_a_kind = value in WORKLOADS and keys[-1].lower().endswith(("kind", "type", "controller"))
            named = [kind for kind in WORKLOADS if is_a_kind and kind in comments_of(chart).said_at(keys)]
            kinds = named if len(named) > 1 else WORKLOADS  # a comment says which there are
            texts = _texts_for(keys, chart) if is_a_kind else ""
            for kind in [kind for kind in kinds if kind != value and kind in texts]:
                after = with_values(base, f"{join(*keys)}.{kind}", {join(*keys): kind})
                if rules.accept(after.values):
                    yield base, after


def _texts_for(keys: Keys, chart: Chart) -> str:
    """Give the templates that may read a key: of its subchart, of all charts, or of the chart and its libraries."""
    if own := [subchart for subchart in chart.subcharts if subchart.name == keys[0]]:
        return "".join(own[0].every_template())
    if keys[0] == "global":
        return "".join(chart.every_template())
    libraries = (one for _, one in chart.with_subcharts() if one.metadata.get("type") == "library")
    return "".join(text for one in (chart, *libraries) for text in one.templates.values())


def of_other_service_types(scenarios: Sequence[Scenario]) -> Iterator[tuple[Scenario, Scenario]]:
    """Pair scenarios with ones whose Services are all of one other type, where their types are values.

    A type that a file in ci/ sets may go with a port of the node that it sets as well.
    """
    for base in bases_of(scenarios) if any(s.declared.is_conventional for s in scenarios) else ():
        rules = Rules(chart_of(base))
        types = {
            join(*keys): value
            for keys, value in nodes(base.values, lists=False)
            if value in SERVICE_TYPES
            and keys[-1].lower().endswith("type")
            and lookup(base.overrides, join(*keys)) is ABSENT
        }
        for other in SERVICE_TYPES:
            changes = {key: other for key, value in types.items() if value != other}
            after = with_values(base, f"service-type.{other}", changes)
            if changes and rules.accept(after.values):
                yield base, after


def with_more_replicas(scenarios: Sequence[Scenario]) -> Iterator[tuple[Scenario, Scenario]]:
    """Pair the fullest scenario with one in which each number of replicas that is 1 is 3: pods then look for others."""
    base = fullest(scenarios)
    if base is None or not base.declared.is_conventional:
        return
    found = (join(*keys) for keys, value in nodes(base.values, lists=False) if value is not True and value == 1)
    if changes := accepted(base, {key: _SEVERAL for key in found if _REPLICAS.search(key)}):
        yield base, with_values(base, "replicas", changes)


def bases_of(scenarios: Sequence[Scenario]) -> list[Scenario]:
    """Give what values that users set are tried on: the fullest scenario, and the same with every switch on."""
    return [scenario for scenario in (fullest(scenarios), all_on(scenarios)) if scenario is not None]


def is_on(values: Values, key: str) -> bool:
    """Tell whether a switch is on in these values."""
    return lookup(values, key) is True
