"""What `check` found as JUnit's XML, which most CI servers show: a test for each policy, one for each other problem.

Source: https://github.com/testmoapp/junitxml, which gathers what readers of it understand
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from collections.abc import Iterable

from chartgate.documents.escaping import one_line
from chartgate.documents.words import counted
from chartgate.gate.results.outcome import Outcome
from chartgate.reports.told_results import ToldResult, told_results


def junit_report(outcome: Outcome) -> str:
    """Give one suite, named like the chart."""
    problems = {problem.kind for problem in outcome.problems if not problem.is_consequence}
    results: dict[str, list[ToldResult]] = defaultdict(list)
    for result in told_results(outcome, with_following=True):  # a policy that finds something is not green
        results[result.rule].append(result)
    suite = ElementTree.Element("testsuite", name=one_line(outcome.chart.name))
    for kind in sorted({"renders", "refused", *problems}):
        if kind in problems or outcome.judged.get(kind):
            _test(suite, "chart", kind, results.get(kind, []), 0)
    unjudged = [policy for policy, _ in outcome.unjudged]
    for policy in sorted({*outcome.cases, *results} - problems):
        _test(suite, "policy", policy, results.get(policy, []), unjudged.count(policy))
    tests = list(suite)
    counts = {
        "tests": len(tests),
        "failures": len(suite.findall("*/failure")),
        "skipped": len(suite.findall("*/skipped")),
    }
    suite.attrib |= {name: str(count) for name, count in counts.items()} | {"errors": "0"}
    suites = ElementTree.Element("testsuites", suite.attrib)
    suites.append(suite)
    ElementTree.indent(suites)
    return f"<?xml version='1.0' encoding='utf-8'?>\n{ElementTree.tostring(suites, encoding='unicode')}\n"


def _test(suite: ElementTree.Element, group: str, name: str, results: Iterable[ToldResult], unjudged: int) -> None:
    """Add a test: failed by errors, otherwise green with what was found as its output."""
    test = ElementTree.SubElement(suite, "testcase", classname=group, name=name)
    every = list(results)
    failing = [result for result in every if result.counts]
    told = [result for result in every if not result.counts]
    if failing:
        words = counted(len(failing), "finding" if group == "policy" else "problem")
        failure = ElementTree.SubElement(test, "failure", message=words, type=failing[0].level)
        failure.text = "\n\n".join(map(_text, failing))
    elif unjudged:
        words = f"not judged in {counted(unjudged, 'case')}, because helm did not render it"
        ElementTree.SubElement(test, "skipped", message=words)
    if told:
        ElementTree.SubElement(test, "system-out").text = "\n\n".join(map(_text, told))


def _text(result: ToldResult) -> str:
    return "\n".join(filter(None, (one_line(f"{result.at}:"), result.text, one_line(result.help))))
