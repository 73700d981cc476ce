r"""Text that goes out: nothing of it is an order to a terminal or a CI server, or markup, and all of it can be read."""

from __future__ import annotations

import itertools
import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from chartgate.documents.escaping import (
    code,
    code_in_table,
    fenced,
    json_text,
    lines_of,
    markup,
    message_text,
    one_line,
    terminal_text,
)

UNTIMED = settings(deadline=None, database=None)
"""A busy machine fails no test, and no file is written."""

# Signs around a number, which one sees although Unicode calls them format characters (Prepended_Concatenation_Mark).
SEEN = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"


def test_every_character_that_cannot_be_seen_is_shown() -> None:
    """By Unicode's own table: controls, formats, surrogates, separators and blanks."""
    unseen = [
        character
        for character in map(chr, range(0x110000))
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp", "Zs")
        and character not in SEEN + "\t \u3000"
    ]
    assert {"\x1b", "\x9b", "\u202e", "\u2066", "\u200b", "\u061c", "\u2028", "\x85", "\ud800", "\xa0"} <= set(unseen)
    assert [character for character in unseen if not re.fullmatch(r"[!-~]+", one_line(character))] == []


def test_every_letter_stays() -> None:
    fillers = "\u115f\u1160\u3164\uffa0"  # letters that are blank
    letters = "".join(c for c in map(chr, range(0x110000)) if unicodedata.category(c)[0] in "LN" and c not in fillers)
    assert one_line(letters) == letters


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, Grüße, 日本語, ❤\ufe0f ☎\ufe0f", "plain, Grüße, 日本語, ❤\ufe0f ☎\ufe0f"),
        ("\x1b]0;title\x07\x1b[2J", r"\x1b]0;title\x07\x1b[2J"),
        ("a\u202egnp.exe", r"a\u202egnp.exe"),
        ("two\nlines\r", r"two\nlines\r"),
        ("a\u2028b\x85c\x0bd", r"a\u2028b\x85c\x0bd"),
        ("\udcff", r"\udcff"),
        ("a\ufe0fb\U000e0041", r"a\ufe0fb\U000e0041"),
        ("a\tb", "a\tb"),
        ("::error::no", r"\x3a:error::no"),
        ("  ::error file=a,line=1::no", r"  \x3a:error file=a,line=1::no"),
        ("::add-mask::x", r"\x3a:add-mask::x"),
        ("::stop-commands::x", r"\x3a:stop-commands::x"),
        ("listens on ::error::", "listens on ::error::"),
        ("::1", "::1"),
        ("::ffff:10.0.0.1", "::ffff:10.0.0.1"),
        ("x ##[error]no", r"x \x23#[error]no"),
        ("x ##vso[task.setvariable variable=a]b", r"x \x23#vso[task.setvariable variable=a]b"),
        ("##teamcity[message text='a']", r"\x23#teamcity[message text='a']"),
        ("###[group]", r"#\x23#[group]"),
        ("section_start:1:x\r\x1b[0K", r"section_start:1:x\r\x1b[0K"),
        ("## heading", "## heading"),
    ],
)
def test_one_line(text: str, shown: str) -> None:
    assert one_line(text) == shown
    assert one_line(shown) == shown


@UNTIMED
@given(st.text())
def test_nothing_is_left_that_is_an_order(text: str) -> None:
    line = one_line(text)
    hidden = {c for c in line if not c.isprintable() and unicodedata.category(c) not in ("Co", "Cn")}
    assert hidden <= {*SEEN, "\t", "\u3000"}
    assert not re.match(r"\s*::[^:]+::", line)
    assert not re.search(r"##(vso|teamcity)?\[", line)


def test_long_lines_take_no_time() -> None:
    for text in ("::" + "a" * 400_000, " " * 400_000 + "x", "#" * 400_000, "[" * 400_000, ":" * 400_000, "`" * 99_999):
        one_line(text)
        markup("- {}", text)
        code(text)


def test_lines_of_a_report_stay_lines() -> None:
    assert terminal_text(["a\nb", "c"]) == "a\\nb\nc\n"
    assert lines_of("a\r\nb\x0bc\u2028d\n") == ["a\r", "b\x0bc\u2028d"]


def test_no_line_of_a_message_passes_for_another_message() -> None:
    assert message_text("gone: no\nchartgate: fine\n::error::x\n") == ("gone: no\n  chartgate: fine\n  \\x3a:error::x")


def test_an_endless_line_of_a_message_is_cut() -> None:
    assert message_text(f"a\n{'x' * 2000}\n{'y' * 5000}\nb").split("\n") == [
        "a", f"  {'x' * 2000}", f"  {'y' * 2000}... (5000 characters)", "  b"
    ]  # fmt: skip


@UNTIMED
@given(
    st.recursive(
        st.text() | st.none() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_json_is_ascii_and_says_the_same(document: Any) -> None:
    text = json_text(document)
    assert json.loads(text) == document
    assert set(text) <= {chr(number) for number in range(0x20, 0x7F)} | {"\n"}
    assert not re.search(r"##(vso|teamcity)?\[", text)


NASTY = [
    "@team", "a@b.example", "#12", "GH-12", "!12", "$12", "%a", "~a", "^alert#1", "&12", "*iteration:1",
    "https://evil.example", "ftp://x.y", "www.evil.example", "mailto:a@b.c", "<https://evil.example>",
    "[a](https://evil.example)", "![a](x)", "[a]: x", "[^1]", "[^1]: x", "[x] a", "[ ] a", "[[page]]", "[[_TOC_]]",
    "[issue:1]", "<b>", "<img src=x>", "</details>", "<!-- x -->", "-->", "<script>", "<?php", "<![CDATA[", "&lt;",
    "&#64;team", "&nbsp;", "# a", "- a", "+ a", "* a", "1. a", "1) a", "> a", "=", "---", "***", "a\n===", "a\n---",
    "    code", "\tcode", "> [!NOTE]", "`a`", "``a``", "`", "```", "~~~", "```\nx", "a`", "`a", "a``b", " `", "` ",
    "$a$", "$`a`$", "$$a$$", "*a*", "_a_", "**a**", "~~a~~", "~a~", "a|b", "|", ":-", ":smile:", ":+1:", "{+ a +}",
    "[- a -]", "\\", "a\\", "\\`", "a  ", "  a", "\n\n", "a\n\nb", "\u202e", "\x00", "\ud800", "\u200b", "\u3000",
    "\u3000a", "/close", "<details><summary>", "", " ", "x", "::error::x", "##[error]",
]  # fmt: skip
TEXTS = st.one_of(st.sampled_from(NASTY), st.lists(st.sampled_from(NASTY), max_size=4).map("".join), st.text())

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
FORMS = [
    "{}",
    "- {}",
    "## {}",
    "**{}**",
    "- **{}** gone",
    "- a\n  {}",
    "- a\n    {}",
    "| {} | b |",
    "a ({}): b",
    "<code>{}</code>",
]


def structure(source: str) -> tuple[list[str], str]:
    """Give what a document is made of, and the text in it."""
    # `<span>` is ours, around a dollar; what it parts is one text.
    tokens = [token for token in _tokens(PARSER.parse(source)) if token.content not in ("<span>", "</span>")]
    kinds = [kind for kind, _ in itertools.groupby(token.type for token in tokens)]
    return kinds, "".join(t.content for t in tokens if t.type in ("text", "code_inline", "fence"))


def _tokens(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        if token.type == "inline":
            yield from _tokens(token.children or [])
        else:
            yield token


def _inside(form: str, source: str) -> str:
    return f"| a | b |\n| --- | --- |\n{source}\n" if form.startswith("|") else source


@pytest.mark.parametrize("form", FORMS)
@UNTIMED
@given(text=TEXTS)
def test_text_in_markdown_is_text(form: str, text: str) -> None:
    assume("\\x" not in text)
    kinds, shown = structure(_inside(form, markup(form, text).source))
    assert kinds == structure(_inside(form, markup(form, "harmless").source))[0]
    # The orders to CI servers are broken by what breaks references, too.
    assert one_line(text).replace("\\x3a", ":").replace("\\x23", "#") in shown.replace("\u200b", "")


@pytest.mark.parametrize("form", ["{}", "- {}", "- a: {} → b", "**a** {}"])
@UNTIMED
@given(text=TEXTS)
def test_code_in_markdown_is_code(form: str, text: str) -> None:
    kinds, shown = structure(markup(form, code(text)).source)
    assert kinds == structure(markup(form, code("harmless")).source)[0]
    assert one_line(text).replace("\t", " ") in shown


@UNTIMED
@given(text=TEXTS)
def test_code_in_a_table_is_a_cell(text: str) -> None:
    kinds, _ = structure(f"| a | b |\n| --- | --- |\n| {code_in_table(text).source} | b |\n")
    assert [kind for kind in kinds if kind.startswith("t") and kind.endswith("_open")].count("td_open") == 2
    assert not {"html_inline", "link_open", "image"} & set(kinds) or "|" in text


@UNTIMED
@given(texts=st.lists(TEXTS, max_size=5))
def test_a_fence_holds_its_lines(texts: list[str]) -> None:
    source = "\n".join(["- a", "", *fenced(texts, "diff", "  "), "", "  b"])
    kinds, shown = structure(source)
    assert kinds == structure("- a\n\n  ```diff\n  x\n  ```\n\n  b")[0]
    assert "".join(f"{one_line(text)}\n" for text in texts) in shown


# A server looks for these in the text when Markdown is done, outside of code.
REFERENCES = re.compile(
    r"@[\w-]|(?<!&)[#!%~^&$](?=\w)|\bGH-\d|\w://|\bwww\.|:[\w+-]+:|\[\[|\{\+|\[-|\[\w+:|\*iteration:|\$[^$]+\$",
    re.IGNORECASE,
)


@UNTIMED
@given(text=TEXTS)
def test_no_server_finds_a_reference_in_text(text: str) -> None:
    for token in _tokens(PARSER.parse(markup("- {}", text).source)):
        if token.type == "text":
            assert not REFERENCES.search(token.content), token.content
