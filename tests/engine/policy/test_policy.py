"""Policies are found in a package, each with its documentation and its proof that it can fail."""

from __future__ import annotations

import itertools
import os
import py_compile
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from chartgate.errors import InputError
from chartgate.model import Case, Check, Rendering, Scenario
from chartgate.policy.loading import default_sources, load_policies
from chartgate.policy.policy import THE_CHART, WHOLE_MATRIX, AtOnce, PairSelector, Where, everywhere, policy
from chartgate.policy.subjects import CONTAINER
from tests.engine.toys import scenario, write

PACKAGE = "toy_policies"
HEAD = "from chartgate.policy.policy import policy\n\n"
GOOD = '''
@policy(severity="error", remediation="Mend it.")
def {name}(rendering):
    """Title of {name}.

    And why.
    """
    yield from ()


@{name}.counterexample("off")
def a_break(rendering):
    return rendering
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give the place for a package, and forget its modules afterwards."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield tmp_path / PACKAGE
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


def test_policies_of_a_package_and_below(folder: Path) -> None:
    write(
        folder,
        {
            "__init__.py": "",
            "first.py": HEAD + GOOD.format(name="one") + GOOD.format(name="two"),
            "deep/__init__.py": "",
            "deep/second.py": f"from {PACKAGE}.first import one\n" + HEAD + GOOD.format(name="three"),
            "deep/helpers.py": "VALUE = 1\n",
        },
    )
    found = load_policies([str(folder)])
    assert [(p.name, p.family, p.packages) for p in found] == [
        ("three", "second", ("deep",)),
        ("one", "first", (PACKAGE,)),
        ("two", "first", (PACKAGE,)),
    ]
    assert (found[0].title, found[0].documentation) == ("Title of three.", "Title of three.\n\nAnd why.")
    assert [str(example) for example in found[0].counterexamples] == ["three-a_break"]
    assert [p.name for p in load_policies([str(folder / "deep")])] == ["three"]


@pytest.mark.parametrize(("age", "is_kept"), [(3600, True), (1, False), (-5, False)])
def test_bytecode_of_what_was_just_edited_is_not_kept(
    age: int, is_kept: bool, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python would take it for that of another edit in the same second."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)
    write(folder, {"__init__.py": "", "first.py": HEAD + GOOD.format(name="one"), "deep/__init__.py": ""})
    edited = {"first.py": age}
    for file in folder.rglob("*.py"):
        when = time.time() - edited.get(file.name, 3600)
        os.utime(file, (when, when))
    load_policies([str(folder)])
    assert [file.name.partition(".")[0] for file in folder.glob("__pycache__/first.*")] == ["first"] * is_kept
    assert sys.dont_write_bytecode is False


def test_bytecode_of_what_was_there_before_is_not_used(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python would use it: the size is the same, and the time was put back."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)
    write(folder, {"__init__.py": "", "first.py": HEAD + GOOD.format(name="one")})
    os.utime(folder / "first.py", (1, 1))
    py_compile.compile(str(folder / "first.py"))
    write(folder, {"first.py": HEAD + GOOD.format(name="two")})
    os.utime(folder / "first.py", (1, 1))
    assert [p.name for p in load_policies([str(folder)])] == ["two"]


NO_DOCSTRING = GOOD.replace('"""Title of {name}.\n\n    And why.\n    """', "")
NO_COUNTEREXAMPLE = GOOD[: GOOD.index("@{name}.counterexample")]
BOTH = GOOD.replace('counterexample("off")', 'counterexample("off", manifests="a: b")')
NEITHER = GOOD.replace('counterexample("off")', "counterexample()")
TWICE = GOOD + GOOD[GOOD.index("@{name}.counterexample") :]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, f"/{PACKAGE} is not a package of policies: it has no __init__.py"),
        ({"first.py": HEAD}, f"/{PACKAGE} is not a package of policies: it has no __init__.py"),
        ({"__init__.py": "", "first.py": "VALUE = 1\n"}, f"/{PACKAGE}: there are no policies in this package"),
        ({"__init__.py": HEAD + NO_DOCSTRING.format(name="one")}, "/__init__.py:4: policy one has no docstring: its"),
        ({"__init__.py": HEAD + NO_COUNTEREXAMPLE.format(name="one")}, "policy one has no counterexample: add one.b"),
        ({"__init__.py": HEAD + TWICE.format(name="one")}, "policy one has two counterexamples a_break"),
        (
            {"__init__.py": "", "a.py": HEAD + GOOD.format(name="one"), "b.py": HEAD + GOOD.format(name="one")},
            "/b.py:4: there is another policy one, in ",
        ),
        ({"__init__.py": HEAD + BOTH.format(name="one")}, "one: a counterexample starts from scenarios or "),
        ({"__init__.py": HEAD + NEITHER.format(name="one")}, "one: a counterexample starts from scenarios or "),
        ({"__init__.py": "", "a.py": "x = (\n"}, f"/{PACKAGE}/a.py:1)"),
        ({"__init__.py": "", "a.py": "\nimport nowhere\n"}, "ModuleNotFoundError: No module named 'nowhere' ("),
        ({"__init__.py": "", "a.py": "\n1 / 0\n"}, "ZeroDivisionError: division by zero ("),
        ({"__init__.py": "raise GeneratorExit('no')"}, f"{PACKAGE} cannot be imported: GeneratorExit: no"),
        ({"__init__.py": "class E(BaseException): 0\nraise E"}, f"{PACKAGE} cannot be imported: E"),
        ({"__init__.py": "", "b/__init__.py": "raise ImportError('no')"}, f"{PACKAGE}.b cannot be imported: Import"),
    ],
)  # fmt: skip
def test_packages_that_are_refused(files: dict[str, str], message: str, folder: Path) -> None:
    folder.mkdir()
    with pytest.raises(InputError) as error:
        load_policies([str(write(folder, files))])
    assert message in str(error.value)


def test_a_circle_of_links_is_no_folder_of_policies(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(InputError, match=r"/a: there is no such folder of policies, and no such pack; there is: kube"):
        load_policies([str(tmp_path / "a")])


def test_without_docstrings_there_are_no_policies() -> None:
    code = "from chartgate.commands.main import main; raise SystemExit(main(['policies', 'kubernetes']))"
    done = subprocess.run([sys.executable, "-OO", "-c", code], capture_output=True, check=False, text=True, timeout=100)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("chartgate: policies need their docstrings, which PYTHONOPTIMIZE=2 or `python -OO` ")
    assert done.stderr.count("\n") == 1


def test_an_import_that_fails_says_where(folder: Path) -> None:
    write(folder, {"__init__.py": "", "a.py": "\n\nimport nowhere\n"})
    with pytest.raises(InputError, match=r"toy_policies/a\.py:3\)$"):
        load_policies([str(folder)])


def test_another_package_of_that_name_gets_an_alias(folder: Path, tmp_path: Path) -> None:
    content = {"__init__.py": HEAD + GOOD.format(name="one")}
    load_policies([str(write(folder, content))])
    elsewhere = write(
        tmp_path / "elsewhere" / PACKAGE, {"__init__.py": "from .b import one\n", "b.py": content["__init__.py"]}
    )
    [found] = load_policies([str(elsewhere)])
    assert found.place == f"{elsewhere}/b.py:4"


OFF, ON, ALL = scenario("off", on=False), scenario("on", on=True), scenario("all", on=True)


def _is_on(given: Scenario) -> bool:
    return given.value("on") is True


def _neighbours(scenarios: Sequence[Scenario]) -> Iterator[tuple[Scenario, Scenario]]:
    yield from itertools.pairwise(scenarios)


def _named(scenarios: Sequence[Scenario]) -> Iterator[Case]:
    off, *others = scenarios
    yield Case("a.key", tuple(others))
    yield Case("a.twin", (off, off, others[0], others[0]))


@pytest.mark.parametrize(
    ("where", "over", "expected"),
    [
        (everywhere, None, {"off": [OFF], "on": [ON], "all": [ALL]}),
        (_is_on, None, {"on": [ON], "all": [ALL]}),
        (everywhere, _neighbours, {"off..on": [OFF, ON], "on..all": [ON, ALL]}),
        (_is_on, _neighbours, {"on..all": [ON, ALL]}),
        (everywhere, _named, {"a.key": [ON, ALL], "a.twin": [OFF, OFF, ON, ON]}),
        (_is_on, _named, {"a.key": [ON, ALL]}),
        (everywhere, WHOLE_MATRIX, {"whole_matrix": [OFF, ON, ALL]}),
        (_is_on, WHOLE_MATRIX, {"whole_matrix": [ON, ALL]}),
        (_is_on, THE_CHART, {"whole_matrix": [ON, ALL]}),
        (lambda given: given.name == "nobody", WHOLE_MATRIX, {}),
        (lambda given: given.name == "nobody", None, {}),
    ],
)
def test_cases(where: Where, over: PairSelector | AtOnce | None, expected: dict[str, list[Scenario]]) -> None:
    def checks(*_: Rendering) -> Iterator[Check]:
        yield from ()

    made = policy(where=where, over=over, severity="error", remediation="Mend it.")(checks)
    assert {case.name: list(case) for case in made.cases([OFF, ON, ALL])} == expected


def test_a_name_that_is_a_folder_and_a_pack(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder.parent / "kubernetes", {"__init__.py": HEAD + GOOD.format(name="one")})
    monkeypatch.chdir(folder.parent)
    with pytest.raises(InputError, match=r"write pack:kubernetes for the pack, \./kubernetes for the folder$"):
        load_policies(["kubernetes"])
    assert [policy.name for policy in load_policies(["./kubernetes"])] == ["one"]
    assert "images_are_pinned" in [policy.name for policy in load_policies(["pack:kubernetes"])]


def test_a_policy_with_the_name_of_a_packs(folder: Path) -> None:
    write(folder, {"__init__.py": HEAD + GOOD.format(name="images_are_pinned")})
    with pytest.raises(
        InputError, match=r"__init__\.py:4: there is another policy images_are_pinned, in /.+/images\.py:"
    ):
        load_policies(["kubernetes", str(folder)])


def test_a_pack_that_is_not_there() -> None:
    with pytest.raises(InputError, match="there is no pack 'openshift'; there is: kubernetes"):
        load_policies(["pack:openshift"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"severity": "eror"}, "severity 'eror': a policy is an error or a warning"),
        ({"severity": "error", "judges": CONTAINER, "over": WHOLE_MATRIX}, "use one of the two"),
    ],
)
def test_arguments_that_cannot_be(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        policy(remediation="Mend it.", **arguments)


def test_a_folder_of_own_policies_without_an_init_is_not_passed_over(tmp_path: Path) -> None:
    assert default_sources(tmp_path / "policies") == ["pack:kubernetes"]
    write(tmp_path / "policies", {"rules.py": HEAD + GOOD.format(name="one")})
    with pytest.raises(InputError, match=r"is not a package of policies: it has no __init__\.py"):
        load_policies(default_sources(tmp_path / "policies"))
