"""Values files of a chart's ci/ as scenarios of a matrix: installations, each by itself."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import pytest

from chartgate.commands.main import main
from chartgate.errors import InputError
from chartgate.matrix.conventional import conventional_matrix
from chartgate.packs.kubernetes.install_and_upgrade.gitops import neighbours
from chartgate.rendering import helm_template
from chartgate.rendering.helm_template import HelmInput, HelmOutput
from tests.engine.matrix.test_matrix_layers import matrix_of
from tests.engine.toys import TOY, chart_from, write

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


def test_work_grows_with_the_number_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice as many files are twice as many renderings, and calls of functions, which take the same time anywhere."""
    rendered: list[HelmInput] = []

    def template(given: HelmInput) -> HelmOutput:
        rendered.append(given)
        return HelmOutput(0, MANIFEST.format(given=given), "")

    monkeypatch.setattr(helm_template, "template", template)
    work: list[tuple[int, int]] = []
    for number in (10, 10, 20, 40):  # the first one fills what is kept for all
        files = {f"ci/{index}-values.yaml": f"mode: mode-{index}\n" for index in range(number)}
        folder = write(tmp_path / str(len(work)), {**TOY, **files})
        rendered.clear()
        with calls_counted() as calls:
            assert main(["check", f"--chart={folder}", "--policies=kubernetes", "--no-cache"]) in (0, 1)
        work.append((len(rendered), calls[0]))
    (few, of_few), (more, of_more), (many, of_many) = work[1:]
    assert many - more == 2 * (more - few)
    assert (of_many - of_more) / (of_more - of_few) < 2.05


MANIFEST = """---
# Source: toy/templates/config.yaml
apiVersion: v1
kind: ConfigMap
metadata: {{name: {given.release}-config, namespace: {given.namespace}}}
data: {{values: {given.values!r}}}
"""


@contextmanager
def calls_counted() -> Iterator[list[int]]:
    """Count the functions that this thread calls, Python's and C's."""
    calls = [0]

    def count(_frame: FrameType, event: str, _: object) -> None:
        calls[0] += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        yield calls
    finally:
        sys.setprofile(None)
