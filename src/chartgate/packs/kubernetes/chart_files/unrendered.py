"""What a value has of a template is rendered, not printed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.documents.addresses import join
from chartgate.documents.walking import scalars, strings
from chartgate.kubernetes.validity.scopes import is_built_in
from chartgate.model import Check, Rendering, Resource
from chartgate.policy.checks import states
from chartgate.policy.edits import of_scenario, put
from chartgate.policy.policy import policy

HEALTHY = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {containers: [{name: web, env: [{name: URL, value: "http://release-name-web"}]}]}}}
"""
_ACTION = re.compile(
    r"\{\{-?\s*+(?:\$?\.(?:Release|Values|Chart|Capabilities)\.|(?:include|template|tpl)\s)[^{}\n]*+\}\}"
)


@policy(severity="error", remediation="Render the value where it is used: `tpl .Values.key .`, or write it without.")
def templates_in_values_are_rendered(rendering: Rendering) -> Iterator[Check]:
    """Where a value has a template in it, `{{ .Release.Name }}-web`, no object has that text as it is.

    Helm renders templates, and no values: only `tpl` does that. What is a template of somebody else, such as an
    alert's, speaks of other things. Source: https://helm.sh/docs/howto/charts_tips_and_tricks/#using-the-tpl-function
    """
    written = {action for text in scalars(rendering.scenario.values) for action in _ACTION.findall(text)}
    for resource in rendering.resources if written else ():
        printed = [(address, action) for address, action in resource.made(_actions_in) if action in written]
        for address, action in printed:
            yield states(resource.place(address), False, expected="what the template in it gives", actual=action)
        if not printed:
            yield states(resource.place(), True, expected="no template of a value")


def _actions_in(resource: Resource) -> tuple[tuple[str, str], ...]:
    texts = strings(resource.manifest) if is_built_in(resource.identity.api_version) else ()
    return tuple((join(*keys), action) for keys, text in texts for action in _ACTION.findall(text))


_ADDRESS = "http://{{ .Release.Name }}-web"
templates_in_values_are_rendered.breaks(
    manifests=HEALTHY,
    an_address_is_printed_as_it_is=(
        put("Deployment web", "spec.template.spec.containers[web].env", [{"name": "URL", "value": _ADDRESS}]),
        of_scenario(values={"url": _ADDRESS}),
    ),
)
