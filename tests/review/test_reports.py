"""What the reports make of values that are long, or that mean something to Markdown."""

from __future__ import annotations

import dataclasses
import re
import time
from typing import Any

import pytest
from hypothesis import given

from chartgate.documents.addresses import ABSENT
from chartgate.documents.escaping import lines_of, one_line, terminal_text
from chartgate.reports.review_markdown import markdown_report
from chartgate.reports.review_terminal import terminal_report
from chartgate.reports.review_words import difference, short_values
from chartgate.review.review import Entry, Review, Risk, SubchartChange
from chartgate.review.versions import compare_versions
from tests.engine.documents.test_escaping import TEXTS, UNTIMED, structure

ENTRY = Entry("resources", "changed", ("ConfigMap shop/web",), ("data.text",), "old", "new", scenarios=("one",))
REVIEW = Review(
    chart="web",
    base="old",
    head="new",
    matrix="the defaults",
    versions=compare_versions("1.0.0", "1.0.1", required="patch", is_changed=True, is_released=False),
    entries=(ENTRY,),
    subcharts=(),
    compared=1,
    newly_rendered=(),
    refused=(),
    notes=(),
)


def _lines(before: Any, after: Any) -> list[str]:
    entry = dataclasses.replace(ENTRY, before=before, after=after)
    values = short_values(entry)
    return [" -> ".join(values)] if values else difference(entry)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("red", "blue", ["red -> blue"]),
        (1, "1", ['1 -> "1"']),
        (True, "true", ['true -> "true"']),
        (ABSENT, "", ['nothing -> ""']),
        (" red", ABSENT, ['" red" -> nothing']),
        ({"a": 1}, {"a": 2}, ['{"a": 1} -> {"a": 2}']),
        ("one\ntwo\n", "one\n2\n", [" one", "-two", "+2"]),
        ("one\r\ntwo", "one\ntwo", ["-one\r", "+one", " two"]),
        ("one\ntwo", "one\ntwo\n", ["+ a line feed at the end"]),
        ("one", "one\n", ["+ a line feed at the end"]),
        ("one\n", "one", ["- a line feed at the end"]),
        ("a -> b", "c", ["a -> b -> c"]),
        (ABSENT, ABSENT, []),
        (ABSENT, "one\ntwo", ['nothing -> "one\\ntwo"...']),
        ("", "x" * 300, ["+" + "x" * 199 + "... (301 characters)"]),
    ],
)
def test_values_on_a_line_or_as_a_difference(before: Any, after: Any, expected: list[str]) -> None:
    assert _lines(before, after) == expected


def test_a_long_difference_is_cut() -> None:
    lines = _lines("", "\n".join(f"line {number}" for number in range(100)))
    assert lines[-2:] == ["+line 39", "... and 60 more lines"]


def test_long_texts_are_compared_in_no_time() -> None:
    old, new = ("\n".join(f"{what} {number}" for number in range(20_000)) for what in ("old", "new"))
    started = time.process_time()
    lines = _lines(f"same\n{old}", f"same\n{new}")
    assert time.process_time() - started < 2
    assert (lines[:2], lines[-1]) == ([" same", "-old 0"], "... and 39961 more lines")


def test_of_many_harmless_changes_of_one_object_the_first_are_told() -> None:
    many = [dataclasses.replace(ENTRY, addresses=(f"data.key{number}",)) for number in range(30)]
    risky = dataclasses.replace(ENTRY, risks=(Risk("resource_renamed", "caution", "minor", "it was shop"),))
    report = terminal_report(dataclasses.replace(REVIEW, entries=(*many, risky)))
    assert [line for line in report.split("\n") if "data." in line or "more" in line or "other change" in line][1:] == [
        "      data.text: old -> new",
        *(f"    data.key{number}: old -> new" for number in range(5)),
        "    and 25 other changes, which --format=json lists",
    ]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a `tick`", "`` a `tick` ``"),
        ("<script>", "`<script>`"),
        ("[x](https://example.com)", "`[x](https://example.com)`"),
    ],
)
def test_a_value_in_markdown_is_code(value: str, shown: str) -> None:
    entry = dataclasses.replace(ENTRY, after=value)
    assert f"`old` → {shown}" in markdown_report(dataclasses.replace(REVIEW, entries=(entry,)))


def test_a_name_in_markdown_is_no_markup() -> None:
    entry = dataclasses.replace(ENTRY, subjects=("ConfigMap shop/<b>*@team*",))
    report = markdown_report(dataclasses.replace(REVIEW, entries=(entry,)))
    assert "\\<b\\>\\*@&#8203;team\\*" in report


def test_a_difference_with_fences_stays_in_its_own() -> None:
    entry = dataclasses.replace(ENTRY, before="one\n```\ntwo", after="one\n```\nthree")
    report = markdown_report(dataclasses.replace(REVIEW, entries=(entry,)))
    assert report.count("````") == 2


def all_of(text: str) -> Review:
    """Give a review in which a chart says this wherever it can."""
    line = text.replace("\n", " ")[:8]
    danger = Risk("resource_renamed", "danger", "major", line)
    entries = (
        Entry(
            "resources", "changed", (text, "b"), (text,), "old", line, risks=(danger,), scenarios=("a",), condition=text
        ),
        Entry(
            "resources",
            "added",
            (text,),
            (text,),
            "one\ntwo\n",
            f"one\n{text}\ntwo",
            scenarios=("a", "b"),
            subchart=text,
        ),
    )
    versions = dataclasses.replace(REVIEW.versions, before=text, after=text)
    return Review(
        chart=text,
        base=text,
        head=text,
        matrix=text,
        versions=versions,
        entries=entries,
        subcharts=(SubchartChange(text, text, text),),
        compared=3,
        newly_rendered=(text, "b"),
        refused=(text,),
        notes=(line,),
    )


@UNTIMED
@given(text=TEXTS.filter(lambda text: not {"\n", "\ud800"} & set(text)))
def test_nothing_that_a_chart_says_is_markup(text: str) -> None:
    kinds, shown = structure(markdown_report(all_of(text)))
    assert kinds == structure(markdown_report(all_of("harmless")))[0]
    said = re.sub(r"\\x(3a|23)", "", one_line(text))
    assert said in re.sub(r"\\x(3a|23)|\u200b", "", shown) or said != one_line(text)


@UNTIMED
@given(text=TEXTS.filter(lambda text: "\ud800" not in text))
def test_nothing_that_a_chart_says_is_a_line_of_its_own(text: str) -> None:
    """But the lines of a text that has several, which are indented."""
    report = terminal_report(all_of(text))
    kept = [line for line in report.split("\n")[1:] if line[:1].strip()]
    assert [line.partition(" ")[0] for line in kept] == ["DANGER", "OTHER", "SUBCHARTS"]
    assert report == terminal_text(lines_of(report))


@pytest.mark.parametrize("report", [terminal_report, markdown_report])
def test_nothing_changes(report: Any) -> None:
    versions = compare_versions("1.0.0", "1.0.0", required="none", is_changed=False, is_released=False)
    text = report(dataclasses.replace(REVIEW, entries=(), versions=versions))
    assert "nothing changes" in text
