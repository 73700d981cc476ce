"""The architecture: a folder is a stage, imports point up the list of stages, and each part keeps to what it may do."""

from __future__ import annotations

import ast
import functools
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from chartgate.policy.purity import impurities

ROOT = Path(__file__).parents[1]
ENGINE = ROOT / "src" / "chartgate"

STAGES = """
    errors documents model system charts kubernetes matrix rendering policy packs gate review starting reports catalogs
    pytest_plugin commands
""".split()  # noqa: SIM905 - a list to read
"""In the order of the flow: a module imports its own stage, and those before it."""


def _name(file: Path) -> str:
    return file.relative_to(ENGINE).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")


MODULES = {_name(file): file for file in sorted(ENGINE.rglob("*.py"))}
POLICIES = [*sorted((ROOT / "policies").rglob("*.py")), *sorted((ENGINE / "packs").rglob("*.py"))]


class Names(NamedTuple):
    """What a file imports (`chartgate.errors.InputError`), and the names of its classes."""

    imports: tuple[str, ...]
    classes: tuple[str, ...]


@functools.cache
def _names(file: Path) -> Names:
    """Read a file, once for all tests."""
    every = list(ast.walk(ast.parse(file.read_text("utf-8"))))
    return Names(
        tuple(name for node in every for name in _imports(node, file)),
        tuple(node.name for node in every if isinstance(node, ast.ClassDef)),
    )


def _imports(node: ast.AST, file: Path) -> Iterator[str]:
    """Give what a statement imports: `chartgate.errors.InputError` for `from chartgate.errors import InputError`."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        above = _package(file, node.level) if node.level else ""
        module = ".".join(filter(None, (above, node.module)))
        yield from (f"{module}.{alias.name}" for alias in node.names)


def _package(file: Path, level: int) -> str:
    """Give the package that the dots of a relative import mean."""
    top = ROOT / "src" if file.is_relative_to(ENGINE) else ROOT
    return ".".join(file.parents[level - 1].relative_to(top).parts)


def _module_of(imported: str) -> str:
    """Give the module of the engine that an import leads to; empty for none."""
    name = imported.removeprefix("chartgate.")
    while name and name not in MODULES:
        name = name.rpartition(".")[0]
    return name if imported.startswith("chartgate.") else ""


@functools.cache
def _arrows() -> dict[str, list[str]]:
    """Give what each module imports of the engine; asked for by a test, since each run collects, and few run these."""
    return {
        name: sorted({_module_of(imported) for imported in _names(file).imports} - {"", name})
        for name, file in MODULES.items()
    }


ENTRANCES = ("__init__", "__main__")
"""Python's own names for what is imported, and run, as `chartgate`."""


def test_only_the_errors_are_beside_the_stages() -> None:
    assert {entry.stem for entry in ENGINE.glob("*.py")} == {*ENTRANCES, "errors"}
    assert {name.partition(".")[0] for name in MODULES if name not in ENTRANCES} == set(STAGES)


def test_imports_point_up_the_flow() -> None:
    place = {stage: number for number, stage in enumerate(STAGES)}
    wrong = [
        f"{name} imports {other}"
        for name, others in _arrows().items()
        for other in others
        if name not in ENTRANCES and place[other.partition(".")[0]] > place[name.partition(".")[0]]
    ]
    assert wrong == []


def test_no_modules_import_each_other() -> None:
    reached: dict[str, set[str]] = {}

    def below(name: str) -> set[str]:
        if name not in reached:
            reached[name] = set()
            reached[name] = {found for other in _arrows()[name] for found in (other, *below(other))}
        return reached[name]

    assert [name for name in MODULES if name in below(name)] == []


RESULTS = ("gate.results.outcome", "gate.results.record", "gate.results.written", "review.review")
_OF_RESULTS = ("errors", "documents", "model")


def test_results_are_leaves() -> None:
    """An outcome and a review are data: what only shows them reaches no helm and no runner."""
    assert _imports_of_others(RESULTS, _OF_RESULTS) == []


def test_reports_import_results_only() -> None:
    reports = [name for name in MODULES if name.startswith("reports.")]
    assert _imports_of_others(reports, (*_OF_RESULTS, "reports")) == []


def _imports_of_others(names: Sequence[str], stages: Sequence[str]) -> list[str]:
    """Give the imports of these modules that are neither results nor of these stages."""
    imports = [(name, other) for name in names for other in _arrows()[name] if other not in RESULTS]
    return [f"{name} imports {other}" for name, other in imports if other.partition(".")[0] not in stages]


def test_a_name_is_used_once() -> None:
    """But for a stage's main noun, the pack `kubernetes` beside what it knows manifests by, and the items as tests."""
    parted = [name.split(".") for name in MODULES]
    modules = Counter(name[-1] for name in parted if name[-2:-1] != name[-1:])
    classes = Counter(name for file in MODULES.values() for name in _names(file).classes)
    assert [name for name, count in modules.items() if count > 1] == ["items", "kubernetes"]
    assert [name for name, count in classes.items() if count > 1] == []


def test_the_engine_knows_no_chart() -> None:
    files = [file for file in ENGINE.rglob("*") if file.suffix in (".py", ".json", ".typed")]
    named = [
        f"{file.relative_to(ROOT)}:{number}"
        for file in files
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1)
        if any(word in line.lower() for word in ("lightspeed", "rhdh", "backstage", "llama"))
    ]
    assert named == []


def test_the_engine_imports_what_it_declares() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    modules = {"pyyaml": "yaml", "google-re2": "re2"}
    declared = {modules.get(name.lower(), name.lower().replace("-", "_")) for name in project["dependencies"]}
    known = declared | sys.stdlib_module_names | {"chartgate"}
    imported = {i.partition(".")[0]: name for name, file in MODULES.items() for i in _names(file).imports}
    # The extras `inprocess` (in a process of its own) and `watch`.
    optional = {"helm_python": "rendering.sdk_worker", "watchfiles": "commands.watch_command"}
    assert {package: name for package, name in imported.items() if package not in known} == optional
    started = {"pip"}  # as a process, by system/provisioning.py
    assert declared - set(imported) == started


@pytest.mark.parametrize(
    ("package", "users"),
    [
        ("pytest", {"pytest_plugin"}),
        ("syrupy", {"catalogs", "pytest_plugin"}),
        ("subprocess", {"system"}),
        ("subprocess_tee", {"system"}),
        ("click", {"commands"}),
        ("jinja2", {"reports"}),
        ("rich", {"commands"}),
    ],
)
def test_what_only_one_stage_does(package: str, users: set[str]) -> None:
    found = {name for name, file in MODULES.items() for i in _names(file).imports if i.partition(".")[0] == package}
    assert {name.partition(".")[0] for name in found} == users


def test_policies_start_no_process_and_read_no_file() -> None:
    """What they say is kept for later runs: it must depend on nothing but what they are given."""
    found = {file: impurities(file.read_text("utf-8"), "policies") for file in POLICIES}
    assert {file: names for file, names in found.items() if names} == {}


@pytest.mark.parametrize(
    "folder", ["charts.chart_values", "charts.metadata", "charts.template_texts", "matrix.derivations"]
)
def test_what_policies_know_of_charts_and_matrices_is_as_pure(folder: str) -> None:
    files = [file for name, file in MODULES.items() if name.startswith(f"{folder}.")]
    found = {name for file in files for name in impurities(file.read_text("utf-8"), "chartgate.policy")}
    assert {name for name in found if name.startswith(("chartgate.", "os", "subprocess", "pathlib", "open"))} == set()
    assert len(files) > 3


def test_packages_of_policies_import_themselves_by_relative_imports() -> None:
    """Then a folder of them also works under another name, where somebody else has taken its own."""
    for file in POLICIES:
        own = "chartgate.packs.kubernetes" if file.is_relative_to(ENGINE) else "policies."
        nodes = [node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.ImportFrom)]
        assert [node.module for node in nodes if not node.level and str(node.module).startswith(own)] == [], file
