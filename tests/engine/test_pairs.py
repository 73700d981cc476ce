"""Which scenarios the policies for any chart compare."""

from __future__ import annotations

from chartgate import helm
from chartgate.gate import Gate
from chartgate.matrix import Matrix
from policies.kubernetes.equivalence import corners, renamed
from policies.kubernetes.isolation import one_toggle_apart


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
    command = helm.command(gate.session.chart, one, gate.session.renderings.tools, "tests/matrix.yaml")
    assert command.startswith("chartgate values all_on ")
    assert " template first-release-x7 chart --namespace first-namespace-x7 " in command


def test_a_matrix_without_toggles_is_compared_everywhere(matrix: Matrix) -> None:
    plain = [matrix.scenarios[name] for name in ("defaults", "np_hub")]
    assert corners(plain) == plain
