"""What templates refuse by themselves: keys, some of their values, and versions of Kubernetes."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartgate.model import Chart
from chartgate.review.contract.kube_versions import raised_kube_versions
from chartgate.review.contract.refused_keys import refused_keys
from tests.engine.toys import chart_from

READS = "{{ .Values.mode }}{{ .Values.a.count }}{{ .Values.old }}"
VALUES = "{mode: x, a: {count: 1}, old: ''}"


def _charts(folder: Path, before: str, after: str) -> list[Chart]:
    return [
        chart_from(folder / name, {"values.yaml": VALUES, "templates/a.yaml": f"{guard}\n{READS}"})
        for name, guard in (("old", before), ("new", after))
    ]


def _guard(condition: str) -> str:
    return f'{{{{- if {condition} }}}}{{{{ fail "no longer" }}}}{{{{ end }}}}'


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        (".Values.old", ["old set"]),
        ("or .Values.old .Values.a.other", ["old set"]),
        ('eq .Values.mode "y"', ['mode "y"']),
        ('eq "y" $.Values.mode', ['mode "y"']),
        ('or (eq .Values.mode "y") (eq .Values.mode "z")', ['mode "y"', 'mode "z"']),
        ('not (has .Values.mode (list "x" "y"))', ['mode none of "x", "y"']),
        ("gt (int .Values.a.count) 1", ["a.count more than 1"]),
        ("lt .Values.a.count 1", ["a.count less than 1"]),
        ('and (eq .Values.mode "y") .Values.old', []),
        ('and (gt (int .Values.a.count) 1) (eq .Values.mode "y")', []),
        ('ne .Values.mode "x"', []),
        ('eq .Values.other "y"', []),
        ("not .Values.mode", []),
        ("and .Values.old (not .Values.a.user)", ["old set without a.user"]),
        ("and .Values.mode (not .Values.a.user)", []),
    ],
)
def test_which_values_are_refused(condition: str, told: list[str], tmp_path: Path) -> None:
    before, after = _charts(tmp_path, "", _guard(condition))
    assert [f"{key.address} {key.when}" for key in refused_keys(before, after)] == told
    assert {key.words for key in refused_keys(before, after)} <= {"no longer"}
    assert refused_keys(after, after) == []


@pytest.mark.parametrize(
    ("condition", "lost"),
    [
        ('semverCompare "<1.29.0-0" .Capabilities.KubeVersion.Version', True),
        ('(semverCompare "<1.29-0" $.Capabilities.KubeVersion.GitVersion)', True),
        ('semverCompare "<1.2.0-0" .Capabilities.KubeVersion.Version', False),
        ('and .Values.old (semverCompare "<1.29.0-0" .Capabilities.KubeVersion.Version)', False),
        ('semverCompare "<1.29.0-0" .Values.mode', False),
    ],
)
@pytest.mark.parametrize("around", ["{}", "{{{{ if .Values.old }}}}{}{{{{ end }}}}"])
def test_which_versions_are_refused(condition: str, lost: bool, around: str, tmp_path: Path) -> None:
    lost = lost and around == "{}"  # no value that is set asks for the newer one
    before, after = _charts(tmp_path, "", around.format(_guard(condition)))
    found = list(raised_kube_versions(before, after))
    assert ["1.28" in raised.lost and "1.29" not in raised.lost for raised in found] == [True] * lost
    assert list(raised_kube_versions(after, after)) == []
