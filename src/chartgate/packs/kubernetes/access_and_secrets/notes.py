"""Notes: what helm prints once a release is made shows no password."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.charts.chart_values.secret_values import secret_places
from chartgate.charts.template_texts.template_actions import actions
from chartgate.documents.addresses import join
from chartgate.model import Chart, Check
from chartgate.policy.edits import of_chart
from chartgate.policy.policy import THE_CHART, policy
from chartgate.policy.template_checks import WrongLine, template_checks

_NOTES = "templates/NOTES.txt"
_PRINTED = re.compile(r"\$?\.Values\.([\w.]++)(?:\s*+\|\s*+(?:quote|squote|toString|trim|b64enc|indent \d++))*+")


@policy(
    over=THE_CHART,
    severity="warning",
    remediation="Print the command that reads it: kubectl get secret NAME -o jsonpath='{.data.KEY}' | base64 -d.",
)
def notes_print_no_secret_value(chart: Chart) -> Iterator[Check]:
    """NOTES.txt prints no secret value of the chart.

    It is on the screen, in the log of whatever installs the release, and in what `helm status` tells to everybody who
    may read the release. Read from the text, since `helm template` does not print it. Source:
    https://helm.sh/docs/chart_template_guide/notes_files/
    """
    yield from template_checks(chart, "no secret value in the notes", _shown)


def _shown(chart: Chart) -> Iterator[WrongLine]:
    found = [action for action in actions(chart.templates.get(_NOTES, "")) if not action.word]
    printed = [(action, read[1]) for action in found if (read := _PRINTED.fullmatch(action.text.strip(" -\n\t")))]
    secrets = {join(*place.keys) for place in secret_places(chart, chart.defaults)} if printed else set()
    for action, key in printed:
        if key in secrets:
            yield WrongLine(key, _NOTES, action.line, f": the value of {key}")


notes_print_no_secret_value.breaks(
    manifests="{apiVersion: v1, kind: Secret, metadata: {name: web}, stringData: {password: a}}",
    the_password_is_shown=of_chart(
        templates={_NOTES: "Log in with {{ .Values.admin.password | quote }}."},
        defaults={"admin": {"password": "release-password-x7"}},
    ),
)
