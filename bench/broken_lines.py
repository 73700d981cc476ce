"""How often a finding names the line that is broken: each one-line break of tests/chart/breaks, in the case it names.

    PYTHONPATH=. .venv/bin/python bench/broken_lines.py [POLICY]...

A break counts by the first finding of its policy, as a report tells it; tests/chart/broken_lines.py says what the words
mean. Measured on 2026-11-29, all of them, rendered in process:

    185 breaks: 101 exact, 47 block, 16 end, 6 around, 6 first, 4 call, 4 part, 1 another
    185 breaks with the commit before: 101 exact, 47 block, 16 end, 6 around, 6 changed, 4 call, 4 part, 1 another

The one that is `another` is about the matrix, and names no line of the chart.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.chart.broken_lines import ROOT, broken_copy, broken_line, first_finding, kind_of
from tests.chart.test_source_breaks import BREAKS


def main() -> int:
    """Measure, and tell what is named of each whose line does not come first."""
    counts: Counter[str] = Counter()
    with_commit: Counter[str] = Counter()
    for broken in BREAKS:
        if sys.argv[1:] and broken.policy not in sys.argv[1:]:
            continue
        with tempfile.TemporaryDirectory() as folder:
            chart = broken_copy(broken, Path(folder))
            line = broken_line(ROOT / "chart", chart)
            if line is None:
                continue
            finding = first_finding(broken, chart, Path(folder))
            counts[kind_of(finding, line, chart)] += 1
            kind = kind_of(finding, line, chart, with_commit=True)
            with_commit[kind] += 1
            if kind in ("also", "another"):
                place = f"{line.file}:{sorted(line.lines)}: {finding.subject} {finding.path}"
                sys.stdout.write(f"{broken.patch}: {kind}: {place}: {finding.written}\n")
    for words, counted in (("", counts), (" with the commit before", with_commit)):
        told = ", ".join(f"{count} {kind}" for kind, count in counted.most_common())
        sys.stdout.write(f"{counted.total()} breaks{words}: {told}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
