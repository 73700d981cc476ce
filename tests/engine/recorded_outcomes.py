"""Outcomes with a record, made by hand and as large as a test wants: what a page for a browser has to show."""

from __future__ import annotations

import datetime
import itertools

from chartgate.gate.results.outcome import (
    AcceptedFinding,
    BaselineReport,
    ChartSummary,
    Finding,
    Outcome,
    PolicySummary,
    Problem,
)
from chartgate.gate.results.record import Record, RecordedCase, RecordedPolicy, RecordedScenario, ShownResource, State
from chartgate.model import Waiver

TODAY = datetime.date(2026, 11, 27)
FAMILIES = ("access", "hooks", "images", "probes", "security", "storage")
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: web
        image: example.com/web
        ports:
        - containerPort: 80
"""
WAIVER = Waiver("images_are_pinned", "Deployment *", "", "", "The tag is the spec's.", "platform team", TODAY)


def summary_of(name: str) -> PolicySummary:
    return PolicySummary(name, f"What {name} says.", f"Do what {name} asks for.", "")


def finding_of(policy: str, cases: tuple[str, ...], name: str = "web", **more: object) -> Finding:
    """Give a finding about a Deployment, in these cases."""
    subject = f"Deployment shop/{name} (apps/v1)"
    path = "spec.template.spec.containers[web].image"
    given: dict[str, object] = {
        "policy": summary_of(policy),
        "severity": "error",
        "fingerprint": f"{policy} Deployment {name} {path}",
        "subject": subject,
        "template": f"shop/templates/{name}.yaml",
        "path": path,
        "expected": "a tag, or a digest",
        "actual": "example.com/web",
        "cases": cases,
        "scenario": cases[0],
        "again": (f"helm template shop charts/shop --set name={name}",),
        "where": f"in {len(cases)} scenarios",
    }
    return Finding(**given | more)  # type: ignore[arg-type]


def shown(text: str = DEPLOYMENT, nearest: str = "off") -> ShownResource:
    """Give a resource whose image is marked, and what is other in the nearest scenario."""
    difference = ("@@ -10,3 +10,3 @@", " - name: web", "-  image: example.com/web", "+  image: example.com/web:1.2")
    return ShownResource(
        "all_on", text, 1, (11, 11), nearest=nearest, traits=("-cache",), difference=difference, is_there=True
    )


def outcome_of(toggles: int = 3, policies: int = 12, findings: int = 2) -> Outcome:
    """Give the outcome of a run over all combinations of some toggles.

    Args:
        toggles: twice as many scenarios for each.
        policies: how many judged; the first ones have the findings.
        findings: how many there are, besides one waived, one accepted, and a scenario that does not render.
    """
    names = [f"toggle{number}" for number in range(toggles)]
    combinations = [on for count in range(toggles + 1) for on in itertools.combinations(names, count)]
    scenarios = [
        RecordedScenario(
            "+".join(on) or "off", "every combination of the toggles", on, ("release shop",), state="green"
        )
        for on in combinations
    ]
    scenarios.append(RecordedScenario("broken", "named in the matrix", (), state="error"))
    scenarios.append(RecordedScenario("no_text", "named in the matrix", (), is_refused=True, state="green"))
    rules = ["images_are_pinned", "ports_are_named"][:policies] + [
        f"policy_{number}_holds" for number in range(2, policies)
    ]
    with_first = tuple(scenario.name for scenario in scenarios if "toggle0" in scenario.traits)
    found = tuple(
        finding_of(rules[number % max(1, policies // 4)], with_first, f"web-{number}") for number in range(findings)
    )
    entry = AcceptedFinding("ports_are_named Service web", "warning", TODAY, "who", "why")
    accepted = finding_of("ports_are_named", ("off",), severity="warning", is_tolerated=True, baseline=entry)
    red = {finding.policy.name for finding in found}
    cases = [
        RecordedCase(rule, scenario.name, scenario.name, _state(rule, scenario, red, number), (number + place) % 9 + 1)
        for number, rule in enumerate(rules)
        for place, scenario in enumerate(scenarios)
        if not scenario.is_refused
    ]
    cases.append(RecordedCase(rules[-1], "whole_matrix", "", "green", 3))
    return Outcome(
        chart=ChartSummary("shop", "1.2.3", "charts/shop"),
        matrix="tests/matrix.yaml",
        infrastructure="",
        helm="4.2.3",
        findings=(*found, accepted),
        waived=(finding_of("images_are_pinned", ("toggle1",), "waived", waivers=(WAIVER,)),),
        problems=(Problem("renders", "", "Error: execution error at (shop/templates/web.yaml:3:4): no", ("broken",)),),
        unjudged=tuple((rule, "broken") for rule in rules),
        policies=policies,
        judged={"renders": len(scenarios) - 1, "refused": 1, "policy": len(cases)},
        baseline=BaselineReport("chartgate-baseline.yaml", mended=(entry,)),
        record=Record(
            today=TODAY,
            scenarios=tuple(scenarios),
            policies=tuple(
                RecordedPolicy(
                    rule, f"What {rule} says.", "Why it\nmatters.", "Do it.", "", "error", family, bool(number % 2)
                )
                for number, (rule, family) in enumerate(zip(rules, itertools.cycle(FAMILIES), strict=False))
            ),
            cases=tuple(cases),
            waivers=(WAIVER,),
            resources={
                finding.fingerprint: shown(DEPLOYMENT.replace("name: web", f"name: web-{number}"))
                for number, finding in enumerate(found[:500])
            },
        ),
    )


def _state(rule: str, scenario: RecordedScenario, red: set[str], number: int) -> State:
    if scenario.name == "broken":
        return "unjudged"
    if rule in red and "toggle0" in scenario.traits:
        return "error"
    return "idle" if number % 5 == 4 and "toggle1" not in scenario.traits else "green"
