"""The plugin gives pytest's own habits to the gate: options, markers, names, fixtures, header."""

from __future__ import annotations

import pytest

from tests.engine.conftest import GENERIC, Project
from tests.engine.toys import MATRIX, TOY, archive

OTHER = {
    "other/Chart.yaml": "apiVersion: v2\nname: other\nversion: 0.9.0\n",
    "other/templates/a.yaml": TOY["templates/config.yaml"],
}


def test_the_header_says_what_is_judged(project: Project) -> None:
    project.run_plainly("--collect-only").stdout.fnmatch_lines(
        [
            "chart: toy 1.2.3 at toy; helm 4.2.3",
            "matrix: tests/matrix.yaml: 5 scenarios that render, 1 that helm refuses; 2 policies",
        ]
    )


EVERY = [
    *(f"test_renders[{name}]" for name in ("off", "secret", "cache", "all_on", "loud")),
    "test_refused[no_text]",
    *(f"test_policy[config_is_rendered-{name}]" for name in ("off", "secret", "cache", "all_on", "loud")),
    *(f"test_policy[token_arrives-{name}]" for name in ("secret", "all_on")),
    *(f"test_examines_something[{name}]" for name in ("config_is_rendered", "token_arrives")),
    "test_counterexample[config_is_rendered-nothing_is_left]",
    "test_counterexample[token_arrives-another_token]",
]


@pytest.mark.parametrize(
    ("arguments", "selected"),
    [
        ([], EVERY),
        (["-m", "identity and error"], [name for name in EVERY if "config_is_rendered" in name]),
        (["-m", "warning"], [name for name in EVERY if "token_arrives" in name]),
        (["-m", "shop"], [name for name in EVERY if "config_is_rendered" in name or "token_arrives" in name]),
        (["-k", "token_arrives"], [name for name in EVERY if "token_arrives" in name]),
        (["-k", "config_is_rendered-all_on"], ["test_policy[config_is_rendered-all_on]"]),
        (["-k", "another_token or no_text"], [EVERY[5], "test_counterexample[token_arrives-another_token]"]),
    ],
)
def test_what_is_selected(arguments: list[str], selected: list[str], project: Project) -> None:
    assert project.collected(*arguments) == selected


def test_names_of_every_form_work_with_k(project: Project) -> None:
    names = ["a+b", "a-b", "a.b", "a_b", "0x"]
    lines = "".join(f"  '{name}': {{values: {{mode: m{index}}}}}\n" for index, name in enumerate(names))
    project.write({"tests/matrix.yaml": MATRIX.replace("scenarios:\n", f"scenarios:\n{lines}")})
    for name in names:
        assert project.collected("-k", f"test_renders and {name}") == [f"test_renders[{name}]"]


def test_another_chart_is_judged_on_its_own_values(project: Project) -> None:
    project.write(OTHER | {"generic/__init__.py": "", "generic/any.py": GENERIC})
    result = project.run("-v", "--chart=other", "--policies=generic", "-rs")
    result.assert_outcomes(passed=6, skipped=1)
    result.stdout.fnmatch_lines(
        [
            "chart: other 0.9.0 at other; helm 4.2.3 at *",
            "matrix: the defaults of other: 1 scenarios that render, 0 that helm refuses; 2 policies",
            "*service_has_ports has nothing to examine in the defaults of other, and no matrix says that it should",
        ]
    )
    [start] = project.helm.starts("template")
    assert start.arguments[1:5] == ["release-name", start.arguments[2], "--namespace", "default"]


def test_an_archive_with_a_matrix_and_a_kubernetes_version(project: Project) -> None:
    archive(project.root / "toy.tgz", {f"toy/{name}": content for name, content in TOY.items()})
    project.write({"own.yaml": MATRIX.replace("../toy", "gone").replace("demo", "own")})
    result = project.run("-k", "test_renders and loud", "--chart=toy.tgz", "--matrix=own.yaml", "--kube-version=1.35.2")
    result.stdout.fnmatch_lines(["chart: toy 1.2.3 at toy.tgz; helm *", "matrix: own.yaml: 5 scenarios *"])


@pytest.mark.parametrize(
    ("matrix", "failed", "text"),
    [
        ("", 1, "token_arrives examines nothing in all of tests/matrix.yaml: it proves nothing"),
        ("nothing_to_examine: {token_arrives: No tokens here.}\n", 0, ""),
        (
            "nothing_to_examine: {token_arrives: Not yet., config_is_rendered: No.}\n",
            1,
            "tests/matrix.yaml says that config_is_rendered has nothing to examine: it does",
        ),
    ],
)
def test_a_policy_that_examines_nothing_is_red_unless_the_matrix_says_why(
    matrix: str, failed: int, text: str, project: Project
) -> None:
    project.write({"tests/matrix.yaml": MATRIX.replace("toggles: {secret: secret.enabled,", "toggles: {") + matrix})
    rules = (project.root / "rules/shop/identity.py").read_text()
    project.write({"rules/shop/identity.py": rules.replace('counterexample("secret")', 'counterexample("off")')})
    result = project.run("-k", "examines")
    result.assert_outcomes(passed=2 - failed, failed=failed, deselected=9)
    assert text in result.stdout.str()


ONE_OFF = {
    "rendering": (
        "def test_it(rendering):\n    assert rendering.resources.of_kind('ConfigMap')\n",
        ["off", "secret", "cache", "all_on", "loud"],
        5,
    ),
    "scenarios": (
        "import pytest\n@pytest.mark.scenarios('loud', 'off')\ndef test_it(rendering):\n"
        "    assert rendering.error == ''\n",
        ["loud", "off"],
        2,
    ),
    "renderings": (
        "def test_it(renderings, matrix):\n    loud = renderings.of(matrix.scenarios['loud'])\n"
        "    assert loud.resources[0].at('data.mode') == 'loud'\n",
        [],
        1,
    ),
    "chart": ("def test_it(chart, gate):\n    assert (chart.name, len(gate.policies)) == ('toy', 2)\n", [], 0),
}


@pytest.mark.parametrize("name", ONE_OFF)
def test_a_test_of_three_lines(name: str, project: Project) -> None:
    text, names, starts = ONE_OFF[name]
    project.write({"tests/test_one_off.py": text})
    selected = project.collected("tests/test_one_off.py")
    assert selected == ([f"test_it[{scenario}]" for scenario in names] or ["test_it"])
    project.run("tests/test_one_off.py").assert_outcomes(passed=len(selected))
    assert len(project.helm.starts("template")) == starts


STAR = "from chartgate.pytest_plugin.items import *\n"


def test_a_project_without_a_chart_is_left_alone(project: Project) -> None:
    project.write({"pyproject.toml": "[tool.pytest]\nstrict = true\n", "tests/test_own.py": "def test_it(): pass\n"})
    project.write({"tests/test_asks.py": "def test_it(chart): pass\n", "tests/test_policies.py": STAR})
    project.run_plainly("tests/test_own.py").assert_outcomes(passed=1)
    project.run_plainly("tests/test_asks.py").stdout.fnmatch_lines(
        ["no fixture 'chart': no chart to judge: give --chart=PATH or --matrix=*"]
    )
    result = project.run_plainly("tests/test_policies.py")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["no chart to judge: give --chart=PATH or --matrix=FILE, or set `chart` or `matrix` *"])
    result.stdout.no_fnmatch_line("*Traceback*")


LOADED = """
import sys

HEAVY = ("jsonschema", "kubernetes_validate", "re2", "yaml", "jinja2", "chartgate.model", "chartgate.policy")


def test_it():
    assert [name for name in HEAVY if name in sys.modules] == []
"""


def test_a_project_without_a_chart_loads_nothing_that_judges(project: Project) -> None:
    project.write({"pyproject.toml": "[tool.pytest]\nstrict = true\n", "tests/test_own.py": LOADED})
    # This process has loaded all of it long ago. What other plugins load is not asked.
    project.pytester.runpytest_subprocess("-p", "no:syrupy", "tests/test_own.py").assert_outcomes(passed=1)


def test_help_and_markers(project: Project) -> None:
    project.write({"tests/matrix.yaml": "broken: ["})
    project.run_plainly("--help").stdout.fnmatch_lines(["*--kube-version=VERSION*", "*--fail-on=*"])
    project.write({"tests/matrix.yaml": MATRIX})
    project.run_plainly("--markers").stdout.fnmatch_lines(
        ["@pytest.mark.scenarios(*names): render only these *", "@pytest.mark.identity: policies of shop*"]
    )


CALLING = """
import pytest


class Caller:
    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem):
        pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames})
        return True


def pytest_sessionstart(session):
    session.config.pluginmanager.register(Caller())
"""


def test_an_item_that_nobody_judged_is_not_green(project: Project) -> None:
    """Somebody else's hook calls the test, and ours is not asked."""
    project.write({"tests/conftest.py": CALLING})
    result = project.run_plainly("-q", "-k", "test_refused")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*RuntimeError: no_text was not judged: another plugin calls tests in place of*"])
