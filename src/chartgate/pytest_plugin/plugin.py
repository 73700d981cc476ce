"""The pytest plugin: translates between pytest and the engine, and decides nothing itself."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any

import pytest

from chartgate.charts.read import notes_on
from chartgate.documents.escaping import message_text, one_line
from chartgate.errors import InputError, ToolError
from chartgate.gate.gate import Gate
from chartgate.gate.items import Item, Kind, items_of
from chartgate.gate.judgement import Judgement
from chartgate.gate.outcome import ItemResult
from chartgate.matrix.matrix import Matrix
from chartgate.model import Chart, Rendering, Scenario
from chartgate.policy.policy import Policy
from chartgate.pytest_plugin.broken_tools import end_run, has_ended
from chartgate.pytest_plugin.green_summary import properties_of, tell_what_is_green
from chartgate.pytest_plugin.masked_output import MaskedOutput, mask_report
from chartgate.pytest_plugin.pytest_options import add_options, chosen, gate_of_run, refuse_spaces, settings_of
from chartgate.rendering.renderings import Renderings
from chartgate.reports.pytest_failure import failure_text, waived_text

_NO_CHART = (
    "no chart to judge: give --chart=PATH or --matrix=FILE, or set `chart` or `matrix` below [tool.chartgate] in"
    " pyproject.toml"
)


GATE = pytest.StashKey[Gate]()
JUDGEMENT = pytest.StashKey[Judgement]()
ITEMS = pytest.StashKey[list[Item]]()
PARAMETERS: dict[str, Kind] = {
    "renders": "renders",
    "refused": "refused",
    "policy_on_case": "policy",
    "examines": "examines",
    "counterexample": "counterexample",
    "waiver": "waiver",
}
"""The parameter by which a test asks for the items of a kind."""
_NOTES = "chartgate_judged"
"""What a worker of xdist hands on at its end."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
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
    try:
        settings = settings_of(config)
        choice = chosen(config, settings)
        if not (choice.chart or choice.matrix or choice.default_matrix):
            return
        gate = gate_of_run(config, choice, settings)
        config.stash[GATE], config.stash[JUDGEMENT] = gate, Judgement(gate)
        config.pluginmanager.register(MaskedOutput(gate), "chartgate_masking")
    except InputError as error:
        raise pytest.UsageError(message_text(str(error))) from error
    if gate.renderings.tools.warning and not hasattr(config, "workerinput"):
        sys.stderr.write(f"chartgate: warning: helm {gate.renderings.tools.helm_version}\n")
    for policy in gate.policies:
        for marker in _families(policy):
            config.addinivalue_line("markers", f"{marker}: policies of policies/{policy.group}")


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say what is judged, with what, and over how much."""
    gate = config.stash.get(GATE, None)
    if gate is None:
        return []
    chart, matrix = gate.chart, gate.matrix
    count = f"{len(matrix.rendering)} scenarios that render, {len(matrix.refused)} that helm refuses"
    lines = [
        f"chart: {chart.name} {chart.version} at {chart.source}; helm {gate.renderings.tools.helm_version}",
        f"matrix: {matrix.source}: {count}; {len(gate.policies)} policies",
        *(f"note: {note}" for note in notes_on(chart)),
    ]
    return [one_line(line) for line in lines]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Let xdist's workers judge the very copy of the chart that the controller took."""
    if GATE in node.config.stash:
        node.workerinput["chartgate_copy"] = str(node.config.stash[GATE].chart.folder)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:  # noqa: ARG001 - the signature of the hook
    """Take in what a worker of xdist has judged, once it ends; one that crashed hands on nothing."""
    notes = getattr(node, "workeroutput", {}).get(_NOTES)
    if notes and JUDGEMENT in node.config.stash:
        node.config.stash[JUDGEMENT].add(notes)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make the items: a test that takes `policy_on_case`, say, is one for each policy and case."""
    wanted = (set(metafunc.fixturenames) & {*PARAMETERS, "scenario"}) - _own_parameters(metafunc)
    for name in sorted(wanted):
        gate = _gate(metafunc.config)
        if name == "scenario":
            metafunc.parametrize(name, [pytest.param(s, id=s.name) for s in _chosen(metafunc, gate.matrix)])
            continue
        found = [item for item in _items(metafunc.config) if item.kind == PARAMETERS[name]]
        parameters = [pytest.param(item, id=item.name, marks=marks_of(item.about)) for item in found]
        metafunc.parametrize(name, parameters or [pytest.param(None, id="none")])


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Take out the placeholder test of a kind without items (waivers, for one): pytest would skip it in every run."""
    items[:] = [item for item in items if not any(_parameters(item).get(name, "") is None for name in PARAMETERS)]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show input that cannot be used as its message, without a traceback, and no secret value anywhere."""
    report = yield
    gate = item.config.stash.get(GATE, None)
    if gate is None:
        return report
    if report.failed and call.excinfo is not None and isinstance(call.excinfo.value, InputError):
        report.longrepr = message_text(gate.masker.text(str(call.excinfo.value)))
        # A test that judges nothing may have a tool of its own, whose failure is its own.
        if isinstance(call.excinfo.value, ToolError) and "gate" in getattr(item, "fixturenames", ()):
            end_run(item, report)
    mask_report(report, gate.masker)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, None, None]:
    """Hand on what this worker has judged; give the exit code of a usage error to a run that a tool has ended.

    The first before xdist sends its worker's output, the second after all who add to the code (syrupy does).
    """
    if JUDGEMENT in session.config.stash and hasattr(session.config, "workeroutput"):
        session.config.workeroutput[_NOTES] = session.config.stash[JUDGEMENT].notes()
    yield
    if GATE in session.config.stash and has_ended(session.config):
        session.exitstatus = pytest.ExitCode.USAGE_ERROR


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Tell what makes no item red, and must not be hidden."""
    if GATE in config.stash:
        tell_what_is_green(terminalreporter, config.stash[JUDGEMENT])


@pytest.fixture
def judged(request: pytest.FixtureRequest, gate: Gate, renderings: Renderings) -> Callable[[Item], None]:  # noqa: ARG001 - renderings are prepared
    """Judge an item, and say it as pytest does: a failure with everything needed, or an expected failure if waived."""

    def judge(item: Item) -> None:
        result = item.judge(request.config.stash[JUDGEMENT])
        request.node.user_properties.extend(properties_of(result))
        if result.is_red:
            pytest.fail(failure_text(result, _again(request.node.nodeid, gate, result)), pytrace=False)
        if result.waived:
            pytest.xfail(waived_text(result))
        if result.idle:
            pytest.skip(result.idle)

    return judge


def _again(nodeid: str, gate: Gate, result: ItemResult) -> list[str]:
    """Give the pytest command of an item, and the first two helm commands that show what it judged."""
    found = [finding.again for finding in result.findings] + [problem.again for problem in result.problems]
    rendered = [command for commands in found for command in commands]
    return [" ".join(filter(None, ["pytest", shlex.quote(nodeid), gate.options])), *dict.fromkeys(rendered)][:3]


@pytest.fixture(scope="session")
def gate(pytestconfig: pytest.Config) -> Gate:
    """Everything this run judges."""
    if GATE not in pytestconfig.stash:
        pytest.fail(_NO_CHART, pytrace=False)
    return pytestconfig.stash[GATE]


@pytest.fixture(scope="session")
def matrix(gate: Gate) -> Matrix:
    """Give every scenario, by name."""
    return gate.matrix


@pytest.fixture(scope="session")
def chart(gate: Gate) -> Chart:
    """Give the chart under judgement."""
    return gate.chart


@pytest.fixture(scope="session")
def renderings(request: pytest.FixtureRequest, gate: Gate) -> Renderings:
    """Give the renderings of the run; those that the selected tests need are made here, in parallel."""
    gate.renderings.prepare(_needed(request.session.items))
    return gate.renderings


@pytest.fixture
def rendering(renderings: Renderings, scenario: Scenario) -> Rendering:
    """Give the rendering of one scenario: of each that renders, or of those of the `scenarios` marker."""
    found = renderings.of(scenario)
    if found.error:
        pytest.fail(f"scenario {scenario.name} did not render: see test_renders[{scenario.name}]", pytrace=False)
    return found


def _items(config: pytest.Config) -> list[Item]:
    """Give the items of this run, made when the first test asks for any."""
    if ITEMS not in config.stash:
        try:
            gate = config.stash[GATE]
            config.stash[ITEMS] = list(items_of(gate, config.stash[JUDGEMENT], gate.policies))
        except InputError as error:
            raise pytest.Collector.CollectError(message_text(str(error))) from error
    return config.stash[ITEMS]


def _needed(items: Sequence[pytest.Item]) -> Iterator[Scenario]:
    """Give the scenarios that these items judge, in their order."""
    for item in items:
        for value in _parameters(item).values():
            if isinstance(value, Scenario):
                yield value
            elif isinstance(value, Item):
                yield from value.scenarios


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


def marks_of(policy: Policy | None) -> list[pytest.MarkDecorator]:
    """Give the markers of a policy: its family, its package and its severity."""
    return [] if policy is None else [getattr(pytest.mark, name) for name in (*_families(policy), policy.severity)]


def _families(policy: Policy) -> list[str]:
    """Give module and package of a policy as names of markers; one in a package's __init__.py has no module above."""
    return [name for name in (policy.family.lstrip("_"), policy.group.lstrip("_")) if name]


def _gate(config: pytest.Config) -> Gate:
    if GATE not in config.stash:
        raise pytest.Collector.CollectError(_NO_CHART)
    return config.stash[GATE]
