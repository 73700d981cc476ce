"""What a policy says of a change that a class tells already is not told a second time."""

from __future__ import annotations

import pytest

from chartgate.review.repeated_entries import not_told_yet, once_per_cause
from chartgate.review.review import Entry, Level, Risk, Section

SUBJECT = "Secret shop/web"


def _entry(risk: str, address: str, reason: str = "", subject: str = SUBJECT, level: Level = "danger") -> Entry:
    found = Risk(risk, level, "minor", reason)
    return Entry("resources", "changed", (subject,), (address,), risks=(found,))


def _finding(policy: str, address: str, subject: str = SUBJECT, level: Level = "danger") -> Entry:
    return _entry("new_finding", address, f"{policy}: expected a, found b", subject, level)


def _of_values(section: Section, address: str, **reasons: str) -> Entry:
    risks = tuple(Risk(name, "danger", "major", reason) for name, reason in reasons.items())
    return Entry(section, "changed", (section,), (address,) if address else (), risks=risks)


UNSTABLE = _entry("unstable", "data.word")


@pytest.mark.parametrize(
    ("finding", "told", "is_left"),
    [
        (_finding("generated_secrets_are_kept", "stringData.word"), UNSTABLE, False),
        (_finding("same_input_gives_the_same_output", "data.word"), UNSTABLE, False),
        (_finding("generated_secrets_are_kept", "stringData.other"), UNSTABLE, True),
        (_finding("generated_secrets_are_kept", "stringData.word", "Secret shop/other"), UNSTABLE, True),
        (_finding("texts_of_digits_stay_texts", "stringData.word"), UNSTABLE, True),
        (_finding("generated_secrets_are_kept", "stringData.word"), _entry("login_changed", "data.word"), True),
        (_finding("data_is_kept", "data.word", level="caution"), _entry("data_loss", "data.word"), False),
        (_finding("data_is_kept", "data.word"), _entry("data_loss", "data.word"), True),
        (_finding("data_is_kept", "data.word", level="caution"), _entry("image", "data.word", level="caution"), True),
        (_finding("data_is_kept", "data.other", level="caution"), _entry("data_loss", "data.word"), True),
        (_finding("data_is_kept", "data.word.a", level="caution"), _entry("data_loss", "data.word"), False),
        (_finding("data_is_kept", "data.word.a"), _entry("data_loss", "data.word"), True),
        (_finding("data_is_kept", "data", level="caution"), _entry("data_loss", "data.word"), True),
        (_finding("data_is_kept", "data.a", "Pod a", "caution"), _entry("data_loss", "data.a"), True),
    ],
)
def test_what_is_told_anyway_is_no_finding_as_well(finding: Entry, told: Entry, is_left: bool) -> None:
    assert not_told_yet([finding], [told]) == [finding] * is_left


UNKNOWN, REQUIRED, GONE = "the schema no longer knows this key", "it is required now", "setting it does nothing"
MISSING = "- at '/a': missing property 'b'"


@pytest.mark.parametrize(
    ("told", "of_schema", "risks"),
    [
        (
            _of_values("values", "a.b", values_key_removed=GONE),
            _of_values("schema", "a.b", schema_narrowed=UNKNOWN),
            [["whoever sets it cannot upgrade", UNKNOWN]],
        ),
        (
            _of_values("values", "a.b", values_key_removed="it is c now"),
            _of_values("schema", "a.b", schema_narrowed=UNKNOWN),
            [["it is c now", UNKNOWN]],
        ),
        (
            _of_values("values", "a.b", values_retyped="boolean before, object now"),
            _of_values("schema", "a.b", schema_narrowed="it may no longer be boolean"),
            [["boolean before, object now", "it may no longer be boolean"]],
        ),
        (
            _of_values("values", "a.c", values_key_removed=GONE),
            _of_values("schema", "a.b", schema_narrowed=UNKNOWN),
            [[GONE], [UNKNOWN]],
        ),
        (
            _of_values("scenarios", "", values_refused=MISSING),
            _of_values("schema", "a.b", schema_narrowed=REQUIRED),
            [[MISSING, REQUIRED]],
        ),
        (
            _of_values("scenarios", "", values_refused=MISSING),
            _of_values("schema", "a.c", schema_narrowed=REQUIRED),
            [[REQUIRED], [MISSING]],
        ),
    ],
    ids=["gone", "renamed", "another type", "another key", "required", "another one is missing"],
)
def test_what_a_schema_says_of_a_key_that_is_told_is_told_with_it(
    told: Entry, of_schema: Entry, risks: list[list[str]]
) -> None:
    of_values, refusals = ([told], []) if told.section == "values" else ([], [told])
    found = once_per_cause([*of_values, of_schema], refusals)
    assert [[risk.reason for risk in entry.risks] for entry in found] == risks
