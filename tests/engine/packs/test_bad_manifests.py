"""What no chart should render gives a clear error or a finding of a policy for any chart, and never a traceback."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chartgate.matrix.conventional import conventional_matrix
from chartgate.model import Case, Chart, Rendering, Resources, Scenario
from chartgate.policy.loading import load_policies
from chartgate.policy.policy import Policy
from chartgate.policy.proofs import literal_renderings
from chartgate.policy.verdicts import judge
from chartgate.rendering.renderings import Renderings
from chartgate.system.toolchain import Tools
from tests.engine.toys import CHART, chart_from

GENERIC = load_policies(["kubernetes"])

CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
DEFINITION = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Widget, plural: widgets}
  versions: [{name: v1, served: true, storage: true%s}]
---
apiVersion: example.com/v1
kind: Widget
metadata: {name: one}
spec: {size: large}
"""

# What helm renders, and the error in place of a rendering, which may be that of helm itself.
ERRORS = {
    "a_list": ("- apiVersion: v1\n", "toy/templates/all.yaml: error unmarshaling JSON"),
    "a_text": ("just text\n", "toy/templates/all.yaml: error unmarshaling JSON"),
    "broken_yaml": ("apiVersion: v1\nkind: [\n", "did not find expected node content"),
    "an_unknown_anchor": (f"{CONFIG}data: *gone\n", "unknown anchor 'gone' referenced"),
    "nothing": ("# Only a comment.\n", "helm rendered no resource at all"),
}

# What helm renders, the policy that finds it, and what the policy says is there.
FINDINGS = {
    "a_list_kind": (
        "apiVersion: v1\nkind: ConfigMapList\nitems: [{apiVersion: v1, kind: ConfigMap, metadata: {name: A_b}}]\n",
        "object_names_are_valid",
        "A_b",
    ),
    "a_list_kind_whose_items_are_none": (
        "apiVersion: v1\nkind: ConfigMapList\nmetadata: {name: a}\nitems: {}\n",
        "documents_are_sound_objects",
        "a map",
    ),
    "no_kind": ("apiVersion: v1\nmetadata: {name: a}\n", "documents_are_sound_objects", "(absent)"),
    "no_name": ("apiVersion: v1\nkind: Secret\n", "documents_are_sound_objects", "(absent)"),
    "null_metadata": ("apiVersion: v1\nkind: Secret\nmetadata:\n", "documents_are_sound_objects", "(absent)"),
    "a_generated_name": (
        "apiVersion: v1\nkind: Secret\nmetadata: {generateName: login-}\n",
        "documents_are_sound_objects",
        "login-",
    ),
    "a_list_kind_with_a_text": (
        "apiVersion: v1\nkind: List\nitems: [a]\n",
        "documents_are_sound_objects",
        "a text",
    ),
    "a_list_of_nothing": ("apiVersion: v1\nkind: List\nitems:\n", "documents_are_sound_objects", "nothing"),
    "a_key_twice": (f"{CONFIG}kind: Secret\n", "keys_are_there_once", "twice, in lines 2 and 4"),
    "a_merged_number": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: &meta {name: a}\ndata: {<<: *meta, port: 80}\n",
        "manifests_fit_their_schema",
        "integer, where the schema has string",
    ),
    "null_labels_of_pods": (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, labels: null}\nspec: {selector: {matchLabels:"
        " {a: b}}, template: {metadata: {labels: null}, spec: {containers: [{name: a, image: 'a:1'}]}}}\n",
        "selectors_match_their_own_pods",
        "{'matchLabels': {'a': 'b'}}",
    ),
    "no_pod_spec": (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {template: null}\n",
        "images_have_a_valid_name",
        "None",
    ),
    "a_definition_without_a_schema": (DEFINITION % "", "every_kind_has_a_schema", "example.com/v1 Widget is unknown"),
    "a_definition_with_a_broken_schema": (
        DEFINITION % ", schema: {openAPIV3Schema: {type: object, properties: {spec: {type: widget}}}}",
        "every_kind_has_a_schema",
        "example.com/v1 Widget is unknown",
    ),
    "an_object_that_its_definition_refuses": (
        DEFINITION % ", schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size:"
        " {type: integer}}}}}}",
        "manifests_fit_their_schema",
        "string, where the schema has integer",
    ),
    "invalid_base64": (
        f"{CONFIG.replace('ConfigMap', 'Secret')}data: {{a: not base64}}\n",
        "manifests_fit_their_schema",
        "not base64",
    ),
    "broken_yaml_inside": (
        f"{CONFIG}data: {{a.yaml: 'a: [1'}}\n",
        "configuration_files_parse",
        "did not find expected ',' or ']'",
    ),
    "a_key_twice_inside": (f"{CONFIG}data: {{a.yaml: '{{a: 1, a: 2}}'}}\n", "configuration_files_parse", "twice"),
    "broken_json_inside": (
        f"{CONFIG}data: {{a.json: '{{\"a\": }}'}}\n",
        "configuration_files_parse",
        "Expecting value",
    ),
    "data_is_a_list": (f"{CONFIG}data: [a]\n", "manifests_fit_their_schema", "array, where the schema has object"),
}


def judged(manifests: str, folder: Path, tools: Tools) -> dict[str, list[str]]:
    """Render a chart of these manifests, judge it by every generic policy, and give what each found, as text."""
    # As a value, so that helm's own template language finds nothing in it to read.
    files = {"templates/all.yaml": "{{ .Values.manifests }}", "Chart.yaml": CHART}
    block = "\n".join(f"  {line}" for line in manifests.splitlines())
    files |= {"values.yaml": "manifests: ''", "ci/bad-values.yaml": f"manifests: |\n{block}\n"}
    chart = chart_from(folder / "toy", files)
    matrix = conventional_matrix(chart)
    renderings = Renderings(chart, tools, (), folder / "runs")
    found = {"error": [renderings.of(scenario).error for scenario in matrix.rendering]}
    for policy in GENERIC:
        verdicts = [judge(policy, case, renderings.of) for case in policy.cases(matrix.rendering)]
        said = [str(finding.actual) for verdict in verdicts for finding in verdict.findings]
        # That a scenario does not render is told of itself, and not of each that a policy derives from it.
        found[policy.name] = [text for text in said if text not in map(str.strip, filter(None, found["error"]))]
    return found


@pytest.mark.parametrize("bad", ERRORS)
def test_what_cannot_be_read_is_an_error(bad: str, tmp_path: Path, tools: Tools) -> None:
    manifests, message = ERRORS[bad]
    found = judged(manifests, tmp_path, tools)
    assert message in found.pop("error")[0]
    assert set(map(tuple, found.values())) == {()}


@pytest.mark.parametrize("bad", FINDINGS)
def test_what_can_be_read_is_a_finding(bad: str, tmp_path: Path, tools: Tools) -> None:
    manifests, policy, actual = FINDINGS[bad]
    found = judged(manifests, tmp_path, tools)
    assert found["error"] == [""]
    assert [text for text in found[policy] if actual in text], found[policy]


OTHERS: tuple[Any, ...] = (None, "", "text", 7, -0.5, True, [], [None], ["text"], [{}], {}, {"a": None}, {"a": ["b"]})
"""What a template may render in place of anything."""
STEP = 6
"""Each place gets as much less of them in turn: there are thousands of places, and many are alike."""


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Give every place in a document: the map or list, and the key or index."""
    for key in [*value] if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, key
        yield from places(value[key])


def may_stand(manifest: dict[str, Any], holder: Any, key: Any, other: Any) -> bool:
    """Tell whether a manifest may have this here and still be read: it has a kind and a name."""
    if holder is manifest and key == "metadata":
        return False
    is_text = isinstance(other, str) and bool(other)
    is_needed = holder is manifest and key in ("apiVersion", "kind")
    return is_text or not (is_needed or (holder is manifest["metadata"] and key == "name"))


@pytest.mark.parametrize("policy", GENERIC, ids=lambda policy: f"{policy.family}-{GENERIC.index(policy)}")
def test_any_value_anywhere_gives_findings_and_no_traceback(policy: Policy, toy: Chart) -> None:
    judgements = 0
    for example in {example.manifests: example for example in policy.counterexamples}.values():
        renderings: dict[object, Rendering] = {
            rendering.scenario.switched: rendering for rendering in literal_renderings(example, toy)
        }
        case = Case("broken", tuple(rendering.scenario for rendering in renderings.values()))

        for resource in renderings[case.scenarios[-1].switched].resources:

            def rendering_of(scenario: Scenario, among: Any = renderings, changing: Any = resource) -> Rendering:
                # What a policy explores is rendered like the first of its case.
                given: Rendering = among.get(scenario.switched) or next(iter(among.values()))
                # Of an object that changes, nothing that was made of it counts any longer, nor of all of them.
                resources = Resources(copy.copy(one) if one is changing else one for one in given.resources)
                return dataclasses.replace(given, resources=resources, after_hooks=Resources(resources))

            for number, (holder, key) in enumerate(places(resource.manifest)):
                healthy = holder[key]
                readable = [other for other in OTHERS if may_stand(resource.manifest, holder, key, other)]
                for other in readable[number % min(STEP, len(readable) or 1) :: STEP]:
                    holder[key] = other
                    judge(policy, case, rendering_of)
                    judgements += 1
                holder[key] = healthy
    assert judgements
