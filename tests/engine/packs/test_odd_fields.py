"""Whatever a template prints into a field gives findings: policies, snapshots and the review never fail themselves."""

from __future__ import annotations

import copy
import dataclasses
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chartgate.catalogs.snapshot_text import inventory, manifests
from chartgate.documents.yaml_texts import go_yaml
from chartgate.kubernetes.links.existence import resolves
from chartgate.kubernetes.links.object_references import references
from chartgate.model import Rendering, Resources, Scenario
from chartgate.policy.loading import load_policies
from chartgate.policy.proofs import NO_CHART
from chartgate.policy.verdicts import checks_of
from chartgate.rendering.manifests import read_output
from chartgate.review.risks.risk_classes import OF_RESOURCES
from chartgate.review.scenario_changes import changes

POLICIES = load_policies(["kubernetes"])
HEALTHY = sorted({example.manifests for policy in POLICIES for example in policy.counterexamples})
DOCUMENTS = [[document for document in go_yaml.load_all(text, "") if document is not None] for text in HEALTHY]

ODD = "| |a/b|@|:|sha256:|a@sha256:|a:1:2|http|-1|0|1e9|$(A)|{}|[|*|<path:a#b>|a.b.svc|a.b.svc.cluster.local:0|\u2028|é"
TEXTS = st.text(max_size=8) | st.sampled_from(
    [*ODD.split("|"), "9" * 30, "9" * 5000, "9" * 5000 + "%", "\u00b2", "x" * 5000]
)
SCALARS = (
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
)
KEYS = st.sampled_from(["name", "key", "labels", "matchLabels", "data", "spec", "containers", "port", "value"]) | TEXTS
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=6
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Give every place in a document: the map or list, and the key or index."""
    keys = [*value] if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [place for key in keys for place in ((value, key), *places(value[key]))]


@st.composite
def broken(draw: st.DrawFn) -> list[Any]:
    """Give healthy documents in which a few places hold something else, or nothing, or more than one of it."""
    documents: list[Any] = copy.deepcopy(draw(st.sampled_from(DOCUMENTS)))
    for _ in range(draw(st.integers(1, 4))):
        there = places(documents)
        if not there:
            break
        holder, key = draw(st.sampled_from(there))
        what = draw(st.sampled_from(["put", "put", "put", "drop", "add"]))
        if what == "drop":
            del holder[key]
        elif what == "put":
            holder[key] = draw(VALUES)
        elif isinstance(holder, dict):
            holder[draw(KEYS)] = draw(VALUES)
        else:
            holder.insert(draw(st.integers(0, len(holder))), draw(VALUES))
    return documents


def rendered(documents: list[Any], scenario: Scenario) -> Rendering:
    """Make what these documents are as helm's output."""
    text = "".join(f"---\n# Source: toy/templates/{n}.yaml\n{go_yaml.dump(doc)}" for n, doc in enumerate(documents))
    resources, flaws = read_output(text, scenario.namespace)
    return Rendering(scenario, CHART, resources, Resources(resources), flaws=flaws)


CHART = dataclasses.replace(NO_CHART, metadata={"name": "toy"})
SCENARIO = Scenario("healthy", "release-name", "default", "", {}, {}, switched=frozenset())
ANOTHER = dataclasses.replace(SCENARIO, name="broken", switched=frozenset(["feature"]))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(before=broken(), after=broken())
def test_odd_fields_give_findings_and_no_traceback(before: list[Any], after: list[Any]) -> None:
    one, two = rendered(before, SCENARIO), rendered(after, ANOTHER)
    for policy in POLICIES:
        cases = [[one], [two]] if policy.judges_one and not policy.judges_all_at_once else [[one, two]]
        for case in cases:
            for check in checks_of(policy, case):
                assert check.subject, policy.name
    for rendering in (one, two):
        inventory([rendering], {})
        manifests(rendering.resources, rendering)
        for resource in rendering.resources:
            assert resource.identity.label
            for reference in references(resource):
                resolves(reference, rendering.resources, rendering.scenario)
    for change in changes(one, two, OF_RESOURCES).changes:
        assert change.content
    list(changes(two, one, OF_RESOURCES).changes)
