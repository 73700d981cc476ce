"""What a run that goes on found first, in a line for whoever waits for it: a place in the chart, and what is wrong."""

from __future__ import annotations

from chartgate.documents.escaping import lines_of
from chartgate.gate.judgement import Judgement
from chartgate.gate.results.outcome import HEADLINES, ItemResult
from chartgate.gate.telling.causes import marking
from chartgate.gate.telling.helm_errors import with_lines
from chartgate.gate.telling.kept_lines import located_once


def first_cause(result: ItemResult, judgement: Judgement) -> str:
    """Give `chart/templates/web.yaml:3: is_private: Deployment web`, of a problem helm's own words; empty for none."""
    marked = marking(judgement)
    if result.failing:
        finding = marked(located_once(result.failing[:1], judgement)[0])
        about = f"{finding.policy.name}: {finding.subject} {finding.path}".rstrip()
        return _at(finding.written.first if finding.written else "", about)
    for problem in map(marked, with_lines(result.problems[:1], judgement)):
        # Helm's own words tell at once what all scenarios may have.
        said = next(filter(None, lines_of(problem.message)), "") if problem.kind == "renders" else ""
        about = f"{problem.subject or ' '.join(problem.cases)}: {said or HEADLINES[problem.kind]}"
        return _at(problem.written.first if problem.written else "", about)
    return ""


def _at(line: str, about: str) -> str:
    return f"{line}: {about}" if line else about
