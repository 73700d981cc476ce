"""Encoding: a Secret holds what it is given, encoded as often as its field asks for."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence

from chartgate.charts.chart_values.commented_keys import comments_of
from chartgate.charts.template_texts.cluster_reads import encoded_again
from chartgate.charts.template_texts.kept_keys import keys_looked_up, missed_keys
from chartgate.charts.template_texts.kept_names import missed_secrets, of_release, other_secrets
from chartgate.documents.addresses import join, lookup, steps
from chartgate.documents.places import Place
from chartgate.documents.walking import nodes
from chartgate.kubernetes.contents import decoded, decoded_text, stored
from chartgate.kubernetes.links.existence import data_keys
from chartgate.kubernetes.pods.workloads import containers_if_any, variable_values, workloads
from chartgate.matrix.derivations.canary_values import canary_mark, is_canary, with_canaries
from chartgate.model import Case, Chart, Check, Rendering, Resource, Scenario
from chartgate.policy.checks import states
from chartgate.policy.edits import Edit, in_template, of_chart, of_scenario, put
from chartgate.policy.policy import THE_CHART, WHOLE_MATRIX, policy

from .secrets import given_and_canaries

HEALTHY = """
apiVersion: v1
kind: Secret
metadata: {name: web}
stringData: {token: release-token-x7}
data: {key: cmVsZWFzZS10b2tlbi14Nw==}
"""
_SETTINGS = "{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}}"
_TOKEN = "release-token-x7"  # noqa: S105 - the one of the counterexamples
_LEAST = 4
"""Letters of a value that is looked for: a shorter one may be something else in base64 by chance."""


@policy(
    over=given_and_canaries,
    severity="error",
    remediation="Write the plain value into `stringData`, or its `b64enc` into `data`; encode it once at most.",
)
def secrets_are_encoded_once(rendering: Rendering) -> Iterator[Check]:
    """What a Secret gives to a container is a value itself, not the base64 of it.

    Kubernetes decodes `data` once, and `stringData` not at all: `b64enc` below `stringData`, or twice below `data`,
    gives the program base64 in place of its password. What is empty by default is shown by a canary. Source:
    https://kubernetes.io/docs/concepts/configuration/secret/#restriction-names-data
    """
    plain = _given(rendering.scenario)
    for secret in rendering.resources.of_kind("Secret"):
        for field, _, place in stored(secret):
            if isinstance(place.value, str):
                key = plain.get(_decoded_too_little(place.value, encoded=field == "data"), "")
                yield states(place, not key, expected="the value", actual=f"the base64 of what {key} is")


@policy(
    severity="error",
    remediation="Quote what YAML reads, not what is encoded: `b64enc | quote`, or `quote` once.",
)
def values_are_quoted_once(rendering: Rendering) -> Iterator[Check]:
    """No value reaches a Secret, or a variable of a container, with quotes around it that it does not have itself.

    `quote | b64enc` encodes the quotes as well, a second `quote` adds its own: the program gets another password.
    Source: https://helm.sh/docs/chart_template_guide/functions_and_pipelines/
    """
    plain = _given(rendering.scenario)
    for secret in rendering.resources.of_kind("Secret"):
        for field, _, place in stored(secret):
            yield from _unquoted(place, decoded_text(place.text) if field == "data" else place.text, plain)
    for workload in workloads(rendering.resources):
        for container in containers_if_any(workload):
            for value in variable_values(container):
                yield from _unquoted(value, value.text, plain)


def _unquoted(place: Place[Resource], text: str, plain: Mapping[str, str]) -> Iterator[Check]:
    if len(text) > _LEAST:
        key = plain.get(_in_quotes(text), "") if text[0] == text[-1] and text[0] in "\"'" else ""
        yield states(place, not key, expected="the value", actual=f"what {key} is, in quotes")


def _in_quotes(text: str) -> str:
    """Give what is between quotes; of double ones as `quote` writes it, with escapes."""
    try:
        return str(json.loads(text))
    except ValueError:
        return text[1:-1]


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode("utf-8", "replace")).decode()


def _with_token(address: str, written: str) -> tuple[Edit, ...]:
    """Write a text into the Secret of a chart whose values have a token."""
    return put("Secret web", address, written), of_scenario(values={"token": _TOKEN})


values_are_quoted_once.breaks(
    manifests=HEALTHY,
    the_quotes_are_encoded=_with_token("data.key", _encoded(f'"{_TOKEN}"')),
    a_text_is_quoted_twice=_with_token("stringData.token", f'"{_TOKEN}"'),
)


def _given(scenario: Scenario) -> dict[str, str]:
    """Give the texts of the values by what they are, each with its address; what is base64 of another is not one."""
    found = {
        node: join(*keys) for keys, node in nodes(scenario.values) if isinstance(node, str) and len(node) >= _LEAST
    }
    return {text: address for text, address in found.items() if _encoded(text) not in found}


def _decoded_too_little(text: str, *, encoded: bool) -> str:
    """Decode what a container would read; empty where that is no base64 of text."""
    try:
        read = decoded(text) if encoded else text.encode("utf-8", "replace")
        return decoded(read.decode("utf-8")).decode("utf-8")
    except ValueError:
        return ""


secrets_are_encoded_once.breaks(
    manifests=HEALTHY,
    a_plain_field_is_encoded=_with_token("stringData.token", _encoded(_TOKEN)),
    an_encoded_field_is_encoded_twice=_with_token("data.key", _encoded(_encoded(_TOKEN))),
)


def each_with_canaries(scenarios: Sequence[Scenario]) -> Iterator[Case]:
    """Give the scenarios with a canary for every secret value."""
    yield from (Case(scenario.name, (scenario,)) for scenario in with_canaries(scenarios))


@policy(
    over=each_with_canaries,
    severity="error",
    remediation="Encode the value, `b64enc`, or write it into `stringData`.",
)
def secret_data_is_encoded(rendering: Rendering) -> Iterator[Check]:
    """Below `data`, a Secret has a value of the chart encoded: the API server refuses what is no base64.

    A password that is empty by default is made up, or left out, so that no ci file sees it; shown by a canary under
    every secret value. A key whose name, comment or default says that it takes base64 is left alone. Source:
    https://kubernetes.io/docs/concepts/configuration/secret/#restriction-names-data
    """
    given = {key: text for key, text in rendering.scenario.changes.items() if is_canary(str(text))}
    for secret in rendering.resources.of_kind("Secret") if given else ():
        for field, _, place in stored(secret):
            told = given.items() if field == "data" else ()
            plain = [key for key, text in told if text in place.text and not _takes_base64(key, rendering)]
            yield states(place, not plain, expected="base64", actual=f"what {', '.join(plain)} is, as it is")


def _takes_base64(key: str, rendering: Rendering) -> bool:
    last, default = steps(key)[-1], lookup(rendering.chart.defaults, key)
    said = f"{key} {comments_of(rendering.chart).said_of(last)}".lower()
    is_encoded = isinstance(default, str) and len(default) >= _LEAST and bool(decoded_text(default))
    return is_encoded or any(word in said for word in ("b64", "base64", "encoded"))


secret_data_is_encoded.breaks(
    manifests=HEALTHY,
    the_password_is_plain=(
        put("Secret web", "data.key", canary_mark("token")),
        of_scenario(values={"token": canary_mark("token")}, changes={"token": canary_mark("token")}),
    ),
)


@policy(
    over=THE_CHART,
    severity="error",
    remediation="Print what `lookup` gives of `data` as it is, or decode it first: `b64dec`.",
)
def kept_secrets_are_not_encoded_again(chart: Chart) -> Iterator[Check]:
    """What a template looks up in the `data` of a Secret is not encoded once more.

    It is base64 already: at the first upgrade the password is the base64 of what it was, at the next one the base64 of
    that. No rendering shows it, since `lookup` finds nothing without a cluster. Source:
    https://helm.sh/docs/chart_template_guide/functions_and_pipelines/#using-the-lookup-function
    """
    found = list(encoded_again(chart))
    expected = "printed as it is, or decoded first"
    for template, line, action in found:
        yield Check("templates", f"{template}:{line}", expected, f"{{{{{action}}}}}", False, template)
    if not found:
        yield Check("templates", "", expected, "nothing of it", True)


kept_secrets_are_not_encoded_again.breaks(
    manifests=HEALTHY,
    the_password_is_encoded_again=in_template(
        '{{ $old := lookup "v1" "Secret" .Release.Namespace "web" }}{{ $old.data.password | b64enc }}'
    ),
)


@policy(
    over=WHOLE_MATRIX,
    severity="error",
    remediation="Look for the Secret by the name that it is written by, from one variable or named template.",
)
def kept_secrets_are_found_again(renderings: list[Rendering]) -> Iterator[Check]:
    """What a template keeps by `lookup` of a Secret, it looks for by the name, and under the key, that it gives it.

    By another one, nothing is ever found: each upgrade makes a new password, or a new certificate. No rendering shows
    it, since `lookup` finds nothing without a cluster. Read from the text of the template that does both. Source:
    https://helm.sh/docs/chart_template_guide/functions_and_pipelines/#using-the-lookup-function
    """
    rendered = ((secret, each.scenario) for each in renderings for secret in each.resources.of_kind("Secret"))
    there = {of_release(secret.name, scenario.release) for secret, scenario in rendered}
    found = list(missed_secrets(renderings[0].chart, there))
    for missed in found:
        actual, place = f"{missed.sought}, and the Secret is {missed.written}", f"{missed.template}:{missed.line}"
        yield Check("templates", place, f"{missed.written}, as the Secret", actual, False, missed.template)
    keys = list(missed_keys(renderings[0].chart))
    for key in keys:
        actual, place = f"{key.sought}, and the key is {key.written}", f"{key.template}:{key.line}"
        yield Check("templates", place, f"{key.written}, as it is written", actual, False, key.template)
    others = list(_by_another_name(renderings))
    yield from others
    if not found and not keys and not others:
        yield Check("templates", "", "the name of the Secret", "the name of the Secret", True)


def _by_another_name(renderings: list[Rendering]) -> Iterator[Check]:
    """Give a check for each Secret that is looked for by another object's name, where no Secret has what is read."""
    for other in other_secrets(renderings[0].chart):
        for rendering in renderings:
            secrets, (template, kind) = rendering.resources.of_kind("Secret"), other.place
            sought, written = (
                [r.name for r in rendering.resources.of_kind(made) if r.template == f"{rendering.chart.name}/{file}"]
                for made, file in ((kind, template), ("Secret", other.template))
            )
            keys = keys_looked_up(rendering.chart.templates.get(other.template, ""))
            there = [r for r in secrets if [r.name] == sought]
            is_missed = not there or (bool(keys) and all(keys.isdisjoint(data_keys(r)) for r in there))
            if len(sought) == len(written) == 1 and sought != written and is_missed:
                actual = f"{other.sought}, which is the name of a {kind}, {sought[0]}; the Secret is {written[0]}"
                place = f"{other.template}:{other.line}"
                yield Check("templates", place, f"{written[0]}, as the Secret", actual, False, other.template)
                break


_BY_THE_NAME_OF_ANOTHER = """
{{ $old := (lookup "v1" "Secret" .Release.Namespace (include "web.name" .)).data }}
kind: Secret
metadata:
  name: {{ include "web.login" . }}
data:
  key: {{ index $old "key" | default (randAlphaNum 20 | b64enc) }}
---
kind: ConfigMap
metadata:
  name: {{ include "web.name" . }}
"""
_BY_ANOTHER_NAME = """
{{ $old := lookup "v1" "Secret" .Release.Namespace (printf "%s-tls" (include "web.name" .)) }}
kind: Secret
metadata:
  name: {{ include "web.name" . }}
stringData:
  password: {{ if $old }}{{ $old.data.password | b64dec }}{{ else }}{{ randAlphaNum 20 }}{{ end }}
"""
_BY_ANOTHER_KEY = """
{{ $name := include "web.name" . }}
{{ $kept := dig "data" "signingKey" "" (lookup "v1" "Secret" .Release.Namespace $name | default dict) }}
kind: Secret
metadata:
  name: {{ $name }}
data:
  signing-key: {{ $kept | default (randAlphaNum 20 | b64enc) }}
"""
kept_secrets_are_found_again.breaks(
    manifests=f"{HEALTHY}\n---\n{_SETTINGS}",
    the_name_is_that_of_another_object=of_chart(templates={"templates/all.yaml": _BY_THE_NAME_OF_ANOTHER}),
)
kept_secrets_are_found_again.breaks(
    manifests=HEALTHY,
    the_secret_has_another_name=in_template(_BY_ANOTHER_NAME),
    the_key_has_another_name=in_template(_BY_ANOTHER_KEY),
)
kept_secrets_are_found_again.breaks(
    manifests=f"{HEALTHY}\n---\n# Source: literal/templates/b.yaml\n{_SETTINGS.replace('ConfigMap', 'Secret')}",
    the_name_is_that_of_another_secret=of_chart(
        templates={
            "templates/all.yaml": _BY_THE_NAME_OF_ANOTHER.partition("---")[0],
            "templates/b.yaml": 'kind: Secret\nmetadata:\n  name: {{ include "web.name" . }}\n',
        }
    ),
)
