"""Subcharts: what Chart.yaml asks for, what its conditions switch, what Chart.lock says and what charts/ has."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chartgate.charts.metadata.chart_lock import chart_lock
from chartgate.charts.metadata.version_constraints import chart_version, is_compatible
from chartgate.charts.template_texts.key_readers import all_uses, readers
from chartgate.documents.addresses import ABSENT, join
from chartgate.documents.shapes import map_of
from chartgate.model import Chart, Check, Rendering
from chartgate.policy.edits import Edit, remade
from chartgate.policy.policy import THE_CHART, policy

from ..healthy.config_map import HEALTHY


@policy(
    over=THE_CHART,
    severity="error",
    remediation="Name a key of values.yaml that is true or false, without blanks around the commas, or give it there;"
    " spell a tag as Chart.yaml does, and take it out where conditions decide.",
)
def dependencies_have_their_switches(chart: Chart) -> Iterator[Check]:
    """Some path of each dependency's condition, and each of the `tags`, is true or false, and decides about it.

    Helm passes over a path that is not there, or is anything else, in values.yaml, the dependency's own and the schema:
    the dependency is always on, and the switch that values.yaml shows does nothing. So does `NAME.enabled` of one
    without a condition, or with another one, where none of its own templates reads it; what a template of the chart
    reads of it hides that. Of several paths the first that is true or false decides, and Helm goes no further: another
    one in values.yaml does nothing. Nor does a tag that no dependency has, or any whose dependency has a condition that
    is true or false: conditions override tags.
    Sources: https://github.com/PrefectHQ/prefect-helm/pull/94
    https://helm.sh/docs/topics/charts/#tags-and-condition-fields-in-dependencies
    """
    for entry in _dependencies(chart):
        condition = str(entry.get("condition") or "")
        paths = [path for path in condition.strip().split(",") if path]
        found = {path: _found(chart, entry, path) for path in paths}
        passed = any(isinstance(value, bool) for value in found.values())
        if paths:
            said = [f"{_shown(path)} {_words(value)}" for path, value in found.items()]
            near = difflib.get_close_matches(paths[0].strip(), [*_switches(chart.own_values)], n=1, cutoff=0.6)
            actual = condition if passed else "; ".join([*said, *(f"near it is {name}" for name in near)])
            yield _check(entry, "condition", "a path that is true or false in values.yaml", actual, passed=passed)
            yield from _paths_behind(chart, entry, found) if passed else ()
        if passed or not paths:
            yield from _idle_switch(chart, entry, {path.strip(): value for path, value in found.items()})
    yield from _idle_tags(chart)


def _paths_behind(chart: Chart, entry: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[Check]:
    """Look at the paths of values.yaml behind the one that decides."""
    first, *behind = [*found][[isinstance(value, bool) for value in found.values()].index(True) :]
    idle = [path for path in map(str.strip, behind) if isinstance(_below(chart.own_values, path.split(".")), bool)]
    if idle:
        actual = f"{first}, which comes first, decides; not {', '.join(idle)}"
        yield _check(entry, "condition", "paths that decide something", actual, passed=False)


def _idle_switch(chart: Chart, entry: Mapping[str, Any], paths: Mapping[str, Any]) -> Iterator[Check]:
    """Look at what is called like a switch of a dependency that nothing switches, or that other paths do.

    Where these are off, what the templates of the chart read is of something else.
    """
    switch = (str(entry.get("alias") or entry["name"]), "enabled")
    if isinstance(_below(chart.own_values, switch), bool) and join(*switch) not in paths:
        passed = any(readers(("enabled",), all_uses(below)) for below in chart.subcharts if below.name == switch[0])
        outside = not passed and readers(switch, all_uses(chart))
        if outside and False in paths.values():
            return
        no_template = "only templates outside of the dependency read it" if outside else "no template reads it"
        always = f"only its tags decide, {', '.join(entry['tags'])}" if entry.get("tags") else "it is always on"
        idle = (
            f"{', '.join(paths)} decides, and {no_template}" if paths else f"no condition, and {no_template}: {always}"
        )
        actual = "its own templates read it" if passed else idle
        yield _check(entry, "condition", f"{join(*switch)}, as values.yaml has it", actual, passed=passed)


def _idle_tags(chart: Chart) -> Iterator[Check]:
    """Look at the `tags` of values.yaml: each is true or false, and some dependency has it and no such condition."""
    every = [
        (owner, entry) for _, owner in chart.with_subcharts() for entry in _dependencies(owner) if entry.get("tags")
    ]
    known = sorted({tag for _, entry in every for tag in entry["tags"]})
    for tag, value in map_of(chart.own_values.get("tags")).items() if every else ():
        having = [(owner, entry) for owner, entry in every if tag in entry["tags"]]
        decided = [str(entry["condition"]) for owner, entry in having if _is_decided(owner, entry)]
        passed = isinstance(value, bool) and len(decided) < len(having)
        actual = (
            f"{value!r}"
            if passed or not isinstance(value, bool)
            else f"{', '.join(decided)} decides instead"
            if decided
            else f"no dependency has it, they have {', '.join(known)}"
        )
        yield Check(
            "values.yaml", f"tags.{tag}", "a tag that decides about a dependency", actual, passed, "values.yaml"
        )


def _is_decided(chart: Chart, entry: Mapping[str, Any]) -> bool:
    paths = [path for path in str(entry.get("condition") or "").strip().split(",") if path]
    return any(isinstance(_below(chart.own_values, path.split(".")), bool) for path in paths)


@policy(
    over=THE_CHART,
    severity="error",
    remediation="Run `helm dependency update` and commit Chart.lock together with Chart.yaml.",
)
def chart_lock_is_current(chart: Chart) -> Iterator[Check]:
    """Chart.lock has each dependency of Chart.yaml, in a version that fits, and the digest of just these.

    `helm dependency build` refuses any other: "the lock file (Chart.lock) is out of sync". Source:
    https://helm.sh/docs/helm/helm_dependency_build/
    """
    lock, wanted = chart_lock(chart), _dependencies(chart)
    if lock is None:
        return
    is_settled = True
    for number, entry in enumerate(wanted):
        locked = lock.dependencies[number] if number < len(lock.dependencies) else {}
        version, asked = locked.get("version", ""), str(entry.get("version", ""))
        same = (locked.get("name"), locked.get("repository")) == (entry["name"], entry.get("repository", ""))
        passed = same and (version == asked or is_compatible(asked, version))
        there = " ".join(filter(None, (locked.get("name"), version, locked.get("repository")))) or "nothing"
        expected = " ".join(filter(None, (entry["name"], asked, entry.get("repository", ""))))
        yield _check(entry, "version", f"{lock.file} has {expected}", f"{lock.file} has {there}", passed=passed)
        is_settled = is_settled and passed
    if is_settled:
        passed = len(lock.dependencies) == len(wanted) and lock.belongs_to(chart)
        actual = "it is" if passed else f"{lock.digest[:20]}... is that of other dependencies"
        yield Check("Chart.yaml", "dependencies", f"the digest in {lock.file} is theirs", actual, passed, "Chart.yaml")


@policy(
    over=THE_CHART,
    severity="error",
    remediation="Run `helm dependency build`, or correct the version in Chart.yaml; take out what is left over.",
)
def subcharts_are_those_asked_for(chart: Chart) -> Iterator[Check]:
    """What charts/ has under the name of a dependency fits its version, and is the version of Chart.lock.

    Of another version, helm takes it all the same: as a chart that nobody asked for, always on, without its alias.
    Source: https://github.com/helm/helm/blob/v4.2.3/pkg/chart/v2/util/dependencies.go (processDependencyEnabled)
    """
    lock = chart_lock(chart)
    for entry in _dependencies(chart):
        there = [subchart.version for subchart in chart.subcharts if _own_name(subchart) == entry["name"]]
        asked = str(entry.get("version", ""))
        of_lock = [d["version"] for d in lock.dependencies if d["name"] == entry["name"]] if lock else []
        exact = [version for version in of_lock if chart_version(version) and is_compatible(asked, version)]
        fitting = [version for version in there if is_compatible(asked, version)]
        passed = bool(fitting) and (not exact or any(version in exact for version in fitting))
        # Of a lock that is as old as what was fetched by it, chart_lock_is_current tells.
        passed |= bool(of_lock) and not fitting and set(there) <= set(of_lock)
        if there:
            locked = f", {' or '.join(exact)} by {lock.file}" if lock and exact else ""
            expected = f"charts/ has {entry['name']} {asked}{locked}"
            yield _check(entry, "version", expected, f"charts/ has {', '.join(there)}", passed=passed)
    names = {entry["name"] for entry in _dependencies(chart)}
    for subchart in chart.subcharts if lock else ():
        if _own_name(subchart) not in names:
            actual = f"charts/ has {_own_name(subchart)} {subchart.version}, which helm always renders"
            yield Check(
                "Chart.yaml", "dependencies", "each chart of charts/ is one of them", actual, False, "Chart.yaml"
            )


def _dependencies(chart: Chart) -> list[dict[str, Any]]:
    return list(chart.metadata.get("dependencies") or [])


def _own_name(subchart: Chart) -> str:
    return str(subchart.metadata.get("name", subchart.name))


def _check(entry: Mapping[str, Any], field: str, expected: str, actual: str, *, passed: bool) -> Check:
    name = entry.get("alias") or entry["name"]
    return Check("Chart.yaml", f"dependencies[{name}].{field}", expected, actual, passed, "Chart.yaml")


def _found(chart: Chart, entry: Mapping[str, Any], path: str) -> Any:
    """Give what helm finds at a path: among the values, then among the defaults of the dependency; else by schema."""
    name, keys = entry.get("alias") or entry["name"], path.split(".")
    value = _below(chart.own_values, keys)
    for subchart in chart.subcharts if value is ABSENT and keys[0] == name else ():
        value = _below(subchart.own_values, keys[1:]) if subchart.name == name else value
    schema: Any = chart.schema
    for key in keys if value is ABSENT else ():
        schema = map_of(map_of(schema).get("properties")).get(key)
    return False if value is ABSENT and map_of(schema).get("type") == "boolean" else value


def _shown(path: str) -> str:
    return path if path.strip() == path else repr(path)


def _words(value: Any) -> str:
    return "is not there" if value is ABSENT else f"is {value!r}"


def _below(values: Any, keys: Sequence[str]) -> Any:
    for key in keys:
        values = values.get(key, ABSENT) if isinstance(values, dict) else ABSENT
    return values


def _switches(values: Mapping[str, Any], above: str = "") -> Iterator[str]:
    for key, value in values.items():
        if isinstance(value, bool):
            yield f"{above}{key}"
        elif isinstance(value, dict):
            yield from _switches(value, f"{above}{key}.")


_ASKED = {"name": "db", "version": "^2.0.0", "repository": "https://charts.example.com", "condition": "db.enabled"}
_LOCK = """
dependencies:
- {name: db, repository: "https://charts.example.com", version: 2.3.4}
digest: sha256:DIGEST
generated: "2026-01-01T00:00:00Z"
"""


def _with(*, digest: str = "", there: str = "2.3.4", own_values: Mapping[str, Any] | None = None, **asked: Any) -> Edit:
    """Give the chart a database as its dependency, of this version, and a lock of this digest."""
    values = own_values or {"db": {"enabled": True}}
    of_database: dict[str, Any] = {
        "name": "db",
        "version": there,
        "metadata": {"name": "db"},
        "own_values": {"replicas": 1},
    }
    of_owner: dict[str, Any] = {
        "metadata": {"apiVersion": "v2", "dependencies": [_ASKED | asked]},
        "own_values": values,
        "defaults": values,
        "files": {"Chart.lock": _LOCK.replace("DIGEST", digest).encode()} if digest else {},
    }

    def change(rendering: Rendering) -> Rendering:
        database = dataclasses.replace(rendering.chart, digest=there, **of_database)
        chart = dataclasses.replace(rendering.chart, subcharts=(database,), **of_owner)
        return dataclasses.replace(rendering, chart=chart)

    return remade(change)


dependencies_have_their_switches.breaks(
    manifests=HEALTHY,
    the_condition_names_no_key=_with(condition="db.enable"),
    the_condition_is_a_number=_with(condition="db.replicas"),
    there_is_no_condition_for_the_switch=_with(condition=""),
    only_tags_decide_about_the_switch=_with(condition="", tags=["storage"]),
    there_is_a_blank_in_front_of_the_path=_with(condition="global.db.enabled, db.enabled"),
    another_path_comes_first=_with(
        own_values={"db": {"enabled": True}, "storage": {"db": True}}, condition="db.enabled,storage.db"
    ),
    another_key_decides_about_it=_with(own_values={"db": {"enabled": False, "bundled": True}}, condition="db.bundled"),
    no_dependency_has_the_tag=_with(own_values={"tags": {"storge": False}}, condition="", tags=["storage"]),
    the_condition_decides_instead=_with(
        own_values={"db": {"enabled": True}, "tags": {"storage": False}}, tags=["storage"]
    ),
)


chart_lock_is_current.breaks(
    manifests=HEALTHY,
    the_condition_has_been_changed_since=_with(digest="0" * 64),
    the_version_has_been_raised_since=_with(digest="0" * 64, version="^3.0.0"),
)


subcharts_are_those_asked_for.breaks(
    manifests=HEALTHY,
    charts_has_an_older_one=_with(there="1.9.0"),
    charts_has_another_than_the_lock=_with(there="2.3.5", digest="0" * 64),
)
