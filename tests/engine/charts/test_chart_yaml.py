"""Chart.yaml and requirements.yaml: what helm takes is taken in the form that helm gives it, all else is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chartgate.charts.metadata.chart_yaml import read_chart_yaml
from chartgate.charts.reading.read import read_chart
from chartgate.errors import InputError
from chartgate.system.toolchain import Tools
from tests.engine.helm_verdicts import DUMP, helm_values
from tests.engine.toys import CHART, write

SUBCHART = {"charts/sub/Chart.yaml": "name: sub\nversion: 1.0.0\n", "charts/sub/values.yaml": "b: 1"}
OLD = "apiVersion: v1\nname: toy\nversion: 1.0.0\n"


def _with(dependency: str) -> str:
    return f"{CHART}dependencies: [{dependency}]\n"


AS_HELM: dict[str, tuple[str, dict[str, Any]]] = {
    "a number for a version": ("name: toy\nversion: 1.10\n", {"version": "1.1", "apiVersion": "v1"}),
    "a short version": ("name: 12\nversion: v1\n", {"name": "12", "version": "v1"}),
    "other case": ("NAME: toy\nVersion: 1.0.0", {"name": "toy", "version": "1.0.0"}),
    "two documents": (f"---\n{CHART}---\nname: other", {"name": "toy"}),
    "a key twice": (f"{CHART}name: other", {"name": "other"}),
    "an unknown key": (f"{CHART}more: [1]", {"more": [1]}),
    "numbers": (f"{CHART}appVersion: 1.10\nicon: 1e-7\nhome: 2500000.0", {"appVersion": "1.1", "icon": "1e-07"}),
    "lists of numbers": (f"{CHART}keywords: [1, true, 2.50]", {"keywords": ["1", "true", "2.5"]}),
    "annotations": (
        f"{CHART}annotations: {{a: 1, b: yes, c: 123456789.5, d: null}}",
        {"annotations": {"a": "1", "b": "true", "c": "1.2345679e+08", "d": ""}},
    ),
    "white space": (f'{CHART}description: "a\\tb\\u0007"', {"description": "a b"}),
    "nothing declared": (f"{CHART}dependencies: []", {"dependencies": []}),
    "numbers in a dependency": (
        _with("{name: sub, version: 1.0, tags: [1], condition: true}"),
        {"dependencies": [{"name": "sub", "version": "1", "tags": ["1"], "condition": "true"}]},
    ),
    "odd imports": (_with("{name: sub, version: 1.0.0, import-values: [1, null]}"), {}),
}
REFUSED = {
    "empty": ("", "name is missing"),
    "a list": ("- a", "expected a map of keys, found list"),
    "no version": ("name: toy", "version is missing"),
    "null": ("name: toy\nversion:", "version is missing"),
    "a word for a version": ("name: toy\nversion: abc", "version 'abc' is no semantic version, like 1.2.3"),
    "a pre-release with a zero": ("name: toy\nversion: 1.0.0-01", "version '1.0.0-01' is no semantic version"),
    "a list for a name": ("name: [toy]\nversion: 1.0.0", "name is not text but a list"),
    "a path for a name": ("name: a/b\nversion: 1.0.0", "name 'a/b' is not the name of a chart"),
    "another form": (
        "apiVersion: v9\nname: toy\nversion: 1.0.0",
        "apiVersion 'v9' is no form of chart that helm 4",
    ),
    "a type": (f"{CHART}type: other", "type 'other' is neither application nor library"),
    "text for a boolean": (f"{CHART}deprecated: 'true'", "deprecated is neither true nor false"),
    "text for a list": (f"{CHART}keywords: a", "keywords is not a list"),
    "a map for text": (f"{CHART}annotations: {{a: {{}}}}", "annotations.a is not text but a map"),
    "an empty maintainer": (f"{CHART}maintainers: [null]", "maintainers has an empty entry"),
    "a word for a maintainer": (f"{CHART}maintainers: [joe]", "maintainers[0]: expected a map of keys, found str"),
    "a map of dependencies": (f"{CHART}dependencies: {{a: 1}}", "dependencies is not a list"),
    "a word for a dependency": (_with("sub"), "dependencies[0]: expected a map of keys, found str"),
    "an empty dependency": (_with("null"), "dependencies[0] is empty"),
    "a dependency without a name": (_with("{alias: x}"), "dependencies[0] has no name"),
    "an odd alias": (_with("{name: sub, alias: a.b}"), "alias 'a.b' of dependency 'sub' may have letters, digits"),
    "a dependency twice": (_with("{name: sub}, {name: sub}"), "two dependencies are called 'sub': give one of them"),
    "an alias twice": (_with("{name: sub, alias: a}, {name: b, alias: a}"), "two dependencies are called 'a'"),
    "text for tags": (_with("{name: sub, tags: a}"), "dependencies[0]: tags is not a list"),
    "text for imports": (_with("{name: sub, import-values: a}"), "dependencies[0]: import-values is not a list"),
    "a dependency that is missing": (
        _with("{name: gone, condition: a.b}"),
        "gone among the dependencies, but not in charts/: `helm dependency build` fetches them",
    ),
}


@pytest.mark.parametrize("name", AS_HELM)
def test_what_helm_accepts(name: str, tmp_path: Path, tools: Tools) -> None:
    text, expected = AS_HELM[name]
    files = {"Chart.yaml": text, "templates/dump.yaml": DUMP} | SUBCHART
    metadata = read_chart(write(tmp_path, files), "toy").metadata
    assert {key: metadata[key] for key in expected} == expected
    assert helm_values(tools, tmp_path) is not None


@pytest.mark.parametrize("name", REFUSED)
def test_what_helm_refuses(name: str, tmp_path: Path, tools: Tools) -> None:
    text, message = REFUSED[name]
    with pytest.raises(InputError) as error:
        read_chart(write(tmp_path, {"Chart.yaml": text} | SUBCHART), "toy")
    assert str(error.value).startswith(f"toy/Chart.yaml: {message}")
    assert "\n" not in str(error.value)
    assert helm_values(tools, tmp_path) is None


def test_a_library_is_no_chart_to_judge(tmp_path: Path, tools: Tools) -> None:
    with pytest.raises(InputError, match="toy is a library chart: helm renders it as a part of other charts only"):
        read_chart(write(tmp_path, {"Chart.yaml": CHART + "type: library"}), "toy")
    assert helm_values(tools, tmp_path) is None


REQUIRED = "dependencies: [{name: sub, version: 1.0.0, condition: sub.enabled}]"
OFF = {"sub": {"enabled": False}}


@pytest.mark.parametrize(
    ("chart", "required", "values"),
    [
        (OLD, REQUIRED, OFF),
        (CHART, REQUIRED, OFF),
        (OLD + REQUIRED, "", OFF),
        # Item by item: what Chart.yaml says of the first dependency stays.
        (
            _with("{name: sub, version: 1.0.0, alias: q}"),
            "dependencies: [{name: sub, version: ^1}]",
            {**OFF, "q": {"b": 1, "global": {}}},
        ),
    ],
)
def test_requirements_yaml_counts(
    chart: str, required: str, values: dict[str, Any], tmp_path: Path, tools: Tools
) -> None:
    files = {"Chart.yaml": chart, "requirements.yaml": required, "templates/dump.yaml": DUMP} | SUBCHART
    read = read_chart(write(tmp_path, files | {"values.yaml": "sub: {enabled: false}"}), "toy")
    assert [read.defaults, helm_values(tools, tmp_path)] == [values, values]


def test_errors_name_requirements_yaml() -> None:
    files = {"Chart.yaml": CHART.encode(), "requirements.yaml": b"dependencies: 5"}
    with pytest.raises(InputError, match=r"^toy/requirements\.yaml: dependencies is not a list$"):
        read_chart_yaml(files, "toy", [], is_top=True)
