"""What a file in ci/ sets by itself is what it is to show: these policies leave it alone there, and only there."""

from __future__ import annotations

import dataclasses

import pytest

from chartgate.model import Values
from chartgate.packs.kubernetes.access_and_secrets import secrets, security
from chartgate.packs.kubernetes.api_server import effects, namespaces, server_warnings, soundness
from chartgate.packs.kubernetes.chart_files import helm, template_roots
from chartgate.packs.kubernetes.healthy import pod
from chartgate.packs.kubernetes.healthy.config_map import HEALTHY
from chartgate.packs.kubernetes.networking import network_access
from chartgate.packs.kubernetes.options import filling
from chartgate.packs.kubernetes.pods_and_storage import claims, images, mounts, scaling
from chartgate.policy.edits import Edit, gone, in_template, of_rendering, of_scenario, printed, put, remade
from chartgate.policy.policy import Policy
from chartgate.policy.proofs import literal_rendering
from chartgate.policy.verdicts import checks_of
from tests.engine.packs.literal_charts import edited

_IMAGE = put("Deployment web", f"{pod.WEB}.image", "busybox:latest")
_HOST = put("Deployment web", f"{pod.POD}.hostNetwork", True)
_ADDED = put("Deployment web", f"{pod.WEB}", {"name": "web", "image": "busybox:1"})
_OVERWRITTEN = of_rendering(warnings=("warning: cannot overwrite table with non table for web.security (map[a:b])",))
_TWICE = printed("{apiVersion: v1, kind: Secret, metadata: {name: two}, data: {level: a, level: b}}")
_WORDS = in_template(
    '{{ define "name" }}{{ .Release.Name }}{{ end }}{{ range .Values.a }}{{ include "name" . }}{{ end }}'
)
"""Whose finding names what is called, in place of an address."""
_ALL: dict[str, object] = {"namespaceSelector": {}}
_EVERYBODY = put("NetworkPolicy data", "spec.ingress[0].from", [_ALL])
_LOST_DOT = in_template('{{ define "a" }}{{ .Values.a }}{{ end }}{{ range .Values.all }}{{ include "a" . }}{{ end }}')
_ELSEWHERE = put("ConfigMap there", "metadata.namespace", "store")
_ROLLS = gone("Deployment web", "spec.strategy")
_BUDGET = put("PodDisruptionBudget worker", "spec.minAvailable", 3)
_TOKEN = put("Deployment web", f"{pod.WEB}.env", [{"name": "TOKEN", "value": "${TOKEN}"}])
_SLEEP = {"exec": {"command": ["sleep", "70"]}}
_SLOW = put("Deployment web", f"{pod.WEB}.lifecycle", {"preStop": _SLEEP})
_BY_HOST = {"maxSkew": 1, "topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "ScheduleAnyway"}
_SPREAD = put("Deployment web", f"{pod.POD}.topologySpreadConstraints", [_BY_HOST])
_LOGIN = remade(
    lambda healthy: of_scenario(values={"password": "a-word-of-one"}).apply(
        put("ConfigMap settings", "data.login", "a-word-of-one").apply(healthy)
    )
)
_PREPARE = {"name": "prepare"}
_UNMOUNTED = put("StatefulSet web", f"{mounts.POD}.initContainers[prepare].volumeMounts[data].name", "more")


@pytest.mark.parametrize(
    ("policy", "manifests", "edit", "values", "passed"),
    [
        (images.images_are_pinned, pod.HEALTHY, _IMAGE, {"sidecars": [{"image": "busybox:latest"}]}, True),
        (images.images_are_pinned, pod.HEALTHY, _IMAGE, {"sidecars": '- image: "{{ .Values.a }}:latest"'}, True),
        (images.images_are_pinned, pod.HEALTHY, _IMAGE, {"image": {"repository": "busybox"}}, False),
        (images.images_are_pinned, pod.HEALTHY, _IMAGE, {"image": {"tag": "latest"}}, True),
        (claims.claims_of_one_node_have_one_pod, claims.HEALTHY, _ROLLS, {"mode": "ReadWriteOnce"}, True),
        (claims.claims_of_one_node_have_one_pod, claims.HEALTHY, _ROLLS, {"mode": "ReadWriteMany"}, False),
        (security.pods_fit_the_demanded_security_level, pod.HEALTHY, _HOST, {"web": {"hostNetwork": True}}, True),
        (security.pods_fit_the_demanded_security_level, pod.HEALTHY, _HOST, {"web": {"hostNetwork": False}}, False),
        (security.pods_fit_the_next_security_level, pod.HEALTHY, _ADDED, {"sidecars": [{"name": "web"}]}, True),
        (security.pods_fit_the_next_security_level, pod.HEALTHY, _ADDED, {"sidecars": [{"name": "b"}]}, False),
        (helm.helm_warns_of_nothing, HEALTHY, _OVERWRITTEN, {"web": {"security": ""}}, True),
        (helm.helm_warns_of_nothing, HEALTHY, _OVERWRITTEN, {"web": {"level": "a"}}, False),
        (soundness.keys_are_there_once, soundness.HEALTHY, _TWICE, {"extra": {"level": "b"}}, True),
        (soundness.keys_are_there_once, soundness.HEALTHY, _TWICE, {"more": "level: {{ .Values.level }}"}, True),
        (soundness.keys_are_there_once, soundness.HEALTHY, _TWICE, {"extra": {"other": "b"}}, False),
        (template_roots.values_are_read_from_their_root, HEALTHY, _WORDS, {"a": ["b"]}, False),
        (network_access.network_rules_limit_something, network_access.HEALTHY, _EVERYBODY, {"from": [_ALL]}, True),
        (network_access.network_rules_limit_something, network_access.HEALTHY, _EVERYBODY, {"from": [{}]}, False),
        (template_roots.values_are_read_from_their_root, HEALTHY, _LOST_DOT, {"all": ["a"]}, False),
        (namespaces.namespaces_are_there, namespaces.HEALTHY, _ELSEWHERE, {"namespaceOverride": "store"}, True),
        # A volume that the file lists too has gone to other pods than the container that mounts it.
        (mounts.every_mount_has_its_volume, mounts.HEALTHY, _UNMOUNTED, {"initContainers": [_PREPARE]}, True),
        (
            mounts.every_mount_has_its_volume,
            mounts.HEALTHY,
            _UNMOUNTED,
            {"initContainers": [_PREPARE], "extraVolumes": [{"name": "more"}]},
            False,
        ),
        (scaling.budgets_leave_room_for_a_drain, scaling.HEALTHY, _BUDGET, {"budget": {"minAvailable": 3}}, True),
        (scaling.budgets_leave_room_for_a_drain, scaling.HEALTHY, _BUDGET, {"budget": {"enabled": True}}, False),
        (effects.fields_have_their_effect, pod.HEALTHY, _TOKEN, {"extraEnv": {"TOKEN": "${TOKEN}"}}, True),
        (effects.fields_have_their_effect, pod.HEALTHY, _TOKEN, {"extra": {"TOKEN": "${TOKEN}"}}, False),
        (effects.fields_have_their_effect, pod.HEALTHY, _SLOW, {"lifecycle": {"preStop": _SLEEP}}, True),
        (effects.fields_have_their_effect, pod.HEALTHY, _SLOW, {"lifecycle": {"postStart": _SLEEP}}, False),
        (server_warnings.the_api_server_warns_of_nothing, pod.HEALTHY, _SPREAD, {"topologySpread": [_BY_HOST]}, True),
        (server_warnings.the_api_server_warns_of_nothing, pod.HEALTHY, _SPREAD, {"nodes": [_BY_HOST]}, False),
        (secrets.secret_values_stay_in_secrets, secrets.HEALTHY, _LOGIN, {"settings": "login: a-word-of-one"}, True),
        (secrets.secret_values_stay_in_secrets, secrets.HEALTHY, _LOGIN, {"password": "a-word-of-one"}, False),
    ],
)
@pytest.mark.parametrize("of_ci", [True, False])
def test_a_file_in_ci_may(
    policy: Policy, manifests: str, edit: Edit, values: Values, passed: bool, of_ci: bool
) -> None:
    rendering = edit.apply(literal_rendering(manifests))
    scenario = dataclasses.replace(rendering.scenario, overrides=values, is_installation=of_ci)
    rendering = dataclasses.replace(rendering, scenario=scenario)
    assert all(check.passed for check in checks_of(policy, [rendering])) is (passed and of_ci)


_CLASS = "kubernetes.io/ingress.class"
_INGRESS = (
    f"{{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {{name: a, annotations: {{{_CLASS}: nginx}}}}}}"
)


@pytest.mark.parametrize(("annotations", "found"), [({_CLASS: "nginx"}, 0), ({}, 1)])
def test_the_class_of_a_file_in_an_annotation(annotations: dict[str, str], found: int) -> None:
    given = of_scenario(changes={"ingress.className": "filled"}, is_trial=True)
    before = edited(_INGRESS, of_scenario(overrides={"ingress": {"annotations": annotations}}))
    after = edited(_INGRESS, put("Ingress a", "spec", {"ingressClassName": "filled"}), given)
    checks = checks_of(filling.what_is_empty_can_be_filled, [before, after])
    assert len([check for check in checks if not check.passed and _CLASS in check.path]) == found
