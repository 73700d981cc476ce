"""Cuts: what becomes a name or a label is cut to the length that it may have."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.charts.template_texts.cut_names import uncut_names
from chartgate.charts.template_texts.template_actions import actions
from chartgate.model import Chart, Check
from chartgate.policy.edits import in_template
from chartgate.policy.policy import THE_CHART, policy
from chartgate.policy.template_checks import WrongLine, template_checks

from ..healthy.config_map import HEALTHY

_MOST = 63
_CUT = re.compile(r"\btrunc\s++(\d{1,4}+)\b")
_OF_A_LABEL = re.compile(r"\.Chart\.(?:Name|Version|AppVersion)\b|\bnameOverride\b")
"""What charts make labels of: `helm.sh/chart`, `app.kubernetes.io/name` and `app.kubernetes.io/version`."""


@policy(over=THE_CHART, severity="warning", remediation='Cut it to 63 characters: `trunc 63 | trimSuffix "-"`.')
def labels_are_cut_to_their_length(chart: Chart) -> Iterator[Check]:
    """No template cuts the name or the version of the chart to more than 63 characters, the most of a label.

    A long version, as a build makes it, or a long override is then one that the API server refuses. What is cut again
    in the same action, or has the name of the release in it, is left alone. Read from the templates' text. Source:
    https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
    """
    yield from template_checks(chart, f"`trunc {_MOST}`", _too_long)


def _too_long(chart: Chart) -> Iterator[WrongLine]:
    for name, text in sorted(chart.templates.items()):
        for action in actions(text):
            cuts = [int(cut) for cut in _CUT.findall(action.text)]
            if cuts and min(cuts) > _MOST and _OF_A_LABEL.search(action.text) and ".Release" not in action.text:
                yield WrongLine(f"{name} {action.text.strip()}", name, action.line, f": `trunc {min(cuts)}`")


labels_are_cut_to_their_length.breaks(
    manifests=HEALTHY,
    one_character_too_many=in_template(
        'helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 64 }}'
    ),
)


@policy(over=THE_CHART, severity="warning", remediation='Cut it as the other branches do: `trunc N | trimSuffix "-"`.')
def names_are_cut_in_every_branch(chart: Chart) -> Iterator[Check]:
    """A named template that cuts a name to a length in one of its branches does so in all of them.

    `fullname` has a branch for an override, one for a release that is called like the chart, and one for all others: of
    the one that is left uncut, names and labels grow too long once somebody takes it, and what is cut behind a hyphen,
    without `trimSuffix`, ends in one. Read from the templates' text. Source: https://helm.sh/docs/chart_template_guide/function_list/#trunc
    """
    yield from template_checks(chart, "cut as in the other branches", _cut_in_others)


def _cut_in_others(chart: Chart) -> Iterator[WrongLine]:
    for name in uncut_names(chart):
        if name.is_alone:
            says = f": {name.action}, without `{name.lacks}`"
            yield WrongLine(f"{name.template} {name.definition} {name.action}", name.template, name.line, says)


_BRANCHES = """
{{ define "web.fullname" }}
{{ if .Values.fullnameOverride }}
{{ .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{ else }}
{{ printf "%s-web" .Release.Name OTHER }}
{{ end }}
{{ end }}
"""
names_are_cut_in_every_branch.breaks(
    manifests=HEALTHY,
    a_branch_is_not_cut=in_template(_BRANCHES.replace("OTHER", "")),
    a_branch_may_end_in_a_hyphen=in_template(_BRANCHES.replace("OTHER", "| trunc 40")),
)
