"""Written secrets: what nobody but a release is to know is not part of a template."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from chartgate.documents.addresses import join
from chartgate.documents.places import Place
from chartgate.documents.secret_texts.secret_names import is_secret_name
from chartgate.kubernetes.changes.lifecycle import is_test
from chartgate.kubernetes.contents import readable_texts
from chartgate.kubernetes.pods.workloads import containers_if_any
from chartgate.model import Check, Rendering, Resource
from chartgate.policy.checks import states, with_cause
from chartgate.policy.edits import in_template, put
from chartgate.policy.policy import policy

HEALTHY = """---
# Source: literal/templates/web.yaml
apiVersion: v1
kind: Secret
metadata: {name: login}
stringData: {password: one-more}
---
# Source: literal/templates/web.yaml
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {containers: [{name: web, env: [{name: DB_PASSWORD, value: two-more}, {name: TLS_KEY, value: /tls/key}]}]}
"""
_NOISE = re.compile(r"[\"'\s{}-]")
_NO_SECRET = re.compile(
    r"(?:true|false|yes|no|on|off|none|null|disabled?|enabled?|\d{1,2}|.{0,2})\Z|.*[/:$<]", re.IGNORECASE
)
"""A choice, a path, or what is replaced later."""


@policy(
    severity="error",
    remediation="Take it from the values, or let the chart make it up and keep it; containers read it from a Secret.",
)
def no_secret_is_written_into_a_template(rendering: Rendering) -> Iterator[Check]:
    """No password, token or key of a Secret or a variable is a text that its template has itself.

    All releases have it in common, whoever has the chart knows it, and no value changes it. Paths are left alone, and
    so are choices, such as `yes`, and pods of tests. Source: https://cwe.mitre.org/data/definitions/798.html
    """
    for resource in rendering.resources:
        for place, name, text in _secrets(resource) if not is_test(resource) else ():
            template = rendering.chart.own_template(resource.template)
            is_written = _stands_in(template, name, text) or _stands_in(template, name, place.text)
            actual = "a text of the template" if is_written else "not in the template"
            check = states(place, not is_written, expected="of the values, or made up by the chart", actual=actual)
            yield with_cause(check, f"{name} in {resource.template}")


def _secrets(resource: Resource) -> Iterator[tuple[Place[Resource], str, str]]:
    """Give the secrets that an object has in itself: where, under which name, and what it is."""
    if resource.kind == "Secret":
        for keys, text in readable_texts(resource):
            if len(keys) == 2 and keys[0] in ("data", "stringData") and _is_secret(keys[1], text):
                yield resource.place(join(*keys)), keys[1], text
    for container in containers_if_any(resource):
        for variable in (container / "env").maps():
            name, value = str(variable.at("name")), (variable / "value")
            if _is_secret(name, value.text):
                yield value, name, value.text


def _is_secret(name: str, text: str) -> bool:
    return text != name and is_secret_name(name) and not _NO_SECRET.match(text)


def _stands_in(template: str, name: str, text: str) -> bool:
    if text not in template:
        return False
    lines = [_NOISE.sub("", line) for line in template.splitlines()]
    key, word = _NOISE.sub("", name), _NOISE.sub("", text)
    whole = (f"{key}:{word}", f"{key}:b64enc{word}", f"{key}:{word}|quote")
    return any(
        line in whole or line.startswith(f"{key}:{word}|b64enc") or f"name:{key},value:{word}" in line
        for line in (*lines, *(f"{one},{two}" for one, two in pairwise(lines)))
    )


no_secret_is_written_into_a_template.breaks(
    manifests=HEALTHY,
    the_secret_has_a_text_of_its_own=(
        in_template('password: {{ "everybodys" | b64enc }}'),
        put("Secret login", "stringData.password", "everybodys"),
    ),
    the_variable_has_one=(
        in_template("- name: DB_PASSWORD\n  value: everybodys\n"),
        put("Pod web", "spec.containers[web].env[DB_PASSWORD].value", "everybodys"),
    ),
)
