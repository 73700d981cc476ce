"""What templates refuse by themselves: keys, some of their values, and versions of Kubernetes."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartgate.model import Chart
from chartgate.review.contract.item_keys import refused_items
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
        ('and (eq .Values.mode "y") .Values.old', ['mode "y" and old is set']),
        ('and .Values.old (ne .Values.mode "z")', ['old set and mode is not "z"']),
        ('not (hasKey .Values.a "user")', ["a.user not there"]),
        ('not (hasKey .Values.a "count")', []),
        ('not (hasKey .Values.other "user")', []),
        ('and (not .Values.old) (ne .Values.mode "z")', []),
        ('and (gt (int .Values.a.count) 1) (eq .Values.mode "y")', []),
        ('ne .Values.mode "x"', []),
        ('eq .Values.other "y"', []),
        ("not .Values.mode", []),
        ("and .Values.old (not .Values.a.user)", ["old set and a.user is not set"]),
        ("and .Values.mode (not .Values.a.user)", []),
    ],
)
def test_which_values_are_refused(condition: str, told: list[str], tmp_path: Path) -> None:
    before, after = _charts(tmp_path, "", _guard(condition))
    assert [f"{key.address} {key.when}" for key in refused_keys(before, after)] == told
    assert {key.words for key in refused_keys(before, after)} <= {"no longer"}
    assert refused_keys(after, after) == []


def _needed(condition: str, key: str = ".Values.a.host") -> str:
    return f'{{{{ if {condition} }}}}{{{{ required "a host" {key} }}}}{{{{ end }}}}'


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("", _needed('eq .Values.mode "y"'), ['a.host not set, under `eq .Values.mode "y"`']),
        (
            "",
            _needed(".Values.old", "(.Values.a.host)").replace("(", "").replace(")", ""),
            ["a.host not set, under `.Values.old`"],
        ),
        (
            "",
            '{{ with .Values.old }}{{ $.Values.a.host | required "a host" }}{{ end }}',
            ["a.host not set, under `.Values.old`"],
        ),
        (
            "{{ if .Values.old }}{{ .Values.a.host }}{{ end }}",
            _needed(".Values.old"),
            ["a.host not set, under `.Values.old`"],
        ),
        (_needed(".Values.old"), _needed('eq .Values.mode "y"'), []),
        ("", _needed(".Values.new"), []),
        ("", _needed("and .Values.old .Values.new"), []),
        ("", '{{ required "a host" .Values.a.host }}', []),
        ("", _needed(".Values.old", ".Values.mode"), []),
        ("", '{{ define "x" }}' + _needed(".Values.old") + "{{ end }}", []),
    ],
)
def test_what_is_needed_where_something_is_set(before: str, after: str, told: list[str], tmp_path: Path) -> None:
    sides = _charts(tmp_path, before, after)
    assert [f"{key.address} {key.when}" for key in refused_keys(*sides)] == told


PLAIN = "{{ range .Values.jobs }}{{ .name }}: {{ .image }}{{ end }}"
NAMED = "{{ range $i, $job := $.Values.jobs }}{{ $job.name }}: {{ $job.image | quote }}{{ end }}"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (PLAIN, PLAIN.replace(".image", 'required "an image" .image'), ["jobs[*].image not there: an image"]),
        (PLAIN, PLAIN.replace(".image", '.image | required "an image"'), ["jobs[*].image not there: an image"]),
        (NAMED, NAMED.replace("$job.image", 'required "an image" $job.image'), ["jobs[*].image not there: an image"]),
        (PLAIN, PLAIN.replace(".image", ".image.name"), ["jobs[*].image no map with name: "]),
        (NAMED, NAMED.replace("$job.image", "$job.image.name"), ["jobs[*].image no map with name: "]),
        (PLAIN, NAMED.replace("image", "image.name"), ["jobs[*].image no map with name: "]),
        (PLAIN, PLAIN.replace("{{ .image }}", "{{ .time | upper }}"), ["jobs[*].time not there: "]),
        (PLAIN, PLAIN.replace("{{ .image }}", "{{ tpl .time $ }}"), ["jobs[*].time not there: "]),
        (
            PLAIN,
            PLAIN.replace("{{ .image }}", '{{ if not .time }}{{ fail "when?" }}{{ end }}'),
            ["jobs[*].time not there: when?"],
        ),
        (
            PLAIN,
            PLAIN.replace("{{ .image }}", '{{ if empty .time }}{{ fail "when?" }}{{ end }}'),
            ["jobs[*].time not there: when?"],
        ),
        (PLAIN, NAMED.replace("image", "tag | upper"), ["jobs[*].tag not there: "]),
        # near misses: it is asked for, it was needed before, it is of another list, or of something else
        (PLAIN, PLAIN.replace("{{ .image }}", "{{ if .time }}{{ .time | upper }}{{ end }}"), []),
        (PLAIN, PLAIN.replace("{{ .image }}", "{{ with .time }}{{ .at.hour }}{{ end }}"), []),
        (PLAIN, PLAIN.replace(".image", '.time | default "x" | upper'), []),
        (PLAIN, PLAIN.replace(".image", "(.image).name"), []),
        (PLAIN, PLAIN.replace(".image", ".image | upper"), []),
        (PLAIN.replace(".image", ".image.name"), NAMED.replace("image", "image.name"), []),
        (PLAIN.replace(".image", 'required "one" .image'), PLAIN.replace(".image", 'required "an image" .image'), []),
        (PLAIN, PLAIN + "{{ range .Values.others }}{{ .image.name }}{{ end }}", []),
        (PLAIN, PLAIN.replace(".image", "$.Values.a.count"), []),
        (PLAIN, NAMED.replace("$job.image", "$i"), []),
    ],
)
def test_what_items_of_a_list_need(before: str, after: str, told: list[str], tmp_path: Path) -> None:
    sides = _charts(tmp_path, before, after)
    assert [f"{key.address} {key.when}: {key.words}" for key in refused_items(*sides)] == told


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
