"""Chart.lock, conditions and charts/, as helm itself judges them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from chartgate.charts.metadata.chart_lock import chart_lock
from chartgate.charts.reading.read import read_chart
from chartgate.model import Rendering, Resources, Scenario
from chartgate.packs.kubernetes.chart_files import subcharts
from chartgate.policy.policy import Policy
from chartgate.policy.verdicts import checks_of
from tests.engine.toys import write

ASKED = """
apiVersion: v2
name: app
version: 1.0.0
dependencies:
  - name: db
    alias: store
    version: ">=2.0.0 <3"
    repository: file://../db
    condition: store.enabled,global.store
    tags: [a, b]
    import-values: [x, {child: a, parent: b}]
"""
# What `helm dependency update` of helm 4.2.3 wrote for it.
LOCK = """
dependencies:
- name: db
  repository: file://../db
  version: 2.1.0
digest: sha256:1190c852d7c5fb4ad7907216d0290827a75b83e89472190b57f3a06998eab62c
generated: "2026-11-27T16:27:10.697597628Z"
"""
DB = {"charts/db/Chart.yaml": "{apiVersion: v2, name: db, version: 2.1.0}"}


def judged(policy: Policy, folder: Path, **files: str) -> list[tuple[str, Any]]:
    """Give address and words of each finding on a chart of these files."""
    given = {"Chart.yaml": ASKED, "values.yaml": "{store: {enabled: true}}", **DB}
    given |= {"Chart.lock": LOCK} | {name.replace("__", "/").replace("_", "."): text for name, text in files.items()}
    chart = read_chart(write(folder, {name: text for name, text in given.items() if text}), "app")
    scenario = Scenario("defaults", "app", "shop", "", {}, {})
    checks = checks_of(policy, [Rendering(scenario, chart, Resources(), Resources())])
    return [(check.path, check.actual) for check in checks if not check.passed]


@pytest.mark.parametrize(
    ("chart_yaml", "lock", "findings"),
    [
        (ASKED, LOCK, []),
        (ASKED, "", []),
        (ASKED, "{dependencies: [a], digest: 5}", []),
        (
            ASKED.replace("[a, b]", "[a]"),
            LOCK,
            [("dependencies", "sha256:1190c852d7c5f... is that of other dependencies")],
        ),
        (
            ASKED.replace(">=2.0.0 <3", "^3.0.0"),
            LOCK,
            [("dependencies[store].version", "Chart.lock has db 2.1.0 file://../db")],
        ),
        (
            ASKED,
            LOCK.replace("name: db", "name: cache"),
            [("dependencies[store].version", "Chart.lock has cache 2.1.0 file://../db")],
        ),
        (ASKED, "{dependencies: [], digest: x}", [("dependencies[store].version", "Chart.lock has nothing")]),
        # Only helm knows what the name of a repository means.
        (ASKED.replace("file://../db", '"@ours"'), LOCK.replace("file://../db", '"@ours"'), []),
    ],
)
def test_a_lock_belongs_to_its_dependencies(
    chart_yaml: str, lock: str, findings: list[tuple[str, str]], tmp_path: Path
) -> None:
    assert judged(subcharts.chart_lock_is_current, tmp_path, Chart_yaml=chart_yaml, Chart_lock=lock) == findings


@pytest.mark.parametrize(
    ("condition", "values", "schema", "finding"),
    [
        ("store.enabled", {"store": {"enabled": False}}, {}, ""),
        ("global.store,store.enabled", {"store": {"enabled": True}}, {}, ""),
        (
            "store.enabled,global.store",
            {"store": {"enabled": True}, "global": {"store": False}},
            {},
            "store.enabled, which comes first, decides; not global.store",
        ),
        (
            "store.own",
            {"store": {"enabled": False}},
            {},
            "store.own decides, and only templates outside of the dependency read it",
        ),
        # What is read there is of something else.
        ("store.own", {"store": {"own": False, "enabled": True}}, {}, ""),
        # The dependency has the default itself.
        ("store.own", {}, {}, ""),
        # Nobody gives it, and the schema says that one may.
        ("a.b", {}, {"properties": {"a": {"properties": {"b": {"type": "boolean"}}}}}, ""),
        ("store.enable", {"store": {"enabled": True}}, {}, "store.enable is not there; near it is store.enabled"),
        ("db.enabled", {"store": {"enabled": True}}, {}, "db.enabled is not there; near it is store.enabled"),
        ("store.enabled", {"store": {"enabled": "yes"}}, {}, "store.enabled is 'yes'"),
        ("store", {"store": {}}, {}, "store is {}"),
        ("a, store.enabled", {"store": {"enabled": True}}, {}, "a is not there; ' store.enabled' is not there"),
    ],
)
def test_a_condition_is_a_switch(
    condition: str, values: dict[str, Any], schema: dict[str, Any], finding: str, tmp_path: Path
) -> None:
    found = judged(
        subcharts.dependencies_have_their_switches,
        tmp_path,
        Chart_yaml=ASKED.replace("store.enabled,global.store", f'"{condition}"'),
        values_yaml=json.dumps(values),
        values_schema_json=json.dumps(schema),
        templates__a_yaml="{{ .Values.store.enabled }}",
        charts__db__values_yaml="{own: true}",
    )
    assert found == ([("dependencies[store].condition", finding)] if finding else [])


@pytest.mark.parametrize(
    ("own", "outside", "told"),
    [
        ("{{ .Values.enabled }}", "", ""),
        ("{{ .Values.enabled }}", "{{ .Values.store.enabled }}", ""),
        ("", "{{ .Values.store.enabled }}", "only templates outside of the dependency read it: it is always on"),
        ("{{ .Values.own }}", "", "no template reads it: it is always on"),
    ],
)
def test_a_switch_without_a_condition_is_read_by_the_dependency(
    own: str, outside: str, told: str, tmp_path: Path
) -> None:
    asked = "apiVersion: v2\nname: toy\nversion: 1.0.0\ndependencies: [{name: db, alias: store, version: 2.x.x}]\n"
    found = judged(
        subcharts.dependencies_have_their_switches,
        tmp_path,
        Chart_yaml=asked,
        values_yaml="store: {enabled: true}",
        templates__a_yaml=outside,
        charts__db__templates__a_yaml=own,
    )
    assert found == ([("dependencies[store].condition", f"no condition, and {told}")] if told else [])


@pytest.mark.parametrize(
    ("condition", "tags", "findings"),
    [
        ("", {"a": False}, []),
        # What is not in values.yaml decides nothing.
        ("store.enable", {"a": False, "b": True}, []),
        ("", {}, []),
        ("", {"c": False}, [("tags.c", "no dependency has it, they have a, b")]),
        ("", {"a": "no"}, [("tags.a", "'no'")]),
        ("store.enabled", {"a": False}, [("tags.a", "store.enabled decides instead")]),
    ],
)
def test_a_tag_is_a_switch(
    condition: str, tags: dict[str, Any], findings: list[tuple[str, str]], tmp_path: Path
) -> None:
    found = judged(
        subcharts.dependencies_have_their_switches,
        tmp_path,
        Chart_yaml=ASKED.replace("store.enabled,global.store", f'"{condition}"'),
        values_yaml=json.dumps({"store": {"enabled": True}, "tags": tags}),
    )
    assert [finding for finding in found if finding[0].startswith("tags")] == findings


@pytest.mark.parametrize(
    ("db", "lock", "findings"),
    [
        ("{apiVersion: v2, name: db, version: 2.1.0}", LOCK, []),
        ("{apiVersion: v2, name: db, version: 2.9.0}", "", []),
        (
            "{apiVersion: v2, name: db, version: 2.9.0}",
            LOCK,
            [("dependencies[store].version", "charts/ has 2.9.0")],
        ),
        ("{apiVersion: v2, name: db, version: 1.9.0}", "", [("dependencies[store].version", "charts/ has 1.9.0")]),
        # the lock is as old, which is told of it
        ("{apiVersion: v2, name: db, version: 1.9.0}", LOCK.replace("2.1.0", "1.9.0"), []),
    ],
)
def test_charts_has_what_is_asked_for(db: str, lock: str, findings: list[tuple[str, str]], tmp_path: Path) -> None:
    found = judged(subcharts.subcharts_are_those_asked_for, tmp_path, charts__db__Chart_yaml=db, Chart_lock=lock)
    assert found == findings


def test_what_is_left_over_in_charts_is_told_where_helm_manages_it(tmp_path: Path) -> None:
    policy, old = subcharts.subcharts_are_those_asked_for, "{apiVersion: v2, name: old, version: 1.9.0}"
    assert judged(policy, tmp_path / "by-hand", charts__old__Chart_yaml=old, Chart_lock="") == []
    assert judged(policy, tmp_path / "by-helm", charts__old__Chart_yaml=old) == [
        ("dependencies", "charts/ has old 1.9.0, which helm always renders")
    ]


def test_the_digest_of_helm_2_counts_for_a_chart_of_its_time(tmp_path: Path) -> None:
    wanted = "{apiVersion: v1, name: app, version: 1.0.0}"
    files = {
        "Chart.yaml": wanted,
        "requirements.yaml": "{dependencies: [{name: db, version: 1.0.0, repository: 'https://charts.example.com'}]}",
        "requirements.lock": "{dependencies: [{name: db, version: 1.0.0, repository: 'https://charts.example.com'}],"
        " digest: 'sha256:DIGEST'}",
        "charts/db/Chart.yaml": "{apiVersion: v1, name: db, version: 1.0.0}",
    }
    text = '{"dependencies":[{"name":"db","version":"1.0.0","repository":"https://charts.example.com"}]}'
    files["requirements.lock"] = files["requirements.lock"].replace("DIGEST", hashlib.sha256(text.encode()).hexdigest())
    chart = read_chart(write(tmp_path, files), "app")
    lock = chart_lock(chart)
    assert lock is not None
    assert lock.belongs_to(chart)
