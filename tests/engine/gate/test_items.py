"""The items of a run: which there are, when each is red, and in which words; nothing of it holds a secret."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from chartgate.gate.gate import Gate
from chartgate.gate.items import Examines, PolicyHolds, Refused, Renders, items_of
from chartgate.gate.judgement import Judgement
from chartgate.gate.memory import Memory
from chartgate.gate.proof_items import CounterexampleNoticed, WaiverUsed
from chartgate.gate.rules.own_policies import OwnPolicies
from chartgate.gate.run import Selection, run
from chartgate.matrix.matrix import Matrix
from chartgate.model import Case, Chart, Check, Rendering, Scenario, Waiver
from chartgate.policy.edits import gone, put
from chartgate.policy.policy import WHOLE_MATRIX, Policy
from chartgate.rendering.renderings import Renderings
from chartgate.rendering.shellcheck import Shellcheck
from chartgate.system.cache import OutputCache
from chartgate.system.store import Store
from chartgate.system.toolchain import Tools
from tests.engine.toy_policies import CONFIG, Checks, everyone_agrees, key_is_good, keys_agree, made_of, neighbours
from tests.engine.toys import rendering_of, scenario

TODAY = datetime.date(2026, 6, 1)
LATER = datetime.date(2026, 12, 31)
BAD = CONFIG.replace("good", "bad")
SCENARIOS = (scenario("one"), scenario("two"))


def nothing_to_say(*_: Rendering) -> Iterator[Check]:
    """There is nothing to say."""
    yield from ()


class _Rendered(Renderings):
    """Renderings of literal manifests, which note what they are asked for."""

    def __init__(self, chart: Chart, of: Callable[[Scenario], Rendering]) -> None:
        self.chart, self.tools = chart, Tools(Path("helm"), Path("kubectl"), "4.2.3")
        self._of, self._names = of, frozenset()
        self.asked: list[str] = []
        self.unanswered: set[str] = set()
        self.store = Store(None)
        self.shellcheck = Shellcheck(OutputCache(chart.folder))

    def of(self, scenario: Scenario) -> Rendering:
        self.asked.append(scenario.name)
        return self._of(scenario)


def judgement_of(
    toy: Chart,
    policies: Sequence[Policy] = (),
    manifests: str = CONFIG,
    errors: Sequence[str] = (),
    scenarios: Sequence[Scenario] = SCENARIOS,
    **matrix: Any,
) -> Judgement:
    def of(given: Scenario) -> Rendering:
        error = "Error: no" if given.name in errors else ""
        return dataclasses.replace(rendering_of(toy, manifests, given), error=error)

    given = Matrix("m.yaml", {s.name: s for s in scenarios}, **matrix)
    renderings = _Rendered(toy, of)
    memory = Memory(renderings, OwnPolicies((), renderings.store), given.scenarios)
    return Judgement(Gate(toy, given, renderings, memory, list(policies), "", TODAY, False))


def _case(*scenarios: Scenario) -> Case:
    return Case("..".join(s.name for s in scenarios), scenarios)


def test_the_items_of_a_run(toy: Chart) -> None:
    made = made_of(key_is_good)
    made.breaks("one", another=put("ConfigMap a", "data.key", "bad"))
    waiver = Waiver("key_is_good", "", "one", "", "Agreed.", "shop team", LATER)
    refused = dataclasses.replace(scenario("three"), refusal=("mode",))
    judgement = judgement_of(toy, [made], scenarios=(*SCENARIOS, refused), waivers=(waiver,))
    items = list(items_of(judgement.gate, judgement, judgement.gate.policies))
    assert [(item.kind, item.name) for item in items] == [
        ("renders", "one"),
        ("renders", "two"),
        ("refused", "three"),
        ("policy", "key_is_good-one"),
        ("policy", "key_is_good-two"),
        ("examines", "key_is_good"),
        ("counterexample", "key_is_good-another"),
        ("waiver", "key_is_good-1"),
    ]
    assert [item.about for item in items] == [None, None, None, made, made, made, made, None]
    assert [[s.name for s in item.scenarios] for item in items[3:]] == [["one"], ["two"], [], ["one"], []]


def test_a_deployment_has_no_guards_no_proofs_and_no_comparisons(toy: Chart) -> None:
    policies = [made_of(key_is_good), made_of(keys_agree, neighbours), made_of(everyone_agrees, WHOLE_MATRIX)]
    judgement = judgement_of(toy, policies)
    deployed = dataclasses.replace(judgement.gate, infrastructure="np-hub.yaml")
    names = [item.name for item in items_of(deployed, Judgement(deployed), deployed.policies)]
    assert names == ["one", "two", "key_is_good-one", "key_is_good-two"]


def test_a_scenario_that_does_not_render(toy: Chart) -> None:
    judgement = judgement_of(toy, errors=["one"])
    [problem] = Renders(SCENARIOS[0]).judge(judgement).problems
    assert (problem.kind, problem.cases, problem.message) == ("renders", ("one",), "Error: no")
    [command] = problem.again
    assert command.startswith("chartgate scenarios one --render --chart=")
    assert not Renders(SCENARIOS[1]).judge(judgement).is_red


DERIVED = dataclasses.replace(SCENARIOS[0], name="one.x", origin="one")


@pytest.mark.parametrize(
    ("shown", "of_gate", "of_chart", "command"),
    [
        (SCENARIOS[0], {}, "my charts/a.tgz", "one --render '--chart=my charts/a.tgz' --matrix=m.yaml"),
        (DERIVED, {}, "toy", "one.x --render --chart=toy --matrix=m.yaml"),
        (DERIVED, {"named_policies": ("a", "b c")}, "toy",
         "one.x --render --chart=toy --matrix=m.yaml --policies=a '--policies=b c'"),
        (SCENARIOS[0], {"named_policies": ("a",)}, "toy", "one --render --chart=toy --matrix=m.yaml"),
        (SCENARIOS[0], {"kube_version": "1.31.0"}, "toy",
         "one --render --chart=toy --matrix=m.yaml --kube-version=1.31.0"),
        (SCENARIOS[0], {"infrastructure": "i.yaml"}, "toy",
         "--infrastructure=i.yaml --render --chart=toy --matrix=m.yaml"),
    ],
)  # fmt: skip
def test_the_command_that_shows_a_scenario_again(
    shown: Scenario, of_gate: dict[str, Any], of_chart: str, command: str, toy: Chart
) -> None:
    gate = judgement_of(toy).gate
    named = dataclasses.replace(gate, chart=dataclasses.replace(toy, source=of_chart), **of_gate)
    words = Judgement(named).words
    assert words.again(Case("a", (shown,))) == (f"chartgate scenarios {command}",)


def test_of_many_scenarios_the_one_with_the_finding_is_shown(toy: Chart) -> None:
    words = judgement_of(toy).words
    assert [again.split()[2] for again in words.again(Case("two", SCENARIOS))] == ["one", "two"]
    assert [again.split()[2] for again in words.again(Case("all", (*SCENARIOS, DERIVED)), "two")] == ["two"]


@pytest.mark.parametrize("about", ["", "one"])
def test_of_a_pair_the_one_with_the_finding_is_shown_first(about: str, toy: Chart) -> None:
    """It is about the second unless its policy says otherwise."""

    def key_is_good_in_both(before: Rendering, after: Rendering) -> Iterator[Check]:
        """The key is good in both."""
        yield from (check.of(about) if about else check for check in key_is_good(before if about else after))

    made = made_of(key_is_good_in_both, neighbours)
    [finding] = PolicyHolds(made, _case(*SCENARIOS)).judge(judgement_of(toy, [made], BAD)).findings
    assert (finding.cases, finding.scenario) == (("one..two",), about or "two")
    assert [again.split()[2] for again in finding.again] == (["one", "two"] if about else ["two", "one"])


@pytest.mark.parametrize(("is_of_a_pack", "unjudged"), [(False, ("one",)), (True, ())])
def test_a_hook_that_fails(
    is_of_a_pack: bool, unjudged: tuple[str, ...], toy: Chart, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the project demands of its objects is meant of those that hooks leave; a pack judges what is there."""
    made = made_of(key_is_good)
    monkeypatch.setattr(Policy, "is_of_a_pack", is_of_a_pack)
    judgement = judgement_of(toy, [made], BAD)
    failing = dataclasses.replace(rendering_of(toy, BAD, SCENARIOS[0]), hook_error="no such file")
    monkeypatch.setattr(judgement.gate.renderings, "of", lambda _: failing)
    [problem] = Renders(SCENARIOS[0]).judge(judgement).problems
    assert problem.message == "a hook fails: no such file"
    result = PolicyHolds(made, _case(SCENARIOS[0])).judge(judgement)
    assert (result.unjudged, len(result.findings), result.causes) == (
        unjudged,
        int(is_of_a_pack),
        (problem,) * len(unjudged),
    )


@pytest.mark.parametrize(
    ("errors", "message"),
    [
        ([], "helm does not say 'no', 'array'; it says:\nnothing: it rendered 2 resources"),
        (["wrong"], "helm does not say 'array'; it says:\nError: no"),
    ],
)
def test_a_scenario_that_is_not_refused(errors: list[str], message: str, toy: Chart) -> None:
    given = dataclasses.replace(scenario("wrong"), refusal=("no", "array"))
    [problem] = Refused(given).judge(judgement_of(toy, errors=errors)).problems
    assert (problem.kind, problem.message) == ("refused", message)
    assert not Refused(dataclasses.replace(given, refusal=("no",))).judge(judgement_of(toy, errors=["wrong"])).is_red


def test_findings_and_what_a_waiver_accepts(toy: Chart) -> None:
    made = made_of(key_is_good)
    waiver = Waiver("key_is_good", "ConfigMap shop/a", "one", "", "Agreed.", "shop team", LATER)
    judgement = judgement_of(toy, [made], BAD, waivers=(waiver,))
    one, two = (PolicyHolds(made, _case(given)).judge(judgement) for given in SCENARIOS)
    assert (one.is_red, one.findings, [finding.waivers for finding in one.waived]) == (False, (), [(waiver,)])
    [finding] = two.findings
    assert (finding.policy.name, finding.subject, finding.path) == ("key_is_good", "ConfigMap shop/a (v1)", "data.key")
    assert (finding.expected, finding.actual, finding.cases, two.waived) == ("good", "bad", ("two",), ())


def test_a_policy_that_fails_itself_says_where(toy: Chart) -> None:
    def fails(_: Rendering) -> Iterator[Check]:
        """It fails."""
        raise LookupError("no such thing")
        yield

    [problem] = PolicyHolds(made_of(fails), _case(SCENARIOS[0])).judge(judgement_of(toy)).problems
    assert (problem.kind, problem.subject, problem.cases) == ("crash", "fails", ("one",))
    assert problem.message.startswith("LookupError: no such thing (")
    assert "test_items.py:" in problem.message


def test_a_policy_that_fails_itself_is_told_once(toy: Chart) -> None:
    """Its guard and its counterexample, asked alone or after it, are red by the same words."""

    def fails(_: Rendering) -> Iterator[Check]:
        """It fails."""
        raise LookupError("no such thing")
        yield

    made = made_of(fails)
    made.breaks("one", it_is_gone=gone("ConfigMap a"))
    [example] = made.counterexamples
    judgement = judgement_of(toy, [made])
    found = [
        problem
        for item in (
            Examines(made),
            PolicyHolds(made, _case(SCENARIOS[0])),
            CounterexampleNoticed(example, SCENARIOS[:1]),
        )
        for problem in item.judge(judgement).problems
    ]
    assert len({(problem.kind, problem.subject, problem.message) for problem in found}) == 1
    assert [problem.kind for problem in found] == ["crash"] * 3


def test_what_helm_gave_no_answer_for_is_said_not_to_be_judged(toy: Chart) -> None:
    judgement, worker = judgement_of(toy), judgement_of(toy)
    worker.gate.renderings.unanswered.add("one")
    for each in SCENARIOS:
        worker.verdict(made_of(key_is_good), _case(each))
    judgement.add(worker.notes())
    assert judgement.unjudged() == worker.unjudged() == ("one (helm gave no answer in time)",)


def test_what_did_not_render_is_not_judged_and_not_green(toy: Chart) -> None:
    result = PolicyHolds(made_of(keys_agree, neighbours), _case(*SCENARIOS)).judge(judgement_of(toy, errors=["two"]))
    assert (result.is_red, result.unjudged, result.findings, result.problems) == (True, ("two",), (), ())


@pytest.mark.parametrize(
    ("errors", "suffixes", "is_tried"),
    [
        ([], ["longest"], True),
        (["one"], ["longest"], False),
        (["one.all-on"], ["all-on", "ports"], False),
        # What users bring may be what it lacks.
        (["one.before-brought"], ["before-brought", "brought"], True),
    ],
)
def test_what_is_derived_is_tried_where_its_base_renders(
    errors: list[str], suffixes: list[str], is_tried: bool, toy: Chart
) -> None:
    judgement = judgement_of(toy, errors=errors)
    derived = SCENARIOS[0]
    for suffix in suffixes:
        derived = derived.derived(suffix, is_trial=len(suffixes) > 1, is_all_on=suffix == "all-on")
    result = PolicyHolds(made_of(key_is_good), _case(derived)).judge(judgement)
    assert (derived.name in judgement.gate.renderings.asked) is is_tried  # type: ignore[attr-defined]
    assert result.unjudged == (("one",) if errors == ["one"] else ())


@pytest.mark.parametrize(
    ("function", "over", "errors", "red", "red_in_spite_of_a_reason"),
    [
        (key_is_good, None, [], False, True),
        (nothing_to_say, None, [], True, False),
        (key_is_good, None, ["one"], False, True),
        (keys_agree, neighbours, [], False, True),
        (everyone_agrees, WHOLE_MATRIX, [], False, True),
        (nothing_to_say, WHOLE_MATRIX, [], True, False),
        # What could not be judged is told once, by the scenario that did not render.
        (key_is_good, None, ["one", "two"], False, False),
        (nothing_to_say, None, ["two"], False, False),
        (everyone_agrees, WHOLE_MATRIX, ["one"], False, False),
        (nothing_to_say, lambda scenarios: [Case("first", tuple(scenarios[:1]))], ["two"], False, False),
    ],
)
def test_the_guard(
    function: Checks, over: Any, errors: list[str], red: bool, red_in_spite_of_a_reason: bool, toy: Chart
) -> None:
    """Asked alone, and after all cases were judged."""
    made = made_of(function, over)
    judgement = judgement_of(toy, [made], errors=errors)
    alone = Examines(made).judge(judgement)
    for case in judgement.cases(made):
        PolicyHolds(made, case).judge(judgement)
    assert (alone.is_red, Examines(made).judge(judgement).is_red) == (red, red)
    given = judgement_of(toy, [made], errors=errors, nothing_to_examine={made.name: "There is nothing."})
    in_spite = [problem.follows for problem in Examines(made).judge(given).problems]
    assert in_spite == [made.name] * red_in_spite_of_a_reason


def test_a_waiver_is_not_unused_where_its_scenario_does_not_render(toy: Chart) -> None:
    waiver = Waiver("key_is_good", "", "two", "", "Agreed.", "shop team", LATER)
    [red] = WaiverUsed("key_is_good-1", waiver).judge(judgement_of(toy, [made_of(key_is_good)])).problems
    assert red.message.endswith("it accepts no finding in any scenario: take it out of the matrix")
    broken = judgement_of(toy, [made_of(key_is_good)], errors=["two"])
    assert WaiverUsed("key_is_good-1", waiver).judge(broken).idle == (
        "key_is_good-1 is not judged: scenario two did not render"
    )


def test_the_guard_renders_no_more_than_it_needs(toy: Chart) -> None:
    made = made_of(key_is_good)
    judgement = judgement_of(toy, [made])
    Examines(made).judge(judgement)
    assert judgement.gate.renderings.asked == ["one"]  # type: ignore[attr-defined]


def test_a_counterexample_that_proves_nothing(toy: Chart) -> None:
    made = made_of(key_is_good)
    made.breaks("one", noticed=put("ConfigMap a", "data.key", "bad"), unseen=put("ConfigMap b", "data.key", "bad"))
    judgement = judgement_of(toy, [made])
    noticed, unseen = (CounterexampleNoticed(example, (SCENARIOS[0],)) for example in made.counterexamples)
    assert not noticed.judge(judgement).is_red
    [problem] = unseen.judge(judgement).problems
    assert problem.message == "the policy stays green after a change to\n  ConfigMap shop/b (v1)"
    assert noticed.judge(judgement_of(toy, [made], errors=["one"])).unjudged == ("one",)


def test_an_edit_of_what_is_gone_follows_from_what_the_policy_finds(toy: Chart) -> None:
    made = made_of(key_is_good)
    made.breaks("one", it_is_gone=gone("ConfigMap a", "data.other"), nobody=gone("ConfigMap nobody"))
    judgement = judgement_of(toy, [made])
    items = [CounterexampleNoticed(example, (SCENARIOS[0],)) for example in made.counterexamples]
    problems = [problem for item in items for problem in item.judge(judgement).problems]
    assert [problem.follows for problem in problems] == ["key_is_good"] * 2


def test_a_counterexample_whose_scenario_does_not_render_is_not_proved(toy: Chart) -> None:
    made = made_of(key_is_good)
    made.breaks("one", noticed=put("ConfigMap a", "data.key", "bad"))
    gate = judgement_of(toy, [made], errors=["one"]).gate
    outcome = run(gate, Selection(policies=("key_is_good",), proofs=True), lambda *_: None)
    assert ("key_is_good", "key_is_good-noticed") in outcome.unjudged
    assert outcome.is_red


@pytest.mark.parametrize("raised", [KeyError("gone"), SystemExit(0)])
def test_a_counterexample_that_fails_itself(raised: BaseException, toy: Chart) -> None:
    made = made_of(key_is_good)

    @made.counterexample("one")
    def fails(_: Rendering) -> Rendering:
        raise raised

    [example] = made.counterexamples
    [problem] = CounterexampleNoticed(example, (SCENARIOS[0],)).judge(judgement_of(toy, [made])).problems
    assert problem.message.startswith(f"{type(raised).__name__}: ")
    assert f"({__file__}:" in problem.message


def test_an_edit_that_finds_nothing_is_a_problem_of_its_counterexample(toy: Chart) -> None:
    made = made_of(key_is_good)
    made.breaks("one", nowhere=gone("ConfigMap a", "data.other"))
    [example] = made.counterexamples
    [problem] = CounterexampleNoticed(example, (SCENARIOS[0],)).judge(judgement_of(toy, [made])).problems
    assert (
        problem.message == "counterexample key_is_good-nowhere: an edit of ConfigMap a: there is nothing at data.other"
    )


@pytest.mark.parametrize(
    ("changes", "manifests", "problem"),
    [
        ({}, BAD, ""),
        ({}, CONFIG, "it accepts no finding in any scenario: take it out of the matrix"),
        ({"scenario": "off"}, BAD, "it accepts no finding in any scenario: take it out of the matrix"),
        ({"expires": datetime.date(2026, 5, 31)}, BAD, "it expired on 2026-05-31: mend what it accepts, or let "),
        ({"policy": "key_is_god"}, BAD, "there is no policy 'key_is_god' to waive a finding of"),
    ],
)
def test_what_is_wrong_with_a_waiver(changes: dict[str, Any], manifests: str, problem: str, toy: Chart) -> None:
    waiver = Waiver("key_is_good", "ConfigMap shop/a", "", "", "Agreed with sales.", "shop team", LATER)
    waiver = dataclasses.replace(waiver, **changes)
    judgement = judgement_of(toy, [made_of(key_is_good)], manifests, waivers=(waiver,))
    result = WaiverUsed("key_is_good-1", waiver).judge(judgement)
    assert result.is_red is bool(problem)
    head = f"m.yaml waives findings of {waiver.policy} on resource ConfigMap shop/a"
    for found in result.problems:
        assert found.message.startswith(head)
        assert problem in found.message


def test_secrets_never_enter_a_result(toy: Chart) -> None:
    """Neither those of the matrix nor one that a policy has planted."""
    secret, planted = "t0p-s'cr\"et", "planted-s'cr\"et"
    given = scenario("loud", secret={"token": secret})
    derived = dataclasses.replace(given, name="loud.canary", origin="loud", values={"secret": {"token": planted}})

    def leaks(_: Rendering) -> Iterator[Check]:
        """It leaks."""
        for leaked in (secret, planted):
            yield Check("ConfigMap a", f"data[{leaked}]", [f"no {leaked!r}"], {"key": f"x{leaked}"}, passed=False)
        raise ValueError(secret)

    made = made_of(leaks)
    judgement = judgement_of(toy, [made], scenarios=[given])
    [problem] = PolicyHolds(made, _case(derived)).judge(judgement).problems
    assert problem.message.startswith("ValueError: <secret> (")
    made = made_of(lambda _: iter([Check("ConfigMap a", f"data[{planted}]", [planted], {"key": secret}, passed=False)]))
    [finding] = PolicyHolds(made, _case(derived)).judge(judgement).findings
    assert (finding.path, finding.expected, finding.actual) == ("data[<secret>]", ["<secret>"], {"key": "<secret>"})
