"""What is too long under the longest release name: one finding a chart."""

from __future__ import annotations

import dataclasses

import pytest

from chartgate.charts.template_texts.cut_names import uncut_names
from chartgate.packs.kubernetes.api_server.names import LONGEST_RELEASE, long_release_names_fit
from chartgate.policy.proofs import literal_rendering
from chartgate.policy.verdicts import checks_of

NAME, OTHER = "a" * 64, "b" * 64
SERVICE = "{apiVersion: v1, kind: Service, metadata: {name: NAME, labels: {app: LABEL}}, spec: {}}"
STATEFUL = "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: NAME, labels: {app: LABEL}}, spec: {}}"


@pytest.mark.parametrize(
    ("manifests", "told"),
    [
        # A name that is a label as well.
        ([(SERVICE, NAME, NAME)], [("Service", "metadata.name", 63, NAME)]),
        # One rule, several names.
        (
            [(SERVICE, NAME, "x"), (SERVICE, OTHER, "x")],
            [("Service", "metadata.name", 63, NAME), ("Service", "metadata.name", 63, OTHER)],
        ),
        # The stricter rule of the two, whichever comes first.
        ([(STATEFUL, NAME, NAME)], [("StatefulSet", "metadata.name", 52, NAME)]),
        ([(SERVICE, "x", NAME), (STATEFUL, NAME, "x")], [("StatefulSet", "metadata.name", 52, NAME)]),
        # Other names break another rule.
        (
            [(SERVICE, NAME, OTHER)],
            [("Service", "metadata.name", 63, NAME), ("Service", "metadata.labels.app", 63, OTHER)],
        ),
        ([(SERVICE, "x", "x")], []),
        # Under any name, which others tell.
        ([(SERVICE, "x", "-5")], []),
    ],
)
def test_what_is_too_long_has_one_cause_a_chart(
    manifests: list[tuple[str, str, str]], told: list[tuple[str, str, int, str]]
) -> None:
    texts = [text.replace("NAME", name).replace("LABEL", label) for text, name, label in manifests]
    after = literal_rendering("\n---\n".join(texts))
    before = literal_rendering("\n---\n".join(texts).replace(NAME, "x").replace(OTHER, "x"))
    findings = [check for check in checks_of(long_release_names_fit, (before, after)) if not check.passed]
    assert [(c.subject.split()[0], c.path, int(str(c.expected).split()[-2]), c.actual) for c in findings] == told
    assert len({c.cause for c in findings}) == bool(told)


CUT = '{{ .Release.Name | trunc 40 | trimSuffix "-" }}'


@pytest.mark.parametrize(
    ("definition", "branches", "lacking"),
    [
        ("web.fullname", [CUT, '{{ .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}'], []),
        ("web.fullname", [CUT, "{{ .Values.fullnameOverride }}"], [("trunc", True)]),
        ("web.fullname", [CUT, "{{ .Values.global.fullname }}"], [("trunc", True)]),
        ("web.fullname", [CUT, "{{ .Release.Name | trunc 40 }}"], [("trimSuffix", True)]),
        # No branch trims, or one assigns what another prints, or prints something else.
        ("web.fullname", ["{{ .Release.Name | trunc 40 }}"], []),
        ("web.fullname", [CUT, "{{ $name := .Release.Name }}", "{{ if .Values.fullnameOverride }}{{ end }}"], []),
        ("web.fullname", [CUT, "{{ .Values.web.name }}", "{{ .Values.fullnameTemplate }}"], []),
        # One that never cuts is the name of labels, unless it is called `fullname`.
        ("web.selector", ["{{ .Release.Name }}"], []),
        ("web.fullName", ["{{ .Release.Name }}"], [("trunc", False)]),
        ("", [CUT, "{{ .Release.Name }}"], []),
    ],
)
def test_names_that_are_cut_in_some_branches(
    definition: str, branches: list[str], lacking: list[tuple[str, bool]]
) -> None:
    text = "\n".join(branches)
    text = f'{{{{ define "{definition}" }}}}\n{text}\n{{{{ end }}}}' if definition else text
    chart = dataclasses.replace(literal_rendering(SERVICE).chart, templates={"templates/all.yaml": text})
    assert [(name.lacks, name.is_alone) for name in uncut_names(chart)] == lacking


@pytest.mark.parametrize(("full", "is_told"), [(CUT, False), ("{{ .Release.Name }}", True)])
def test_a_name_that_is_never_cut_is_told_where_most_releases_fit(full: str, is_told: bool) -> None:
    before, after = (
        literal_rendering(SERVICE.replace("NAME", f"{release}-database-service").replace("LABEL", "web"))
        for release in ("web", LONGEST_RELEASE)
    )
    text = f'{{{{ define "web.fullname" }}}}{full}{{{{ end }}}}'
    chart = dataclasses.replace(after.chart, templates={"templates/all.yaml": text})
    before = dataclasses.replace(before, scenario=dataclasses.replace(before.scenario, release="web"))
    checks = checks_of(long_release_names_fit, (before, dataclasses.replace(after, chart=chart)))
    assert [check.severity for check in checks if not check.passed] == ["warning"] * is_told
