"""What a policy says of a change that a class tells already is not told a second time."""

from __future__ import annotations

import pytest

from chartgate.review.repeated_entries import not_told_yet
from chartgate.review.review import Entry, Risk

SUBJECT = "Secret shop/web"


def _entry(risk: str, address: str, reason: str = "", subject: str = SUBJECT) -> Entry:
    found = Risk(risk, "danger", "minor", reason)
    return Entry("resources", "changed", (subject,), (address,), risks=(found,))


def _finding(policy: str, address: str, subject: str = SUBJECT) -> Entry:
    return _entry("new_finding", address, f"{policy}: expected a, found b", subject)


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
    ],
)
def test_what_is_another_one_each_time_is_told_once(finding: Entry, told: Entry, is_left: bool) -> None:
    assert not_told_yet([finding], [told]) == [finding] * is_left
