"""What Chart.yaml, values.yaml and values.schema.json say by themselves, right and wrong."""

from __future__ import annotations

from typing import Any

import pytest

from chartgate.packs.kubernetes.chart_files import written_versions
from chartgate.packs.kubernetes.healthy import pod
from chartgate.packs.kubernetes.options import written_defaults
from chartgate.packs.kubernetes.pods_and_storage import images
from chartgate.policy.edits import of_chart, of_scenario, put
from chartgate.policy.policy import Policy
from tests.engine.packs.literal_charts import findings_of


def found(policy: Policy, **parts: Any) -> list[str]:
    found = findings_of(policy, written_versions.HEALTHY, of_chart(**parts))
    return [f"{check.path}: {check.actual}" for check in found]


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("Chart.yaml", "version: 1.0.0\nappVersion: 3.10\n", ["appVersion, line 2: 3.10, which is 3.1"]),
        ("values.yaml", "image:\n  tag: 1.20  # now\n", ["tag, line 2: 1.20, which is 1.2"]),
        ("values.yaml", "image: {imageTag: 1.20}\n", ["imageTag, line 1: 1.20, which is 1.2"]),
        ("values.yaml", "config: {version: 2.0}\n", []),  # no image has that tag
        ("Chart.yaml", 'appVersion: "3.10"\n', []),
        ("Chart.yaml", "appVersion: 3.11\n", []),
        ("Chart.yaml", "appVersion: v3.10\n", []),
        ("Chart.yaml", "appVersion: 3.10.0\n", []),
        ("values.yaml", "ratio: 1.20\nimage: {tag: 1.2}\n# tag: 1.20\nkept: here # tag: 1.20\n", []),
        ("values.yaml", "tag:\n", []),
    ],
)
def test_versions_that_are_numbers(file: str, text: str, said: list[str]) -> None:
    assert found(written_versions.versions_keep_their_zero, files={file: text.encode()}) == said


@pytest.mark.parametrize(
    ("constraint", "is_fine"),
    [
        (">=1.25.0-0", True),
        (">= 1.25.0-0, < 1.99.0-0", True),
        ("1.x.x-0 || >=1.30.0-0", True),
        ("", True),
        ("no constraint", True),
        (">=1.25.0", False),
        ("^1.25.0", False),
        ("1.25 - 1.30", False),
    ],
)
def test_versions_of_clouds(constraint: str, is_fine: bool) -> None:
    assert (
        found(written_versions.managed_clusters_are_admitted, metadata={"kubeVersion": constraint}) == []
    ) is is_fine


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"a": {"minReplicas": 10, "maxReplicas": 8}}, ["a.minReplicas: 10, and maxReplicas is 8"]),
        ({"min": 3, "max": 2}, ["min: 3, and max is 2"]),
        ({"pool": [{"min_size": 9, "max_size": 1}]}, ["pool[0].min_size: 9, and max_size is 1"]),
        ({"a": {"minReplicas": 2, "maxReplicas": 2}}, []),
        ({"a": {"minReplicas": 2}, "b": {"maxReplicas": 1}}, []),
        ({"minutes": 30, "maxutes": 1}, []),
        ({"minSize": 30, "maxSize": 0}, []),  # no limit, to many programs
        ({"minSize": "30", "maxSize": 4}, []),
        ({"minSize": True, "maxSize": 0}, []),
    ],
)
def test_bounds(values: dict[str, Any], said: list[str]) -> None:
    assert found(written_defaults.least_is_at_most_the_most, defaults=values) == said


@pytest.mark.parametrize(
    ("text", "default", "is_fine"),
    [
        ("{{ if .Values.a.enabled }}a: b{{ end }}", "false", False),
        ("{{- if and $.Values.a.enabled .Values.b -}}a: b{{ end }}", "off", False),
        ("{{ if true }}{{ else if .Values.a.enabled }}a: b{{ end }}", "no", False),
        ("{{ if .Values.a.enabled }}a: b{{ end }}", False, True),
        ("{{ if .Values.a.enabled }}a: b{{ end }}", "auto", True),
        ('{{ if eq .Values.a.enabled "true" }}a: b{{ end }}', "false", True),
        ('{{ if eq (.Values.a.enabled | toString) "true" }}a{{ end }}{{ if .Values.a.enabled }}b{{ end }}', "no", True),
        ("a: {{ .Values.a.enabled }}", "false", True),
        ("{{ if .Values.a.enabled.now }}a: b{{ end }}", "false", True),
    ],
)
def test_switches_that_are_texts(text: str, default: object, is_fine: bool) -> None:
    parts = {"own_values": {"a": {"enabled": default}}, "templates": {"templates/one.yaml": text}}
    assert (found(written_defaults.switches_are_no_texts, **parts) == []) is is_fine


@pytest.mark.parametrize(
    ("properties", "values", "said"),
    [
        ({"maxIdleSecond": {}}, {"maxIdleSeconds": 1}, ["maxIdleSecond: maxIdleSecond, which is not in values.yaml;"]),
        ({"db": {"properties": {"pasword": {}}}}, {"db": {"password": ""}}, ["db.pasword: pasword, which is not in"]),
        # Both are known; nothing is like it; what is below is not in the values; it is short.
        ({"loadBalancerIP": {}, "loadBalancerIPs": {}}, {"loadBalancerIPs": []}, []),
        ({"extraVolumes": {}}, {"image": {}}, []),
        ({"db": {"properties": {"pasword": {}}}}, {}, []),
        ({"host": {}}, {"port": 1}, []),
        ({"db": True}, {"db": {"a": 1}}, []),
    ],
)
def test_keys_of_the_schema(properties: dict[str, Any], values: dict[str, Any], said: list[str]) -> None:
    parts = {"own_values": values, "schema": {"properties": properties}}
    actual = found(written_defaults.schemas_spell_keys_as_values_do, **parts)
    assert len(actual) == len(said)
    assert all(one.startswith(other) for one, other in zip(actual, said, strict=True))


@pytest.mark.parametrize(
    ("version", "program", "tag", "values", "is_fine"),
    [
        ("1.2.3", "9.9.9", "1.2.3", {}, False),
        ("1.2.3", "9.9.9", "v1.2.3", {"image": {"tag": ""}}, False),
        ("1.2.3", "9.9.9", "9.9.9", {}, True),
        ("1.2.3", "v1.2.3", "1.2.3", {}, True),
        ("1.2.3", "", "1.2.3", {}, True),
        ("1.2.3", "9.9.9", "1.2.3", {"image": {"tag": "1.2.3"}}, True),
        ("1.2.3", "9.9.9", "1.2.3", {"image": "example.com/web:1.2.3"}, True),
        ("1.2.3", "9.9.9", "", {}, True),
    ],
)
def test_tags_of_the_chart(version: str, program: str, tag: str, values: dict[str, Any], is_fine: bool) -> None:
    image = f"example.com/web:{tag}" if tag else "example.com/web"
    has = put("Deployment web", "spec.template.spec.containers[web].image", image)
    chart = of_chart(version=version, metadata={"appVersion": program})
    policy, scenario = images.images_have_the_version_of_the_program, of_scenario(values=values)
    assert (findings_of(policy, pod.HEALTHY, has, chart, scenario) == []) is is_fine
