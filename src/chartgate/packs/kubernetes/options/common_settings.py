"""Common settings: what is set for all pods reaches all of them."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from chartgate.charts.chart_values.commented_keys import comments_of
from chartgate.charts.template_texts.template_reads import Path, known_values
from chartgate.documents.addresses import ABSENT, join, lookup
from chartgate.documents.places import Place
from chartgate.kubernetes.changes.lifecycle import is_hook
from chartgate.kubernetes.pods.image_references import image_reference
from chartgate.kubernetes.pods.workloads import containers_if_any, pod_if_any, template_if_any
from chartgate.matrix.derivations.derived import accepted, chart_of, fullest, with_values
from chartgate.matrix.derivations.switch_turns import ALL_ON, all_on
from chartgate.model import Case, Chart, Check, Identity, Rendering, Resource, Scenario
from chartgate.policy.checks import states, with_cause
from chartgate.policy.edits import gone, in_each, of_chart, put
from chartgate.policy.policy import policy

from .container_settings import fields, images, judged

HEALTHY = """
{apiVersion: v1, kind: ServiceAccount, metadata: {name: worker}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      imagePullSecrets: [{name: common-pull-x7}]
      tolerations: [{key: common-tolerations-x7, operator: Exists}]
      initContainers: [{name: prepare, image: "common-registry-x7.example.com/busybox:1"}]
      containers: [{name: web, image: "common-registry-x7.example.com/web:1"}]
---
{apiVersion: batch/v1, kind: Job, metadata: {name: migrate}, spec: {template: {spec: {
  imagePullSecrets: [{name: common-pull-x7}], tolerations: [{key: common-tolerations-x7, operator: Exists}],
  containers: [{name: migrate, image: "common-registry-x7.example.com/web:1"}]}}}}
"""
_OF_CONTAINERS = ("variables", "sources")
"""What each image has a use of its own for: only pods of the same image are alike."""
_OF_METADATA = ("labels", "annotations")
_OF_HOOKS = ("pull", "selector", "tolerations")
"""Without which a hook may never start."""
_OF_A_KIND = re.compile(r"\b(?:deployment|statefulset|daemonset)\b", re.IGNORECASE)
"""What a comment says of a setting that is meant for one workload."""
_OF_ALL = re.compile(r"images|(?:common|shared|default)s?|pods?Defaults?|defaultPods?")
"""What a section is called whose settings are for every pod."""
COMMON, OWN = "common-settings", "own-settings"
"""How scenarios end in which the settings of all pods are set, and those of single parts."""


class _Setting(NamedTuple):
    """A setting of pods: what its keys are called, where in the pod's template it belongs, what is planted there."""

    name: str
    keys: str
    field: str
    """The field of the pod template, or one of _FIELDS; empty for the images of its containers."""
    sample: Any
    number: str = ""
    """Of the key, where several keys of a chart set the same."""

    @property
    def mark(self) -> str:
        return f"common-{self.name}-{self.number}x7"

    @property
    def value_mark(self) -> str:
        """By which the value is known again: a word that is chosen has no mark."""
        return self.mark if "MARK" in json.dumps(self.sample) else str(self.sample)

    @property
    def value(self) -> Any:
        return json.loads(json.dumps(self.sample).replace("MARK", self.mark))


_TERM = {"topologyKey": "MARK", "labelSelector": {"matchLabels": {"MARK": "MARK"}}}
_AFFINITY = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [_TERM]}}
_LEVEL = {"seLinuxOptions": {"level": "MARK"}}
_FIELDS = ("securityContext", "imagePullPolicy")
"""Of containers, not of the pod template."""
_LABELS = "podLabels commonLabels extraLabels additionalLabels customLabels"
SETTINGS = (
    _Setting("pull", "imagePullSecrets pullSecrets", "spec.imagePullSecrets", [{"name": "MARK"}]),
    _Setting("registry", "imageRegistry registry", "", "MARK.example.com"),
    _Setting("selector", "nodeSelector", "spec.nodeSelector", {"MARK": "MARK"}),
    _Setting("tolerations", "tolerations", "spec.tolerations", [{"key": "MARK", "operator": "Exists"}]),
    _Setting("affinity", "affinity", "spec.affinity", _AFFINITY),
    _Setting("priority", "priorityClassName", "spec.priorityClassName", "MARK"),
    _Setting("security", "podSecurityContext", "spec.securityContext", _LEVEL),
    _Setting("variables", "extraEnv extraEnvs extraEnvVars", "spec.containers", [{"name": "MARK", "value": "MARK"}]),
    _Setting("sources", "extraEnvFrom envFrom", "spec.containers", [{"secretRef": {"name": "MARK"}}]),
    _Setting("labels", _LABELS, "metadata.labels", {"MARK": "MARK"}),
    _Setting("annotations", "podAnnotations commonAnnotations", "metadata.annotations", {"MARK": "MARK"}),
    _Setting("runtime", "runtimeClassName", "spec.runtimeClassName", "MARK"),
    _Setting("aliases", "hostAliases", "spec.hostAliases", [{"ip": "127.0.0.1", "hostnames": ["MARK"]}]),
    _Setting("container", "containerSecurityContext securityContext", "securityContext", _LEVEL),
    _Setting("policy", "pullPolicy imagePullPolicy", "imagePullPolicy", "Never"),
)


def keys_of_pods(chart: Chart) -> tuple[dict[Path, _Setting], dict[Path, _Setting]]:
    """Give the keys of a chart that set something in pods: those of all of them, and those of single parts."""
    common: dict[Path, _Setting] = {}
    own: dict[Path, _Setting] = {}
    for path, setting in _found(known_values(chart), ()):
        is_common = path[:-1] in ((), ("global",), ("global", "image"))
        is_common = is_common or (len(path) == 2 and _OF_ALL.fullmatch(path[0]) is not None)
        is_of_the_image = path[:-1] == ("image",) and setting.name in ("pull", "policy")
        if (is_common or is_of_the_image) and path != ("registry",):  # at the top, that may be any registry
            common[path] = setting
        elif path[0] != "global" and len(path) > 1:
            own[path] = setting
    for path in [path for path, setting in common.items() if setting.name in _OF_METADATA]:
        common[path] = common[path]._replace(number=f"{path[-1]}-")  # one of one name gives way to another of it
    return common, own


def _found(values: Mapping[str, Any], above: Path) -> Iterator[tuple[Path, _Setting]]:
    for key, value in values.items():
        known = "commonLabels" if (*above, key) == ("global", "labels") else key
        setting = next((setting for setting in SETTINGS if known in setting.keys.split()), None)
        # Some write an empty map for a list: a part has its own key nevertheless.
        is_empty = value == {} and above not in ((), ("global",), ("image",))
        if setting and (value is None or is_empty or isinstance(value, type(setting.sample))):
            yield (*above, key), setting
        elif isinstance(value, Mapping):
            yield from _found(value, (*above, key))


def settings_planted(scenarios: Sequence[Scenario]) -> Iterator[Case]:
    """Give the fullest scenario, and that with every switch on, with settings of all pods, and with those of parts."""
    for base, name in ((fullest(scenarios), COMMON), (all_on(scenarios), f"{COMMON}.{ALL_ON}")):
        common, own = keys_of_pods(chart_of(base)) if base else ({}, {})
        if base and (common or own):
            of_all, of_parts = ({join(*path): it.value for path, it in keys.items()} for keys in (common, own))
            # What the scenario itself sets for all pods would hide what parts set.
            unset = {key: type(it)() for key, it in of_all.items() if lookup(base.overrides, key) is not ABSENT}
            tried = (_with(base, COMMON, of_all), _with(base, OWN, unset | of_parts))
            yield Case(name, (base, *tried), "where settings that workloads share are set")


def _with(base: Scenario, suffix: str, planted: Mapping[str, Any]) -> Scenario:
    """Derive the scenario with all of these keys set, but for those whose marks a schema refuses."""
    return with_values(base, suffix, accepted(base, planted))


@policy(
    over=settings_planted,
    severity="warning",
    remediation="Render the setting into the other pods and init containers too, or give them a key for it.",
)
def common_settings_reach_every_pod(base: Rendering, common: Rendering, *own: Rendering) -> Iterator[Check]:
    """A key at the top or under `global` that sets something in one pod sets it in every pod without its own key.

    Pull secrets, registry, node selector, tolerations, affinity, priority, security context, labels, annotations, host
    aliases, variables: whoever sets them for a closed registry or for tainted nodes finds the one pod that ignores them
    only when it hangs. Judged with marked values. A key at the top that reaches one workload may be meant for that one;
    then, for more variables, and for the pull secrets of `image`, only those with the same image count, and so it is
    with the security context and the pull policy of containers. A hook needs pull secrets, node selector and
    tolerations nevertheless, and those of the image of a workload by whatever only key. Pods of tests, and those values
    give as a whole do not count, nor what has the setting by another key, or (a security context: for another image, or
    in a hook) written out. Source: https://helm.sh/docs/chart_template_guide/subcharts_and_globals/#global-chart-values
    """
    if base.error or common.error:
        return
    lost: dict[str, list[Check]] = {}
    keys, parts = keys_of_pods(common.chart)
    all_of_them = [*keys.values(), *parts.values()]
    only = {k: it for k, it in parts.items() if it.name in _OF_HOOKS and all_of_them.count(it) == 1}
    for path, setting in (keys | only).items():
        if not setting.field:
            yield from images(path, setting.mark, base, common, own)
            continue
        if setting.field in _FIELDS:
            yield from fields(path, setting.field, setting.value_mark, base, common, own)
            continue
        for check in _pods(path, setting, base, own[-1] if path in only and own else common, own):
            if check.passed:
                yield check
            else:
                lost.setdefault(check.subject, []).append(check)
    # A hook mostly lacks all of them, and so do the others of its template.
    for first, *others in lost.values():
        actual = f"{first.actual}, nor of {', '.join(other.cause for other in others)}" if others else first.actual
        yield with_cause(dataclasses.replace(first, actual=actual), f"settings of all pods in {first.template}")


def _pods(
    path: Path, setting: _Setting, base: Rendering, common: Rendering, own: Sequence[Rendering]
) -> Iterator[Check]:
    accounts, is_pull = _accounts_with(setting.mark, common), setting.name == "pull"
    pods = judged(common)
    marked = [w for w in pods if _holds(_field(w, setting), setting.mark) or (is_pull and _account(w) in accounts)]
    if not marked:
        return
    parts = [workload for rendering in own for workload in judged(rendering)]
    has_it = {workload.identity for workload in marked}
    has_it |= {part.identity for part in parts if _holds(_field(part, setting), f"common-{setting.name}-")}
    # Variables at the top are those of the main part, where the others have sections of their own.
    if setting.name in _OF_CONTAINERS and path[0] != "global":
        marks = [each.mark for each in SETTINGS if each.field]
        has_it |= {part.identity for part in parts if any(_holds(template_if_any(part), mark) for mark in marks)}
    if setting.name not in (*_OF_METADATA, *_OF_CONTAINERS):  # what is written out
        has_it |= {w.identity for w in judged(base) if _field(w, setting).value} - _alike(setting, pods, marked)
    for workload in marked:
        yield states(_field(workload, setting), True, expected=f"what {join(*path)} sets", actual="it is")
    reached = ", ".join(f"{workload.kind} {workload.name}" for workload in marked[:3])
    for workload in pods:
        if workload.identity not in has_it and _is_meant_for(workload, path, setting, marked, common.chart):
            expected = f"what {join(*path)} sets, as in {reached}"
            check = states(_field(workload, setting), False, expected=expected, actual="nothing of it")
            yield with_cause(check, join(*path))


def _alike(setting: _Setting, found: list[Resource], marked: list[Resource]) -> set[Identity]:
    """Give the workloads that need no security context of their own: they run the image of those that it reaches."""
    pods = [w for w in found if setting.name == "security" and not is_hook(w)]
    return {w.identity for w in pods if any(_share_an_image(w, other) for other in marked)}


def _is_meant_for(workload: Resource, path: Path, setting: _Setting, marked: list[Resource], chart: Chart) -> bool:
    """Tell whether a key that reaches some workloads is meant for another one as well."""
    text = chart.files.get(workload.template.partition("/")[2], b"").decode("utf-8", "replace")
    if f".{path[-1]}" in text and f".Values.{join(*path)}" not in text:
        return False  # it has a value of that name of its own
    is_like = any(_share_an_image(workload, other) for other in marked)
    # A hook is gone soon: it may wait for its turn, and has variables of its own if its image is another one.
    if is_hook(workload) and (setting.name == "priority" or (setting.name in _OF_CONTAINERS and not is_like)):
        return False
    # No key of the chart reaches its subcharts but those of `global`.
    is_of_another = "/charts/" in workload.template or _OF_A_KIND.search(comments_of(chart).said_at(path))
    if path[0] == "global" or is_of_another:
        return path[0] == "global"
    if path[0] != "image" and len(path) > 1:  # of one part
        return is_hook(workload) and is_like
    # Pull secrets at the top are those of all images of the chart.
    is_of_all = path[0] != "image" and (len(marked) > 1 or setting.name == "pull")
    is_of_all = is_of_all or (is_hook(workload) and setting.name in _OF_HOOKS)
    return is_like or (is_of_all and setting.name not in _OF_CONTAINERS)


def _field(workload: Resource, setting: _Setting) -> Place[Resource]:
    return template_if_any(workload).place(setting.field)


def _holds(place: Place[Resource], mark: str) -> bool:
    return mark in json.dumps(place.value, default=str)


def _account(workload: Resource) -> tuple[str, str]:
    return workload.namespace, (pod_if_any(workload) / "serviceAccountName").text or "default"


def _accounts_with(mark: str, rendering: Rendering) -> set[tuple[str, str]]:
    accounts = rendering.resources.of_kind("ServiceAccount")
    return {(a.namespace, a.name) for a in accounts if _holds(a / "imagePullSecrets", mark)}


def _share_an_image(one: Resource, other: Resource) -> bool:
    """Tell whether two workloads run one image, of whatever tag."""
    of_one, of_other = (
        {image_reference((it / "image").value).repository for it in containers_if_any(each)} for each in (one, other)
    )
    return bool((of_one & of_other) - {""})


_WITH_KEYS = in_each(of_chart(own_values={"global": {"imageRegistry": "", "imagePullSecrets": []}, "tolerations": []}))
"""The chart has keys for all pods."""
common_settings_reach_every_pod.breaks(
    manifests=HEALTHY,
    an_init_container_ignores_the_registry=(
        in_each(put("Deployment web", "spec.template.spec.initContainers[prepare].image", "busybox:1")),
        _WITH_KEYS,
    ),
    a_job_has_no_pull_secret=(in_each(gone("Job migrate", "spec.template.spec.imagePullSecrets")), _WITH_KEYS),
    a_job_of_the_image_tolerates_nothing=(in_each(gone("Job migrate", "spec.template.spec.tolerations")), _WITH_KEYS),
)
