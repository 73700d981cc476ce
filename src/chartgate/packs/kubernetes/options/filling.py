"""Filling: the lists and maps that values.yaml leaves empty can be filled."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from chartgate.charts.chart_values.filled_values import (
    ARGUMENTS,
    FILLED,
    OBJECTS,
    VOLUMES,
)
from chartgate.documents.addresses import join, steps
from chartgate.documents.json_documents.equality import same
from chartgate.documents.shapes import maps_in
from chartgate.documents.walking import nodes, strings
from chartgate.documents.words import listed
from chartgate.kubernetes.links.object_references import pull_secrets
from chartgate.kubernetes.pods.workloads import containers_if_any
from chartgate.kubernetes.validity.bundled_schemas import newest_misfits
from chartgate.matrix.derivations.filled_keys import AS_SHOWN, ODD, empty_keys_filled, labels_filled
from chartgate.model import Check, Rendering, Resource, Resources
from chartgate.policy.checks import chart_states, states, with_cause
from chartgate.policy.edits import added, in_template, of_chart, of_rendering, of_scenario, put
from chartgate.policy.policy import Policy, policy

from ..api_server.agreement import (
    fields_of_networks_go_together,
    fields_of_workloads_go_together,
    list_items_have_their_own_key,
)
from ..api_server.identity import identities_are_unique
from ..api_server.names import labels_are_valid
from ..api_server.schema import every_kind_has_a_schema
from ..api_server.soundness import keys_are_there_once
from ..crashes import crash_of, nil_of
from ..filled import glued, has_own_form, line_of, own_files, own_objects, read_by, robbed, text_of
from ..install_and_upgrade.hook_order import hooks_find_what_they_need
from ..networking.certificates import served_hosts_have_a_certificate
from ..networking.protection import pod_selectors_find_pods
from ..networking.selectors import selectors_match_their_own_pods
from ..networking.services import service_selectors_find_pods, target_numbers_are_declared, target_ports_are_open
from ..networking.stateful_sets import stateful_sets_have_their_service
from ..newly import new_findings
from ..pods_and_storage.references import scale_targets_are_there

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
_WITH_A_FIXED_SELECTOR = ("Deployment", "DaemonSet", "StatefulSet")
_OF_BOTH = (
    selectors_match_their_own_pods,
    pod_selectors_find_pods,
    every_kind_has_a_schema,
    fields_of_workloads_go_together,
    target_ports_are_open,
    labels_are_valid,
)
_JUDGES = (*_OF_BOTH, target_numbers_are_declared)
_JUDGES_OF_SHOWN = (
    *_OF_BOTH,
    keys_are_there_once,
    list_items_have_their_own_key,
    identities_are_unique,
    service_selectors_find_pods,
    stateful_sets_have_their_service,
    scale_targets_are_there,
    hooks_find_what_they_need,
)
"""What two keys are filled with otherwise is the same, and twice where a template prints both."""
_BROKEN_YAML = re.compile(r"YAML parse error on ([^\s:]++): (.++)|error converting YAML to JSON: ()(.++)")
"""What helm says of a document that is no YAML; whatever else it says may come from what was filled in."""
_WRONG_TYPE = re.compile(
    r"(?<!\S)([^\s:]++:\d++):\d++:?\s++executing \S++ at <[^<>\n]*+>:\s++"
    r"(wrong type for value; expected string; got (?:map|\[\])\S*+)"
)
"""What it says of a list or a map that goes where only a text can: `.Values.resources | indent 8`."""
_OF_TWO_FORMS = ("imagepullsecrets", "pullsecrets")
"""Lists of names in some charts, and of maps with a name in others: where all readers agree, only the place counts."""
_NO_OBJECT = "string, where the schema has object"
"""What is wrong with an item of such a list, `- {{ . }}`, whichever of both forms it was filled with."""
_SHOWS_BOTH = re.compile(r"^[ \t]*+#[^\n]*\b(?:pathType|serviceName):", re.MULTILINE)
"""An example of paths, beside one for older clusters, or that one alone."""
_OF_OLD_PATHS = re.compile(r"'pathType'|\bservice(?:Name|Port)\b")
_MOST = 4
"""Keys that a finding names."""
_PRINTED = "map["
"""How Go prints a map where a text belongs."""
_BUDGETS = "PodDisruptionBudget "
_CLASS = "kubernetes.io/ingress.class"
_LABELS_ALONE = "matchLabels.matchLabels"
"""Where a template prints the labels of a selector that a key of that name takes in some charts."""
_BY_NUMBER = tuple(f"{dashes}0={ARGUMENTS[0]}" for dashes in ("-", "--"))
FITS = "still an object that the API server takes, once these are filled"


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
    if wrong := _WRONG_TYPE.search(after.error):
        template, _, line = wrong[1].partition(":")
        # Of the items of a list, nobody knows the form.
        keys = [key for key in new if f".Values.{key}" in line_of(after, template, int(line))]
        told = f"{wrong[1]} no longer renders: {wrong[2]}" if keys else "refused"
        yield chart_states(
            "values.yaml",
            ", ".join(keys or new),
            expected="the chart renders, once these are filled" if keys else told,
            actual=told,
        )
    elif broken := _BROKEN_YAML.search(after.error):
        template, problem = broken[1] or "", broken[2] or broken[4]
        keys = read_by(new, text_of(after, template)) or list(new)
        if any(has_own_form(new[key], key, after.chart) for key in keys):
            return
        told = f"{template or 'a template'} no longer renders: {problem}"
        check = chart_states(
            "values.yaml", ", ".join(keys), expected="the chart renders, once these are filled", actual=told
        )
        is_odd = ODD in after.scenario.name
        yield (
            dataclasses.replace(with_cause(check, "texts that YAML misreads"), severity="warning") if is_odd else check
        )
    elif not after.error and ODD in after.scenario.name:
        yield from own_files(after, new)
        yield from glued(before, after)
    elif not after.error:
        is_shown = after.scenario.name.endswith(AS_SHOWN)
        for keys, check in _objects(before, after, list(new)):
            yield _of_an_example(check, keys) if is_shown and not check.passed else check
        yield from robbed(before, after)
        yield from own_objects(before, after, new)
        yield from own_files(after, new)
        judges = _judges_of_shown(before, after) if is_shown else _JUDGES
        if f"{FILLED}.{VOLUMES}" in after.scenario.name:
            judges = (*judges, keys_are_there_once)
        found = new_findings(judges, before, after)
        found = (check for check in found if not (is_shown and _is_of_alternatives(check, new)))
        # What one budget says of itself, the others of the chart say as well.
        yield from (
            with_cause(check, f"{'examples: ' * is_shown}{check.expected}")
            if is_shown or _BUDGETS in check.subject
            else check
            for check in found
        )
        # What is for another type of a Service, its user sets as well; the class of an Ingress is its own.
        of_networks = new_findings((fields_of_networks_go_together,), before, after)
        yield from (check for check in of_networks if _CLASS in check.path)
    elif crash := crash_of(after) or (nil_of(after) if after.scenario.name.endswith(AS_SHOWN) else ""):
        keys = read_by(new, "".join(after.chart.templates.values())) or list(new)
        yield chart_states(
            "values.yaml", ", ".join(keys), expected="the chart renders, once these are filled", actual=crash
        )


def _is_of_alternatives(check: Check, shown: Mapping[str, Any]) -> bool:
    """Tell whether a finding is that comments show two keys of which users take one, or one item in two lists."""
    item = str(check.actual).partition(" more than once")[0]
    if sum(any(value == item for _, value in nodes(given)) for given in shown.values()) > 1:
        return True
    names = re.findall(r"[A-Za-z]++", str(check.expected).partition("exactly one of ")[2])
    keys = {str(key) for value in shown.values() for path, _ in nodes(value) for key in path}
    keys |= {step for address in shown for step in steps(address)[-1:]}
    return len(keys.intersection(names)) > 1


def _judges_of_shown(before: Rendering, after: Rendering) -> Sequence[Policy]:
    """Give the judges of an example; the port that it shows may be that of a container which the user adds as well."""
    judges: tuple[Policy, ...] = _JUDGES_OF_SHOWN
    if _declared_ports(before) != _declared_ports(after):
        judges = (*judges, target_numbers_are_declared)
    # An example of certificates may be for other hosts than that of the hosts.
    if not any("tls" in key.lower() for key in after.scenario.changes.keys() - before.scenario.changes.keys()):
        judges = (*judges, served_hosts_have_a_certificate)
    return judges


def _declared_ports(rendering: Rendering) -> int:
    containers = (container for resource in rendering.resources for container in containers_if_any(resource))
    return sum(len(maps_in(container.at("ports"))) for container in containers)


def _of_an_example(check: Check, keys: list[str]) -> Check:
    """Make a warning, of one cause, of what an example in values.yaml does not fit: it may be an old one."""
    return dataclasses.replace(with_cause(check, f"{_last(keys)} filled"), severity="warning")


def _objects(before: Rendering, after: Rendering, keys: list[str]) -> Iterator[tuple[list[str], Check]]:
    """Make a check of each object, for what no longer fits its schema, with the keys that it may come from."""
    was = {resource.identity: resource.made(newest_misfits) for resource in before.resources}
    pulling = [resource for resource in after.resources if any(p.name == FILLED for p in pull_secrets(resource))]
    taken = {key for resource in pulling for key in read_by(keys, text_of(after, resource.template))}
    for resource in after.resources:
        wrong = [error for error in resource.made(newest_misfits) if error not in was.get(resource.identity, ())]
        read = read_by(keys, text_of(after, resource.template)) or keys
        printed = resource.made(_printed)
        if all((steps(key) or [key])[-1].lower() in _OF_TWO_FORMS for key in read) and taken.isdisjoint(read):
            wrong = [error for error in wrong if error.unknown or error.problem.startswith(_NO_OBJECT)]
            printed = ()
        filled = f"with {listed(read, _MOST)} filled"
        for address in printed:
            text = str(resource.at(address))
            how = "an item of a list by its number" if _is_by_number(text) else "all of it as one text"
            actual = f"{text}, {how}, {filled}"
            told = states(resource.place(address), False, expected=FITS, actual=actual)
            yield read, with_cause(told, f"all of it as one text, with {_last(read)} filled")
        wrong = [error for error in wrong if not error.address.endswith(_LABELS_ALONE)]
        if _SHOWS_BOTH.search(text_of(after, f"{after.chart.name}/values.yaml")):
            wrong = [error for error in wrong if not _OF_OLD_PATHS.search(error.problem)]
        for error in wrong:
            # Few have a number among their arguments.
            is_number = str(resource.at(error.address)) == ARGUMENTS[1]
            actual, is_of_key = f"{error.problem}, {filled}", len(error.unknown) == 1
            severity: Literal["warning"] | None = "warning" if is_number else None
            place = resource.place(error.address)
            told = states(place, False, expected=FITS, actual=actual, is_of_key=is_of_key, severity=severity)
            yield read, with_cause(told, f"{error.problem}, with {_last(read)} filled")
        if not wrong:
            yield read, states(resource.place(), True, expected=FITS)


def _last(keys: list[str]) -> str:
    """Give what keys are called, in whatever section: what is wrong with one of them is mostly wrong with all."""
    return ", ".join(sorted({(steps(key) or [key])[-1] for key in keys}))


def _printed(resource: Resource) -> tuple[str, ...]:
    """Give the addresses of the texts of a resource that are what Go prints of a map or a list that was filled in."""
    return tuple(join(*path) for path, text in strings(resource.manifest) if _is_printed(text))


def _is_printed(text: str) -> bool:
    return (_PRINTED in text and FILLED in text) or text.strip("[]") == " ".join(ARGUMENTS) or _is_by_number(text)


def _is_by_number(text: str) -> bool:
    return text.startswith(_BY_NUMBER)


@policy(
    over=labels_filled,
    severity="error",
    remediation="Select by labels of the chart's own alone; print those of users on the pods, not in the selector.",
)
def added_labels_stay_out_of_selectors(before: Rendering, after: Rendering, *_: Rendering) -> Iterator[Check]:
    """Labels that users add are in no selector of a workload.

    Kubernetes never changes one: whoever adds a label later, or takes one away, cannot upgrade any longer.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#label-selector-updates
    """
    if before.error or after.error:
        return
    were = {resource.identity: resource for resource in before.resources}
    for resource in after.resources:
        was = were.get(resource.identity)
        if was is not None and resource.kind in _WITH_A_FIXED_SELECTOR:
            selector = resource / "spec" / "selector"
            keys = sorted(after.scenario.changes.keys() - before.scenario.changes.keys())
            keys = [key for key in keys if "label" in key.lower()] or keys
            told = f"as it is without {', '.join(read_by(keys, text_of(after, resource.template)) or keys)}"
            yield states(selector, same(selector.value, was.at("spec.selector")), expected=told)


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
    it_is_one_level_off=(put("Deployment web", "spec.template.spec[kubernetes.io/os]", "linux"), *_FILLED),
    the_second_object_takes_the_place_of_the_first=(
        in_template("{{ range .Values.extraObjects }}{{ toYaml . }}{{ end }}", defaults={"extraObjects": []}),
        of_scenario(changes={"extraObjects": OBJECTS}, is_trial=True),
        added("{apiVersion: v1, kind: ConfigMap, metadata: {name: filled-two}}"),
    ),
)
added_labels_stay_out_of_selectors.breaks(
    manifests=HEALTHY,
    the_selector_has_the_label=(put("Deployment web", "spec.selector.matchLabels.filled", "chart"), *_FILLED),
)
