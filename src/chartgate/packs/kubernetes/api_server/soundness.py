"""Soundness: all that helm prints is an object that can be installed, and says each thing once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from chartgate.documents.addresses import steps
from chartgate.documents.yaml_texts.yaml_decoder import RepeatedKey
from chartgate.matrix.derivations.set_in_ci import has_line_of, names_key
from chartgate.model import Chart, Check, Rendering, Scenario, Severity
from chartgate.policy.checks import states
from chartgate.policy.edits import of_chart, printed
from chartgate.policy.policy import policy

HEALTHY = """
apiVersion: v1
kind: ConfigMap
metadata: {name: config}
data:
  note.txt: |
    ---
    # Source: a line of the text, and no template
    kind: none
    kind: none
---
{apiVersion: v1, kind: PodList, items: [{metadata: {name: web}}]}
---
{apiVersion: batch/v1, kind: Job, metadata: {generateName: sync-, annotations: {argocd.argoproj.io/hook: PreSync}}}
---
# Only a comment.
---
null
---
{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Secret, metadata: {name: login, labels: null}}]}
"""


@policy(
    severity="error",
    remediation="Let the template print a map with apiVersion, kind and metadata.name, or nothing at all; put the"
    " condition around the whole of a List.",
)
def documents_are_sound_objects(rendering: Rendering) -> Iterator[Check]:
    """Every document that helm prints is an object of Kubernetes, with a kind and a name by which helm finds it again.

    `helm template` prints nearly anything; the installation fails, or drops what nothing reads. With `generateName`,
    Helm 3 installs nothing, Helm 4 cannot upgrade, and neither can delete a hook before it makes it anew, as it does
    unless told otherwise; a hook of Argo CD may have it. A List that holds nothing is a warning: Helm installs nothing
    of it, and `kubectl apply` of it alone ends with "no objects passed to apply".
    Sources: https://github.com/helm/helm/blob/v4.2.3/pkg/action/validate.go,
    https://github.com/helm/helm/blob/v4.2.3/pkg/action/hooks.go and
    https://argo-cd.readthedocs.io/en/stable/user-guide/resource_hooks/#generate-name
    """
    yield from _judged(rendering, "object", "a sound object")
    yield from _findings(rendering, "list", "warning")


documents_are_sound_objects.breaks(
    manifests=HEALTHY,
    it_has_no_name=printed("{apiVersion: v1, kind: Secret}"),
    its_name_is_a_number=printed("{apiVersion: v1, kind: Secret, metadata: {name: 5}}"),
    its_metadata_is_a_list=printed("{apiVersion: v1, kind: Secret, metadata: [name]}"),
    it_has_no_kind=printed("{apiVersion: v1, metadata: {name: two}}"),
    it_has_no_version=printed("{kind: Secret, metadata: {name: two}}"),
    it_is_an_empty_map=printed("{}"),
    it_is_a_text=printed("just text"),
    it_is_no_yaml=printed("kind: ["),
    something_is_behind_its_end=printed("{apiVersion: v1, kind: Secret, metadata: {name: two}}\n...\nkind: Secret"),
    a_list_without_items=printed("{apiVersion: v1, kind: List}"),
    a_list_of_texts=printed("{apiVersion: v1, kind: List, items: [text]}"),
    the_items_of_a_list_are_a_map=printed("{apiVersion: v1, kind: SecretList, items: {a: b}}"),
    its_name_is_generated=printed("{apiVersion: v1, kind: Pod, metadata: {generateName: test-}}"),
    a_hook_of_helm_has_a_generated_name=printed(
        "{apiVersion: v1, kind: Pod, metadata: {generateName: test-, annotations: {helm.sh/hook: test}}}"
    ),
    it_has_two_sorts_of_name=printed("{apiVersion: v1, kind: Pod, metadata: {name: two, generateName: test-}}"),
    no_items_at_all=printed("{apiVersion: v1, kind: List, items: []}"),
    items_are_null=printed("{apiVersion: v1, kind: List, items: null}"),
    a_typed_list=printed("{apiVersion: v1, kind: SecretList, items: []}"),
)


@policy(severity="error", remediation="Write the key once: merge the maps, or let one place of the template decide.")
def keys_are_there_once(rendering: Rendering) -> Iterator[Check]:
    """No map of a manifest, of values.yaml or of Chart.yaml has a key twice.

    Helm takes the last one, and what was written first is lost in silence; kustomize, and Flux with it, refuse the
    manifest ("mapping key already defined"). A key that a file in ci/ has is there twice by it.
    Source: https://github.com/kubernetes-sigs/yaml/blob/v1.4.0/yaml.go (Unmarshal, and UnmarshalStrict)
    """
    yield from _judged(rendering, "key", "each key once")
    yield from _of_files(rendering.chart, "")


keys_are_there_once.breaks(
    manifests=HEALTHY,
    a_label_twice=printed("apiVersion: v1\nkind: Secret\nmetadata: {name: two, labels: {a: b, a: c}}"),
    a_section_twice=printed("apiVersion: v1\nkind: Secret\nmetadata: {name: two}\ndata: {}\ndata: {}"),
    the_same_as_number_and_text=printed("apiVersion: v1\nkind: Secret\nmetadata: {name: two}\ndata: {1: a, '1': b}"),
    in_an_item_of_a_list=printed(
        "{apiVersion: v1, kind: SecretList, items: [{metadata: {name: two}, data: {}, data: {}}]}"
    ),
    in_what_is_no_object=printed("{a: 1, a: 2}"),
    a_value_has_two_defaults=of_chart(repeats={"values.yaml": (RepeatedKey("image.tag", "tag", 7, 3),)}),
)


def _judged(rendering: Rendering, sort: Literal["object", "key"], sound: str) -> Iterator[Check]:
    """Give a finding for each flaw of a sort, and a check that passed for each object without one."""
    flawed = {flaw.subject for flaw in rendering.flaws if flaw.sort == sort}
    for resource in rendering.resources:
        if str(resource.identity) not in flawed:
            yield states(resource.place(), True, expected=sound, actual=sound)
    yield from _findings(rendering, sort)


def _findings(rendering: Rendering, sort: str, severity: Severity | None = None) -> Iterator[Check]:
    joined = {flaw.subject for flaw in rendering.flaws if sort == "key" and flaw.address == "kind"}
    for flaw in rendering.flaws:
        # Of two objects in one document, what they have in common is told once, at the kind.
        is_joined = flaw.subject in joined and len(steps(flaw.address)) == 1
        if flaw.sort != sort or (is_joined and flaw.address != "kind"):
            continue
        if sort != "key" or not _is_of_a_file(steps(flaw.address)[-1], rendering.scenario):
            expected = "once, and `---` between two objects" if is_joined else flaw.expected
            yield Check(flaw.subject, flaw.address, expected, flaw.actual, False, flaw.template, severity=severity)


def _is_of_a_file(key: str, scenario: Scenario) -> bool:
    """Tell whether a file in ci/ has a key, in a map or in a text that a template prints as it is."""
    return names_key(scenario, key) or has_line_of(scenario, key)


def _of_files(chart: Chart, folder: str) -> Iterator[Check]:
    """Judge the files of a chart, and of its subcharts but for archives, which are somebody else's."""
    for name in ("Chart.yaml", "values.yaml"):
        file, repeats = f"{folder}{name}", chart.repeats.get(name, ())
        for repeat in repeats:
            actual = f"once more, in line {repeat.line}: the last one counts"
            yield Check(file, repeat.address, "once", actual, False, file)
        if not repeats:
            yield Check(file, "", "each key once", "each key once", True, file)
    for subchart in chart.subcharts:
        if not subchart.source.endswith(".tgz"):
            yield from _of_files(subchart, f"{folder}charts/{subchart.name}/")
