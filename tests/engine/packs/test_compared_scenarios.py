"""Which scenarios the policies for any chart compare."""

from __future__ import annotations

from pathlib import Path

from chartgate.documents.walking import leaves
from chartgate.gate.gate import Gate
from chartgate.matrix.derivations.derived import corners
from chartgate.matrix.derivations.marked_values import marked_cases
from chartgate.matrix.matrix import Matrix
from chartgate.model import Rendering, Resources
from chartgate.packs.kubernetes.access_and_secrets.canaries import all_canaries
from chartgate.packs.kubernetes.access_and_secrets.secrets import given_and_canaries
from chartgate.packs.kubernetes.install_and_upgrade.equivalence import renamed
from chartgate.packs.kubernetes.keys.key_changes import own_keys
from chartgate.packs.kubernetes.keys.key_tries import closer_look, every_key_changed
from chartgate.packs.kubernetes.options.isolation import one_toggle_apart
from tests.engine.toys import CHART, chart_from


def test_pairs_one_toggle_apart(matrix: Matrix) -> None:
    pairs = {f"{before.name}..{after.name}" for before, after in one_toggle_apart(matrix.rendering)}
    assert {"off..postgres", "lightspeed..lightspeed+sidecars", "lightspeed+postgres+catalog+reader..all_on"} <= pairs
    assert not {"off..all_on", "postgres..off", "off..lightspeed+postgres", "off..defaults", "off..mix_01"} & pairs
    # Five dimensions of a cube with 32 corners have 80 edges.
    assert len(pairs) == 5 * 2**4


def test_pairs_that_differ_in_their_names(matrix: Matrix) -> None:
    pairs = list(renamed(matrix.rendering))
    assert [(one.name, two.name) for one, two in pairs] == [("off.one", "off.two"), ("all_on.one", "all_on.two")]
    one, two = pairs[1]
    assert one.overrides == two.overrides == matrix.scenarios["all_on"].overrides
    assert (one.release, two.namespace) == ("first-release-x7", "other-namespace-y8")


def test_a_matrix_without_toggles_is_compared_everywhere(matrix: Matrix) -> None:
    plain = [matrix.scenarios[name] for name in ("defaults", "np_hub")]
    assert corners(plain) == plain


def test_many_keys_are_tried_at_once(matrix: Matrix, gate: Gate) -> None:
    """The first look are the marked scenarios that other policies judge too, and one with what these leave out."""
    [case] = every_key_changed(matrix.rendering)
    assert case.scenarios[0].name == "all_on"
    assert {scenario.name for scenario in case} == {scenario.name for scenario in matrix.rendering}
    (subchart,) = gate.chart.subcharts
    keys = list(own_keys(gate.chart))
    assert {key.partition(".")[0] for key in keys} == set(gate.chart.own_values)
    assert {f"{subchart.name}.{address}" for address, _ in leaves(subchart.own_values)} <= set(keys)
    empty = Rendering(case.scenarios[0], gate.chart, Resources(), Resources())
    wanted = [scenario.name for scenario in closer_look([empty])]
    [marked] = marked_cases(matrix.rendering)
    assert wanted == [*(scenario.name for scenario in marked.scenarios[1:]), "all_on.guessed"]


def test_keys_of_fetched_charts_are_not_ours(tmp_path: Path) -> None:
    """Of what a repository brings, those keys count that values.yaml itself sets; of what lies here, all."""
    sub = "apiVersion: v2\nname: %s\nversion: 1.0.0\n"
    repositories = {
        "here": "''",
        "beside": "file://../beside",
        "web": "https://example.com",
        "oci": "oci://example.com/a",
    }
    entries = (f"{{name: {name}, version: '*', repository: {where}}}" for name, where in repositories.items())
    files = {"Chart.yaml": f"{CHART}dependencies: [{', '.join(entries)}]\n", "values.yaml": "web: {set: 1}\n"}
    for name in (*repositories, "undeclared"):
        files |= {f"charts/{name}/Chart.yaml": sub % name, f"charts/{name}/values.yaml": "own: 1\n"}
    found = set(own_keys(chart_from(tmp_path / "toy", files)))
    assert found == {"web.set", "here.own", "beside.own", "undeclared.own"}


def test_canaries_are_judged_with_everything_off_and_everything_on(matrix: Matrix) -> None:
    planted = ["off.canaries", "all_on.canaries"]
    assert [case.name for case in given_and_canaries(matrix.rendering)] == [
        *(s.name for s in matrix.rendering),
        *planted,
    ]
    assert {case.name: [s.name for s in case] for case in all_canaries(matrix.rendering)} == {"canaries": planted}
