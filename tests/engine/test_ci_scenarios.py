"""Values files of a chart's ci/ as scenarios of a matrix: installations, each by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartgate.errors import InputError
from chartgate.matrix.conventional import conventional_matrix
from chartgate.packs.kubernetes.gitops import neighbours
from tests.engine.test_matrix_layers import matrix_of
from tests.engine.toys import TOY, chart_from

FILES = {
    "ci/Large-values.yaml": "mode: large\n",
    "ci/cache-values.yaml": "cache: {enabled: true}\n",
    "ci/cache-tls-values.yaml": "mode: first\nmode: last\n",
    "ci/notes.yaml": "mode: no scenario\n",
}


@pytest.mark.parametrize(
    ("ci_files", "names"),
    [
        ("true", ["ci-Large", "ci-cache-tls", "ci-cache"]),
        ("false", []),
        ("cache", ["ci-cache"]),
        ("cache*", ["ci-cache-tls", "ci-cache"]),
        ("Large-values.yaml", ["ci-Large"]),
        ("[cache-tls, L*]", ["ci-Large", "ci-cache-tls"]),
    ],
)
def test_which_files_are_scenarios(ci_files: str, names: list[str], tmp_path: Path) -> None:
    """A toggle may be named like a file."""
    matrix = matrix_of(tmp_path, f"toggles: {{cache: cache.enabled}}\nci_files: {ci_files}\n", **FILES)
    assert sorted(matrix.scenarios) == sorted(["off", "all_on", *names])
    for name in names:
        assert matrix.reasons[name].text == f"the values of the chart's ci/{name.removeprefix('ci-')}-values.yaml"


def test_their_values_are_read_as_helm_reads_them(tmp_path: Path) -> None:
    matrix = matrix_of(tmp_path, "ci_files: true\n", **FILES)
    assert matrix.scenarios["ci-cache-tls"].overrides == {"mode": "last"}
    assert matrix.scenarios["ci-cache"].value("cache.enabled") is True
    assert not matrix.is_conventional


@pytest.mark.parametrize(
    ("ci_files", "message"),
    [
        ("true", "no *-values.yaml in the chart's ci/ is '*'; there is: none"),
        ("[nothing]", "no *-values.yaml in the chart's ci/ is 'nothing'; there is: none"),
    ],
)
def test_what_fits_no_file(ci_files: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        matrix_of(tmp_path, f"ci_files: {ci_files}\n")
    assert str(error.value).endswith(f"/tests/matrix.yaml:4: ci_files: {message}")


def test_they_are_no_upgrades_of_each_other(tmp_path: Path) -> None:
    given = "scenarios: {one: {}, two: {values: {mode: two}}}\nci_files: true\n"
    matrix = matrix_of(tmp_path / "with", given, **FILES)
    pairs = [(one.name, two.name) for one, two in neighbours(matrix.rendering)]
    assert pairs == [("one", "two")]
    conventional = conventional_matrix(chart_from(tmp_path / "without", TOY | FILES))
    assert list(neighbours(conventional.rendering)) == []


def test_what_else_names_them(tmp_path: Path) -> None:
    """Their names are those of files, whatever letters these have."""
    external = "{kind: Secret, name: a, scenarios: [ci-Large], reason: Made by hand.}"
    matrix = matrix_of(
        tmp_path, f"ci_files: true\nsnapshots: {{in_full: {{ci-Large: ci-cache}}}}\nexternal: [{external}]\n", **FILES
    )
    assert [thing.name for thing in matrix.scenarios["ci-Large"].external] == ["a"]
    assert matrix.scenarios["ci-cache"].external == ()
    with pytest.raises(
        InputError, match=r"'ci-large' is no scenario of this matrix that renders; near it: ci-Large, ci-cache"
    ):
        matrix_of(tmp_path, "ci_files: true\nsnapshots: {in_full: {ci-large: null}}\n", **FILES)
