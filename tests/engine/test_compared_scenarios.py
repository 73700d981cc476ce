"""Which scenarios the policies for any chart compare."""

from __future__ import annotations

from chartgate.documents.addresses import lookup
from chartgate.documents.walking import leaves
from chartgate.gate.gate import Gate
from chartgate.matrix.derived import corners
from chartgate.matrix.matrix import Matrix
from chartgate.packs.kubernetes.canaries import all_canaries
from chartgate.packs.kubernetes.equivalence import renamed
from chartgate.packs.kubernetes.isolation import one_toggle_apart
from chartgate.packs.kubernetes.secrets import given_and_canaries
from chartgate.packs.kubernetes.values import one_key_changed
from chartgate.rendering import helm_template


def test_pairs_one_toggle_apart(matrix: Matrix) -> None:
    pairs = {f"{before.name}..{after.name}" for before, after in one_toggle_apart(matrix.rendering)}
    assert {"off..postgres", "lightspeed..lightspeed+sidecars", "lightspeed+postgres+catalog+reader..all_on"} <= pairs
    assert not {"off..all_on", "postgres..off", "off..lightspeed+postgres", "off..defaults", "off..mix_01"} & pairs
    # Five dimensions of a cube with 32 corners have 80 edges.
    assert len(pairs) == 5 * 2**4


def test_pairs_that_differ_in_their_names(matrix: Matrix, gate: Gate) -> None:
    pairs = list(renamed(matrix.rendering))
    assert [(one.name, two.name) for one, two in pairs] == [("off.one", "off.two"), ("all_on.one", "all_on.two")]
    one, two = pairs[1]
    assert one.overrides == two.overrides == matrix.scenarios["all_on"].overrides
    assert (one.release, two.namespace) == ("first-release-x7", "second-namespace-y8")
    command = helm_template.command(gate.chart, one, gate.renderings.tools, "tests/matrix.yaml")
    assert command.startswith("chartgate values all_on ")
    assert " template first-release-x7 chart --namespace first-namespace-x7 " in command


def test_a_matrix_without_toggles_is_compared_everywhere(matrix: Matrix) -> None:
    plain = [matrix.scenarios[name] for name in ("defaults", "np_hub")]
    assert corners(plain) == plain


def test_one_case_for_every_key(matrix: Matrix, gate: Gate) -> None:
    cases = {case.name: case.scenarios for case in one_key_changed(matrix.rendering)}
    before, after = cases["sidecars.image"]
    assert (before.name, after.name, after.origin) == ("all_on", "all_on.changed.sidecars.image", "all_on")
    assert list(after.changes) == ["sidecars.image"]
    chart = gate.chart
    assert {key.partition(".")[0] for key in cases} == set(chart.own_values)
    (subchart,) = chart.subcharts
    assert {f"{subchart.name}.{address}" for address, _ in leaves(subchart.own_values)} <= set(cases)
    # Each with a value of its own that is not the one of before.
    assert [key for key, (one, two, *_) in cases.items() if lookup(one.values, key) == lookup(two.values, key)] == []


def test_a_key_below_a_switch_that_is_off_is_judged_with_it_on_too(matrix: Matrix) -> None:
    switch, key = (f"redhat-developer-hub.upstream.serviceAccount.{name}" for name in ("create", "name"))
    cases = {case.name: case.scenarios for case in one_key_changed(matrix.rendering)}
    *_, before, after = cases[key]
    assert (before.changes, list(after.changes)) == ({switch: True}, [switch, key])
    assert (before.value(switch), after.value(switch), after.origin) == (True, True, "all_on")
    assert len(cases[switch]) == 2


def test_canaries_are_judged_with_everything_off_and_everything_on(matrix: Matrix) -> None:
    planted = ["off.canaries", "all_on.canaries"]
    assert [case.name for case in given_and_canaries(matrix.rendering)] == [
        *(s.name for s in matrix.rendering),
        *planted,
    ]
    assert {case.name: [s.name for s in case] for case in all_canaries(matrix.rendering)} == {"canaries": planted}
