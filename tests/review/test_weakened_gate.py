"""The gate itself as a change: what a pull request takes out of settings, matrix, baseline and policies."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import jsonschema
import pytest

from chartgate.commands.main import main
from chartgate.matrix.choice import Choice
from chartgate.review.sides import open_side
from chartgate.review.weakening.gate_change import GateChange, gate_change
from chartgate.review.weakening.gate_rules import GateRules, rules_of
from tests.review.repositories import Clone, cloned

CHART = {
    "chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
    "chart/values.yaml": "cache: {enabled: false}\nreplicas: 1\nmode: plain\nextra: {}\n",
    "chart/ci/large-values.yaml": "replicas: 5\n",
    "chart/templates/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
}
EXTERNAL = "external:\n- {kind: Secret, name: login, keys: [user], reason: made by hand}\n"
MATRIX = """\
chart: ../chart
release: shop
namespace: shop
api_versions: [monitoring.coreos.com/v1]
toggles: {cache: cache.enabled}
axes:
  size: {small: {}, large: {values: {replicas: 3}}}
  form: {plain: {}, odd: {values: {mode: odd}}}
exclude:
- {together: {size: large, form: odd}, reason: slow}
ci_files: true
scenarios:
  busy: {values: {replicas: 9}}
refusals:
  negative: {values: {replicas: -1}, stderr: [replicas, negative]}
external:
- {kind: Secret, name: login, keys: [user], reason: made by hand}
schemas: {unjudged: {example.com/v1 Widget: no schema}}
nothing_to_examine: {probes_are_there: no pods}
waivers:
- {policy: images_are_pinned, resource: Deployment shop/*, reason: later, owner: shop, expires: 2027-01-31}
"""
SETTINGS = """\
matrix = "tests/matrix.yaml"
fail_on = "warning"
pod_security = "restricted"
guard_packs = true
disable = {no_dead_values = "generated"}

[severity]
images_are_pinned = {to = "error", reason = "mirrored"}
"""
BASELINE = """\
format: 1
chart: shop
findings:
- {fingerprint: probes_are_there Deployment web, severity: warning, since: 2026-01-01}
"""
ACCEPTED = "- {fingerprint: it_is_red Pod a, severity: error, since: 2026-01-01}\n"
POLICIES = '''\
"""Ours."""
from chartgate.policy.policy import policy


def _each(rendering):
    yield from (rendering.one, rendering.two)


@policy(severity="error", remediation="mend it")
def it_is_small(rendering):
    """Small."""
    yield rendering.size
    yield from _each(rendering)


it_is_small.breaks("busy", it_grows=1, it_grows_more=2)


@policy(severity="error", remediation="mend it")
def it_is_red(rendering):
    """Red."""
    yield rendering.colour


@it_is_red.counterexample("busy")
def it_is_blue(rendering):
    return rendering
'''
FILES = CHART | {
    "tests/matrix.yaml": MATRIX,
    "chartgate.toml": SETTINGS,
    "chartgate-baseline.yaml": BASELINE,
    "policies/__init__.py": "",
    "policies/ours.py": POLICIES,
}


CHOICE = Choice(default_matrix="tests/matrix.yaml", chart="chart")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """Make a project with a gate, tagged v1."""
    clone = cloned(tmp_path_factory.mktemp("project") / "clone")
    clone.commit(FILES, tag="v1")
    return clone


@pytest.fixture(scope="module")
def before(project: Clone, tmp_path_factory: pytest.TempPathFactory) -> GateRules:
    """Give what v1 is judged by."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project.top)
        rules = rules_of(open_side("v1", CHOICE, tmp_path_factory.mktemp("v1") / "side"), CHOICE)
    assert rules is not None
    return rules


@pytest.fixture
def clone(project: Clone, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clone]:
    """Go to the project, which is as v1 has it again afterwards."""
    monkeypatch.chdir(project.top)
    yield project
    project.git("reset", "--quiet", "--hard", "v1")
    project.git("clean", "--quiet", "-dfx")


def _edited(file: str, old: str, new: str) -> dict[str, str]:
    assert FILES[file].count(old) == 1, old
    return {file: FILES[file].replace(old, new)}


def _matrix(old: str, new: str) -> dict[str, str]:
    return _edited("tests/matrix.yaml", old, new)


def _settings(old: str, new: str) -> dict[str, str]:
    return _edited("chartgate.toml", old, new)


def _policies(old: str, new: str) -> dict[str, str]:
    return _edited("policies/ours.py", old, new)


def _now(changed: Mapping[str, str], before: GateRules, folder: Path) -> GateChange:
    """Change files of the work tree, and compare it with what v1 is judged by."""
    for file, text in changed.items():
        Path(file).write_text(text)
    rules = rules_of(open_side("", CHOICE, folder / "side"), CHOICE)
    return GateChange(before, rules)


def _between(base: str, head: str, folder: Path) -> GateChange:
    sides = [open_side(given, CHOICE, folder / name) for given, name in ((base, "base"), (head, "head"))]
    return gate_change(sides[0], sides[1], CHOICE)


def _told(change: GateChange, *used: str) -> list[tuple[str, str, str]]:
    return [
        (entry.subjects[0], ", ".join(entry.addresses), risk.reason)
        for entry in change.entries(used)
        for risk in entry.risks
    ]


WAIVER = "waivers:\n- {policy: it_is_red, path: '*', reason: no time, owner: me, expires: 2026-12-24}\n"
OF_MATRIX = "tests/matrix.yaml"
AN_ERROR = "one more accepted finding, of the severity error"
WEAKER: dict[str, tuple[dict[str, str], tuple[str, str, str]]] = {
    "a waiver": (
        _matrix("waivers:\n", WAIVER),
        (OF_MATRIX, "waivers.it_is_red", "a new waiver, of any object until 2026-12-24: no time (me)"),
    ),
    "a wider waiver": (
        _matrix("Deployment shop/*", "Deployment */*"),
        (OF_MATRIX, "waivers.images_are_pinned", "a new waiver, of Deployment */* until 2027-01-31: later (shop)"),
    ),
    "a longer waiver": (
        _matrix("2027-01-31", "2027-12-31"),
        (OF_MATRIX, "waivers.images_are_pinned", "a waiver lasts longer: later (shop)"),
    ),
    "a wide waiver of a risk": (
        _matrix("waivers:\n", WAIVER.replace("policy: it_is_red", "risk: image")),
        (OF_MATRIX, "waivers.image", "a new waiver, of any object until 2026-12-24: no time (me)"),
    ),
    "a toggle": (
        _matrix("toggles: {cache: cache.enabled}\n", ""),
        (OF_MATRIX, "toggles.cache", "this switch is no longer judged on and off, with all others"),
    ),
    "a value of an axis": (
        {
            OF_MATRIX: MATRIX.replace("odd: {values: {mode: odd}}", "even: {values: {mode: even}}").replace(
                "form: odd", "form: even"
            )
        },
        (OF_MATRIX, "axes.form.odd", "nothing is judged with this value of the axis"),
    ),
    "an exclusion": (
        _matrix("exclude:\n", "exclude:\n- {together: {size: small, form: odd}, reason: slow}\n"),
        (OF_MATRIX, "exclude", "form=odd and size=small are no longer judged together"),
    ),
    "no rows": (
        _matrix("ci_files", "pairwise: {}\nci_files"),
        (OF_MATRIX, "pairwise", "the values of the axes are no longer combined"),
    ),
    "the ci files": (
        _matrix("ci_files: true\n", ""),
        (OF_MATRIX, "ci_files.large", "the chart's values file is no longer judged"),
    ),
    "a scenario": (
        _matrix("  busy: {values: {replicas: 9}}", "  calm: {values: {replicas: 1}}"),
        (OF_MATRIX, "scenarios.busy", "this scenario is no longer judged"),
    ),
    "an empty scenario": (
        _matrix("busy: {values: {replicas: 9}}", "busy: {}"),
        (OF_MATRIX, "scenarios.busy", "this scenario sets nothing any longer"),
    ),
    "a refusal": (
        _matrix("refusals:\n  negative: {values: {replicas: -1}, stderr: [replicas, negative]}\n", ""),
        (OF_MATRIX, "refusals.negative", "helm need no longer refuse this"),
    ),
    "the words of a refusal": (
        _matrix("stderr: [replicas, negative]", "stderr: [replicas]"),
        (OF_MATRIX, "refusals.negative.stderr", "helm may refuse this in other words"),
    ),
    "an external": (
        _matrix("external:\n", "external:\n- {kind: Secret, name: other, reason: made by hand}\n"),
        (OF_MATRIX, "external[Secret other]", "nobody looks any longer whether it is there: made by hand"),
    ),
    "an external of any key": (
        _matrix("keys: [user], ", ""),
        (OF_MATRIX, "external[Secret login]", "more is taken for granted of it: any keys"),
    ),
    "a key of an external": (
        _matrix("keys: [user]", "keys: [user, password]"),
        (OF_MATRIX, "external[Secret login]", "more is taken for granted of it: keys password"),
    ),
    "a kind without schema": (
        _matrix("Widget: no schema", "Widget: no schema, example.com/v1 Gadget: no time"),
        (OF_MATRIX, "schemas.unjudged[example.com/v1 Gadget]", "objects of this kind fit no schema: no time"),
    ),
    "nothing to examine": (
        _matrix("probes_are_there: no pods", "probes_are_there: no pods, it_is_red: no time"),
        (OF_MATRIX, "nothing_to_examine.it_is_red", "this policy may examine nothing: no time"),
    ),
    "an echo": (
        _matrix("external:\n", "echoes: [ConfigMap a]\nexternal:\n"),
        (OF_MATRIX, "echoes", "ConfigMap a no longer counts as something that values change"),
    ),
    "one release only": (
        _matrix("external:\n", "one_per: {scope: cluster, reason: it is heavy}\nexternal:\n"),
        (OF_MATRIX, "one_per", "fewer releases are judged beside each other: it is heavy"),
    ),
    "an API version": (
        _matrix("api_versions: [monitoring.coreos.com/v1]\n", ""),
        (OF_MATRIX, "api_versions", "what is rendered for monitoring.coreos.com/v1 only is no longer judged"),
    ),
    "fail_on": (_settings('"warning"', '"error"'), ("chartgate.toml", "fail_on", "warnings no longer make a run red")),
    "a disabled policy": (
        _settings('{no_dead_values = "generated"}', '{no_dead_values = "generated", it_is_red = "no time"}'),
        ("chartgate.toml", "disable.it_is_red", "this policy no longer judges"),
    ),
    "a lower severity": (
        _settings("[severity]\n", '[severity]\nit_is_red = {to = "warning", reason = "no time"}\n'),
        ("chartgate.toml", "severity.it_is_red", "its findings are warnings now"),
    ),
    "a raised severity that is gone": (
        _settings('images_are_pinned = {to = "error", reason = "mirrored"}\n', ""),
        ("chartgate.toml", "severity.images_are_pinned", "its findings are no longer errors by this"),
    ),
    "a laxer standard": (
        _settings('pod_security = "restricted"\n', ""),
        ("chartgate.toml", "pod_security", "a laxer standard is demanded of pods"),
    ),
    "no guard": (
        _settings("guard_packs = true\n", ""),
        ("chartgate.toml", "guard_packs", "a policy may examine nothing and stay green"),
    ),
    "a pack": (
        _settings('matrix = "', 'policies = ["policies"]\nmatrix = "'),
        ("chartgate.toml", "policies", "the pack kubernetes no longer judges"),
    ),
    "a larger baseline": (
        {"chartgate-baseline.yaml": BASELINE + ACCEPTED},
        ("chartgate-baseline.yaml", "it_is_red Pod a", AN_ERROR),
    ),
    "a warning that is an error now": (
        _edited("chartgate-baseline.yaml", "severity: warning", "severity: error"),
        ("chartgate-baseline.yaml", "probes_are_there Deployment web", AN_ERROR),
    ),
    "a policy that is gone": (
        {"policies/ours.py": POLICIES[: POLICIES.rindex("@policy(")]},
        ("policies/ours.py", "it_is_red", "this policy is gone"),
    ),
    "a policy that is commented out": (
        {"policies/ours.py": POLICIES[: POLICIES.rindex("@policy(")] + "# @policy()\n# def it_is_red(): ...\n"},
        ("policies/ours.py", "it_is_red", "this policy is gone"),
    ),
    "a policy that judges less often": (
        {"policies/ours.py": POLICIES.replace('@policy(severity="error"', '@policy(where=never, severity="error"', 1)},
        ("policies/ours.py", "it_is_small", "it judges only where `never` holds"),
    ),
    "a policy that is a warning": (
        {"policies/ours.py": POLICIES.replace('severity="error"', 'severity="warning"', 1)},
        ("policies/ours.py", "it_is_small", "its findings are warnings now"),
    ),
    "a check less": (
        _policies("    yield rendering.size\n", ""),
        ("policies/ours.py", "it_is_small", "it yields checks in 1 places, and did in 2"),
    ),
    "a check less in what it calls": (
        _policies("    yield from (rendering.one, rendering.two)\n", "    return []\n"),
        ("policies/ours.py", "it_is_small", "it yields checks in 1 places, and did in 2"),
    ),
    "a proof less": (
        _policies(", it_grows_more=2", ""),
        ("policies/ours.py", "it_is_small", "nothing proves any longer that it notices it_grows_more"),
    ),
}


@pytest.mark.parametrize("name", WEAKER)
@pytest.mark.usefixtures("clone")
def test_a_weaker_gate(name: str, before: GateRules, tmp_path: Path) -> None:
    changed, told = WEAKER[name]
    assert _told(_now(changed, before, tmp_path)) == [told]


NOT_WEAKER: dict[str, dict[str, str]] = {
    "nothing": {},
    "another reason": _matrix("reason: later", "reason: much later"),
    "a waiver less": {OF_MATRIX: MATRIX[: MATRIX.index("waivers:")]},
    "a narrower waiver": _matrix("Deployment shop/*", "Deployment shop/web"),
    "a shorter waiver": _matrix("2027-01-31", "2026-12-31"),
    "a scenario of another name": _matrix("  busy:", "  crowded:"),
    "a scenario of another value": _matrix("{replicas: 9}", "{replicas: 19}"),
    "a scenario more": _matrix("scenarios:\n", "scenarios:\n  calm: {values: {replicas: 2}}\n"),
    "a toggle of another name": _matrix("{cache: cache.enabled}", "{caching: cache.enabled}"),
    "a refusal of another name": _matrix("  negative:", "  below_zero:"),
    "other words of a refusal": _matrix("[replicas, negative]", "[replicas, below zero]"),
    "an external less": {OF_MATRIX: MATRIX.replace(EXTERNAL, "")},
    "a policy that judges again": _settings('disable = {no_dead_values = "generated"}\n', ""),
    "a higher severity": _settings("[severity]\n", '[severity]\nit_is_red = {to = "error", reason = "it is"}\n'),
    "a smaller baseline": {"chartgate-baseline.yaml": "format: 1\nchart: shop\nfindings: []\n"},
    "who and why": _edited("chartgate-baseline.yaml", "since: 2026-01-01", "since: 2026-01-01, who: me, why: later"),
    "a policy of another name": {
        "policies/ours.py": POLICIES.replace("def it_is_red", "def it_stays_red").replace("@it_is_red", "@it_stays_red")
    },
    "a policy in another module": {
        "policies/ours.py": POLICIES[: POLICIES.rindex("@policy(")],
        "policies/others.py": POLICIES[: POLICIES.index("def _each")] + POLICIES[POLICIES.rindex("@policy(") :],
    },
    "another docstring": _policies('"""Small."""', '"""Small, as it should be."""'),
    "a check more": _policies("    yield rendering.size\n", "    yield rendering.size\n    yield rendering.weight\n"),
    "what it calls, written out": {
        "policies/ours.py": POLICIES.replace("yield from _each(rendering)", "yield from (rendering.one, rendering.two)")
    },
    "a new policy with all that it needs": {
        "policies/new.py": POLICIES[: POLICIES.index("def _each")]
        + POLICIES[POLICIES.rindex("@policy(") :].replace("it_is_red", "it_is_new"),
        OF_MATRIX: MATRIX.replace("waivers:\n", WAIVER.replace("it_is_red", "it_is_new")),
    },
}


@pytest.mark.parametrize("name", NOT_WEAKER)
@pytest.mark.usefixtures("clone")
def test_a_gate_that_is_not_weaker(name: str, before: GateRules, tmp_path: Path) -> None:
    assert _told(_now(NOT_WEAKER[name], before, tmp_path)) == []


@pytest.mark.usefixtures("clone")
def test_a_scenario_goes_with_its_feature(before: GateRules, tmp_path: Path) -> None:
    without = _matrix("toggles: {cache: cache.enabled}\n", "")
    values = _edited("chart/values.yaml", "cache: {enabled: false}\n", "")
    assert _told(_now(without | values, before, tmp_path)) == []


@pytest.mark.usefixtures("clone")
def test_a_matrix_that_is_gone(before: GateRules, tmp_path: Path) -> None:
    Path(OF_MATRIX).unlink()
    reason = "the matrix is gone: nothing but the chart's own ci/ files or defaults is judged"
    change = _now(_settings('matrix = "tests/matrix.yaml"\n', ""), before, tmp_path)
    assert _told(change) == [(OF_MATRIX, "", reason)]


@pytest.mark.usefixtures("clone")
def test_a_narrow_waiver_of_a_risk_is_shown_beside_it(before: GateRules, tmp_path: Path) -> None:
    waiver = (
        "waivers:\n- {risk: image, resource: Deployment shop/web, reason: tested, owner: me, expires: 2026-12-24}\n"
    )
    change = _now(_matrix("waivers:\n", waiver), before, tmp_path)
    assert _told(change, "image") == []
    assert [address for _, address, _ in _told(change)] == ["waivers.image"]


@pytest.mark.usefixtures("clone")
def test_code_is_named_and_not_run(tmp_path: Path) -> None:
    for file, text in (("policies/ours.py", "raise SystemExit\n" + POLICIES), ("conftest.py", "exit(1)\n")):
        Path(file).write_text(text)
    change = _between("v1", "", tmp_path)
    assert _told(change) == []
    assert change.notes == (
        "Code that decides what is red has changed, which only reading it judges: conftest.py, policies/ours.py.",
    )


def test_a_gate_is_introduced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clone = cloned(tmp_path / "project")
    clone.commit(CHART, tag="v1")
    clone.commit(FILES, tag="v2")
    monkeypatch.chdir(clone.top)
    assert _told(_between("v1", "v2", tmp_path / "sides")) == []
    assert [file for file, _, _ in _told(_between("v2", "v1", tmp_path / "back"))] != []


def test_two_commits(clone: Clone, tmp_path: Path) -> None:
    changed, told = WEAKER["a disabled policy"]
    clone.commit(changed, tag="v2")
    assert _told(_between("v1", "v2", tmp_path / "one")) == [told]
    assert _told(_between("v2", "v1", tmp_path / "two")) == []


def test_what_cannot_be_read_is_a_note(clone: Clone, tmp_path: Path) -> None:
    clone.commit({"chartgate.toml": "nothing = 1\n"}, tag="broken")
    [note] = _between("broken", "v1", tmp_path).notes
    assert note.startswith("What broken (")
    assert "chartgate.toml:1: nothing: there is no such setting" in note


@pytest.mark.usefixtures("clone")
def test_an_older_waiver_accepts_a_weaker_gate_and_a_new_one_does_not(before: GateRules, tmp_path: Path) -> None:
    waiver = "waivers:\n- {risk: gate_weakened, path: '*', reason: agreed, owner: boss, expires: 2027-12-24}\n"
    new = _now(_matrix("waivers:\n", waiver), before, tmp_path)
    assert new.waivers == ()
    assert [address for _, address, _ in _told(new)] == ["waivers.gate_weakened"]
    old = GateChange(new.after, before)
    assert [(waiver.policy, waiver.owner) for waiver in old.waivers] == [("gate_weakened", "boss")]


@pytest.mark.usefixtures("clone")
def test_the_review_tells_it(capsys: pytest.CaptureFixture[str]) -> None:
    Path(OF_MATRIX).write_text(MATRIX.replace("waivers:\n", WAIVER))
    assert main(["review", "v1", "--no-policies"]) == 1
    shown = capsys.readouterr().out
    told = shown.partition("\n  tests/matrix.yaml\n")[2].splitlines()
    assert told[0].startswith("    gate_weakened: a new waiver, of any object until ")
    assert told[1:2] == ["      waivers.it_is_red"]
    assert main(["review", "v1", "--no-policies", "--format=json"]) == 1
    report = json.loads(capsys.readouterr().out)
    schema = json.loads((Path(__file__).parents[2] / "docs/review.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(report)
    assert [(entry["section"], entry["subjects"]) for entry in report["entries"]] == [("gate", [OF_MATRIX])]
    assert report["version"]["required"] == "none"
