"""One cause is one finding: what a fingerprint holds, what it leaves out, and how findings of one are put together."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest

from chartgate.gate.fingerprints import fingerprint, once, readings, variant
from chartgate.gate.items import PolicyHolds
from chartgate.gate.results.outcome import Finding, PolicySummary
from chartgate.model import Case, Chart, Check, Scenario
from chartgate.policy.checks import with_cause
from tests.engine.gate.test_items import judgement_of
from tests.engine.toy_policies import made_of
from tests.engine.toys import CHART, chart_from, scenario

POLICY = PolicySummary("key_is_good", "The key is good.", "Mend it.", "")
ONE = dataclasses.replace(scenario("one"), release="demo", namespace="shop")


@pytest.fixture
def chart(tmp_path: Any) -> Chart:
    """Give a chart of version 1.2.3, of an application of version 15.6."""
    return chart_from(tmp_path / "toy", {"Chart.yaml": f"{CHART}appVersion: 15.6\n"})


def _case(*scenarios: Scenario) -> Case:
    return Case("..".join(s.name for s in scenarios), scenarios)


def _check(subject: str, path: str = "", scenario: str = "one", **words: Any) -> Check:
    return Check(subject, path, words.get("expected", "good"), words.get("actual", "bad"), False, "", scenario)


@pytest.mark.parametrize(
    ("subject", "path", "expected"),
    [
        ("Deployment shop/demo-web (apps/v1)", "spec.replicas", "Deployment <release>-web spec.replicas"),
        ("Deployment other/demo (apps/v1beta1)", "", "Deployment <release>"),
        ("ClusterRole demo-shop-reader (rbac.authorization.k8s.io/v1)", "", "ClusterRole <release>-<namespace>-reader"),
        ("ConfigMap shop/democracy (v1)", "", "ConfigMap democracy"),
        ("ConfigMap shop/web-demo2 (v1)", "", "ConfigMap web-demo2"),
        ("Job shop/demo-migrate-1.2.3 (batch/v1)", "", "Job <release>-migrate-<version>"),
        ("Job shop/migrate-15.6 (batch/v1)", "", "Job migrate-<version>"),
        ("Job shop/migrate-3f9a1c02 (batch/v1)", "", "Job migrate-<hash>"),
        ("Job shop/migrate-20260901 (batch/v1)", "", "Job migrate-20260901"),
        ("Job shop/deadbeef-feedface (batch/v1)", "", "Job deadbeef-feedface"),
        ("values.yaml", "image.tag", "values.yaml image.tag"),
        ("toy/templates/a b.yaml", "", "toy/templates/a b.yaml"),
        ("helm", "a warning of demo", "helm a warning of <release>"),
        ("ConfigMap shop/a (v1)", "data[demo.conf]", "ConfigMap a data[<release>.conf]"),
        ("Role shop/a (v1)", "rules[3].verbs[0]", "Role a rules[].verbs[]"),
        ("Pod shop/a (v1)", "spec.containers[web].args[12]", "Pod a spec.containers[web].args[]"),
        ("Service shop/a (v1)", "spec.ports[8080].name", "Service a spec.ports[8080].name"),
        ("ConfigMap shop/a (v1)", "data[a\\]b].ports.x[0]", "ConfigMap a data[a\\]b].ports.x[]"),
        ("Secret shop/a (v1)", "two] words", "Secret a two] words"),
    ],
)
def test_what_a_fingerprint_holds(subject: str, path: str, expected: str, chart: Chart) -> None:
    assert fingerprint("a_policy", _case(ONE), _check(subject, path), chart) == f"a_policy {expected}"


OTHER = dataclasses.replace(ONE, name="two", release="first-release-x7", namespace="elsewhere")


@pytest.mark.parametrize(
    ("case", "check"),
    [
        (_case(OTHER), _check("Deployment elsewhere/first-release-x7-web (apps/v1)", "spec.a[1]", "two")),
        (_case(ONE, OTHER), _check("Deployment elsewhere/first-release-x7-web (apps/v1)", "spec.a[0]", "two")),
        (_case(ONE, OTHER), _check("Deployment shop/demo-web (apps/v1)", "spec.a[0]", "")),
        # Judged of the second, and found in the first.
        (_case(ONE, OTHER), _check("Deployment shop/demo-web (apps/v1)", "spec.a[0]", "two")),
        (_case(dataclasses.replace(ONE, release="")), _check("Deployment a/<release>-web (apps/v1)", "spec.a[0]")),
    ],
)
def test_scenarios_releases_namespaces_and_indexes_make_no_difference(case: Case, check: Check, chart: Chart) -> None:
    this = fingerprint("a_policy", _case(ONE), _check("Deployment shop/demo-web (apps/v1)", "spec.a[2]"), chart)
    assert fingerprint("a_policy", case, check, chart) == this


def _findings(chart: Chart, *given: tuple[Scenario, Check]) -> Iterator[Finding]:
    for of, check in given:
        print_of = fingerprint("p", _case(of), check, chart)
        yield Finding(
            POLICY,
            check.severity or "error",
            print_of,
            check.subject,
            "",
            check.path,
            check.expected,
            check.actual,
            (of.name,),
            variants=(variant(_case(of), check, chart),),
        )


def test_a_release_that_is_called_like_a_word_changes_no_sentence(chart: Chart) -> None:
    short = dataclasses.replace(ONE, release="a")
    check = _check("Deployment shop/a-web (apps/v1)", "spec.b", expected="a port", actual="a-web")
    assert variant(_case(short), check, chart).text == "spec.b: expected 'a port', found 'a-web'"
    assert fingerprint("p", _case(short), check, chart) == "p Deployment <release>-web spec.b"


def test_findings_of_one_cause_are_one(chart: Chart) -> None:
    web, other = "Deployment shop/demo-web (apps/v1)", "Deployment elsewhere/first-release-x7-web (apps/v1)"
    found = once(
        _findings(
            chart,
            (ONE, _check(web, "spec.a[0]", expected="fits Kubernetes 1.29", actual="demo")),
            (ONE, _check(web, "spec.a[0]", expected="fits Kubernetes 1.30.2", actual="demo")),
            (OTHER, _check(other, "spec.a[0]", "two", expected="fits Kubernetes 1.29", actual="first-release-x7")),
            (ONE, _check(web, "spec.a[1]", expected="fits Kubernetes 1.29", actual="other")),
            (ONE, _check(web, "spec.b", expected="fits Kubernetes 1.29", actual="demo")),
            (ONE, dataclasses.replace(_check(web, "spec.b"), severity="warning")),
        )
    )
    words = "expected 'fits Kubernetes <kubernetes>', found"
    assert [(f.path, f.severity, f.actual, f.cases, tuple(v.text for v in f.variants)) for f in found] == [
        (
            "spec.a[0]",
            "error",
            "demo",
            ("one", "two"),
            (f"spec.a[0]: {words} '<release>'", f"spec.a[1]: {words} 'other'"),
        ),
        ("spec.b", "error", "demo", ("one",), (f"spec.b: {words} '<release>'",)),
        ("spec.b", "warning", "bad", ("one",), ("spec.b: expected 'good', found 'bad'",)),
    ]


def test_what_a_policy_says_has_one_cause_is_one_wherever_it_is(chart: Chart) -> None:
    paths = [("Deployment shop/demo-web (apps/v1)", "spec.a"), ("DaemonSet elsewhere/demo-web (apps/v1)", "spec.b[0]")]
    told = [with_cause(_check(subject, path), "pods of demo-web") for subject, path in paths]
    [finding] = once(_findings(chart, *((ONE, check) for check in told)))
    assert (finding.fingerprint, finding.subject) == ("p pods of <release>-web", paths[0][0])
    assert tuple(variant.text for variant in finding.variants) == (
        "Deployment <namespace>/<release>-web (apps/v1) spec.a found 'bad'",
        "DaemonSet elsewhere/<release>-web (apps/v1) spec.b[0] found 'bad'",
    )
    passed = dataclasses.replace(told[0], passed=True, cause="")
    assert with_cause(passed, "pods") is passed


@pytest.mark.parametrize("order", [1, -1])
def test_a_release_that_is_called_like_a_word_of_fixed_names_makes_no_second_finding(order: int, chart: Chart) -> None:
    same = dataclasses.replace(ONE, name="two", release="postgres")
    fixed, own = "Service shop/postgres-headless (v1)", "Service shop/%s-web (v1)"
    given = [
        (ONE, _check(fixed)),
        (ONE, _check(own % "demo")),
        (same, _check(fixed, scenario="two")),
        (same, _check(own % "postgres", scenario="two")),
    ]
    found = {(f.fingerprint, f.subject, tuple(sorted(f.cases))) for f in once(_findings(chart, *given[::order]))}
    assert {(print_of, cases) for print_of, _, cases in found} == {
        ("p Service postgres-headless", ("one", "two")),
        ("p Service <release>-web", ("one", "two")),
    }
    # A baseline that has it by its fixed name accepts it, whatever the release.
    print_of = fingerprint("p", _case(same), _check(fixed, scenario="two"), chart)
    assert "p Service postgres-headless" in readings(print_of, {"<release>": "postgres"})


@pytest.mark.parametrize("order", [1, -1])
def test_a_namespace_that_is_called_like_a_word_of_fixed_names_makes_none_either(order: int, chart: Chart) -> None:
    fixed, where = "Deployment %s/backstage-web (apps/v1)", ("shop", "backstage", "default")
    given = [
        (dataclasses.replace(ONE, name=name, namespace=name), _check(fixed % name, scenario=name)) for name in where
    ]
    [finding] = once(_findings(chart, *given[::order]))
    assert finding.fingerprint == "p Deployment backstage-web"
    assert len(finding.variants) == 1


@pytest.mark.parametrize("order", [1, -1])
def test_a_release_with_the_name_of_the_chart_has_two_names_that_are_the_same(order: int, chart: Chart) -> None:
    given = []
    for release, full in (("my-toy", "my-toy"), ("demo", "demo-toy")):
        of = dataclasses.replace(ONE, name=release, release=release)
        given += [(of, _check(f"Secret shop/{name} (v1)", scenario=release)) for name in (f"{release}-a", f"{full}-b")]
    assert {finding.fingerprint: len(finding.cases) for finding in once(_findings(chart, *given[::order]))} == {
        "p Secret <release>-a": 2,
        "p Secret <fullname>-b": 2,
    }


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(
    "actual",
    ["{namespace}/backstage-web has {release}-a", "the value of backstage.user", "a key of {release}, and of demo"],
)
def test_what_else_is_said_is_told_once_whatever_is_a_name(actual: str, order: int, chart: Chart) -> None:
    scenarios = [
        dataclasses.replace(ONE, name=f"{release}-{namespace}", release=release, namespace=namespace)
        for release in ("first", "backstage", "demo")
        for namespace in ("default", "shop", "backstage")
    ]
    given = [
        (s, _check("ConfigMap a", "a", s.name, actual=actual.format(release=s.release, namespace=s.namespace)))
        for s in scenarios
    ]
    other = (scenarios[0], _check("ConfigMap a", "a", scenarios[0].name, actual="another"))
    [finding] = once(_findings(chart, *given[::order], other))
    assert [variant.text.partition("found ")[2] for variant in finding.variants][1:] == ["'another'"]


def test_a_name_inside_of_a_secret_does_not_show_the_rest_of_it(toy: Chart) -> None:
    """Masks come first: with the placeholder for the release in it, nobody would know the secret again."""
    secret = "t0p-demo-s3cret"  # noqa: S105 - that of the toy
    given = dataclasses.replace(ONE, values={"secret": {"token": secret}})
    made = made_of(lambda _: iter([Check("ConfigMap a", f"data[{secret}]", [secret], secret, passed=False)]))
    [finding] = PolicyHolds(made, _case(given)).judge(judgement_of(toy, [made], scenarios=[given])).findings
    assert "s3cret" not in f"{finding.fingerprint} {finding.variants}"
    assert finding.fingerprint.endswith("ConfigMap a data[<secret>]")
