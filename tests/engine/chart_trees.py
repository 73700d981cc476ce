"""Random charts with subcharts two levels deep, for comparisons with helm: the same number gives the same chart."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from random import Random
from typing import Any

DUMP = """
apiVersion: v1
kind: ConfigMap
metadata: {name: dump}
data: {from: {{ .Template.BasePath | quote }}, values: {{ .Values | toJson | quote }}}
"""
_KEYS = ("a", "b", "k.d", "enabled", "global", "tags", "exports", "data", "on", "off")
_TAGS = ("on", "off")
_BELOW = ("u", "w", "u-x", "w-z")
"""The names and aliases of the subcharts of subcharts."""


@dataclass
class ChartTree:
    """The files of a chart of many subcharts, and what a user gives for it."""

    files: dict[str, str] = field(default_factory=dict)
    given: dict[str, Any] = field(default_factory=dict)


def chart_tree(number: int, *, subcharts: int, is_old: bool) -> ChartTree:
    """Make a chart.

    Args:
        number: which one.
        subcharts: how many subcharts it has; each has two of its own.
        is_old: whether it leaves out what helm 3.17 does otherwise: nulls among defaults, and aliases of a chart with
            subcharts, which it mixes up.
    """
    random, tree = Random(number), ChartTree()  # noqa: S311 - for tests
    names = [f"s{index}" for index in range(subcharts)]
    made = _Maker(random, tree, is_old, tuple(names))
    made.chart("", "top", names)
    for name in names:
        made.chart(f"charts/{name}/", name, ["u", "w"])
        for below in ("u", "w"):
            made.chart(f"charts/{name}/charts/{below}/", below, [])
    tree.given = made.map(3)
    return tree


@dataclass
class _Maker:
    random: Random
    tree: ChartTree
    is_old: bool
    names: tuple[str, ...]

    def chart(self, place: str, name: str, subcharts: list[str]) -> None:
        random = self.random
        metadata: dict[str, Any] = {"apiVersion": random.choice(["v1", "v2"]), "name": name, "version": "1.0.0"}
        if random.random() < 0.8:
            dependencies = [entry for subchart in subcharts for entry in self._dependencies(subchart, place)]
            in_old_file = metadata["apiVersion"] == "v1" and random.random() < 0.7
            file = f"{place}requirements.yaml"
            if in_old_file:
                self.tree.files[file] = json.dumps({"dependencies": dependencies})
            else:
                metadata["dependencies"] = dependencies
        self.tree.files[f"{place}Chart.yaml"] = json.dumps(metadata)
        self.tree.files[f"{place}templates/dump.yaml"] = DUMP
        values = self.map(3)
        self.tree.files[f"{place}values.yaml"] = json.dumps(_without_nulls(values) if self.is_old else values)

    def _dependencies(self, name: str, place: str) -> list[dict[str, Any]]:
        is_below = bool(place)
        forms: list[list[str | None]] = [[None], [None], []]
        if is_below or not self.is_old:
            forms += [[f"{name}-x"], [None, f"{name}-z"], [f"{name}-y", f"{name}-z"]]
        return [self._dependency(name, alias) for alias in self.random.choice(forms)]

    def _dependency(self, name: str, alias: str | None) -> dict[str, Any]:
        random = self.random
        entry: dict[str, Any] = {"name": name, "version": random.choice(["1.0.0", "1.0.0", "^1", ">=2", "*", "1.x"])}
        if alias:
            entry["alias"] = alias
        if random.random() < 0.5:
            conditions = [f"{alias or name}.enabled", self._path(), "enabled", " a"]
            entry["condition"] = ",".join(random.sample(conditions, random.choice([1, 1, 2])))
        if random.random() < 0.4:
            entry["tags"] = random.sample(_TAGS, random.choice([1, 2]))
        if random.random() < 0.5:
            both = {"child": self._path(), "parent": random.choice([".", self._path()])}
            entry["import-values"] = random.sample(["data", "none", both], random.choice([1, 2]))
        return entry

    def _path(self) -> str:
        return ".".join(self.random.choice(_KEYS + _BELOW) for _ in range(self.random.choice([1, 2, 2, 3])))

    def map(self, depth: int) -> dict[str, Any]:
        random = self.random
        found = {self._key(depth): self._value(depth - 1) for _ in range(random.randint(0, 6))}
        if random.random() < 0.4:
            found["tags"] = {tag: random.choice([True, False, None, 1]) for tag in _TAGS}
        if random.random() < 0.4:
            found["exports"] = {"data": self._value(2)}
        if random.random() < 0.5:
            found["global"] = self._value(2)
        # A subchart's values are a map, or helm refuses all.
        return {
            key: {"a": value} if self._is_chart(key) and not isinstance(value, dict) else value
            for key, value in found.items()
        }

    def _is_chart(self, key: str) -> bool:
        return key.partition("-")[0] in (*self.names, "u", "w")

    def _key(self, depth: int) -> str:
        if depth == 3 and self.random.random() < 0.6:
            return self.random.choice(self.names)
        return self.random.choice(_KEYS + _BELOW)

    def _value(self, depth: int) -> Any:
        if depth <= 0 or self.random.random() < 0.45:
            return self.random.choice([None, None, True, False, 1, "x", [], [None, {"a": None}], {}])
        below = {self.random.choice(_KEYS + _BELOW): self._value(depth - 1) for _ in range(self.random.randint(0, 3))}
        return {key: {"a": v} if self._is_chart(key) and not isinstance(v, dict) else v for key, v in below.items()}


def _without_nulls(value: Any) -> Any:
    return {k: _without_nulls(v) for k, v in value.items() if v is not None} if isinstance(value, dict) else value
