"""What the version of a chart promises, and whether it keeps it."""

from __future__ import annotations

import pytest

from chartgate.review.review import BUMPS, Bump, Versions
from chartgate.review.risks.risk_classes import OF_VERSIONS
from chartgate.review.versions import carries, compare_versions, highest, parsed


def _versions(
    before: str,
    after: str,
    required: Bump = "patch",
    *,
    is_changed: bool = True,
    is_released: bool = False,
    apps: tuple[str, str] = ("", ""),
    tags: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset()),
) -> Versions:
    about = {"is_changed": is_changed, "is_released": is_released}
    return compare_versions(before, after, required=required, apps=apps, tags=tags, **about)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("1.2.3", "1.2.3", "none"),
        ("1.2.3", "1.2.4", "patch"),
        ("1.2.3", "1.3.0", "minor"),
        ("1.2.3", "2.0.0", "major"),
        ("1.2.3", "1.2.2", None),
        ("1.2.3", "0.9.9", None),
        ("v1.2.3", "1.2.4", "patch"),
        ("1.2", "v1.2.1", "patch"),
        ("1.2.0-rc.1", "1.2.0-rc.2", "patch"),
        ("1.2.0-rc.1", "1.2.0", "patch"),
        ("1.2.0", "1.2.0-rc.1", None),
        ("1.2.0", "1.3.0-rc.1", "minor"),
        ("1.2.3+build.1", "1.2.3+build.2", "none"),
        ("1.2.3", "latest", None),
        ("01.2.3", "1.2.4", None),
    ],
)
def test_which_part_was_raised(before: str, after: str, expected: Bump | None) -> None:
    assert _versions(before, after).actual == expected


@pytest.mark.parametrize(
    ("before", "after", "required", "is_enough"),
    [
        ("1.2.3", "1.2.4", "patch", True),
        ("1.2.3", "1.2.4", "minor", False),
        ("1.2.3", "1.3.0", "minor", True),
        ("1.2.3", "1.3.0", "major", False),
        ("1.2.3", "2.0.0", "major", True),
        ("0.2.3", "0.3.0", "major", True),
        ("0.2.3", "0.2.4", "major", False),
        ("0.2.3", "0.2.4", "minor", True),
        ("0.2.3", "0.2.3", "patch", False),
        ("0.9.0", "1.0.0", "major", True),
        ("1.0.0", "1.0.0", "none", True),
        ("1.2.3", "1.2.2", "none", False),
    ],
)
def test_whether_that_is_enough(before: str, after: str, required: Bump, is_enough: bool) -> None:
    assert _versions(before, after, required).is_enough is is_enough


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        (_versions("1.2.3", "1.2.3"), []),
        (_versions("1.2.3", "1.2.3", is_released=True), ["version_not_raised"]),
        (_versions("1.2.3", "1.2.3", "none", is_released=True, is_changed=False), []),
        (_versions("1.2.3", "1.2.2"), ["version_not_raised"]),
        (_versions("1.2.3", "1.2.4", "major"), ["version_too_low"]),
        (_versions("1.2.3", "1.2.4", "patch"), []),
        (_versions("1.0.0", "1.0.1", apps=("7", "8"), tags=(frozenset(["7"]), frozenset())),
         ["app_version_inconsistent"]),
        (_versions("1.0.0", "1.0.1", apps=("7", "7"), tags=(frozenset(["7"]), frozenset(["8"]))),
         ["app_version_inconsistent"]),
        (_versions("1.0.0", "1.0.1", apps=("7", "8"), tags=(frozenset(["v7"]), frozenset(["v8"]))), []),
        (_versions("1.0.0", "1.0.1", apps=("7", "8"), tags=(frozenset(["stable"]), frozenset())), []),
        (_versions("1.0.0", "1.0.1"), []),
    ],
)  # fmt: skip
def test_what_a_reader_is_told(versions: Versions, expected: list[str]) -> None:
    assert [rule.name for rule in OF_VERSIONS for _ in rule(versions)] == expected


def test_the_highest_of_several() -> None:
    assert [highest(BUMPS[: number + 1]) for number in range(4)] == list(BUMPS)
    assert highest([]) == "none"


@pytest.mark.parametrize("tag", ["1.2.3", "v1.2.3", "toy-1.2.3", "toy-v1.2.3", "toy/1.2.3", "toy/v1.2.3"])
def test_a_tag_that_carries_a_version(tag: str) -> None:
    assert carries(tag, "toy", "1.2.3")
    assert carries(tag, "toy", "v1.2.3")


@pytest.mark.parametrize("tag", ["1.2.30", "v1.2.3-rc.1", "toys-1.2.3", "other-1.2.3", "1.2"])
def test_a_tag_that_carries_another(tag: str) -> None:
    assert not carries(tag, "toy", "1.2.3")


def test_what_is_no_version() -> None:
    assert parsed("main") is None
