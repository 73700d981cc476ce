"""Filling: the lists and maps that values.yaml leaves empty can be filled."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chartgate.charts.chart_values.filled_values import FILLED, OBJECTS
from chartgate.documents.shapes import maps_in
from chartgate.documents.walking import nodes, strings
from chartgate.kubernetes.pods.workloads import containers_if_any
from chartgate.matrix.derivations.filled_keys import AS_SHOWN, ODD, empty_keys_filled
from chartgate.model import Check, Rendering, Resources
from chartgate.policy.checks import as_asked, chart_states, with_cause
from chartgate.policy.edits import added, in_template, of_chart, of_rendering, of_scenario, put
from chartgate.policy.policy import Policy, policy

from ..api_server.agreement import (
    fields_of_networks_go_together,
    fields_of_pods_go_together,
    fields_of_workloads_go_together,
    list_items_have_their_own_key,
)
from ..api_server.identity import identities_are_unique
from ..api_server.names import labels_are_valid
from ..api_server.schema import every_kind_has_a_schema
from ..api_server.soundness import keys_are_there_once
from ..crashes import crash_of, nil_of
from ..filled import (
    glued,
    has_own_form,
    is_of_alternatives,
    is_of_chart,
    last_of,
    line_of,
    misfits,
    only_prepared,
    own_objects,
    printed_once,
    read_by,
    robbed,
    text_of,
)
from ..filled_files import own_files
from ..install_and_upgrade.hook_order import hooks_find_what_they_need
from ..networking.certificates import served_hosts_have_a_certificate
from ..networking.protection import pod_selectors_find_pods
from ..networking.selectors import selectors_match_their_own_pods
from ..networking.services import (
    routes_lead_to_services,
    service_selectors_find_pods,
    target_numbers_are_declared,
    target_ports_are_open,
)
from ..networking.stateful_sets import stateful_sets_have_their_service
from ..newly import has_an_empty_text_beside, new_findings
from ..pods_and_storage.mounts import sub_paths_are_keys
from ..pods_and_storage.references import (
    environment_sources_are_there,
    scale_targets_are_there,
    volume_sources_are_there,
)
from .numerals import integers_keep_their_digits
from .printed_values import lists_and_maps_are_not_printed_by_go

HEALTHY = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: "example.com/web:1.0"}]
"""
_OF_BOTH = (
    selectors_match_their_own_pods,
    pod_selectors_find_pods,
    every_kind_has_a_schema,
    fields_of_workloads_go_together,
    target_ports_are_open,
    labels_are_valid,
    keys_are_there_once,
)
_JUDGES = (*_OF_BOTH, target_numbers_are_declared)
_JUDGES_OF_SHOWN = (
    *_OF_BOTH,
    fields_of_pods_go_together,
    list_items_have_their_own_key,
    identities_are_unique,
    service_selectors_find_pods,
    routes_lead_to_services,
    stateful_sets_have_their_service,
    scale_targets_are_there,
    hooks_find_what_they_need,
    environment_sources_are_there,
    volume_sources_are_there,
    sub_paths_are_keys,
    integers_keep_their_digits,
    lists_and_maps_are_not_printed_by_go,
)
"""What two keys are filled with otherwise is the same, and twice where a template prints both."""
# What helm says of a document that is no YAML; whatever else it says may come from what was filled in.
_BROKEN_YAML = re.compile(r"YAML parse error on ([^\s:]++): (.++)|error converting YAML to JSON: ()(.++)")
_WRONG_TYPE = re.compile(
    r"(?<!\S)([^\s:]++:\d++):\d++:?\s++executing \S++ at <[^<>\n]*+>:\s++"
    r"(wrong type for value; expected string; got (?:map|\[\])\S*+)"
)
"""What it says of a list or a map that goes where only a text can: `.Values.resources | indent 8`."""
_NO_ALIAS = "did not find expected alphabetic or numeric character"
"""What YAML says of an asterisk that nothing quotes."""
_RENDERS, _BUDGETS = "the chart renders, once these are filled", "PodDisruptionBudget "
_ONCE, _CLASS, _TWICE = as_asked("once", keys_are_there_once.name), "kubernetes.io/ingress.class", " more than once"


@policy(
    over=empty_keys_filled,
    severity="error",
    remediation="Render it as what it is: a list or a map by `toYaml . | nindent N` with the N of what is beside it,"
    " a text with `quote`, and of two keys of which the API server takes one, that one.",
)
def what_is_empty_can_be_filled(before: Rendering, after: Rendering, *whole: Rendering) -> Iterator[Check]:
    """An empty list or map of values.yaml whose name says what it takes can be filled, and the chart still renders.

    Extra volumes, variables and containers, node selectors, tolerations, annotations, security contexts, resources,
    names of classes, arguments, lists of texts that a template joins or prints: what is empty by default is what nobody
    has tried, and a wrong indentation or a missing quote shows once somebody does. Helm then prints no YAML, or objects
    with fields that there are not. Source:
    https://helm.sh/docs/chart_template_guide/control_structures/#controlling-whitespace
    """
    told = {_place(check) for all_of_it in whole for check in _findings(before, all_of_it) if not check.passed}
    yield from (check for check in _findings(before, after) if check.passed or _place(check) not in told)


def _place(check: Check) -> tuple[str, str]:
    """Give where a fault is, whichever of the keys that were filled brings it: an object's address, or a template."""
    return check.subject, str(check.actual) if check.subject == "values.yaml" else check.path


def _findings(before: Rendering, after: Rendering) -> Iterator[Check]:
    new = {key: value for key, value in after.scenario.changes.items() if key not in before.scenario.changes}
    if before.error or not new:
        return
    is_odd, is_shown = ODD in after.scenario.name, after.scenario.name.endswith(AS_SHOWN)
    if wrong := _WRONG_TYPE.search(after.error):
        template, _, line = wrong[1].partition(":")
        # Of the items of a list, nobody knows the form.
        keys = [key for key in new if f".Values.{key}" in line_of(after, template, int(line))]
        told = f"{wrong[1]} no longer renders: {wrong[2]}" if keys else "refused"
        yield chart_states("values.yaml", ", ".join(keys or new), expected=_RENDERS if keys else told, actual=told)
    elif broken := _BROKEN_YAML.search(after.error):
        if not any(has_own_form(value, key, after.chart) for key, value in new.items()):
            yield _of_no_yaml(broken[1] or "", broken[2] or broken[4], after, new, is_odd=is_odd)
    elif after.error:
        if crash := crash_of(after) or (nil_of(after) if is_shown else ""):
            keys = read_by(new, "".join(after.chart.templates.values())) or list(new)
            yield chart_states("values.yaml", ", ".join(keys), expected=_RENDERS, actual=crash)
    elif is_odd:
        yield from own_files(after, new)
        yield from glued(before, after)
    else:
        yield from _of_what_is_rendered(before, after, new, is_shown=is_shown)


def _of_no_yaml(template: str, problem: str, after: Rendering, new: Mapping[str, Any], *, is_odd: bool) -> Check:
    keys = read_by(new, text_of(after, template)) or list(new)
    if problem.endswith(_NO_ALIAS):
        keys = [key for key in keys if str(new[key]).startswith("*")] or keys
    texts = [f"`{text}`" for key in keys for _, text in strings(new[key]) if not text.isidentifier()]
    expected = _RENDERS + f" with {' and '.join(texts)}" * is_odd
    told = f"{template or 'a template'} no longer renders: {problem}"
    check = chart_states("values.yaml", ", ".join(keys), expected=expected, actual=told)
    if is_odd:
        return dataclasses.replace(with_cause(check, "texts that YAML misreads"), severity="warning")
    return with_cause(check, f"{template} no longer renders") if template else check


def _of_what_is_rendered(
    before: Rendering, after: Rendering, new: Mapping[str, Any], *, is_shown: bool
) -> Iterator[Check]:
    misfitting: set[tuple[str, str]] = set()
    for keys, check in misfits(before, after, list(new)):
        if is_shown and "null, where" in str(check.actual) and has_an_empty_text_beside(keys, after):
            continue
        misfitting |= {(check.subject, check.path.rpartition(".")[0])} if is_shown and not check.passed else set()
        yield _of_an_example(check, keys) if is_shown and not check.passed else check
    yield from robbed(before, after)
    yield from only_prepared(after, new)
    yield from own_objects(before, after, new)
    yield from own_files(after, new)
    yield from printed_once(before, after, new)
    for check in new_findings(_judges_of_shown(before, after) if is_shown else _JUDGES, before, after):
        if not check.passed:
            is_meant = is_of_chart(check, after, new) and not (is_shown and is_of_alternatives(check, new))
            # What an example does not fit is told of one of the fields beside each other.
            if not is_meant or (check.subject, check.path.rpartition(".")[0]) in misfitting:
                continue
        # What one budget says of itself, the others of the chart say as well; and so it is with a key that is twice.
        if is_shown or _BUDGETS in check.subject or check.expected == _ONCE:
            cause = check.asked or check.expected
            yield with_cause(check, f"{'examples: ' * is_shown}{cause}{_map_of(check) * (check.expected == _ONCE)}")
        else:
            yield check
    # What is for another type of a Service, its user sets as well; the class of an Ingress is its own, or the file's.
    is_classed = any(keys[-1:] == (_CLASS,) for keys, _ in nodes(dict(before.scenario.overrides)))
    for check in new_findings((fields_of_networks_go_together,), before, after):
        if (_CLASS in check.path and not is_classed) or (
            _TWICE in str(check.actual) and not is_of_alternatives(check, new)
        ):
            yield check


def _map_of(check: Check) -> str:
    """Give the address of the map in which words that were filled in are twice, or of another key that is."""
    return check.path.partition(f".{FILLED}")[0]


def _judges_of_shown(before: Rendering, after: Rendering) -> Sequence[Policy]:
    """Give the judges of an example: its port may be that of a container of the user's, and its hosts other ones."""
    judges: tuple[Policy, ...] = _JUDGES_OF_SHOWN
    if _declared_ports(before) != _declared_ports(after):
        judges = (*judges, target_numbers_are_declared)
    if not any("tls" in key.lower() for key in after.scenario.changes.keys() - before.scenario.changes.keys()):
        judges = (*judges, served_hosts_have_a_certificate)
    return judges


def _declared_ports(rendering: Rendering) -> int:
    return sum(len(maps_in(c.at("ports"))) for resource in rendering.resources for c in containers_if_any(resource))


def _of_an_example(check: Check, keys: list[str]) -> Check:
    """Make a warning, of one cause, of what an example in values.yaml does not fit: it may be an old one."""
    return dataclasses.replace(with_cause(check, f"{last_of(keys)} filled"), severity="warning")


_FILLED = (of_chart(defaults={"extraVolumes": []}), of_scenario(changes={"extraVolumes": []}, is_trial=True))
what_is_empty_can_be_filled.breaks(
    manifests=HEALTHY,
    it_is_no_yaml_any_longer=(
        *_FILLED,
        of_rendering(
            resources=Resources(),
            after_hooks=Resources(),
            error="Error: YAML parse error on web/templates/web.yaml: error converting YAML to JSON: yaml: "
            "line 7: no key",
        ),
    ),
    it_is_printed_twice=(
        put("Deployment web", "spec.template.spec.volumes", [{"name": FILLED}] * 2),
        of_scenario(changes={"extraVolumes": [{"name": FILLED}]}, is_trial=True),
    ),
    it_is_one_level_off=(put("Deployment web", "spec.template.spec[kubernetes.io/os]", "linux"), *_FILLED),
    the_second_object_takes_the_place_of_the_first=(
        in_template("{{ range .Values.extraObjects }}{{ toYaml . }}{{ end }}", defaults={"extraObjects": []}),
        of_scenario(changes={"extraObjects": OBJECTS}, is_trial=True),
        added("{apiVersion: v1, kind: ConfigMap, metadata: {name: filled-two}}"),
    ),
)
