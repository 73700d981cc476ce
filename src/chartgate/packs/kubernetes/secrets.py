"""Secret values are in Secrets, and nowhere else."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence

from chartgate.documents.addresses import ABSENT, join, lookup
from chartgate.documents.places import Place
from chartgate.documents.walking import strings
from chartgate.documents.writings import VARIABLE, writings
from chartgate.kubernetes.contents import texts
from chartgate.matrix.canary_values import with_canaries
from chartgate.model import Case, Check, Rendering, Resource, Scenario
from chartgate.policy.checks import helm_states, states
from chartgate.policy.edits import put
from chartgate.policy.policy import policy

HEALTHY = """
apiVersion: v1
kind: Secret
metadata: {name: database}
stringData: {password: "p+a/ss w'o\\"rd"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {settings.yaml: "host: database"}
---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      image: example.com/web:1.0
      env: [{name: PASSWORD, valueFrom: {secretKeyRef: {name: database, key: password}}}]
"""
PASSWORD = "p+a/ss w'o\"rd"  # noqa: S105 - the one in the Secret
_SHORTEST = 6
"""Characters: a shorter text is in many places that have nothing to do with it."""


def given_and_canaries(scenarios: Sequence[Scenario]) -> Iterator[Case]:
    """Give every scenario, and those with a canary for every secret value."""
    yield from (Case(scenario.name, (scenario,)) for scenario in (*scenarios, *with_canaries(scenarios)))


def renders_with_canaries(rendering: Rendering) -> Iterator[Check]:
    """Expect that helm takes the canaries; a rule over several keys may refuse what each key's schema accepts."""
    if rendering.scenario.is_trial:
        what = f"{rendering.scenario.name}, canaries for {', '.join(rendering.scenario.changes)}"
        yield helm_states(what, expected="rendered", actual=rendering.error or "rendered")


def given_values(scenario: Scenario, keys: tuple[str, ...]) -> dict[str, str]:
    """Give what a scenario has under these keys; a placeholder counts as the value that will replace it."""
    given = {key: lookup(scenario.values, key) for key in dict.fromkeys(keys)}
    return {key: str(value) for key, value in given.items() if value not in (ABSENT, None, "")}


def shows_none_of(resource: Resource, given: Mapping[str, str], what: str) -> Iterator[Check]:
    """Expect that none of these values is in a resource; a finding says where and whose, but never what."""
    searched = {key: writings(value) for key, value in given.items()}
    shown = {
        (join(*keys), key): writing
        for keys, text in texts(resource)
        for key, forms in searched.items()
        if (writing := next((name for name, form in forms.items() if form in text), ""))
    }
    for (address, key), writing in shown.items():
        # It may go on inside of a text, where nothing can be looked up.
        place = Place(resource, address, ABSENT)
        yield states(place, False, expected=f"no {key}", actual=f"the value of {key}, {writing}")
    if not shown:
        yield states(resource.place(), True, expected=f"no {what}", actual=f"no {what}")


def referred_to(rendering: Rendering) -> set[str]:
    """Give the names of Secrets that something refers to: a value that is one is a name, whatever its key says."""
    found = set()
    for resource in rendering.after_hooks:
        for keys, text in strings(resource.manifest):
            above = next((key for key in reversed(keys[:-1]) if not key.isdecimal()), "")
            if keys and (
                keys[-1] == "secretName"
                or (keys[-1] == "name" and above in ("secretKeyRef", "secretRef", "secret", "imagePullSecrets"))
            ):
                found.add(text)
    return found


def _secrets(rendering: Rendering) -> dict[str, str]:
    """Give the secret values that can be told from other texts: not short, and not a part of an object's name.

    What only names a variable (`${PASSWORD}`) is not a secret. A canary is nowhere by chance: it is left out only where
    it names a Secret.
    """
    given = given_values(rendering.scenario, rendering.chart.secret_keys)
    given = {key: value for key, value in given.items() if not VARIABLE.fullmatch(value)}
    names = referred_to(rendering)
    if not rendering.scenario.is_trial:
        names |= {resource.name for resource in rendering.resources}
    return {
        key: value
        for key, value in given.items()
        if len(value) >= _SHORTEST and not any(value in name for name in names)
    }


@policy(
    over=given_and_canaries,
    severity="error",
    remediation="Put the value into a Secret, and let the container read it by secretKeyRef, envFrom or a volume.",
)
def secret_values_stay_in_secrets(rendering: Rendering) -> Iterator[Check]:
    """No secret value of the chart is outside of a Secret, before or after its hooks.

    Secret is what the schema marks `writeOnly`; where it marks nothing, what a key's name says (`password`, `token`).
    Looked for as it is, quoted, escaped and in base64: the scenario's own values, unless they are short or part of an
    object's name and so in many places by chance, and in scenarios made for it a canary under every key. Source:
    https://kubernetes.io/docs/concepts/configuration/secret/#alternatives-to-secrets
    """
    yield from renders_with_canaries(rendering)
    given = _secrets(rendering)
    for resource in rendering.forms:
        if resource.kind != "Secret" and given:
            yield from shows_none_of(resource, given, "secret value")


def _with_a_password(rendering: Rendering) -> Rendering:
    """Give the rendering of a chart whose value database.password is secret, and the one that the Secret holds."""
    chart = dataclasses.replace(rendering.chart, secret_keys=("database.password",))
    scenario = dataclasses.replace(rendering.scenario, values={"database": {"password": PASSWORD}})
    return dataclasses.replace(rendering, chart=chart, scenario=scenario)


@secret_values_stay_in_secrets.counterexample(manifests=HEALTHY)
def the_variable_is_a_literal(rendering: Rendering) -> Rendering:
    variables = [{"name": "PASSWORD", "value": PASSWORD}]
    return put("Pod web", "spec.containers[web].env", variables).apply(_with_a_password(rendering))


@secret_values_stay_in_secrets.counterexample(manifests=HEALTHY)
def a_config_map_holds_it_in_json(rendering: Rendering) -> Rendering:
    text = f'{{"password": "{writings(PASSWORD)["in JSON"]}"}}'
    return put("ConfigMap settings", "data[settings.json]", text).apply(_with_a_password(rendering))


@secret_values_stay_in_secrets.counterexample(manifests=HEALTHY)
def an_annotation_holds_it_in_base64(rendering: Rendering) -> Rendering:
    encoded = writings(f"user:{PASSWORD}")["in base64"]
    return put("Pod web", "metadata.annotations.login", encoded).apply(_with_a_password(rendering))


@secret_values_stay_in_secrets.counterexample(manifests=HEALTHY)
def an_object_is_named_by_it(rendering: Rendering) -> Rendering:
    broken = put("ConfigMap settings", "metadata.name", "settings-Canary-of-a-password").apply(
        _with_a_password(rendering)
    )
    values = {"database": {"password": "Canary-of-a-password"}}
    return dataclasses.replace(broken, scenario=dataclasses.replace(broken.scenario, values=values, is_trial=True))


@secret_values_stay_in_secrets.counterexample(manifests=HEALTHY)
def helm_refuses_the_canaries(rendering: Rendering) -> Rendering:
    broken = _with_a_password(rendering)
    scenario = dataclasses.replace(broken.scenario, is_trial=True)
    warnings = ("walk.go: found symbolic link",)
    return dataclasses.replace(broken, scenario=scenario, warnings=warnings, error="the password is too long")
