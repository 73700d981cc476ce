"""What the sidecar Job does: a script that gives up at the first error, and a patch that can be applied again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from chartgate.documents.places import Place
from chartgate.documents.shapes import texts_in
from chartgate.kubernetes.contents import text, yaml_inside
from chartgate.kubernetes.pods.volume_mounts import config_file
from chartgate.kubernetes.pods.workloads import containers
from chartgate.model import Check, Rendering, Resource
from chartgate.policy.checks import compares, satisfies, states
from chartgate.policy.edits import append, gone, put, reworded
from chartgate.policy.policy import policy

from .scripts.oc_calls import oc_calls, statements
from .sidecar_job import JOB, NAME, SCRIPT, scripts, sidecar_job
from .spec.backstage import BACKSTAGE, CONTAINERS
from .spec.switches import sidecars_on

FILES = f"ConfigMap {NAME}"
PATCH = "data[patch.yaml]"
UPDATE = f"{CONTAINERS}[update]"
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
    script = scripts(rendering).place(SCRIPT)
    first, *rest = statements(text(script)) or [""]
    expected = "set -euo pipefail before every other statement"
    yield states(script, first.strip() == "set -euo pipefail", expected=expected, actual=first)
    for line in rest:
        passed = not re.search(r"\bset \+|\|\|\s*(true|:)(\s|$)", line)
        yield states(script, passed, expected="nothing that lets an error pass", actual=line.strip())
    for call in oc_calls(text(script)):
        expected = "a whole statement or the value of an assignment, where set -e sees it fail"
        actual = f"{call.before}oc ...{call.after}".strip()
        yield states(script, call.failure_counts, expected=expected, actual=actual)


sidecar_script_stops_at_the_first_error.breaks(
    "all_on",
    errors_are_ignored=reworded(FILES, SCRIPT, "set -euo pipefail", "set -uo pipefail"),
    a_failed_patch_is_forgiven=reworded(
        FILES, SCRIPT, '--patch-file="$PATCH_FILE"', '--patch-file="$PATCH_FILE" || true'
    ),
    a_substituted_process_fails_unseen=reworded(FILES, SCRIPT, 'found="$(oc get', "mapfile -t found < <(oc get"),
)


@policy(
    where=sidecars_on,
    severity="error",
    remediation="End update.sh with `oc rollout status` of what it has patched, with a --timeout.",
    spec=SPEC,
)
def sidecar_script_waits_for_the_rollout(rendering: Rendering) -> Iterator[Check]:
    """The Job succeeds only when the pod with the sidecars runs: after the patch it waits for the rollout."""
    script = scripts(rendering).place(SCRIPT)
    calls = oc_calls(text(script))
    patched = [call.operands for call in calls if call.command == "patch"]
    expected = "oc patch, and last oc rollout status of the same"
    ends_well = bool(patched) and calls[-1].command == "rollout status" and patched == [calls[-1].operands]
    yield states(script, ends_well, expected=expected, actual=[str(call) for call in calls])
    for call in calls:
        if call.command == "rollout status":
            yield states(script, "--timeout" in call.options, expected="a --timeout", actual=str(call))


sidecar_script_waits_for_the_rollout.breaks(
    "all_on",
    it_does_not_wait=reworded(FILES, SCRIPT, "oc rollout status", "echo see oc: rollout status"),
    it_waits_for_ever=reworded(FILES, SCRIPT, ' --timeout="$ROLLOUT_TIMEOUT"', ""),
)


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
    script = scripts(rendering).place(SCRIPT)
    assigned = set(re.findall(r"(?m)^[ \t]*+(\w++)=", text(script)))
    read = set(re.findall(r"\$\{?([A-Z]\w*)", text(script))) - assigned
    for container in containers(sidecar_job(rendering)):
        command, patch = container / "command", container.place("env[PATCH_FILE].value")
        run = [config_file(container, word) for word in texts_in(command.value)]
        yield states(command, f"update.sh of {NAME}" in run, expected=f"runs update.sh of the ConfigMap {NAME}")
        yield compares(patch, config_file(container, str(patch.value)), f"patch.yaml of {NAME}")
        for variable in sorted(read):
            value = container / "env" / variable / "value"
            yield satisfies(value, bool, "a value: update.sh reads it")
    wanted = {
        "get": {"--namespace": "$NAMESPACE", "--selector": "$TARGET_SELECTOR"},
        "patch": {"--namespace": "$NAMESPACE", "--type": "strategic", "--patch-file": "$PATCH_FILE"},
    }
    for call in oc_calls(text(script)):
        options = wanted.get(call.command, {"--namespace": "$NAMESPACE"})
        actual = {option: call.options.get(option) for option in options}
        yield compares(script / str(call), actual, options)


sidecar_script_uses_what_the_job_sets.breaks(
    "all_on",
    it_has_a_selector_of_its_own=reworded(
        FILES, SCRIPT, '-l "$TARGET_SELECTOR"', "-l app.kubernetes.io/name=backstage"
    ),
    it_patches_the_wrong_namespace=reworded(
        FILES, SCRIPT, 'patch "$deployment" -n "$NAMESPACE"', 'patch "$deployment"'
    ),
    a_variable_is_not_set=gone(JOB, f"{UPDATE}.env[ROLLOUT_TIMEOUT]"),
    the_patch_is_mounted_elsewhere=put(JOB, f"{UPDATE}.volumeMounts[update].mountPath", "/opt/patch"),
)


@policy(
    where=sidecars_on,
    severity="error",
    remediation="Name each item of a merged list in the patch by its merge key, once, and backstage-backend first.",
    spec=SPEC,
)
def sidecar_patch_can_be_applied_again(rendering: Rendering) -> Iterator[Check]:
    """The patch addresses the items of lists by their merge keys, so that applying it again changes nothing.

    An item without its key, or one that is there twice, is refused or added each time.
    """
    patch = yaml_inside(scripts(rendering).place(PATCH))
    yield states(patch, patch.is_map, expected="a merge patch, so a map", actual=type(patch.value).__name__)
    for field, merged in _merged_lists(patch):
        key = MERGE_KEYS[field]
        keys = [item.map.get(key) for item in merged]
        passed = None not in keys and max(Counter(map(str, keys)).values(), default=1) == 1
        yield states(merged, passed, expected=f"each item with its own {key}", actual=keys)
        if field == "containers":
            yield compares(merged, keys[:1], [BACKSTAGE])


sidecar_patch_can_be_applied_again.breaks(
    "all_on",
    a_container_is_listed_twice=append(
        FILES, f"{PATCH}.spec.template.spec.containers", {"name": "location", "image": "example.com/location:1"}
    ),
    the_backend_is_not_named=put(FILES, f"{PATCH}.spec.template.spec.containers[{BACKSTAGE}].name", "developer-hub"),
    it_patches_by_index=put(FILES, PATCH, "- {op: add, path: /spec/template/spec/containers/1, value: {}}"),
)


def _merged_lists(place: Place[Resource]) -> Iterator[tuple[str, Place[Resource]]]:
    """Give every list in a patch that is merged by key, and the field that it is in."""
    for field, below in place.entries():
        if isinstance(below.value, list) and field in MERGE_KEYS:
            yield field, below
        yield from _merged_lists(below)
    for item in place:
        yield from _merged_lists(item)
