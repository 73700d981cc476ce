"""The architecture: imports point one way, down the flow, and each part keeps to what it may do."""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENGINE = ROOT / "src" / "chartgate"

# From the bottom to the top: a module imports only what stands before it. A new module gets its place here.
ORDER = """
    errors addresses files documents model kubernetes.lists kubernetes.naming kubernetes.versions kubernetes.schemas
    kubernetes.definitions kubernetes.contents kubernetes.workloads kubernetes.enumerations kubernetes.quantities
    kubernetes.immutability kubernetes.selection kubernetes.mounts kubernetes.environment kubernetes.permissions
    kubernetes.references kubernetes.services kubernetes.selections texts masking values value_schemas variants
    samples canaries template_reads charts processes runs toolchain manifests hooks helm renderings matrix.file
    matrix.infrastructure matrix.keyed_lists matrix.schemas matrix.traits matrix.matrix matrix.conventional
    matrix.load matrix matrix.deployment matrix.pairwise checks kubernetes.sources kubernetes.resolution
    kubernetes.externals scripts.shell scripts.oc_calls scripts.oc policy evaluate session snapshots values_table
    gate outcome review.differences review.pairing review.classes review.conditions review.contract review.narrowing
    review.versions review.git review.sides review.risks.access review.risks.lifecycle review.risks.pods
    review.risks.resources review.risks.security review.risks.storage review.risks.values review.risks.versions
    review.risks.catalog review.changes review.entries review.folding review.subcharts review.viewpoints
    review.comparison gitops.revisions gitops.placeholders gitops.deployment progress reports.failure
    reports.policy_table reports.check_terminal reports.check_json reports.review_words reports.review_terminal
    reports.review_markdown reports.review_json reports.risk_table plugin_options plugin commands.options
    commands.check commands.review cli
"""


def _name(file: Path) -> str:
    return file.relative_to(ENGINE).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")


MODULES = {_name(file): file for file in sorted(ENGINE.rglob("*.py"))}
POLICIES = sorted((ROOT / "policies").rglob("*.py"))


def _imports(file: Path) -> Iterator[str]:
    """Give what a file imports: `chartgate.errors.InputError` for `from chartgate.errors import InputError`."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _module_of(imported: str) -> str:
    """Give the module of the engine that an import leads to; empty for none."""
    name = imported.removeprefix("chartgate.")
    while name and name not in MODULES:
        name = name.rpartition(".")[0]
    return name if imported.startswith("chartgate.") else ""


def test_every_module_has_its_place() -> None:
    packages = {name for name in MODULES if MODULES[name].name == "__init__.py" and name != "matrix"}
    assert sorted(ORDER.split()) == sorted(set(MODULES) - packages)


def test_imports_point_down() -> None:
    place = {name: index for index, name in enumerate(ORDER.split())}
    upwards = [
        f"{name} imports {other}"
        for name, file in MODULES.items()
        for other in {_module_of(imported) for imported in _imports(file)}
        if name in place and other in place and place[other] >= place[name]
    ]
    assert upwards == []


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
    declared = {name.lower().replace("-", "_").replace("pyyaml", "yaml") for name in project["dependencies"]}
    known = declared | sys.stdlib_module_names | {"chartgate"}
    imported = {i.partition(".")[0]: name for name, file in MODULES.items() for i in _imports(file)}
    assert {package: name for package, name in imported.items() if package not in known} == {}
    assert declared - set(imported) == set()


@pytest.mark.parametrize(
    ("package", "users"),
    [
        ("pytest", {"plugin", "plugin_options"}),
        ("syrupy", {"snapshots"}),
        ("subprocess", {"processes"}),
        ("subprocess_tee", {"toolchain"}),
        ("argparse", {"cli", "commands.check", "commands.options", "commands.review"}),
    ],
)
def test_what_only_one_module_does(package: str, users: set[str]) -> None:
    found = {name for name, file in MODULES.items() for i in _imports(file) if i.partition(".")[0] == package}
    assert found == users


def test_reports_only_format() -> None:
    allowed = {"addresses", "documents", "errors", "evaluate", "model", "policy", "masking", "outcome"}
    allowed |= {"reports.failure", "reports.review_words", "review.classes", "review.comparison", "review.entries"}
    allowed |= {"review.versions"}
    for name, file in MODULES.items():
        if name.startswith("reports."):
            others = {_module_of(imported) for imported in _imports(file)} - {""}
            assert others <= allowed, name


# What reads files or starts processes; the tests of the engine show that nothing else does.
_IMPURE = """
    charts cli commands files helm hooks matrix plugin processes renderings runs session snapshots toolchain
    values_table
"""
_PURE_PACKAGES = (
    "__future__ base64 binascii collections copy dataclasses difflib enum fnmatch functools hashlib ipaddress itertools"
    " json math operator posixpath re string textwrap typing urllib.parse pathlib.PurePosixPath jsonschema yaml"
)


def _is_pure(imported: str) -> bool:
    if imported.startswith("policies"):
        return True
    if imported.startswith("chartgate."):
        return _module_of(imported).partition(".")[0] not in _IMPURE.split()
    return any(imported == name or imported.startswith(f"{name}.") for name in _PURE_PACKAGES.split())


@pytest.mark.parametrize("file", POLICIES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_policies_start_no_process_and_read_no_file(file: Path) -> None:
    assert [imported for imported in _imports(file) if not _is_pure(imported)] == []
    calls = [node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Call)]
    names = {call.func.id for call in calls if isinstance(call.func, ast.Name)}
    assert names & {"open", "eval", "exec", "compile", "__import__", "input", "print"} == set()


@pytest.mark.parametrize("file", [file for file in POLICIES if file.parent.name == "kubernetes"], ids=lambda f: f.name)
def test_generic_policies_know_no_chart(file: Path) -> None:
    others = [i for i in _imports(file) if i.startswith("policies.") and not i.startswith("policies.kubernetes")]
    assert others == []
    code = ast.parse(file.read_text("utf-8"))
    texts = [node.value for node in ast.walk(code) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    assert [text for text in texts if "lightspeed" in text.lower() and text != ast.get_docstring(code)] == []
