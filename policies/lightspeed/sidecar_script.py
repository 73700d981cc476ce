"""What the sidecar Job does: a script that gives up at the first error, and a patch that can be applied again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from chartgate.documents.shapes import texts_in
from chartgate.kubernetes.contents import text, yaml_inside
from chartgate.kubernetes.pods.volume_mounts import config_file
from chartgate.kubernetes.pods.workloads import containers
from chartgate.model import Check, Rendering
from chartgate.policy.checks import compares, satisfies, states
from chartgate.policy.policy import policy

from .scripts.oc_calls import oc_calls, statements
from .sidecar_job import NAME, SCRIPT, scripts, sidecar_job
from .spec.backstage import BACKSTAGE
from .spec.switches import sidecars_on

PATCH = "data[patch.yaml]"
SPEC = "Issue: Sidecar Containers Not Injected"
# Lists of a pod that a strategic merge patch merges, and by what; it replaces all others as a whole.
# Source: the fields' patchMergeKey in the API reference of Pod.
MERGE_KEYS = {
    "containers": "name",
    "initContainers": "name",
    "volumes": "name",
    "imagePullSecrets": "name",
    "env": "name",
    "ports": "containerPort",
    "volumeMounts": "mountPath",
}


@policy(
    where=sidecars_on,
    severity="error",
    remediation="Begin update.sh with `set -euo pipefail`; make each oc a statement or the value of an assignment.",
    spec=SPEC,
)
def sidecar_script_stops_at_the_first_error(rendering: Rendering) -> Iterator[Check]:
    """The Job's script ends with an error as soon as one of its commands does.

    Otherwise the Job succeeds, Argo CD shows a healthy application, and the pod has one container.
    """
    source = scripts(rendering)
    first, *rest = statements(text(source, SCRIPT)) or [""]
    expected = "set -euo pipefail in front of every other statement"
    yield states(source, SCRIPT, first.strip() == "set -euo pipefail", expected=expected, actual=first)
    for line in rest:
        passed = not re.search(r"\bset \+|\|\|\s*(true|:)(\s|$)", line)
        yield states(source, SCRIPT, passed, expected="nothing that lets an error pass", actual=line.strip())
    for call in oc_calls(text(source, SCRIPT)):
        expected = "a statement of its own or the value of an assignment, where set -e sees it fail"
        actual = f"{call.before}oc ...{call.after}".strip()
        yield states(source, SCRIPT, call.failure_counts, expected=expected, actual=actual)


@sidecar_script_stops_at_the_first_error.counterexample("all_on")
def errors_are_ignored(rendering: Rendering) -> Rendering:
    return _in_script(rendering, "set -euo pipefail", "set -uo pipefail")


@sidecar_script_stops_at_the_first_error.counterexample("all_on")
def a_failed_patch_is_forgiven(rendering: Rendering) -> Rendering:
    return _in_script(rendering, '--patch-file="$PATCH_FILE"', '--patch-file="$PATCH_FILE" || true')


@sidecar_script_stops_at_the_first_error.counterexample("all_on")
def a_substituted_process_fails_unseen(rendering: Rendering) -> Rendering:
    return _in_script(rendering, 'found="$(oc get', "mapfile -t found < <(oc get")


@policy(
    where=sidecars_on,
    severity="error",
    remediation="End update.sh with `oc rollout status` of what it has patched, with a --timeout.",
    spec=SPEC,
)
def sidecar_script_waits_for_the_rollout(rendering: Rendering) -> Iterator[Check]:
    """The Job succeeds only when the pod with the sidecars runs: after the patch it waits for the rollout."""
    source = scripts(rendering)
    calls = oc_calls(text(source, SCRIPT))
    patched = [call.operands for call in calls if call.command == "patch"]
    expected = "oc patch, and last oc rollout status of the same"
    ends_well = bool(patched) and calls[-1].command == "rollout status" and patched == [calls[-1].operands]
    yield states(source, SCRIPT, ends_well, expected=expected, actual=[str(call) for call in calls])
    for call in calls:
        if call.command == "rollout status":
            yield states(source, SCRIPT, "--timeout" in call.options, expected="a --timeout", actual=str(call))


@sidecar_script_waits_for_the_rollout.counterexample("all_on")
def it_does_not_wait(rendering: Rendering) -> Rendering:
    return _in_script(rendering, "oc rollout status", "echo see oc: rollout status")


@sidecar_script_waits_for_the_rollout.counterexample("all_on")
def it_waits_for_ever(rendering: Rendering) -> Rendering:
    return _in_script(rendering, ' --timeout="$ROLLOUT_TIMEOUT"', "")


@policy(
    where=sidecars_on,
    severity="error",
    remediation="Take namespace, selector and patch from the Job's variables, and set there all that update.sh reads.",
    spec=SPEC,
)
def sidecar_script_uses_what_the_job_sets(rendering: Rendering) -> Iterator[Check]:
    """The Job runs the script of its ConfigMap, which takes namespace, selector and patch from the Job's variables.

    What the Job's manifest says is then what happens, and what the other policies judge.
    """
    job, source = sidecar_job(rendering), scripts(rendering)
    script = text(source, SCRIPT)
    for container in containers(job):
        run = [config_file(container, word) for word in texts_in(container.at("command"))]
        yield states(
            job,
            f"{container.address}.command",
            f"update.sh of {NAME}" in run,
            expected=f"runs the key update.sh of the ConfigMap {NAME}",
            actual=container.at("command"),
        )
        patch = str(container.at("env[PATCH_FILE].value"))
        at_patch = f"{container.address}.env[PATCH_FILE].value"
        yield compares(job, at_patch, config_file(container, patch), f"patch.yaml of {NAME}")
        assigned = set(re.findall(r"(?m)^\s*(\w+)=", script))
        for variable in sorted(set(re.findall(r"\$\{?([A-Z]\w*)", script)) - assigned):
            yield satisfies(job, f"{container.address}.env[{variable}].value", bool, "a value: update.sh reads it")
    wanted = {
        "get": {"--namespace": "$NAMESPACE", "--selector": "$TARGET_SELECTOR"},
        "patch": {"--namespace": "$NAMESPACE", "--type": "strategic", "--patch-file": "$PATCH_FILE"},
    }
    for call in oc_calls(script):
        options = wanted.get(call.command, {"--namespace": "$NAMESPACE"})
        actual = {option: call.options.get(option) for option in options}
        yield states(source, f"{SCRIPT} {call}", actual == options, expected=options, actual=actual)


@sidecar_script_uses_what_the_job_sets.counterexample("all_on")
def it_has_a_selector_of_its_own(rendering: Rendering) -> Rendering:
    return _in_script(rendering, '-l "$TARGET_SELECTOR"', "-l app.kubernetes.io/name=backstage")


@sidecar_script_uses_what_the_job_sets.counterexample("all_on")
def it_patches_the_wrong_namespace(rendering: Rendering) -> Rendering:
    return _in_script(rendering, 'patch "$deployment" -n "$NAMESPACE"', 'patch "$deployment"')


@sidecar_script_uses_what_the_job_sets.counterexample("all_on")
def a_variable_is_not_set(rendering: Rendering) -> Rendering:
    env = sidecar_job(rendering).at("spec.template.spec.containers[0].env")
    env[:] = [entry for entry in env if entry["name"] != "ROLLOUT_TIMEOUT"]
    return rendering


@sidecar_script_uses_what_the_job_sets.counterexample("all_on")
def the_patch_is_mounted_elsewhere(rendering: Rendering) -> Rendering:
    sidecar_job(rendering).at("spec.template.spec.containers[0].volumeMounts[update]")["mountPath"] = "/opt/patch"
    return rendering


@policy(
    where=sidecars_on,
    severity="error",
    remediation="Name each item of a merged list in the patch by its merge key, once, and backstage-backend first.",
    spec=SPEC,
)
def sidecar_patch_can_be_applied_again(rendering: Rendering) -> Iterator[Check]:
    """The patch addresses the items of lists by their merge keys, so that applying it again changes nothing.

    An item without its key, or one that stands twice, is refused or added each time.
    """
    source = scripts(rendering)
    patch = yaml_inside(source, PATCH)
    yield states(
        source, PATCH, isinstance(patch, dict), expected="a merge patch, so a map", actual=type(patch).__name__
    )
    for address, field, items in _lists(patch, ""):
        keys = [item.get(MERGE_KEYS[field]) if isinstance(item, dict) else None for item in items]
        expected = f"each item with a {MERGE_KEYS[field]} of its own"
        passed = None not in keys and max(Counter(map(str, keys)).values(), default=1) == 1
        yield states(source, f"{PATCH} {address}", passed, expected=expected, actual=keys)
        if field == "containers":
            yield compares(source, f"{PATCH} {address}", keys[:1], [BACKSTAGE])


@sidecar_patch_can_be_applied_again.counterexample("all_on")
def a_container_stands_twice(rendering: Rendering) -> Rendering:
    line = "        - name: location\n"
    return _in_patch(rendering, line, f"{line}          image: example.com/location:1\n{line}")


@sidecar_patch_can_be_applied_again.counterexample("all_on")
def the_backend_is_not_named(rendering: Rendering) -> Rendering:
    return _in_patch(rendering, "- name: backstage-backend\n", "- name: developer-hub\n")


@sidecar_patch_can_be_applied_again.counterexample("all_on")
def it_patches_by_index(rendering: Rendering) -> Rendering:
    scripts(rendering).at("data")["patch.yaml"] = "- {op: add, path: /spec/template/spec/containers/1, value: {}}"
    return rendering


def _lists(value: Any, above: str) -> Iterator[tuple[str, str, list[Any]]]:
    """Give address, field and items of every list in a patch that is merged by key."""
    if isinstance(value, dict):
        for key, child in value.items():
            address = f"{above}.{key}" if above else str(key)
            if isinstance(child, list) and key in MERGE_KEYS:
                yield address, str(key), child
            yield from _lists(child, address)
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from _lists(child, f"{above}[{index}]")


def _in_script(rendering: Rendering, old: str, new: str) -> Rendering:
    data = scripts(rendering).at("data")
    assert old in data["update.sh"], f"the script has no {old!r}"
    data["update.sh"] = data["update.sh"].replace(old, new)
    return rendering


def _in_patch(rendering: Rendering, old: str, new: str) -> Rendering:
    data = scripts(rendering).at("data")
    assert old in data["patch.yaml"], f"the patch has no {old!r}"
    data["patch.yaml"] = data["patch.yaml"].replace(old, new)
    return rendering
