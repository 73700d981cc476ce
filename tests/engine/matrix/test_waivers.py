"""Waivers: which findings they accept, how that shows, and when they are red themselves."""

from __future__ import annotations

import dataclasses
import datetime

import pytest

from chartgate.errors import InputError
from chartgate.matrix.scenarios import load_matrix
from chartgate.model import Case, Chart, Check, Waiver
from chartgate.policy.verdicts import Verdict, judge
from tests.engine.conftest import Project
from tests.engine.pytest_plugin.test_plugin_failures import BROKEN
from tests.engine.toy_policies import CONFIG, key_is_good, keys_agree, made_of, neighbours
from tests.engine.toys import MATRIX, rendering_of, scenario, write

LAST_DAY = datetime.date(2026, 12, 31)
WAIVER = Waiver("key_is_good", "ConfigMap shop/a", "", "", "Agreed with sales.", "shop team", LAST_DAY)
FINDING = Check("ConfigMap shop/a (v1)", "data[a.b].items[0]", 1, 2, False, "", "loud")
BAD = CONFIG.replace("good", "bad")


@pytest.mark.parametrize(
    ("changes", "accepted"),
    [
        ({}, True),
        ({"policy": "key_is"}, False),
        ({"resource": ""}, True),
        ({"resource": "ConfigMap */a"}, True),
        ({"resource": "ConfigMap shop/?"}, True),
        ({"resource": "ConfigMap"}, False),
        ({"resource": "configmap shop/a"}, False),
        ({"resource": "ConfigMap shop/a (v1)"}, False),
        ({"path": "data[a.b].*"}, True),
        ({"path": "*[0]"}, True),
        ({"path": "dat[a]*"}, False),
        ({"path": "data"}, False),
        ({"scenario": "loud"}, True),
        ({"scenario": "l*"}, True),
        ({"scenario": "off..l?ud"}, True),
        ({"scenario": "off"}, False),
        ({"scenario": "loud", "path": "data"}, False),
    ],
)
def test_what_a_waiver_accepts(changes: dict[str, str], accepted: bool) -> None:
    assert dataclasses.replace(WAIVER, **changes).accepts("key_is_good", "off..loud", FINDING) is accepted  # type: ignore[arg-type]


@pytest.mark.parametrize(("day", "expired"), [(LAST_DAY, False), (datetime.date(2027, 1, 1), True)])
def test_the_last_day_counts(day: datetime.date, expired: bool) -> None:
    assert WAIVER.is_expired(day) is expired


def _verdict(toy: Chart, *waivers: Waiver) -> Verdict:
    given = scenario("loud")
    return judge(made_of(key_is_good), Case("loud", (given,)), lambda s: rendering_of(toy, BAD, s), waivers)


def test_findings_are_parted(toy: Chart) -> None:
    other = dataclasses.replace(WAIVER, resource="Secret *")
    [finding] = _verdict(toy).unwaived
    assert _verdict(toy, other, WAIVER).waived == (finding,)
    assert _verdict(toy, other, WAIVER).unwaived == ()
    assert _verdict(toy, other, WAIVER).used_waivers == (WAIVER,)
    assert (_verdict(toy, other).unwaived, _verdict(toy, other).waived) == ((finding,), ())
    assert _verdict(toy, other, WAIVER).findings == (finding,)


def test_a_waiver_of_a_pair(toy: Chart) -> None:
    one, two = scenario("one"), scenario("two")
    waiver = Waiver("keys_agree", "", "one..two", "", "Agreed.", "shop team", LAST_DAY)
    verdict = judge(
        made_of(keys_agree, neighbours),
        Case("one..two", (one, two)),
        lambda s: rendering_of(toy, BAD if s is two else CONFIG, s),
        [waiver],
    )
    assert (len(verdict.waived), verdict.unwaived) == (1, ())


WAIVED = (
    MATRIX
    + """
waivers:
  - policy: token_arrives
    resource: Secret */demo-secret
    reason: It is cut off on purpose.
    owner: shop team
    expires: 2999-12-31
"""
)


def test_a_matrix_holds_its_waivers(toy: Chart) -> None:
    path = write(toy.folder.parent / "tests", {"matrix.yaml": WAIVED}) / "matrix.yaml"
    [waiver] = load_matrix(path, toy).waivers
    assert (waiver.policy, waiver.resource, waiver.scenario, waiver.path) == (
        "token_arrives",
        "Secret */demo-secret",
        "",
        "",
    )
    assert str(waiver) == "It is cut off on purpose. (shop team, until 2999-12-31)"


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["plain", "two workers"])
def test_a_waived_finding_is_expected_to_fail_and_counted(workers: list[str], project: Project) -> None:
    project.write(BROKEN | {"tests/matrix.yaml": WAIVED})
    result = project.run_plainly("-k", "token_arrives and not counterexample", "-rx", *workers)
    outcomes = result.parseoutcomes()
    assert (outcomes["xfailed"], outcomes["passed"], outcomes.get("failed", 0)) == (2, 2, 0)
    result.stdout.fnmatch_lines(
        [
            "*2 findings in 2 items; the waivers are in tests/matrix.yaml, -rx shows their reasons",
            "XFAIL *test_policy[[]token_arrives-secret] - 1 finding waived: It is cut off on purpose. (shop team*",
        ]
    )


@pytest.mark.parametrize(
    ("files", "changes", "failed", "text"),
    [
        ({}, {}, ["test_waiver_is_used[token_arrives-1]"], "it accepts no finding in any scenario"),
        (
            BROKEN,
            {"2999": "2001"},
            [
                "test_policy[token_arrives-all_on]",
                "test_policy[token_arrives-secret]",
                "test_waiver_is_used[token_arrives-1]",
            ],
            "it expired on 2001-12-31: mend what it accepts, or let shop team decide anew",
        ),
        (
            {},
            {"policy: token_arrives": "policy: token_arives"},
            ["test_waiver_is_used[token_arives-1]"],
            "tests/matrix.yaml waives findings of token_arives on resource Secret */demo-secret:",
        ),
    ],
    ids=["unused", "expired", "unknown policy"],
)
def test_a_waiver_that_is_red(
    files: dict[str, str], changes: dict[str, str], failed: list[str], text: str, project: Project
) -> None:
    matrix = WAIVED
    for old, new in changes.items():
        matrix = matrix.replace(old, new)
    project.write(files | {"tests/matrix.yaml": matrix})
    result = project.run_plainly("-rf", "-k", "test_policy or waiver")
    found = [line.partition("::")[2].partition(" ")[0] for line in result.outlines if line.startswith("FAILED ")]
    assert sorted(found) == failed
    assert text in result.stdout.str()


def test_a_run_with_other_policies_leaves_the_waiver_alone(project: Project) -> None:
    project.write({"tests/matrix.yaml": WAIVED, "other/__init__.py": "", "other/b.py": OTHER})
    assert not [name for name in project.collected("--policies=other") if "waiver" in name]


OTHER = '''
from chartgate.policy.checks import exists
from chartgate.policy.policy import policy


@policy(severity="error", remediation="Give it data.")
def config_has_data(rendering):
    """Every ConfigMap has data."""
    for config in rendering.resources.of_kind("ConfigMap"):
        yield exists(config.place("data"))


@config_has_data.counterexample("off")
def no_data(rendering):
    del rendering.resources[0].manifest["data"]
    return rendering
'''


WRONG = {
    "no reason": ("    reason: It is cut off on purpose.\n", "", "'reason' is a required property"),
    "empty reason": ("It is cut off on purpose.", "' '", "waivers.0.reason: ' ' does not match"),
    "no owner": ("    owner: shop team\n", "", "'owner' is a required property"),
    "no expiry": ("    expires: 2999-12-31\n", "", "'expires' is a required property"),
    "no such day": ("2999-12-31", "2999-02-31", "waivers.0.expires: '2999-02-31' is not a 'date'"),
    "a week": ("2999-12-31", "2999-W01-1", "waivers.0.expires: '2999-W01-1' is not a 'date'"),
    "everything": ("    resource: Secret */demo-secret\n", "", "at least one of resource, scenario, path"),
    "unknown key": ("owner:", "ownr: x\n    owner:", "there is no such key; did you mean owner?"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_waiver_that_the_schema_refuses(name: str, toy: Chart) -> None:
    old, new, message = WRONG[name]
    assert old in WAIVED
    path = write(toy.folder.parent / "tests", {"matrix.yaml": WAIVED.replace(old, new)}) / "matrix.yaml"
    with pytest.raises(InputError, match=r"/matrix\.yaml:1[0-9]: waivers") as error:
        load_matrix(path, toy)
    assert message in str(error.value)
