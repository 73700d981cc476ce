"""The page in a browser: clicks, keys and filters show what they should, it is quick, and it asks for nothing.

A browser that is installed is used: the one that CHARTGATE_BROWSER names (a path, or `playwright` for what `playwright
install` has fetched), else Chromium or Chrome. Without one these tests are skipped, unless CHARTGATE_BROWSER is set: a
workflow sets it, and so cannot skip them unseen.
"""

from __future__ import annotations

import dataclasses
import importlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chartgate.gate.results.outcome import Outcome, Problem
from chartgate.gate.results.written import SourceLine, Written
from chartgate.reports.check_html import html_report
from tests.engine.recorded_outcomes import outcome_of
from tests.engine.reports.test_check_html import HOSTILE, poisoned

_BROWSER = os.environ.get("CHARTGATE_BROWSER", "")
_DRIVER = "playwright.sync_api"
playwright: Any = (
    importlib.import_module(_DRIVER)
    if _BROWSER
    else pytest.importorskip(_DRIVER, reason="playwright is not installed: `make setup` does it")
)

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_QUICK = 10_000
"""Milliseconds from the begin of loading until the page can be used: half a second to two and a half where nothing else
runs, and no test is to fail where something does."""
_READY = "document.documentElement.dataset.ready"

Open = Callable[[Outcome], Any]
"""Gives playwright's Page of an outcome."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    found = _BROWSER or next(filter(None, map(shutil.which, _NAMES)), None)
    if not found:
        pytest.skip(f"no browser is installed: none of {', '.join(_NAMES)}")
    playwright.expect.set_options(timeout=30_000)
    with playwright.sync_playwright() as started:
        path = None if found == "playwright" else found
        # Inside of a container, its own sandbox cannot be had.
        running = started.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Open]:
    """Open the page of an outcome; at its end, nothing was asked for, and nothing has failed."""
    context = browser.new_context(viewport={"width": 1400, "height": 950})
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.on("request", lambda request: asked.append(request.url))

    def open_(outcome: Outcome) -> Any:
        file = tmp_path / "page.html"
        file.write_text(html_report(outcome), "utf-8")
        page.goto(file.as_uri())
        page.wait_for_function(_READY)
        return page

    yield open_
    assert said == []
    assert {url for url in asked if not url.startswith("data:")} == {(tmp_path / "page.html").as_uri()}
    context.close()


def shows(page: Any, selector: str, *words: str) -> None:
    """Wait until what the selector finds has each of the words: a page answers a click when it comes to it."""
    for said in words:
        playwright.expect(page.locator(selector)).to_contain_text(said, use_inner_text=True)


def tells(page: Any, said: str) -> None:
    playwright.expect(page.locator("#told")).to_have_text(said)


def turn_to(page: Any, part: str) -> None:
    """Click on a tab and wait until it is the one shown: an address changes first, and the page follows it."""
    page.click(f"#tab-{part}")
    page.locator(f"#tab-{part}[aria-selected=true]").wait_for()


def place(page: Any, policy: str, scenario: str) -> tuple[float, float]:
    """Give where in the window the cell of a policy in a scenario is."""
    script = """([policy, scenario]) => {
        const r = grid.rows.findIndex((row) => row.name === policy);
        const c = grid.columns.findIndex((column) => run.columns[column].name === scenario);
        const box = scroller.getBoundingClientRect();
        return [box.left + LABEL() + (c + 0.5) * grid.size, box.top + grid.top + (r + 0.5) * ROW];
    }"""
    x, y = page.evaluate(script, [policy, scenario])
    return x, y


def test_what_is_red_is_there_at_once(opened: Open) -> None:
    page = opened(outcome_of())
    shows(page, "#detail", "Error: execution error at (shop/templates/web.yaml:3:4): no")
    playwright.expect(page.locator("#list .entry")).to_have_count(3)
    tells(page, "3 findings")
    few = page.evaluate("scroller.clientHeight")
    page.check("#every-policy")
    assert few < page.evaluate("scroller.clientHeight")


def test_findings_come_before_problems_of_the_gate_and_show_their_line(opened: Open) -> None:
    outcome = outcome_of()
    idle = Problem("examines", "ports_are_named", "it proves nothing")
    first, *others = outcome.findings
    first = dataclasses.replace(first, written=Written(SourceLine("chart/templates/web.yaml", 12)))
    page = opened(dataclasses.replace(outcome, findings=(first, *others), problems=(*outcome.problems, idle)))
    listed = page.locator("[role=option]").all_inner_texts()
    kinds = ["problem" if text.startswith("problem") else "finding" for text in listed]
    assert kinds == ["problem", *["finding"] * len(outcome.failing), "problem"] + ["finding"] * len(outcome.tolerated)
    assert "chart/templates/web.yaml:12" in listed[1]


def test_findings_of_one_cause_are_together_and_what_follows_is_folded(opened: Open) -> None:
    outcome = outcome_of(findings=5)
    cause, same_place, likewise, *following = outcome.findings
    line = Written(SourceLine("chart/templates/web.yaml", 12))
    cause = dataclasses.replace(cause, written=line)
    same_place = dataclasses.replace(cause, fingerprint="same place", policy=likewise.policy)
    findings = [cause, dataclasses.replace(likewise, written=line), same_place]
    findings += [dataclasses.replace(one, follows=cause.fingerprint) for one in following if not one.baseline]
    page = opened(dataclasses.replace(outcome, findings=tuple(findings), problems=()))
    listed = page.locator("[role=option]")
    playwright.expect(listed).to_have_count(3)
    playwright.expect(page.locator("#tab-result b")).to_have_text("3")
    playwright.expect(page.locator(".entry.more")).to_have_count(1)
    assert [listed.nth(number).inner_text().count("Deployment") for number in range(3)] == [1, 0, 1]
    page.click(".follows")
    playwright.expect(listed).to_have_count(5)
    page.click(".follows")
    playwright.expect(listed).to_have_count(3)
    page.fill("#search", "web-4")
    playwright.expect(listed).to_have_count(1)


def test_a_click_on_a_cell_shows_its_finding(opened: Open) -> None:
    page = opened(outcome_of())
    page.mouse.click(*place(page, "images_are_pinned", "toggle0"))
    tells(page, "1 finding in this cell")
    shows(page, "#detail", "What images_are_pinned says.", "Deployment shop/web-0 (apps/v1)", "a tag, or a digest")
    shows(page, "#detail", "Why it", "without cache")
    assert page.inner_text(".code .marked").split() == ["11", "image:", "example.com/web"]
    assert page.inner_text(".code .plus") == "+  image: example.com/web:1.2"
    page.keyboard.press("Escape")
    tells(page, "3 findings")


def test_a_click_on_a_green_cell_tells_what_was_examined(opened: Open) -> None:
    page = opened(outcome_of())
    page.mouse.move(*place(page, "images_are_pinned", "toggle2"))
    shows(page, "#tip", "green, 4 checks")
    assert page.inner_text("#tip").split("\n") == ["images_are_pinned", "toggle2", "green, 4 checks"]
    page.mouse.click(*place(page, "images_are_pinned", "toggle2"))
    shows(page, "#detail", "green, 4 checks", "every combination of the toggles")


def test_keys(opened: Open) -> None:
    page = opened(outcome_of())
    page.keyboard.press("/")
    page.keyboard.type("web-1")
    tells(page, "1 finding")
    page.keyboard.press("Escape")
    tells(page, "3 findings")
    page.focus("#grid")
    page.keyboard.press("Control+Home")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    shows(page, "#cell", "images_are_pinned, toggle0, finding: error")
    page.keyboard.press("Enter")
    shows(page, "#list [aria-selected=true]", "images_are_pinned")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+Home")
    page.keyboard.press("n")
    tells(page, "1 finding in this cell")
    page.keyboard.press("Escape")
    page.focus("#list")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    shows(page, "#list [aria-selected=true]", "Deployment shop/web-")


def test_filters(opened: Open) -> None:
    page = opened(outcome_of())
    page.click("#axes summary")
    page.locator("#axes-choices label", has_text="toggle0").locator("select").select_option(label="without")
    shows(page, "#axes-count", "5 of 10")
    tells(page, "1 finding")
    page.click("#reset")
    page.select_option("#severity", "warning")
    tells(page, "0 findings")
    page.check("#accepted-too")
    tells(page, "1 finding")
    page.click("#reset")
    tells(page, "5 findings")
    page.select_option("#policy", label="ports_are_named")
    tells(page, "2 findings")


def test_the_other_parts(opened: Open) -> None:
    page = opened(outcome_of())
    turn_to(page, "policies")
    playwright.expect(page.locator("#policies .rule")).to_have_count(12)
    assert not page.is_visible("#result")
    turn_to(page, "examined")
    shows(page, "#examined", "Refused by helm, as the matrix demands")
    turn_to(page, "accepted")
    shows(page, "#accepted", "The tag is the spec's.", "platform team", "2026-11-27", "0 days left")
    shows(page, "#accepted", "ports_are_named Service web")
    turn_to(page, "result")
    page.click("#list .entry >> nth=1")
    page.click("#detail h2 a")
    page.locator("#policy-images_are_pinned p").first.wait_for()


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_of_a_run_is_obeyed(text: str, opened: Open) -> None:
    page = opened(poisoned(text))
    page.click("#list .entry >> nth=1")
    for tab in ("policies", "examined", "accepted", "result"):
        turn_to(page, tab)
    playwright.expect(page.locator("main img, main script, main b[onload]")).to_have_count(0)
    if "\x1b" not in text:
        shows(page, "#detail dd.actual", text)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark(scheme: str, opened: Open) -> None:
    page = opened(outcome_of())
    page.emulate_media(color_scheme=scheme)
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (min(map(int, colour.removeprefix("rgb(").removesuffix(")").split(", "))) > 127) == (scheme == "light")


@pytest.mark.parametrize(
    ("toggles", "policies", "findings"),
    [(6, 223, 40), (11, 60, 400), (5, 60, 10_000)],
    ids=["223 policies", "2,048 scenarios", "ten thousand findings"],
)
def test_it_is_quick(toggles: int, policies: int, findings: int, opened: Open) -> None:
    """In one of three attempts, since others may use the machine too."""
    outcome = outcome_of(toggles, policies, findings)
    attempts = (opened(outcome) for _ in range(3))
    page = next((page for page in attempts if int(page.evaluate(_READY)) < _QUICK), None)
    assert page is not None
    assert page.evaluate("bands().map((band) => band.name)")[8:] == [f"and {toggles - 8} more"] * (toggles > 8)
    took = page.evaluate(
        "() => { const begin = performance.now(); moveTo(5, 20); update(); return performance.now() - begin; }"
    )
    assert took < _QUICK / 3
