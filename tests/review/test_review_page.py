"""The page of a review: it needs nothing but itself, and whatever a chart says is text in it."""

from __future__ import annotations

import dataclasses
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from chartgate.commands.main import main
from chartgate.documents.addresses import ABSENT
from chartgate.documents.escaping import one_line
from chartgate.reports.review_page import Row, page_report, rows
from chartgate.review.review import Entry, Level, Risk
from tests.engine.documents.test_escaping import TEXTS, UNTIMED
from tests.engine.toys import write
from tests.review.test_reports import ENTRY, REVIEW, all_of

_VOID = {"meta", "br"}


class Page(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(attrs)))
        self.open += [tag] if tag not in _VOID else []

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return "".join(self.texts)


def _page(**changes: Any) -> Page:
    page = Page(page_report(dataclasses.replace(REVIEW, **changes)))
    assert page.open == []
    return page


def test_it_needs_nothing_else() -> None:
    page = _page()
    assert {tag for tag, _ in page.elements} & {
        "script",
        "link",
        "img",
        "iframe",
        "object",
        "form",
        "a",
        "base",
    } == set()
    [policy] = [dict(attributes) for tag, attributes in page.elements if "http-equiv" in dict(attributes)]
    assert policy["content"] == "default-src 'none'; style-src 'unsafe-inline'"
    assert not {name for _, attributes in page.elements for name, _ in attributes} & {"src", "href", "style", "onload"}
    assert "url(" not in page.text
    assert "@import" not in page.text
    assert "prefers-color-scheme: dark" in page.text


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "</style><b>",
        "{{ 7 * 7 }}{% raw %}",
        "&lt;b&gt;",
        "' onclick='alert(1)",
        "\u202egnp.exe\x1b[31m",
    ],
)
def test_a_canary_stays_text(text: str) -> None:
    report = page_report(all_of(text))
    assert [tag for tag, _ in Page(report).elements] == [
        tag for tag, _ in Page(page_report(all_of("harmless"))).elements
    ]
    assert Page(report).text.count(one_line(text)) >= 12
    assert {"\x1b", "\u202e"} & {*report} == set()


@UNTIMED
@given(text=TEXTS.filter(lambda text: not {"\n", "\ud800"} & set(text)))
def test_nothing_that_a_chart_says_is_an_element(text: str) -> None:
    elements = Page(page_report(all_of(text))).elements
    assert elements == Page(page_report(all_of("harmless" if text else ""))).elements


def test_a_difference_has_two_sides() -> None:
    page = _page(entries=(dataclasses.replace(ENTRY, before={"a": 1, "b": 2}, after="ein\nzwei\n"),))
    cells = [dict(attributes)["class"] for tag, attributes in page.elements if tag == "td" and attributes]
    assert cells == ["old", "new"] * 2
    assert page.text.index("a: 1") < page.text.index("ein") < page.text.index("b: 2") < page.text.index("zwei")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("a\nb\nc", "a\nX\nc", [Row("same", "a", "a"), Row("changed", "b", "X"), Row("same", "c", "c")]),
        ("a", "a\nb", [Row("same", "a", "a"), Row("added", "", "b")]),
        ("a\nb", "a", [Row("same", "a", "a"), Row("removed", "b", "")]),
        (ABSENT, {"a": 1}, [Row("added", "", "a: 1")]),
        ({"a": 1}, ABSENT, [Row("removed", "a: 1", "")]),
        (ABSENT, ABSENT, []),
        (
            "\n".join("abcdefghi") + "\nold",
            "\n".join("abcdefghi") + "\nnew",
            [
                Row("left_out", "... 6 equal lines", "... 6 equal lines"),
                *(Row("same", letter, letter) for letter in "ghi"),
                Row("changed", "old", "new"),
            ],
        ),
    ],
)
def test_rows(before: Any, after: Any, expected: list[Row]) -> None:
    assert rows(before, after) == expected


def test_a_long_one_is_cut() -> None:
    found = rows("", "\n".join(map(str, range(500))))
    assert (len(found), found[-1]) == (201, Row("left_out", *["... and 300 more lines"] * 2))
    assert rows("", "x" * 1000) == [Row("added", "", "x" * 400 + "... (1000 characters)")]


@pytest.mark.parametrize("level", ["danger", "caution"])
def test_the_worst_level_is_in_its_head(level: Level) -> None:
    risky = dataclasses.replace(ENTRY, risks=(Risk("resource_renamed", level, "major", "it was shop"),))
    page = _page(entries=(risky,))
    assert ("header", (("class", level),)) in page.elements
    assert ("span", (("class", "stamp"),)) in page.elements
    assert ("header", (("class", "none"),)) in _page().elements


def test_what_is_told_of_everything() -> None:
    page = _page(
        entries=(Entry("resources", "removed", ("Secret shop/login",), scenarios=("one",)),),
        notes=("a note",),
        newly_rendered=("two",),
        tool_change="helm 3.17.3 -> 4.2.3",
    )
    wanted = (
        "web 1.0.0 → 1.0.1",
        "needs patch; 1.0.1 is a patch: enough",
        "Secret shop/login",
        "removed",
        "a note",
        "two",
    )
    assert [words for words in (*wanted, "helm 3.17.3 -> 4.2.3") if words not in page.text] == []


def test_the_command_writes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("old", "new"):
        text = f"apiVersion: v1\nkind: Secret\nmetadata: {{name: a}}\nstringData: {{password: s3cretcanary-{name}}}\n"
        chart = {"Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n", "templates/a.yaml": text}
        write(Path(name), chart)
    assert main(["review", "old", "new", "--no-policies", "--format=html", "--output=review.html"]) == 0
    source = Path("review.html").read_text("utf-8")
    assert "Secret default/a" in Page(source).text
    assert "s3cretcanary" not in source
