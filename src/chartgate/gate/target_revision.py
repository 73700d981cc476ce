"""Which versions of a chart a targetRevision of Argo CD means.

In a Helm repository it is a version or a range of versions, of which the newest is taken; in a git repository a tag, a
range over the tags, a branch or a commit. A tag is taken to mean a version under the names that tools give it: `1.2.3`,
`v1.2.3`, `CHART-1.2.3`. Source: https://argo-cd.readthedocs.io/en/stable/user-guide/tracking_strategies/
"""

from __future__ import annotations

import re

from chartgate.charts.version_constraints import admits

_VERSION = re.compile(
    r"(?<![0-9])([0-9]{1,19}+)\.([0-9]{1,19}+)\.([0-9]{1,19}+)(-[0-9A-Za-z.-]++)?+(?:\+[0-9A-Za-z.-]++)?+"
)


def revision_problem(revision: str, chart: str, version: str) -> str:
    """Say why a targetRevision does not mean this version of the chart; else nothing."""
    if not revision:
        return f"it names no targetRevision, so that nobody knows which version it deploys: write {version}"
    if revision in (version, f"v{version}", f"{chart}-{version}"):
        return ""
    found = _VERSION.fullmatch(version)
    if found is None:
        return f"targetRevision {revision} is not the version of Chart.yaml, {version}"
    major, minor, patch = (int(found[number]) for number in (1, 2, 3))
    try:
        fits = admits(revision, (major, minor, patch, not found[4]))
    except ValueError:
        return (
            f"targetRevision {revision} is not a version, so a branch or a commit, which may hold any version: write"
            f" {version}, the tag v{version}, or a range such as {major}.{minor}.*"
        )
    # A range means no pre-release unless it names one itself.
    if fits and (not found[4] or "-" in revision.replace(" - ", " ")):
        return ""
    return f"targetRevision {revision} does not mean the version of Chart.yaml, {version}"
