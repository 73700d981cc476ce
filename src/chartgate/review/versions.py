"""The version number: what the changes demand, what Chart.yaml says, and whether the two agree."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import semver

from chartgate.review.levels import BUMPS, Bump


@dataclass(frozen=True)
class Versions:
    """The versions of both sides, and what is between them."""

    before: str
    after: str
    app_before: str
    """appVersion of Chart.yaml, empty where there is none."""
    app_after: str
    required: Bump
    is_changed: bool
    """Whether any file of the chart differs, its version apart."""
    is_released: bool
    """Whether a tag carries the version of HEAD, or BASE's is known to be in use."""
    tags_before: frozenset[str] = frozenset()
    """The tags of all images that the old chart renders."""
    tags_after: frozenset[str] = frozenset()

    @property
    def actual(self) -> Bump | None:
        """Which part was raised; "none" for the same version, None for a lower one or one that is no SemVer."""
        was, now = parsed(self.before), parsed(self.after)
        if was is None or now is None or now < was:
            return None
        if now == was:
            return "none"
        if now.major != was.major:
            return "major"
        if now.minor != was.minor:
            return "minor"
        return "patch"

    @property
    def enough(self) -> Bump:
        """Which part had to be raised at least: before 1.0.0, a minor version may break what it likes."""
        was = parsed(self.before)
        lowered: dict[Bump, Bump] = {"major": "minor", "minor": "patch"}
        return lowered.get(self.required, self.required) if was is not None and was.major == 0 else self.required

    @property
    def is_enough(self) -> bool:
        """Whether the raised part is at least the one that the changes demand; a pre-release promises nothing."""
        was = parsed(self.before)
        if self.actual is None or was is None:
            return False
        return bool(was.prerelease) or BUMPS.index(self.actual) >= BUMPS.index(self.enough)


def parsed(version: str) -> semver.Version | None:
    """Read a version as helm does, with a leading `v` or without; None for what is no SemVer."""
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


_WORD = re.compile(r"[-/_@]")
