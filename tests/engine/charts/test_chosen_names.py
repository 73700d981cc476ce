"""Names that the values of a scenario say are their user's choice, and no others."""

from __future__ import annotations

import dataclasses

import pytest

from chartgate.charts.template_texts.chosen_names import ChosenNames
from chartgate.policy.proofs import literal_rendering


@pytest.mark.parametrize(
    ("name", "is_chosen"),
    [
        ("ingress-nginx", True),
        ("ingress-nginx-web", True),
        ("web-ingress-nginx", True),
        ("web-ingress-nginx-one", False),
        # One letter shorter than what is chosen.
        ("ledger-agent", False),
        # The namespace in front.
        ("default-ingress-nginx-web", True),
        ("other-ingress-nginx-web", False),
        ("shop", True),
        ("shops", False),
        ("clerk", False),  # a user of a database
    ],
)
def test_what_begins_or_ends_with_a_name_that_is_set(name: str, is_chosen: bool) -> None:
    scenario = literal_rendering("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}").scenario
    values = {"className": "ingress-nginx", "fullnameOverride": "shop", "auth": {"username": "clerk"}}
    chosen = ChosenNames(dataclasses.replace(scenario, overrides=values, values=values))
    assert (name in chosen) == is_chosen
