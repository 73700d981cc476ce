"""The entries of what is not an object: values, schema, scenarios that are refused, and the version itself."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Container, Iterator, Mapping, Sequence

from chartgate.documents.addresses import ABSENT, is_inside
from chartgate.documents.secret_texts.masking import Masker, is_guarded
from chartgate.documents.words import listed
from chartgate.matrix.conditions import Conditions
from chartgate.model import Chart
from chartgate.review.contract.changed_keys import ignored_keys, key_changes, keys_printed_otherwise
from chartgate.review.contract.item_keys import refused_items
from chartgate.review.contract.kube_versions import gone_with_data, raised_kube_versions
from chartgate.review.contract.narrowed_schemas import narrowings
from chartgate.review.contract.refused_keys import refused_keys
from chartgate.review.review import Entry, Versions
from chartgate.review.risks.restarted_pods import Restart
from chartgate.review.risks.risk_class import Hit, risks_in
from chartgate.review.risks.risk_classes import (
    OF_IGNORED_KEYS,
    OF_KUBE_VERSIONS,
    OF_SCENARIOS,
    OF_SCHEMAS,
    OF_UPGRADES,
    OF_VALUES,
    OF_VERSIONS,
)
from chartgate.review.risks.storage import data_loss
from chartgate.review.risks.values_contract import Refusal
from chartgate.review.scenario_changes import masked_risks

_HINT = "\n\nUse --debug flag to render out invalid YAML"
"""What helm adds, and nobody needs who reads a review."""
_POSITION = re.compile(r"(?<=[a-z]):[0-9]++:[0-9]++(?=\))")
"""Where in a template helm was: the same function may be called in many lines."""
_LOST_WITH_IT = Hit("", "whoever has turned the subchart on loses what is on its volumes")
_MOST = 5
"""Scenarios that are named."""


def entries_of_values(before: Chart, after: Chart) -> Iterator[Entry]:
    """Give each key of values.yaml that comes, goes, has another name or default, or may no longer be set."""
    refused = [*refused_keys(before, after), *refused_items(before, after)]
    for key in refused:
        reason = f"the templates fail where it is {key.when}{': ' * bool(key.words)}{key.words}"
        yield Entry(
            section="values",
            fate="changed",
            subjects=("values.yaml",),
            addresses=(key.address,),
            risks=risks_in(Refusal(key.address, reason), OF_SCENARIOS),
            subchart=key.subchart,
        )
    told, ignored = {key.address for key in refused}, ignored_keys(before, after)
    untold = [*ignored, *keys_printed_otherwise(before, after)]
    lost = gone_with_data(before, after)
    for change in (*key_changes(before, after), *untold):
        is_told = change.address in told or any(is_inside(change.address, key.address) for key in ignored)
        if change.after is ABSENT and change not in untold and is_told:
            continue
        yield Entry(
            section="values",
            fate="changed",
            subjects=("values.yaml",),
            addresses=(change.address,),
            before=ABSENT if change in untold else change.before,
            after=ABSENT if change in untold else change.after,
            risks=(
                *[data_loss.because(_LOST_WITH_IT) for name in lost if name == change.address],
                *risks_in(change, OF_IGNORED_KEYS if change in untold else OF_VALUES),
            ),
            subchart=change.subchart,
        )


def entries_of_schemas(before: Chart, after: Chart) -> Iterator[Entry]:
    """Give everything that values.schema.json accepted and now refuses."""
    for narrowing in narrowings(before, after):
        yield Entry(
            section="schema",
            fate="changed",
            subjects=("values.schema.json",),
            addresses=(narrowing.address,) if narrowing.address else (),
            risks=risks_in(narrowing, OF_SCHEMAS),
            subchart=narrowing.subchart,
        )


def entries_of_refusals(errors: Mapping[str, str], turned: Container[str] = ()) -> Iterator[Entry]:
    """Give the scenarios that only HEAD refuses, each with its error; the same error of many is one entry.

    Args:
        errors: by scenario.
        turned: the scenarios that only turn a switch: they are not named where it is refused without that as well.
    """
    by_error: dict[str, list[str]] = {}
    for scenario, error in errors.items():
        by_error.setdefault(_POSITION.sub("", error.removesuffix(_HINT)), []).append(scenario)
    for those in by_error.values():
        scenarios = [name for name in those if name not in turned] or those
        names, error = listed(scenarios, _MOST), errors[scenarios[0]].removesuffix(_HINT)
        yield Entry(
            section="scenarios",
            fate="changed",
            subjects=(names,),
            risks=risks_in(Refusal(scenarios[0], error), OF_SCENARIOS),
            scenarios=tuple(scenarios),
            condition=names,
        )


def entries_of_kube_versions(before: Chart, after: Chart) -> Iterator[Entry]:
    """Give the charts, subcharts among them, that no longer install in a version of Kubernetes."""
    for raised in raised_kube_versions(before, after):
        yield Entry(
            section="version",
            fate="changed",
            subjects=("Chart.yaml",),
            addresses=("kubeVersion",),
            before=raised.before or ABSENT,
            after=raised.after,
            risks=risks_in(raised, OF_KUBE_VERSIONS),
            subchart=raised.subchart,
        )


def entries_of_restarts(
    found: Mapping[str, Sequence[Restart]], conditions: Conditions, masker: Masker
) -> Iterator[Entry]:
    """Give one entry for all pods that are replaced.

    Args:
        found: by scenario, the workloads.
        conditions: puts scenarios into words.
        masker: hides secret values.
    """
    scenarios = tuple(name for name, each in found.items() if each)
    subjects = dict.fromkeys(masker.text(restart.subject) for each in found.values() for restart in each)
    for risk in risks_in(found, OF_UPGRADES):
        yield Entry(
            section="resources",
            fate="changed",
            subjects=tuple(subjects),
            risks=masked_risks([risk], masker),
            scenarios=scenarios,
            condition=conditions.describe(scenarios),
        )


def entries_of_version(versions: Versions) -> Iterator[Entry]:
    """Give what is wrong with the version of HEAD."""
    for risk in risks_in(versions, OF_VERSIONS):
        yield Entry("version", "changed", ("Chart.yaml",), ("version",), risks=(risk,))


def without_secrets(entry: Entry, masker: Masker) -> Entry:
    """Give an entry that shows no secret values."""
    guarded = is_guarded("", entry.address)
    return dataclasses.replace(
        entry,
        addresses=tuple(map(masker.text, entry.addresses)),
        before=masker.document(entry.before, guarded=guarded),
        after=masker.document(entry.after, guarded=guarded),
        risks=masked_risks(entry.risks, masker),
    )
