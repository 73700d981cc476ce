"""Texts that are empty by default: somebody gives one, and what is rendered is still sound."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chartgate.charts.chart_values.filled_values import FILLED
from chartgate.kubernetes.pods.volume_mounts import Mount, mounts, volumes
from chartgate.kubernetes.pods.workloads import containers_if_any, workloads
from chartgate.kubernetes.validity.bundled_schemas import SchemaError, newest_misfits
from chartgate.matrix.derivations.single_texts import all_texts_given, given_texts
from chartgate.matrix.derivations.switch_turns import turned_last
from chartgate.model import Check, Rendering, Resource
from chartgate.policy.checks import chart_states, states, with_cause
from chartgate.policy.edits import append, of_chart, of_rendering, of_scenario, put
from chartgate.policy.policy import policy

from ..access_and_secrets.encoding import secrets_are_encoded_once
from ..api_server.agreement import fields_of_networks_go_together, list_items_have_their_own_key
from ..api_server.names import object_names_are_valid
from ..api_server.soundness import keys_are_there_once
from ..crashes import crash_of
from ..filled import NO_OBJECT
from ..healthy.release import HEALTHY
from ..install_and_upgrade.hook_order import hooks_find_what_they_need
from ..install_and_upgrade.immutability import nothing_immutable_carries_a_version
from ..newly import new_findings, of_the_chart
from ..pods_and_storage.checksums import checksums_are_of_different_files
from ..pods_and_storage.claims import claims_of_one_node_have_one_pod
from ..pods_and_storage.mounts import every_mount_has_its_volume, sub_paths_are_keys
from ..pods_and_storage.references import environment_sources_are_there, volume_sources_are_there
from ..pods_and_storage.variables import variables_are_there_when_they_are_asked_for
from ..scripts_and_files.script_files import files_that_are_named_are_mounted

_JUDGES = (
    list_items_have_their_own_key,
    keys_are_there_once,
    hooks_find_what_they_need,
    nothing_immutable_carries_a_version,
    claims_of_one_node_have_one_pod,
    object_names_are_valid,
)
_TOGETHER = (
    environment_sources_are_there,
    volume_sources_are_there,
    every_mount_has_its_volume,
    sub_paths_are_keys,
    files_that_are_named_are_mounted,
    secrets_are_encoded_once,
    checksums_are_of_different_files,
    variables_are_there_when_they_are_asked_for,
)


@policy(
    over=given_texts,
    severity="error",
    remediation="Look at what templates print below the condition: where it stands, and what is printed elsewhere.",
)
def given_texts_are_rendered_soundly(before: Rendering, after: Rendering) -> Iterator[Check]:
    """A text that values.yaml leaves empty, or 0, and a template asks about, can be given: the release stays sound.

    What is below such a condition is printed for those alone who set the value: a field beside the map that it belongs
    to, a variable that another block gives as well, a Secret that a hook needs before it is made, a template that
    fails. Texts of a form of their own, YAML or a number, are left alone. Source:
    https://github.com/kviklet/kviklet/pull/283
    """
    key, given = turned_last(after.scenario)
    crash = "" if before.error else crash_of(after)
    expected = "rendered, or refused in words" if crash else "refused" if after.error else "rendered"
    yield chart_states("values.yaml", key, expected=expected, actual=crash or expected)
    if before.error or after.error:
        return
    judges = (*_JUDGES, fields_of_networks_go_together) if isinstance(given, int) else _JUDGES
    for check in (*_misfits(before, after, given), *new_findings(judges, before, after)):
        yield with_cause(check, f"{key}: {check.expected}")


@policy(
    over=all_texts_given,
    severity="error",
    remediation="Look below the condition that asks for the text: by which name, key and path is it read elsewhere?",
)
def what_is_given_is_found(before: Rendering, after: Rendering) -> Iterator[Check]:
    """With all texts given that values.yaml leaves empty and templates ask about, what is rendered fits together.

    A password, a certificate or a configuration that is empty by default brings a Secret or a ConfigMap, and variables
    and mounts that read it, which no file in ci/ has seen: each is read by the name, the key and the path that it has.
    What is called by the text itself its user has. A folder of a claim is one for all containers that mount the claim
    at this path, but for init containers. Sources: https://github.com/helm/chart-testing#configuration
    https://github.com/k8s-at-home/charts/issues/1417
    """
    if not before.error and not after.error:
        for check in new_findings(_TOGETHER, before, after):
            if check.passed or of_the_chart(check, FILLED):
                yield check
        yield from _folders_of_claims(after)


def _folders_of_claims(rendering: Rendering) -> Iterator[Check]:
    found: dict[tuple[str, ...], list[Mount]] = {}
    for workload in workloads(rendering.resources):
        claims = {name: volume.get("persistentVolumeClaim") for name, volume in volumes(workload).items()}
        for container in containers_if_any(workload):
            for mount in mounts(container) if not container.is_init else ():
                if isinstance(claim := claims.get(mount.volume), dict):
                    name = claim.get("claimName") or f"{workload.identity} {mount.volume}"
                    found.setdefault((workload.namespace, str(name), mount.path), []).append(mount)
    for shared in found.values():
        folder = next((mount.part for mount in shared if FILLED in mount.part), "")
        for mount in shared if folder else ():
            expected = f"{folder} of the claim, as in another container"
            yield states(mount.place / "subPath", mount.part != "", expected=expected, actual=mount.part or "all of it")


def _misfits(before: Rendering, after: Rendering, given: Any) -> Iterator[Check]:
    """Check the fields of all objects: that there are such; of a number, also that no text belongs there."""
    errors = newest_misfits if isinstance(given, int) else _unknown
    were = {resource.identity: resource.made(errors) for resource in before.resources}
    expected = "only fields that there are, with what belongs there"
    for resource in after.resources:
        new = [error for error in resource.made(errors) if error not in were.get(resource.identity, ())]
        for error in new:
            yield states(resource.place(error.address), False, expected=expected, actual=error.problem)
        if not new:
            yield states(resource.place(), True, expected=expected)


def _unknown(resource: Resource) -> tuple[SchemaError, ...]:
    """Give the fields that there are not, lists and maps in the place of others, and others in that of an object."""
    misfits = resource.made(newest_misfits)
    return tuple(
        e
        for e in misfits
        if e.unknown or e.problem.startswith(NO_OBJECT) or isinstance(resource.at(e.address), list | dict)
    )


_WEB = "spec.template.spec.containers[web]"
_CLAIM, _DATA = {"claimName": "web"}, {"name": "data", "mountPath": "/data"}
given_texts_are_rendered_soundly.breaks(
    manifests=HEALTHY,
    a_field_of_the_map_above=put("Deployment web", f"{_WEB}.secret", "filled"),
    a_variable_that_is_there_already=put(
        "Deployment web", f"{_WEB}.env", [{"name": "FILLED", "value": "a"}, {"name": "FILLED", "value": "b"}]
    ),
    it_is_no_yaml_with_it=(
        of_scenario(changes={"secretName": "filled"}, is_trial=True),
        of_chart(defaults={"secretName": ""}),
        of_rendering(
            error="Error: YAML parse error on web/templates/web.yaml: error converting YAML to JSON: yaml: "
            "line 7: no key"
        ),
    ),
)


what_is_given_is_found.breaks(
    manifests=HEALTHY,
    a_secret_has_another_name=put(
        "Deployment web",
        f"{_WEB}.env",
        [{"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "web-token", "key": "token"}}}],
    ),
    one_container_has_all_of_the_claim=(
        put("Deployment web", "spec.template.spec.volumes", [{"name": "data", "persistentVolumeClaim": _CLAIM}]),
        put("Deployment web", f"{_WEB}.volumeMounts", [_DATA | {"subPath": "filled"}]),
        append("Deployment web", "spec.template.spec.containers", {"name": "export", "volumeMounts": [_DATA]}),
    ),
)
