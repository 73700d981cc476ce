"""Scenarios that a policy derives from those of the matrix."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from chartgate.charts.chart_values.coalescing import coalesce, nested
from chartgate.documents.addresses import join
from chartgate.documents.walking import strings
from chartgate.matrix.derivations.canary_values import is_canary, with_canaries
from chartgate.matrix.derivations.derived import chart_of, corners, fullest, with_values
from chartgate.model import Chart, Scenario
from tests.engine.toys import chart_from, scenario


def _of(chart: Chart, name: str = "loud", **overrides: object) -> Scenario:
    return dataclasses.replace(
        scenario(name), overrides=overrides, values=coalesce(chart, overrides), chart=chart, switched=frozenset()
    )


def test_nested() -> None:
    assert nested({"a.b": 1, "a[x.y]": {}, "c": [1]}) == {"a": {"b": 1, "x.y": {}}, "c": [1]}
    assert nested({}) == {}


def test_overrides_and_values_are_those_of_helm(toy: Chart) -> None:
    start = _of(toy, mode="loud", secret={"enabled": True})
    derived = with_values(start, "changed", {"secret.token": "new"})
    assert (derived.name, derived.origin, derived.is_trial, derived.switched) == ("loud.changed", "loud", True, None)
    assert derived.overrides == {"mode": "loud", "secret": {"enabled": True, "token": "new"}}
    assert derived.values == coalesce(toy, derived.overrides)
    assert start.overrides == {"mode": "loud", "secret": {"enabled": True}}


def test_derived_twice(toy: Chart) -> None:
    """The origin stays the scenario of the matrix, and the changes add up to what was done to it."""
    twice = with_values(with_values(_of(toy), "one", {"mode": "a"}), "two", {"cache.enabled": True})
    assert (twice.name, twice.origin) == ("loud.one.two", "loud")
    assert twice.changes == {"mode": "a", "cache.enabled": True}
    assert twice.overrides == nested(twice.changes)


def test_one_made_by_hand_belongs_to_no_chart() -> None:
    with pytest.raises(ValueError, match=r"^scenario plain belongs to no chart: nothing can be derived from it$"):
        chart_of(scenario())


def test_the_fullest(toy: Chart) -> None:
    off, on = (dataclasses.replace(_of(toy, name), switched=frozenset(s)) for name, s in (("off", ""), ("on", "ab")))
    middle = dataclasses.replace(_of(toy, "middle"), switched=frozenset("a"))
    assert (corners([off, middle, on]), fullest([off, middle, on])) == ([off, on], on)
    plain = [dataclasses.replace(s, switched=None) for s in (_of(toy, "a"), _of(toy, "b", mode="x"), _of(toy, "c"))]
    assert fullest(plain) is plain[1]
    beside = dataclasses.replace(_of(toy, "d", secret={"enabled": True, "token": "x"}), switched=None)
    assert fullest([*plain, beside], "mode") is plain[1]
    assert fullest([*plain, beside], "secret.token") is beside
    assert fullest([]) is None


RULES: dict[str, dict[str, Any]] = {
    "any": {},
    "no_space": {"not": {"pattern": "\\s"}},
    "word": {"pattern": "^[A-Za-z0-9]+$"},
    "number": {"type": "integer"},
}


def _canaries(scenario: Scenario) -> dict[str, str]:
    """Give each canary that is planted, by its address."""
    planted = (leaf for found in with_canaries([scenario]) for leaf in strings(found.values))
    return {join(*keys): text for keys, text in planted if is_canary(text)}


def test_canaries_fit_the_schema_and_need_quotes_where_they_may(tmp_path: Path) -> None:
    properties = {name: {**rule, "writeOnly": True} for name, rule in RULES.items()}
    chart = chart_from(tmp_path, {"values.schema.json": json.dumps({"properties": properties})})
    found = _canaries(_of(chart))
    assert set(found) == {"any", "no_space", "word"}
    assert " w'o\"rd: #1\\ " in found["any"]
    assert '"#1\\' in found["no_space"]
    assert found["word"].isalnum()
    assert len({canary[:26] for canary in found.values()}) == 3


def test_with_canaries(toy: Chart, tmp_path: Path) -> None:
    (derived,) = with_canaries([_of(toy)])
    assert derived.name == "loud.canaries"
    assert derived.value("secret.token") == derived.changes["secret.token"]
    assert with_canaries([_of(chart_from(tmp_path / "none", {}))]) == []


def test_canaries_in_lists_and_in_marked_objects(tmp_path: Path) -> None:
    schema = {
        "properties": {
            "whole": {"type": "object", "writeOnly": True},
            "some": {"type": "array", "writeOnly": True},
            "users": {"items": {"properties": {"dsn": {"writeOnly": True}}}},
        }
    }
    values = "users: [{name: a, dsn: x}, {name: b, dsn: z}]\nenv: [{name: TOKEN, value: z}]\nwhole: {}"
    chart = chart_from(tmp_path, {"values.yaml": values, "values.schema.json": json.dumps(schema)})
    found = _canaries(_of(chart))
    assert set(found) == {"whole.canary", "some[0]", "users[0].dsn", "users[1].dsn", "env[0].value"}
    marked, named = with_canaries([_of(chart)])
    assert (marked.name, named.name) == ("loud.canaries", "loud.named-canaries")
    assert marked.values["users"] == [
        {"name": "a", "dsn": found["users[0].dsn"]},
        {"name": "b", "dsn": found["users[1].dsn"]},
    ]
    assert marked.values["whole"] == {"canary": found["whole.canary"]}
    assert marked.values["some"] == [found["some[0]"]]
    assert named.values["env"] == [{"name": "TOKEN", "value": found["env[0].value"]}]


def test_canaries_for_what_is_only_called_like_a_secret_are_plain(tmp_path: Path) -> None:
    values = "token: ''\nauth: {password: '${PASSWORD}', otherPassword: $(PASSWORD), existingSecret: mine}"
    chart = chart_from(tmp_path, {"values.yaml": values})
    found = _canaries(_of(chart))
    assert set(found) == {"token"}
    assert found["token"].isalnum()
    assert set(_canaries(_of(chart, auth={"password": "hunter2"}))) == {"token", "auth.password"}
