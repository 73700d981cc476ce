"""Which versions of a chart a targetRevision of Argo CD means.

In a Helm repository it is a version or a range of versions, of which the newest is taken; in a git repository a tag, a
range over the tags, a branch or a commit. A tag is taken to mean a version under the names that tools give it: `1.2.3`,
`v1.2.3`, `CHART-1.2.3`. Source: https://argo-cd.readthedocs.io/en/stable/user-guide/tracking_strategies/
"""

from __future__ import annotations

from chartgate.charts.metadata.version_constraints import chart_version, is_compatible, is_constraint


def revision_problem(revision: str, chart: str, version: str) -> str:
    """Say why a targetRevision does not mean this version of the chart; else nothing."""
    if not revision:
        return f"it names no targetRevision, so that nobody knows which version it deploys: write {version}"
    if revision in (version, f"v{version}", f"{chart}-{version}"):
        return ""
    known = chart_version(version)
    if known is None:
        return f"targetRevision {revision} is not the version of Chart.yaml, {version}"
    if not is_constraint(revision):
        return (
            f"targetRevision {revision} is not a version, so a branch or a commit, which may hold any version: write"
            f" {version}, the tag v{version}, or a range such as {known.major}.{known.minor}.*"
        )
    if is_compatible(revision, version):
        return ""
    return f"targetRevision {revision} does not mean the version of Chart.yaml, {version}"
