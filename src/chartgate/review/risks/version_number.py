"""Whether the version number says what changed."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.review.review import Versions
from chartgate.review.risks.risk_class import Hit, risk

_SEMVER = "https://semver.org/#semantic-versioning-specification-semver"
_CHART_YAML = "https://helm.sh/docs/topics/charts/#charts-and-versioning"


@risk(level="danger", bump="none", source=_CHART_YAML)
def version_not_raised(versions: Versions) -> Iterator[Hit]:
    """The chart changed under a version that is already in use.

    Two charts of one version cannot be told apart: a repository refuses the second, or clients keep the first. A
    version that no tag carries yet may still change.
    """
    if versions.actual == "none" and versions.is_changed and versions.is_released:
        yield Hit("Chart.yaml", f"the chart changed, and its version is still {versions.after}")
    elif versions.actual is None:
        yield Hit("Chart.yaml", f"{versions.after} is not higher than {versions.before}")


@risk(level="caution", bump="none", source=_SEMVER)
def version_too_low(versions: Versions) -> Iterator[Hit]:
    """The version was raised by less than the changes demand.

    Whoever trusts the number upgrades without looking.
    """
    if versions.actual not in (None, "none") and not versions.is_enough:
        yield Hit(
            "Chart.yaml",
            f"{versions.before} to {versions.after} is {versions.actual}, the changes are {versions.enough}",
        )


@risk(level="caution", bump="none", source="https://helm.sh/docs/topics/charts/#the-appversion-field")
def app_version_inconsistent(versions: Versions) -> Iterator[Hit]:
    """The version of the application and the image that it stands for disagree.

    An image had the tag that appVersion says, and no image has it now: only one of the two was raised.
    """
    was, now = (app.removeprefix("v") for app in (versions.app_before, versions.app_after))
    if was in _plain(versions.tags_before) and now not in _plain(versions.tags_after):
        yield Hit("Chart.yaml", f"appVersion is {now or 'missing'}, which is no longer the tag of any image")


def _plain(tags: frozenset[str]) -> set[str]:
    return {tag.removeprefix("v") for tag in tags}
