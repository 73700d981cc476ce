"""What values.yaml and values.schema.json say by themselves: bounds, switches and keys that fit each other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from chartgate.charts.template_texts.template_actions import actions
from chartgate.charts.template_texts.template_reads import reads
from chartgate.documents.addresses import join
from chartgate.documents.misspellings import nearly
from chartgate.documents.shapes import is_whole, map_of
from chartgate.documents.walking import nodes
from chartgate.model import Chart, Check, Values
from chartgate.policy.checks import chart_states
from chartgate.policy.edits import of_chart
from chartgate.policy.policy import THE_CHART, policy

from ..healthy.config_map import HEALTHY

_LEAST = re.compile(r"min(?=[A-Z_])|min\Z|minimum(?=[A-Z_])|minimum\Z")
_SWITCH = re.compile(r"(?:\A|[a-z])(?:enabled?|create|install)\Z", re.IGNORECASE)
_NO = ("false", "no", "off")
_COMPARES = re.compile(r"\b(?:eq|ne|toString|kindIs|typeIs|has|hasKey|contains|lower|regexMatch|dig|tpl|fromYaml)\b")


@policy(over=THE_CHART, severity="error", remediation="Raise the larger bound in values.yaml, or lower the smaller.")
def least_is_at_most_the_most(chart: Chart) -> Iterator[Check]:
    """In values.yaml, no `minX` is above the `maxX` beside it.

    Whoever only switches the part on gets both, and the API server, or the program, refuses them. Source:
    https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v2/
    """
    for keys, least, most, name in _bounds(chart.defaults):
        actual = f"{least}, and {name} is {most}" if least > most else f"at most {name}"
        yield chart_states("values.yaml", join(*keys), expected=f"at most {name}", actual=actual)


def _bounds(values: Values) -> Iterator[tuple[tuple[Any, ...], int, int, str]]:
    for keys, value in nodes(values):
        beside = value if isinstance(value, dict) else {}
        for key, least in beside.items():
            name = _LEAST.sub(lambda found: f"max{found[0][3:]}", str(key), count=1)
            most = beside.get(name)
            is_bound = name != key and _LEAST.match(str(key)) and is_whole(least)
            if is_bound and is_whole(most) and most > 0:
                yield (*keys, key), least, most, name


least_is_at_most_the_most.breaks(
    manifests=HEALTHY,
    the_bounds_of_an_autoscaler=of_chart(defaults={"autoscaling": {"minReplicas": 10, "maxReplicas": 8}}),
)


@policy(over=THE_CHART, severity="error", remediation="Write `false` without quotes.")
def switches_are_no_texts(top: Chart) -> Iterator[Check]:
    """No switch of values.yaml is the text "false", which templates take for true.

    A text that is not empty is true to `if`: the part is on, whatever values.yaml seems to say. A template that
    compares the text is fine. Source: https://helm.sh/docs/chart_template_guide/control_structures/#ifelse
    """
    for names, chart in top.with_subcharts():
        texts = [keys for keys, value in nodes(chart.own_values, lists=False) if keys and _is_no(keys[-1], value)]
        for keys in texts:
            is_wrong = _asked_plainly(chart, ".".join(map(str, keys)))
            expected = "false, or a text that templates compare"
            actual = "a text, which is true to the templates that ask" if is_wrong else expected
            yield chart_states("values.yaml", join(*names, *keys), expected=expected, actual=actual)


def _is_no(key: object, value: object) -> bool:
    return isinstance(value, str) and value.lower() in _NO and _SWITCH.search(str(key)) is not None


def _asked_plainly(chart: Chart, path: str) -> bool:
    """Tell whether a condition takes the value for true or false; one that compares it anywhere knows of texts."""
    asking = [action.text for text in chart.templates.values() for action in actions(text) if _reads(action.text, path)]
    is_compared = any(_COMPARES.search(text) for text in asking)
    return not is_compared and any(re.match(r"\s*+(?:else\s++)?(?:if|with)\b", text) for text in asking)


def _reads(action: str, path: str) -> bool:
    """Tell whether an action reads a key of the values, and not one below it or of a longer name."""
    behind = [text[:1] for text in action.split(f".Values.{path}")[1:]]
    return any(not (letter.isalnum() or letter in ("_", ".")) for letter in behind)


switches_are_no_texts.breaks(
    manifests=HEALTHY,
    a_switch_in_quotes=of_chart(
        own_values={"agent": {"enabled": "false"}},
        defaults={"agent": {"enabled": "false"}},
        templates={"templates/one.yaml": "{{ if and .Values.agent.enabled .Values.all }}a: b{{ end }}"},
    ),
)


@policy(
    over=THE_CHART,
    severity="warning",
    remediation="Write the key in values.schema.json as values.yaml and the templates have it.",
)
def schemas_spell_keys_as_values_do(top: Chart) -> Iterator[Check]:
    """No property of values.schema.json is nearly a key of values.yaml that the schema does not know.

    What the schema says of it is said of nothing: the wrong value that it was to refuse gets through. Source:
    https://helm.sh/docs/topics/charts/#schema-files
    """
    for names, chart in top.with_subcharts():
        read = {path for _, path in reads(chart)}  # there, values.yaml is what is misspelt
        wrong = [found for found in _misspelt(chart.schema, chart.own_values, ()) if found[0] not in read]
        for keys, meant in wrong:
            actual = f"{keys[-1]}, which is not in values.yaml; there is {meant}"
            yield chart_states("values.schema.json", join(*names, *keys), expected=f"{meant}", actual=actual)
        if not wrong and chart.schema:
            yield chart_states("values.schema.json", join(*names), expected="keys", actual="keys")


def _misspelt(schema: object, values: object, above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if not isinstance(schema, Mapping) or not isinstance(values, dict):
        return
    properties = map_of(schema.get("properties"))
    unknown = [str(key) for key in values if key not in properties]
    for key, below in properties.items():
        if key in values:
            yield from _misspelt(below, values[key], (*above, key))
        elif meant := nearly(key, unknown):
            yield (*above, key), meant[0]


schemas_spell_keys_as_values_do.breaks(
    manifests=HEALTHY,
    a_letter_is_missing=of_chart(
        schema={"properties": {"db": {"properties": {"maxIdleSecond": {"type": "integer"}}}}},
        own_values={"db": {"maxIdleSeconds": 3, "host": "a"}},
    ),
)
