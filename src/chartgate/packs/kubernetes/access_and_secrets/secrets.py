"""Secret values are in Secrets, and nowhere else."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Sequence, Set

from chartgate.charts.chart_values.commented_keys import comments_of
from chartgate.charts.chart_values.secret_values import SecretValue, secrets_in, value_texts
from chartgate.documents.addresses import ABSENT, join, lookup, steps
from chartgate.documents.places import Place
from chartgate.documents.secret_texts.secret_names import is_secret_name
from chartgate.documents.secret_texts.text_search import TextSearch
from chartgate.documents.secret_texts.writings import VARIABLE, writings
from chartgate.documents.walking import scalars, strings
from chartgate.kubernetes.contents import texts
from chartgate.matrix.derivations.canary_values import NAMED, with_canaries, with_canaries_behind_choices
from chartgate.matrix.derivations.filled_keys import AS_SHOWN
from chartgate.model import Case, Chart, Check, Rendering, Resource, Scenario
from chartgate.policy.checks import states, with_cause
from chartgate.policy.edits import of_rendering, of_scenario, put
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
_PATH = re.compile(r"(?i)(?:the )?(?:path|location|file ?name|name of the file)\b")


_ONE_OF_TWO = re.compile(r"\.(?:secret|access)_?(?:access_?)?key(?:_?id)?$", re.IGNORECASE)
"""One half of a credential, which goes where the other one goes: `s3.access_key`, `s3.secret_key`."""
_BETWEEN_WORDS = re.compile(r"[/_.-]")
_OF_A_DRIVER = "-secret-name"
"""The end of the parameters by which a StorageClass names its Secrets: https://kubernetes-csi.github.io/docs/secrets-and-credentials.html"""
_WITHOUT_A_CANARY = (
    "nil pointer evaluating",
    "can't evaluate field",
    "is not defined",
    "no template ",
    "parse error at (",
)
"""What helm says of a template that fails with any text."""
_NO_YAML = re.compile(r"YAML parse error on (?P<path>[^\s:]++):")


def given_and_canaries(scenarios: Sequence[Scenario]) -> Iterator[Case]:
    """Give every scenario, and those with a canary for every secret value, behind what is off by default as well."""
    marked = (*with_canaries(scenarios), *with_canaries_behind_choices(scenarios))
    yield from (Case(scenario.name, (scenario,)) for scenario in (*scenarios, *marked))


def renders_with_canaries(rendering: Rendering) -> Iterator[Check]:
    """Expect that helm takes the canaries; a rule over several keys may refuse what each key's schema accepts.

    Under what is only called like a secret, nobody has said that a canary fits. A template that fails at what is not
    there does so whatever the text is, and is told of as what does not render.
    """
    scenario = rendering.scenario
    if any(words in rendering.error for words in _WITHOUT_A_CANARY):
        return
    if scenario.is_trial and not (rendering.error and scenario.name.endswith(f".{NAMED}")):
        what = f"{scenario.name}, canaries for {', '.join(scenario.changes)}"
        expected = "rendered, with any text under these keys: printed with `quote` or `toYaml`"
        template = _NO_YAML.search(rendering.error)
        actual = rendering.error or expected
        yield Check("helm", what, expected, actual, not rendering.error, template["path"] if template else "")


def given_values(scenario: Scenario, keys: tuple[str, ...]) -> dict[str, str]:
    """Give what a scenario has under these keys; a placeholder counts as the value that will replace it."""
    given = {key: lookup(scenario.values, key) for key in dict.fromkeys(keys)}
    return {key: str(value) for key, value in given.items() if value not in (ABSENT, None, "")}


def shows_none_of(resource: Resource, given: Iterable[tuple[str, str]], what: str) -> Iterator[Check]:
    """Expect that none of these values, each with its key, is in a resource.

    A finding says where and whose, but never what.
    """
    search = _search_for(tuple(given))
    shown: dict[tuple[str, str], str] = {}
    # All of its texts at once first: nearly all objects show none of them.
    for keys, text in texts(resource) if search.is_begun_in(resource.made(_encoded_texts)) else ():
        for found in search.find(text):
            shown.setdefault((join(*keys), found.label), found.writing)
    for (address, key), writing in shown.items():
        # It may go on inside of a text, where nothing can be looked up.
        place = Place(resource, address, ABSENT)
        yield states(place, False, expected=f"no {key}", actual=f"the value of {key}, {writing}")
    if not shown:
        yield states(resource.place(), True, expected=f"no {what}", actual=f"no {what}")


def _encoded_texts(resource: Resource) -> bytes:
    return "\0".join(text for _, text in texts(resource)).encode("utf-8", "surrogatepass")


@functools.lru_cache(maxsize=64)
def _search_for(given: tuple[tuple[str, str], ...]) -> TextSearch[str]:
    return TextSearch(given)


def referred_to(rendering: Rendering) -> set[str]:
    """Give the names of Secrets that something refers to: a value that is one is a name, whatever its key says."""
    return {name for resource in rendering.after_hooks for name in resource.made(_secrets_named)}


def _secrets_named(resource: Resource) -> frozenset[str]:
    """Give the names of Secrets, and of keys in them, that a resource has."""
    found = set()
    for keys, text in strings(resource.manifest):
        if keys and keys[-1] in ("secretName", "name", "key"):
            above = next((key for key in reversed(keys[:-1]) if not key.isdecimal()), "")
            in_names = above.lower().endswith(("secret", "secretref", "secretkeyref", "secrets"))
            if keys[-1] == "secretName" or in_names or (keys[-1] == "key" and above == "items"):
                found.add(text)
        elif keys and keys[-1].endswith(_OF_A_DRIVER):
            found.add(text)
    return frozenset(found)


def _secrets(rendering: Rendering) -> tuple[tuple[str, str], ...]:
    """Give the secret values that can be told from other texts, with their keys.

    Not what is short, part of an object's name, or elsewhere in the values where it is no secret; nor what only names a
    variable (`${PASSWORD}`). A canary is nowhere by chance: it is left out only where it names a Secret. The password
    of a URL that the rest of it has as well, `postgres://shop:shop@shop-db`, is no word of its own either.
    """
    scenario, chart = rendering.scenario, rendering.chart
    names = {name.lower() for name in referred_to(rendering)}
    plain: Set[str] = frozenset()
    if not scenario.is_trial:
        names |= {resource.name.lower() for resource in rendering.resources}
        plain = value_texts([(chart, scenario.values)]).plain
    return tuple(
        (secret.address, secret.text)
        for secret in secrets_in(chart, scenario.values)
        if len(secret.text) >= _SHORTEST
        and not (
            secret.text.isalpha() and is_secret_name(secret.text)
        )  # `password: secret`, which is in the keys of many manifests
        and not _is_a_users_variable(secret, scenario)
        and not (scenario.is_installation and _is_in_a_text(secret, scenario))
        and not (secret.reason == "named" and _is_said_to_be_a_path(chart, steps(secret.address)))
        and secret.text not in plain
        and not _is_a_word_of(secret.text, plain)
        and not VARIABLE.fullmatch(secret.text)
        and not any(secret.text.lower() in name for name in names)
        and str(lookup(scenario.values, secret.address)).count(secret.text) <= 1
    )


def _is_said_to_be_a_path(chart: Chart, keys: Sequence[str]) -> bool:
    """Tell whether values.yaml says of a key that it takes the path of a file, not what is in it."""
    return bool(keys) and _PATH.match(comments_of(chart).said_of(keys[-1])) is not None


def _is_a_word_of(secret: str, plain: Set[str]) -> bool:
    """Tell whether a secret of letters alone is a word of other values, `bitnami/web`; a canary tells where it goes."""
    return secret.isalpha() and any(secret in _BETWEEN_WORDS.split(text) for text in plain if secret in text)


def _is_in_a_text(secret: SecretValue, scenario: Scenario) -> bool:
    """Tell whether a file in ci/ has a secret inside of another text of its own: a configuration that it writes."""
    return any(secret.text in text != secret.text for text in scalars(scenario.overrides))


def _is_a_users_variable(secret: SecretValue, scenario: Scenario) -> bool:
    """Tell whether a value is that of a variable in a list which the user wrote: there it goes where they put it."""
    *above, last = steps(secret.address)
    is_listed = last == "value" and bool(above) and above[-1].isdecimal()
    return secret.reason == "named" and is_listed and lookup(scenario.overrides, secret.address) is not ABSENT


@policy(
    over=given_and_canaries,
    severity="error",
    remediation="Put the value into a Secret, and let the container read it by secretKeyRef, envFrom or a volume.",
)
def secret_values_stay_in_secrets(rendering: Rendering) -> Iterator[Check]:
    """No secret value of the chart is outside of a Secret, before or after its hooks.

    Secret is what the schema marks `writeOnly`, what a key's name says (`password`, `token`) unless the schema says
    `writeOnly: false`, and the password of a URL. Looked for as it is, quoted, escaped and encoded: the scenario's own
    values, unless they are short, part of an object's name or also other values, and so in many places by chance; and
    in scenarios made for it a canary under every key. What comments show for an empty list or map may be in a pod,
    where its user means it to be, and in no ConfigMap. Source:
    https://kubernetes.io/docs/concepts/configuration/secret/#alternatives-to-secrets
    """
    yield from renders_with_canaries(rendering)
    given, is_shown = _secrets(rendering), AS_SHOWN in rendering.scenario.name
    for resource in rendering.forms:
        where = resource.name if resource.kind == "ConfigMap" else "all others"
        if (resource.kind == "ConfigMap" if is_shown else resource.kind != "Secret") and given:
            for check in shows_none_of(resource, given, "secret value"):
                yield with_cause(check, f"{_ONE_OF_TWO.sub('', check.expected)} in {where}")


_WITH_A_PASSWORD = of_scenario(values={"database": {"password": PASSWORD}})
_REFUSED = (
    of_scenario(values={"database": {"password": PASSWORD}}, is_trial=True),
    of_rendering(warnings=("walk.go: found symbolic link",)),
)
secret_values_stay_in_secrets.breaks(
    manifests=HEALTHY,
    the_variable_is_a_literal=(
        put("Pod web", "spec.containers[web].env", [{"name": "PASSWORD", "value": PASSWORD}]),
        _WITH_A_PASSWORD,
    ),
    a_config_map_holds_it_in_json=(
        put("ConfigMap settings", "data[settings.json]", f'{{"password": "{writings(PASSWORD)["in JSON"]}"}}'),
        _WITH_A_PASSWORD,
    ),
    an_annotation_holds_it_in_base64=(
        put("Pod web", "metadata.annotations.login", writings(f"user:{PASSWORD}")["in base64"]),
        _WITH_A_PASSWORD,
    ),
    an_object_is_named_by_it=(
        put("ConfigMap settings", "metadata.name", "settings-Canary-of-a-password"),
        of_scenario(values={"database": {"password": "Canary-of-a-password"}}, is_trial=True),
    ),
    helm_refuses_the_canaries=(*_REFUSED, of_rendering(error="the password is too long")),
    a_secret_is_printed_without_quotes=(
        *_REFUSED,
        of_rendering(error="Error: YAML parse error on toy/templates/secret.yaml: mapping values are not allowed"),
    ),
)
