"""The page that shows a run: what is in it, that it asks for nothing, and that nothing of a run is markup in it."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import re
from typing import Any

import pytest

from chartgate.documents.escaping import is_visible
from chartgate.gate.results.outcome import Outcome, PolicySummary, Variant
from chartgate.reports.check_html import html_report
from tests.engine.pages import Page
from tests.engine.recorded_outcomes import finding_of, outcome_of, shown

MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(html_report(outcome_of()))


def test_the_frame_says_the_verdict_and_what_was_judged(page: Page) -> None:
    assert page.one("title").text == "Red: shop 1.2.3"
    assert page.one("h1").text == "shop 1.2.3"
    assert "2 findings, 1 problem and " in page.one("header").text
    assert "chart: shop 1.2.3 at charts/shop; helm 4.2.3" in page.one("header").text


def test_a_green_run_says_so() -> None:
    green = dataclasses.replace(outcome_of(), findings=(), problems=(), unjudged=())
    found = Page(html_report(green))
    assert found.one("title").text == "Green: shop 1.2.3"
    assert "nothing is wrong" in found.one("header").text


def test_the_parts_and_their_roles(page: Page) -> None:
    tabs = {tab.attributes["aria-controls"]: tab for tab in page.all("button", role="tab")}
    assert [*tabs] == ["result", "policies", "examined", "accepted"]
    assert {
        part.attributes["id"]: part.attributes["aria-labelledby"] for part in page.all("section", role="tabpanel")
    } == {name: f"tab-{name}" for name in tabs}
    ids = [element.attributes["id"] for element in page.elements if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    refer = ("aria-controls", "aria-labelledby", "aria-describedby", "aria-activedescendant")
    assert {e.attributes[name] for e in page.elements for name in refer if name in e.attributes} <= set(ids)
    assert page.one("html").attributes["lang"] == "en"
    grid = page.one("div", id="grid").attributes
    assert (grid["role"], grid["tabindex"], grid["aria-activedescendant"]) == ("grid", "0", "cell")
    assert page.one("span", id="cell").attributes["role"] == "gridcell"
    unnamed = [e for e in page.all("button") if not e.text.strip() and "aria-label" not in e.attributes]
    assert unnamed == []
    assert [e for e in (*page.all("input"), *page.all("select")) if "label" not in e.above] == []


def test_the_page_asks_for_nothing(page: Page) -> None:
    """Not for a script, a style, a font or an image from elsewhere, and a browser would refuse them all."""
    every = [(e.tag, name, value) for e in page.elements for name, value in e.attributes.items()]
    links = [found for found in every if found[1] in ("src", "href", "srcset", "action")]
    assert links == [("link", "href", "data:,"), ("a", "href", "#main")]
    assert not re.search(r"@import|url\(", page.one("style").text)
    script = page.all("script")[1].text
    assert not re.search(
        r"fetch\(|XMLHttpRequest|WebSocket|import\(|innerHTML|outerHTML|insertAdjacent|document\.write|eval\(", script
    )
    policy = page.one("meta", **{"http-equiv": "Content-Security-Policy"}).attributes["content"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules == {
        "default-src": "'none'", "img-src": "data:", "base-uri": "'none'", "form-action": "'none'",
        "style-src": f"'{_hash(page.one('style').text)}'", "script-src": f"'{_hash(script)}'",
    }  # fmt: skip


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def test_light_and_dark(page: Page) -> None:
    style = page.one("style").text
    light, dark = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    names = [set(re.findall(r"(--[\w-]+):", side)) for side in (light, dark)]
    assert "@media (prefers-color-scheme: dark)" in style
    assert names[0] - names[1] == {"--mono"}


@pytest.mark.parametrize("side", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground", "least"),
    [
        ("--ink", "--paper", 7), ("--ink", "--card", 7), ("--soft", "--paper", 4.5), ("--soft", "--card", 4.5),
        ("--soft", "--hover", 4.5), ("--red", "--card", 4.5), ("--green", "--card", 4.5), ("--focus", "--card", 4.5),
        ("--focus", "--paper", 4.5), ("--red-ink", "--red", 4.5), ("--amber", "--amber-soft", 4.5),
        ("--amber", "--card", 4.5),
        ("--ink", "--mark", 7), ("--ink", "--red-soft", 7), ("--ink", "--green-soft", 7), ("--red", "--green-cell", 2),
        ("--ink", "--unjudged-cell", 4.5),
    ],
)  # fmt: skip
def test_the_contrast(text: str, ground: str, least: float, side: int, page: Page) -> None:
    """As WCAG 2.2 measures it; text needs 4.5: https://www.w3.org/TR/WCAG22/#contrast-minimum."""
    colours = dict(
        re.findall(
            r"(--[\w-]+): (#[0-9a-f]{6});", re.findall(r":root \{(.*?)\}", page.one("style").text, re.DOTALL)[side]
        )
    )
    light, dark = sorted((_luminance(colours[name]) for name in (text, ground)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= least


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_grid_has_a_letter_for_each_case(page: Page) -> None:
    data = page.data
    names = [column["name"] for column in data["columns"]]
    assert names[:3] == ["all scenarios", "off", "toggle0"]
    assert "no_text" not in names
    assert data["refused"] == [["no_text", "named in the matrix", "green"]]
    row = [policy["name"] for policy in data["policies"]].index("images_are_pinned")
    letters = "".join(letter * int(count) for count, letter in re.findall(r"(\d+)(\D)", data["cells"][row]))
    others = {"all scenarios": ".", "broken": "U"}
    expected = [others.get(name, "E" if "toggle0" in name else "G") for name in names]
    assert letters == "".join(expected)
    assert [row[:2] for row in (data["cells"][0], data["cells"][-1])] == ["1.", "9G"]


def test_a_finding_has_all_that_is_known_of_it(page: Page) -> None:
    data = page.data
    finding = data["findings"][0]
    assert {
        "state": "open",
        "severity": "error",
        "subject": "Deployment shop/web-0 (apps/v1)",
    }.items() <= finding.items()
    assert (finding["expected"], finding["actual"]) == ("a tag, or a digest", "example.com/web")
    assert finding["again"] == ["helm template shop charts/shop --set name=web-0"]
    text = data["texts"][finding["shown"]["text"]].split("\n")
    first, last = finding["shown"]["marked"]
    assert text[first - 1 : last] == ["        image: example.com/web"]
    assert "+  image: example.com/web:1.2" in data["texts"][finding["shown"]["difference"]]
    assert {found["state"] for found in data["findings"]} == {"open", "accepted", "waived"}
    [waiver] = data["waivers"]
    assert (waiver["owner"], waiver["expires"], waiver["days"], waiver["findings"]) == (
        "platform team",
        "2026-11-27",
        0,
        1,
    )
    assert data["entries"] == [["ports_are_named Service web", "warning", "2026-11-27", "who", "why"]]


HOSTILE = (
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "]]><!--<script",
    "\" onload='x' {{ 7 * 7 }} {% raw %} &lt;b&gt; &amp;",
    "a\x00b\x1b[31mc\x7f\u202ed\u2028e\ufeff",
    "javascript:alert(1)",
    "${alert(1)}`\\",
)


def poisoned(text: str) -> Outcome:
    """Give an outcome that has a text wherever somebody else may write one."""
    outcome = outcome_of()
    assert outcome.record is not None
    policy = PolicySummary("images_are_pinned", text, text, text)
    more: dict[str, Any] = {
        "template": text, "path": text, "expected": {text: [text]}, "actual": text, "again": (text,),
        "where": text, "variants": (Variant(text), Variant(text)), "fingerprint": "poisoned",
    }  # fmt: skip
    poisoned = dataclasses.replace(
        shown(f"a: {text}", nearest=text), scenario=text, traits=(f"+{text}",), difference=(f"-{text}",)
    )
    record = dataclasses.replace(
        outcome.record,
        scenarios=tuple(
            dataclasses.replace(s, reason=text, traits=(*s.traits, text), given=(text,))
            for s in outcome.record.scenarios
        ),
        policies=tuple(
            dataclasses.replace(p, title=text, rationale=text, remediation=text) for p in outcome.record.policies
        ),
        waivers=(dataclasses.replace(outcome.record.waivers[0], reason=text, owner=text),),
        resources={"poisoned": poisoned},
    )
    return dataclasses.replace(
        outcome,
        chart=dataclasses.replace(outcome.chart, name=text, version=text, source=text),
        matrix=text,
        findings=(dataclasses.replace(finding_of("images_are_pinned", ("off", text), text, **more), policy=policy),),
        problems=tuple(dataclasses.replace(problem, message=text, subject=text) for problem in outcome.problems),
        notes=(text,),
        left_out={text: text},
        not_judged=(text,),
        record=record,
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_of_a_run_is_markup(text: str) -> None:
    page = Page(html_report(poisoned("plain")))
    html = html_report(poisoned(text))
    found = Page(html)
    assert [(e.tag, [*e.attributes]) for e in found.elements if "noscript" not in e.above] == [
        (e.tag, [*e.attributes]) for e in page.elements if "noscript" not in e.above
    ]
    assert {e.tag for e in found.elements if "noscript" in e.above} <= {"p", "ul", "li"}
    assert is_visible(html.replace("\t", "")), "signs that nobody sees"
    assert len(found.one("h1").text) >= len(text)


@pytest.mark.parametrize("text", HOSTILE[:4])
def test_what_is_shown_is_what_was_there(text: str) -> None:
    data = Page(html_report(poisoned(text))).data
    assert data["findings"][0]["actual"] == text
    assert data["problems"][0]["message"] == text
    assert data["texts"] == [f"a: {text}", f"-{text}"]


@pytest.mark.parametrize(
    ("outcome", "most"),
    [
        (lambda: outcome_of(toggles=11, policies=60, findings=400), 10 * MEGABYTE),
        (lambda: outcome_of(toggles=6, policies=223, findings=40), 2 * MEGABYTE),
        (lambda: outcome_of(toggles=5, policies=60, findings=10_000), 10 * MEGABYTE),
        (lambda: _with_long_texts(600), 10 * MEGABYTE),
    ],
    ids=["2,048 scenarios", "223 policies", "ten thousand findings", "long values and resources"],
)
def test_the_size(outcome: Any, most: int) -> None:
    given = outcome()
    html = html_report(given)
    assert len(html.encode()) <= most
    assert len(Page(html).data["findings"]) == len(given.findings) + len(given.waived)


def _with_long_texts(findings: int) -> Outcome:
    outcome = outcome_of(findings=findings)
    assert outcome.record is not None
    long = [dataclasses.replace(found, actual={"key": "é" * 50_000}) for found in outcome.findings]
    resources = {
        found.fingerprint: shown(f"a: {number}\n" + "b: 1234567\n" * 10_000) for number, found in enumerate(long)
    }
    return dataclasses.replace(
        outcome, findings=tuple(long), record=dataclasses.replace(outcome.record, resources=resources)
    )


def test_an_outcome_without_a_record_has_its_findings() -> None:
    data = Page(html_report(dataclasses.replace(outcome_of(), record=None))).data
    assert data["columns"] == []
    assert [policy["name"] for policy in data["policies"]] == ["images_are_pinned", "ports_are_named"]
    assert data["findings"][0]["subject"] == "Deployment shop/web-0 (apps/v1)"
