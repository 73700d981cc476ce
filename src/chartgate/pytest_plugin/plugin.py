"""The pytest plugin: translates between pytest and the engine, and decides nothing itself."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from chartgate.documents.masking import mask
from chartgate.errors import InputError
from chartgate.gate.gate import Gate
from chartgate.matrix.matrix import Matrix
from chartgate.model import Case, Chart, Rendering, Scenario, Waiver
from chartgate.policy.policy import Counterexample, Policy
from chartgate.policy.verdicts import Verdict, judge
from chartgate.pytest_plugin.pytest_options import add_options, chosen, gate_of_run, refuse_spaces
from chartgate.rendering import helm_template
from chartgate.rendering.renderings import Renderings

_NO_CHART = "no chart to judge: give --chart=PATH or --matrix=FILE, or set chartgate_matrix in pyproject.toml"


GATE = pytest.StashKey[Gate]()
_NONE = "none"
_WAIVED = "waived_findings"
"""The property of a test's report that counts them; the workers of xdist hand it on."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options and the two settings of a project."""
    add_options(parser)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Read chart, matrix and policies; nothing is rendered here."""
    for name, meaning in (
        ("scenarios(*names)", "render only these scenarios for a test that asks for `rendering`"),
        ("error", "policies whose findings break the release"),
        ("warning", "policies whose findings break a convention"),
    ):
        config.addinivalue_line("markers", f"{name}: {meaning}")
    if config.option.help:
        return
    refuse_spaces(config)
    choice = chosen(config)
    if not (choice.chart or choice.matrix or choice.default_matrix):
        return
    try:
        config.stash[GATE] = gate_of_run(config, choice)
    except InputError as error:
        raise pytest.UsageError(str(error)) from error
    for policy in config.stash[GATE].policies:
        for marker in _families(policy):
            config.addinivalue_line("markers", f"{marker}: policies of policies/{policy.group}")


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say what is judged, with what, and over how much."""
    gate = config.stash.get(GATE, None)
    if gate is None:
        return []
    chart, matrix = gate.session.chart, gate.session.matrix
    count = f"{len(matrix.rendering)} scenarios that render, {len(matrix.refused)} that helm refuses"
    return [
        f"chart: {chart.name} {chart.version} at {chart.source}; helm {gate.session.renderings.tools.helm_version}",
        f"matrix: {matrix.source}: {count}; {len(gate.policies)} policies",
    ]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Let xdist's workers judge the very copy of the chart that the controller took."""
    if GATE in node.config.stash:
        node.workerinput["chartgate_copy"] = str(node.config.stash[GATE].session.chart.folder)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make the items: one per policy and case, per scenario, per refusal, per counterexample."""
    wanted = set(metafunc.fixturenames) & {"policy", "case", "scenario", "refused_scenario", "counterexample", "waiver"}
    wanted -= _own_parameters(metafunc)
    if not wanted:
        return
    gate = _gate(metafunc.config)
    matrix = gate.session.matrix
    if {"policy", "case"} <= wanted:
        judged = [(policy, case) for policy in gate.policies for case in policy.cases(matrix.rendering)]
        metafunc.parametrize(
            ("policy", "case"),
            [pytest.param(p, case, id=f"{p.name}-{case.name}", marks=_marks(p)) for p, case in judged],
        )
    elif "policy" in wanted:
        metafunc.parametrize("policy", [pytest.param(p, id=p.name, marks=_marks(p)) for p in gate.policies])
    if "counterexample" in wanted:
        every = [c for p in gate.policies for c in p.counterexamples]
        metafunc.parametrize("counterexample", [pytest.param(c, id=str(c), marks=_marks(c.policy)) for c in every])
    if "waiver" in wanted:
        waivers: Mapping[str, Waiver | None] = gate.named_waivers() or {_NONE: None}
        metafunc.parametrize("waiver", [pytest.param(waiver, id=name) for name, waiver in waivers.items()])
    if "scenario" in wanted:
        metafunc.parametrize("scenario", [pytest.param(s, id=s.name) for s in _chosen(metafunc, matrix)])
    if "refused_scenario" in wanted:
        metafunc.parametrize("refused_scenario", [pytest.param(s, id=s.name) for s in matrix.refused])


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Take out the item that stands for no waiver at all: pytest would skip it, in every run of most projects."""
    items[:] = [item for item in items if _parameters(item).get("waiver", "") is not None]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show input that cannot be used as its message, without a traceback, and no secret value anywhere."""
    report = yield
    gate = item.config.stash.get(GATE, None)
    if gate is None:
        return report
    report.sections = [(title, mask(content, gate.secrets)) for title, content in report.sections]
    if not report.failed:
        return report
    if call.excinfo is not None and isinstance(call.excinfo.value, InputError):
        report.longrepr = str(call.excinfo.value)
    text = report.longreprtext
    if mask(text, gate.secrets) != text:
        report.longrepr = mask(text, gate.secrets)
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Count the waived findings, in which no run may hide."""
    reports = [report for group in ("passed", "failed", "xfailed") for report in terminalreporter.getreports(group)]
    counts = [int(str(value)) for report in reports for name, value in report.user_properties if name == _WAIVED]
    if counts:
        findings = "1 finding" if sum(counts) == 1 else f"{sum(counts)} findings"
        items = "1 item" if len(counts) == 1 else f"{len(counts)} items"
        source = config.stash[GATE].session.matrix.source
        terminalreporter.section("waived", sep="=")
        terminalreporter.line(f"{findings} in {items}; the waivers stand in {source}, -rx shows their reasons")


@pytest.fixture
def judged(request: pytest.FixtureRequest, gate: Gate, renderings: Renderings) -> Callable[[Policy, Case], Verdict]:
    """Judge one case by the waivers that count today; what they accept is counted at the end of the run."""

    def judge_and_count(policy: Policy, case: Case) -> Verdict:
        verdict = judge(policy, case, renderings.of, gate.waivers)
        if verdict.waived:
            request.node.user_properties.append((_WAIVED, len(verdict.waived)))
        return verdict

    return judge_and_count


@pytest.fixture(scope="session")
def gate(pytestconfig: pytest.Config) -> Gate:
    """Everything this run judges."""
    if GATE not in pytestconfig.stash:
        pytest.fail(_NO_CHART, pytrace=False)
    return pytestconfig.stash[GATE]


@pytest.fixture(scope="session")
def matrix(gate: Gate) -> Matrix:
    """Give every scenario, by name."""
    return gate.session.matrix


@pytest.fixture(scope="session")
def chart(gate: Gate) -> Chart:
    """Give the chart under judgement."""
    return gate.session.chart


@pytest.fixture(scope="session")
def renderings(request: pytest.FixtureRequest, gate: Gate) -> Renderings:
    """Give the renderings of the run; those that the selected tests need are made here, in parallel."""
    gate.session.renderings.prepare(_needed(request.session.items, gate.session.matrix))
    return gate.session.renderings


@pytest.fixture
def rendering(renderings: Renderings, scenario: Scenario) -> Rendering:
    """Give the rendering of one scenario: of each that renders, or of those of the `scenarios` marker."""
    found = renderings.of(scenario)
    if found.error:
        pytest.fail(f"scenario {scenario.name} did not render: see test_renders[{scenario.name}]", pytrace=False)
    return found


@pytest.fixture
def again(request: pytest.FixtureRequest, gate: Gate) -> _Again:
    """Give the commands that show a failure once more."""
    return _Again(request.node.nodeid, gate)


@dataclass(frozen=True)
class _Again:
    nodeid: str
    gate: Gate

    def __call__(self, scenarios: Sequence[Scenario], most: int = 2) -> list[str]:
        """Give the pytest command of this item and the helm command of its first scenarios."""
        session = self.gate.session
        source = "" if session.matrix.is_conventional else session.matrix.source
        tools = session.renderings.tools
        rendered = [helm_template.command(session.chart, scenario, tools, source) for scenario in scenarios[:most]]
        return [" ".join(filter(None, ["pytest", shlex.quote(self.nodeid), self.gate.options])), *rendered]


def _needed(items: Sequence[pytest.Item], matrix: Matrix) -> Iterator[Scenario]:
    """Give the scenarios that these items judge, in their order."""
    for item in items:
        for value in _parameters(item).values():
            if isinstance(value, Scenario):
                yield value
            elif isinstance(value, Case):
                yield from value
            elif isinstance(value, Counterexample):
                yield from (matrix.scenarios[name] for name in value.scenarios)


def _parameters(item: pytest.Item) -> dict[str, object]:
    return item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}


def _own_parameters(metafunc: pytest.Metafunc) -> set[str]:
    """Give the parameters that a test sets by itself."""
    names: set[str] = set()
    for mark in metafunc.definition.iter_markers("parametrize"):
        given = mark.args[0] if mark.args else mark.kwargs["argnames"]
        names |= {name.strip() for name in (given.split(",") if isinstance(given, str) else given)}
    return names


def _chosen(metafunc: pytest.Metafunc, matrix: Matrix) -> Sequence[Scenario]:
    marker = metafunc.definition.get_closest_marker("scenarios")
    if marker is None:
        return matrix.rendering
    test, accepted = metafunc.definition.nodeid, ", ".join(matrix.scenarios)
    if not marker.args:
        raise pytest.Collector.CollectError(f"{test}: name at least one scenario in the marker `scenarios`: {accepted}")
    unknown = [name for name in marker.args if name not in matrix.scenarios]
    if unknown:
        raise pytest.Collector.CollectError(f"{test}: no scenario {unknown[0]!r} in {matrix.source}: {accepted}")
    return [matrix.scenarios[name] for name in marker.args]


def _marks(policy: Policy) -> list[pytest.MarkDecorator]:
    return [getattr(pytest.mark, name) for name in (*_families(policy), policy.severity)]


def _families(policy: Policy) -> list[str]:
    """Give module and package of a policy as names of markers; one in a package's __init__.py has no module above."""
    return [name for name in (policy.family.lstrip("_"), policy.group.lstrip("_")) if name]


def _gate(config: pytest.Config) -> Gate:
    if GATE not in config.stash:
        raise pytest.Collector.CollectError(_NO_CHART)
    return config.stash[GATE]
