"""What a person reads of a review: each thing once, at its cause, and the first lines."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from chartgate.documents.addresses import ABSENT
from chartgate.reports.review_terminal import terminal_report
from chartgate.review.review import Bump, Entry, Level, Risk
from chartgate.review.versions import compare_versions
from chartgate.review.waived_risks import settled
from tests.review.test_reports import REVIEW

VERSIONS = compare_versions(
    "1.0.0", "1.0.1", required="major", is_changed=True, is_released=False, apps=("v2.0.0", "v2.0.1")
)
WEB, CACHE, ECHO = "Deployment shop/web", "StatefulSet shop/cache", "ConfigMap shop/echo"
IMAGE = "spec.template.spec.containers[web].image"


def _risk(name: str, reason: str, level: Level = "danger", bump: Bump = "major") -> Risk:
    return Risk(name, level, bump, reason)


def _entry(subject: str, address: str = "", before: Any = ABSENT, after: Any = ABSENT, *risks: Risk) -> Entry:
    section: Any = {"values.yaml": "values", "values.schema.json": "schema"}.get(subject, "resources")
    scenarios = ("one",) if section == "resources" else ()
    return Entry(section, "changed", (subject,), (address,) if address else (), before, after, risks, scenarios, "all")


def _lines(*entries: Entry, **changes: Any) -> list[str]:
    """Give what is below the first level's heading, and the headings of the others."""
    text = terminal_report(dataclasses.replace(REVIEW, versions=VERSIONS, entries=entries, **changes))
    return [line for line in text.partition("\n\n")[2].split("\n")[1:] if line]


NEW_IMAGE = _entry(WEB, IMAGE, "web:v2.0.0", "web:v2.0.1", _risk("image", "from v2.0.0 to v2.0.1", "caution", "patch"))
DEFAULT = _risk("default_changed", "another default", "note", "patch")
TAG = _entry("values.yaml", "image.tag", "v2.0.0", "v2.0.1", DEFAULT)
GONE = _entry("values.yaml", "logs", {"level": "INFO"}, ABSENT, _risk("values_key_removed", "setting it does nothing"))
UNKNOWN = _risk("schema_narrowed", "the schema no longer knows this key")
LOST = _risk("container_removed", "wait no longer prepares the pod", "caution", "minor")
OF_IMAGE = [
    f"  {WEB}",
    "    image: from v2.0.0 to v2.0.1",
    f"      {IMAGE}: web:v2.0.0 -> web:v2.0.1",
]


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([NEW_IMAGE, TAG], [*OF_IMAGE, "      by the default of image.tag"]),
        (
            [NEW_IMAGE, _entry(ECHO, "data[patch.yaml].image", "web:v2.0.0", "web:v2.0.1")],
            [*OF_IMAGE, f"      the same in {ECHO} data[patch.yaml].image"],
        ),
        (
            [NEW_IMAGE, _entry("values.yaml", "image.tag", "v1", "v3", DEFAULT)],
            [*OF_IMAGE, "NOTES", "  values.yaml", "    default_changed: another default", "      image.tag: v1 -> v3"],
        ),
        (
            [GONE, _entry("values.schema.json", "logs", ABSENT, ABSENT, UNKNOWN)],
            [
                "  values.yaml",
                "    values_key_removed: setting it does nothing",
                '      logs: {"level": "INFO"} -> nothing',
                "      schema_narrowed, logs: the schema no longer knows this key",
            ],
        ),
        (
            [GONE, _entry("values.schema.json", "log", ABSENT, ABSENT, UNKNOWN)],
            [
                "  values.yaml",
                "    values_key_removed: setting it does nothing",
                '      logs: {"level": "INFO"} -> nothing',
                "  values.schema.json",
                "    schema_narrowed: the schema no longer knows this key",
                "      log",
            ],
        ),
        (
            [
                _entry("values.yaml", "ports.web.tls", True, ABSENT, GONE.risks[0]),
                _entry("values.schema.json", "ports[*].tls", ABSENT, ABSENT, UNKNOWN),
            ],
            [
                "  values.yaml",
                "    values_key_removed: setting it does nothing",
                "      ports.web.tls: true -> nothing",
                "      schema_narrowed, ports[*].tls: the schema no longer knows this key",
            ],
        ),
        (
            [
                _entry(WEB, "spec.template.spec.initContainers[wait]", {"name": "wait"}, ABSENT, LOST),
                dataclasses.replace(
                    _entry(WEB, "spec.template.spec.initContainers", [{"name": "wait"}], ABSENT, LOST),
                    scenarios=("tls=false",),
                    condition="tls=false",
                ),
            ],
            [
                f"  {WEB}",
                "    container_removed: wait no longer prepares the pod",
                '      spec.template.spec.initContainers[wait]: {"name": "wait"} -> nothing',
                "      elsewhere in it where tls=false",
            ],
        ),
        (
            [_entry("values.yaml", "replicas", 1, 2, DEFAULT), _entry(WEB, "spec.replicas", 1, 2)],
            [
                "  values.yaml",
                "    default_changed: another default",
                "      replicas: 1 -> 2",
                f"      in {WEB} spec.replicas",
            ],
        ),
        (
            [_entry("values.yaml", "retries", 1, 2, DEFAULT), _entry(WEB, "spec.replicas", 1, 2)],
            [
                "  values.yaml",
                "    default_changed: another default",
                "      retries: 1 -> 2",
                "OTHER CHANGES",
                f"  {WEB}",
                "    spec.replicas: 1 -> 2",
            ],
        ),
        (
            [
                _entry(WEB, "metadata.labels[helm.sh/chart]", "web-1.0.0", "web-1.0.1"),
                _entry(CACHE, "spec.template.metadata.labels[app.kubernetes.io/version]", "2.0.0", "2.0.1"),
                _entry(CACHE, "metadata.annotations.built-by", "chart 1.0.0 of 2026", "chart 1.0.1 of 2026"),
            ],
            [
                "  labels of versions in 2 objects: web-1.0.0 -> web-1.0.1, 2.0.0 -> 2.0.1, chart 1.0.0 of 2026 ->"
                " chart 1.0.1 of 2026"
            ],
        ),
        (
            [_entry(WEB, "metadata.labels.tier", "a", "b"), _entry(WEB, "spec.version", "1.0.0", "1.0.1")],
            [f"  {WEB}", "    metadata.labels.tier: a -> b", "    spec.version: 1.0.0 -> 1.0.1"],
        ),
        (
            [_entry(WEB, "spec.template.metadata.annotations[checksum/cm]", "0" * 64, "1" * 64)],
            [f"  checksums in annotations of {WEB}: what they are of is told by itself"],
        ),
        (
            [
                *(_entry("CustomResourceDefinition a.io", f"spec.p{n}.description", "x", "y") for n in range(40)),
                _entry("CustomResourceDefinition b.io", "spec.versions[v1].schema.type", ABSENT, "object"),
            ],
            [
                "  40 descriptions and 1 other change in 2 CustomResourceDefinitions, a.io, b.io: --format=json lists"
                " them"
            ],
        ),
        (
            [_entry("values.schema.json", f"k{n}", ABSENT, ABSENT, UNKNOWN) for n in range(14)],
            [
                "  values.schema.json",
                "    schema_narrowed: the schema no longer knows this key",
                *(f"      k{n}" for n in range(10)),
                "      and 4 other changes, which --format=json lists",
            ],
        ),
    ],
)
def test_each_thing_is_told_once(entries: list[Entry], expected: list[str]) -> None:
    assert _lines(*entries) == expected


def test_only_where_it_is_not_everywhere_the_scenarios_are_told() -> None:
    some = dataclasses.replace(NEW_IMAGE, scenarios=("one",), condition="all with cache")
    assert _lines(some, compared=3)[-1] == "      in 1 of 3 scenarios: all with cache"
    turned = dataclasses.replace(NEW_IMAGE, scenarios=("cache.enabled=true",), condition="cache.enabled=true")
    assert _lines(turned, turned=("cache.enabled=true",))[-1] == "      where cache.enabled=true"


def test_the_first_ten_lines_decide() -> None:
    lost = _entry("PersistentVolumeClaim shop/data", "", ABSENT, ABSENT, _risk("data_loss", "its volume is deleted"))
    lost = dataclasses.replace(lost, fate="removed", scenarios=("two",), condition="all with cache")
    many = [
        _entry("values.yaml", f"k{n}", 1, ABSENT, _risk("values_key_removed", "setting it does nothing"))
        for n in "abcd"
    ]
    restarts = _entry(
        WEB, "", ABSENT, ABSENT, _risk("restarts", "the pods of 1 workload are replaced", "note", "patch")
    )
    text = terminal_report(
        dataclasses.replace(REVIEW, versions=VERSIONS, entries=(lost, *many, NEW_IMAGE, TAG, restarts), compared=2)
    )
    assert text.count("are replaced") == 1
    assert text.split("\n")[:10] == [
        "web 1.0.0 -> 1.0.1: needs major; 1.0.1 is a patch: 5 reasons",
        "  5 dangers, 1 caution, 2 notes",
        "  danger:  data_loss (major): PersistentVolumeClaim shop/data: its volume is deleted",
        "  danger:  values_key_removed (major): ka, kb, kc and 1 more: setting it does nothing",
        f"  caution: image (patch): {WEB}: from v2.0.0 to v2.0.1",
        "  affects: 4 changes for whoever sets these values; 1 in all with cache; 1 in all",
        f"  restarts: {WEB}: the pods of 1 workload are replaced",
        "  base:    old",
        "  head:    new",
        "  over:    2 scenarios of the defaults",
    ]


def test_the_first_lines_name_a_newer_kubernetes_and_not_that_the_version_is_too_low() -> None:
    newer = dataclasses.replace(
        _entry("Chart.yaml", "kubeVersion", ABSENT, ">=1.31", _risk("kube_version_raised", "1.30 no longer fits")),
        section="version",
    )
    low = _risk("version_too_low", "1.0.0 to 1.0.1 is patch", "caution", "none")
    entries = (newer, dataclasses.replace(newer, addresses=("version",), risks=(low,)))
    text = terminal_report(dataclasses.replace(REVIEW, entries=entries))
    assert "  danger:  kube_version_raised (major): Chart.yaml kubeVersion: 1.30 no longer fits\n" in text
    assert "caution: version_too_low" not in text.partition("\n\n")[0]


def test_places_are_counted_once() -> None:
    both = dataclasses.replace(NEW_IMAGE, subjects=("Deployment shop/a", "Deployment shop/b"))
    more = dataclasses.replace(NEW_IMAGE, subjects=("Deployment shop/b", "Deployment shop/c", "Deployment shop/d"))
    text = terminal_report(dataclasses.replace(REVIEW, entries=(both, more)))
    assert (
        "(patch): Deployment shop/a, Deployment shop/b, Deployment shop/c and 1 more: from v2.0.0 to v2.0.1\n" in text
    )


def test_other_reasons_are_told_by_their_places() -> None:
    claim = _entry("PersistentVolumeClaim shop/data", "", ABSENT, ABSENT, _risk("data_loss", "its volume is deleted"))
    store = _entry("StatefulSet shop/store", "", ABSENT, ABSENT, _risk("data_loss", "its pods leave their volumes"))
    text = terminal_report(dataclasses.replace(REVIEW, entries=(claim, store)))
    assert (
        "data_loss (major): PersistentVolumeClaim shop/data: its volume is deleted;"
        " also StatefulSet shop/store\n" in text
    )


def test_the_reason_that_demands_most_is_told() -> None:
    major = _entry("StatefulSet shop/store", IMAGE, "db:1", "db:2", _risk("image", "from 1 to 2", "caution", "major"))
    text = terminal_report(dataclasses.replace(REVIEW, entries=(NEW_IMAGE, major)))
    assert f"image (major): StatefulSet shop/store: from 1 to 2; also {WEB}\n" in text


def test_an_image_is_told_where_it_changes_for_all() -> None:
    behind = dataclasses.replace(NEW_IMAGE, subjects=("Deployment shop/a",), condition="cache.enabled=true")
    text = terminal_report(dataclasses.replace(REVIEW, entries=(behind, NEW_IMAGE)))
    assert "the same in Deployment shop/a " in text
    assert "cache.enabled" not in text.partition("CAUTION")[2]


@pytest.mark.parametrize(
    ("versions", "said"),
    [
        ({"after": "2.0.0"}, "needs major; 2.0.0 is a major: enough"),
        ({"after": "1.1.0"}, "needs major; 1.1.0 is a minor: 1 reason"),
        ({"after": "1.0.0"}, "needs major; it is still 1.0.0"),
        ({"after": "1.0.0", "is_released": True}, "needs major; it is still 1.0.0, which is released"),
        ({"after": "0.9.0"}, "needs major; 0.9.0 is not higher"),
        ({"before": "0.4.0", "after": "0.4.1"}, "needs minor (before 1.0.0); 0.4.1 is a patch: 1 reason"),
    ],
)
def test_the_verdict(versions: dict[str, Any], said: str) -> None:
    given: dict[str, Any] = {"before": "1.0.0", "is_changed": True, "is_released": False} | versions
    found = compare_versions(given.pop("before"), given.pop("after"), required="major", **given)
    text = terminal_report(dataclasses.replace(REVIEW, versions=found, entries=(settled(GONE, found),)))
    assert text.split("\n")[0].partition(": ")[2] == said


def test_what_no_version_settles_comes_first() -> None:
    found = compare_versions("1.0.0", "2.0.0", required="major", is_changed=True, is_released=False)
    way = _entry("Ingress shop/a", "", ABSENT, ABSENT, _risk("exposed", "a new way in", bump="minor"))
    entries = tuple(settled(entry, found) for entry in (GONE, way))
    lines = terminal_report(dataclasses.replace(REVIEW, versions=found, entries=entries)).split("\n")
    assert lines[0].endswith(": enough, but for 1 danger that no version settles")
    assert [line.split()[1] for line in lines if line.startswith("  danger: ")] == ["exposed", "values_key_removed"]


def test_nothing_compared_is_not_enough() -> None:
    found = compare_versions("1.0.0", "1.0.1", required="patch", is_changed=True, is_released=False)
    text = terminal_report(dataclasses.replace(REVIEW, versions=found, entries=(), compared=0))
    assert text.split("\n")[0].endswith("1.0.1 is a patch: enough for the values, and no object is compared")


def test_other_tools_are_no_change_of_the_chart() -> None:
    versions = compare_versions("1.0.0", "1.0.0", required="none", is_changed=False, is_released=True)
    told: dict[str, Any] = {"tool_change": "helm 3.17.3 -> 4.2.3", "versions": versions}
    text = terminal_report(dataclasses.replace(REVIEW, **told))
    assert text.split("\n")[0].endswith(": the same chart, and it renders otherwise")
    assert "  tools:   helm 3.17.3 -> 4.2.3\n" in text
    assert "the same chart, nothing changes" in terminal_report(dataclasses.replace(REVIEW, entries=(), **told))
