"""The entries of what is not an object: values, schema, scenarios that are refused, and the version itself."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

from chartgate.documents.masking import Masker, is_guarded
from chartgate.model import Chart
from chartgate.review.contract.changed_keys import key_changes
from chartgate.review.contract.narrowed_schemas import narrowings
from chartgate.review.review import Entry, Versions
from chartgate.review.risks.risk_class import risks_in
from chartgate.review.risks.risk_classes import OF_SCENARIOS, OF_SCHEMAS, OF_VALUES, OF_VERSIONS
from chartgate.review.risks.values_contract import Refusal
from chartgate.review.scenario_changes import masked_risks


def entries_of_values(before: Chart, after: Chart) -> Iterator[Entry]:
    """Give each key of values.yaml that comes, goes, or has another name or default."""
    for change in key_changes(before, after):
        yield Entry(
            section="values",
            fate="changed",
            subjects=("values.yaml",),
            addresses=(change.address,),
            before=change.before,
            after=change.after,
            risks=risks_in(change, OF_VALUES),
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


def entries_of_refusals(errors: Mapping[str, str]) -> Iterator[Entry]:
    """Give the scenarios that only HEAD refuses, each with its error; the same error of many is one entry."""
    by_error: dict[str, list[str]] = {}
    for scenario, error in errors.items():
        by_error.setdefault(error, []).append(scenario)
    for error, scenarios in by_error.items():
        names = ", ".join(scenarios)
        yield Entry(
            section="scenarios",
            fate="changed",
            subjects=(names,),
            risks=risks_in(Refusal(scenarios[0], error), OF_SCENARIOS),
            scenarios=tuple(scenarios),
            condition=names,
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
