"""The version number: what the changes demand, what Chart.yaml says, and whether the two agree."""

from __future__ import annotations

import re
from collections.abc import Iterable

import semver

from chartgate.review.review import BUMPS, Bump, Versions

_WORD = re.compile(r"[-/_@]")


def compare_versions(
    before: str,
    after: str,
    *,
    required: Bump,
    is_changed: bool,
    is_released: bool | None,
    apps: tuple[str, str] = ("", ""),
    tags: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset()),
) -> Versions:
    """Compare the versions of both sides, and judge the newer one.

    Args:
        before: the version of BASE.
        after: the version of HEAD.
        required: the part of the version that the changes demand to be raised.
        is_changed: whether any file of the chart differs, its version apart.
        is_released: whether the version of HEAD is in use already; None where nobody can tell.
        apps: the appVersion of both sides, empty where there is none.
        tags: the tags of all images that each side renders.
    """
    actual, enough, was = _raised(before, after), _enough(before, required), parsed(before)
    is_prerelease = was is not None and bool(was.prerelease)
    return Versions(
        before=before,
        after=after,
        app_before=apps[0],
        app_after=apps[1],
        required=required,
        enough=enough,
        actual=actual,
        is_enough=actual is not None and (is_prerelease or BUMPS.index(actual) >= BUMPS.index(enough)),
        is_changed=is_changed,
        is_released=is_released,
        tags_before=tags[0],
        tags_after=tags[1],
    )


def _raised(before: str, after: str) -> Bump | None:
    """Give the part that was raised; "none" for the same version, None where it is not higher or not SemVer."""
    was, now = parsed(before), parsed(after)
    if was is None or now is None or now < was:
        return None
    if now == was:
        return "none"
    if now.major != was.major:
        return "major"
    return "minor" if now.minor != was.minor else "patch"


def _enough(before: str, required: Bump) -> Bump:
    """Give the part that has to be raised at least; before 1.0.0, a minor version may contain breaking changes."""
    was = parsed(before)
    lowered: dict[Bump, Bump] = {"major": "minor", "minor": "patch"}
    return lowered.get(required, required) if was is not None and was.major == 0 else required


def parsed(version: str) -> semver.Version | None:
    """Read a version as helm does, with a leading `v` or without; None for what is not SemVer."""
    try:
        return semver.Version.parse(version.removeprefix("v"), optional_minor_and_patch=True)
    except ValueError:
        return None


def highest(bumps: Iterable[Bump]) -> Bump:
    """Give the largest of these, "none" where there are none."""
    return max(bumps, key=BUMPS.index, default="none")


def carries(tag: str, chart: str, version: str) -> bool:
    """Tell whether a tag is that of a chart's version: `v1.2.3`, `web-1.2.3`, `charts/web/v1.2.3`."""
    plain = version.removeprefix("v")
    lead = tag.removesuffix(plain).removesuffix("v")
    own = {*_WORD.split(chart), "helm", "chart", "charts", "release", "releases", ""}
    return tag.endswith(plain) and (not lead or lead[-1] in "-/_@") and set(_WORD.split(lead)) <= own
