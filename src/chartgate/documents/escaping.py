r"""The one place where text is made safe for what shows it: terminals, CI logs, JSON, Markdown and pages.

A report is built of plain lines, and the last step hands them to one of these functions; nobody else escapes. Secrets
are masked before. What cannot be seen, or is an order to a terminal, becomes `\x1b` or `\u202e`; letters of any script
stay. XML needs no more than that: pytest's JUnit report escapes the rest, of which XML forbids nothing.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# Unicode's controls (a tab aside), format characters, line and paragraph separators, surrogates, blanks that look like
# a space, and what is ignored by default (UAX 44, Default_Ignorable_Code_Point). Not the signs around Arabic and other
# numbers, which are format characters that one sees. After a symbol, U+FE0F only says that it is an emoji.
_UNSEEN = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f"
    "\u205f-\u206f\u2800\u3164\ud800-\udfff\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
    "|(?<![\u203c-\u3299\U0001f000-\U0001faff])\ufe0f"
)

# What CI servers take for an order: GitHub's `::error::` where a line begins, its older `##[error]`, Azure's
# `##vso[...]` and TeamCity's anywhere in it. GitLab's sections need a control character.
# https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
# https://github.com/microsoft/azure-pipelines-agent/blob/master/src/Microsoft.VisualStudio.Services.Agent/Command.cs
# https://www.jetbrains.com/help/teamcity/service-messages.html
_AT_A_LINES_BEGIN = re.compile(r"^(\s*):(?=:[^:].*::)")
_IN_A_LINE = re.compile(r"#(?=#(?:vso|teamcity)?\[)")


def lines_of(text: str) -> list[str]:
    """Part a text at its line feeds only: `str.splitlines` also does at characters that end a line nowhere else."""
    return text.removesuffix("\n").split("\n")


def one_line(text: str) -> str:
    """Give a text as one line for a terminal or a CI log; a line feed in it is shown as one."""
    if _is_plain(text) and "::" not in text and "##" not in text:
        return text
    seen = _UNSEEN.sub(_code_point, text)
    return _IN_A_LINE.sub(r"\\x23", _AT_A_LINES_BEGIN.sub(r"\1\\x3a", seen))


def terminal_text(lines: Iterable[str]) -> str:
    """Put lines together to a text for a terminal or a CI log, each of them one line of it."""
    return "".join(f"{one_line(line)}\n" for line in lines)


def message_text(message: str) -> str:
    """Give a message for a terminal: the lines after its first are indented, so that none passes for another one.

    A line that repeats something endless, such as a version of thousands of characters, is cut.
    """
    first, *more = map(_of_message, lines_of(message))
    return "\n".join([first, *(f"  {line}".rstrip() for line in more)])


def _of_message(line: str) -> str:
    text = one_line(line)
    return text if len(text) <= _MOST_OF_A_LINE else f"{text[:_MOST_OF_A_LINE]}... ({len(text)} characters)"


_MOST_OF_A_LINE = 2000


def json_text(document: Any, default: Callable[[Any], Any] | None = None) -> str:
    """Write a document as JSON in ASCII, which every stream can carry; read again, it is what it was."""
    text = json.dumps(document, indent=2, default=default)
    return _IN_A_LINE.sub(r"\\u0023", text).replace("\x7f", "\\u007f") + "\n"


def page_text(text: str) -> str:
    """Give a text for a page, which shows line feeds and escapes markup itself; nothing in it is unseen."""
    if _is_plain(text.replace("\n", "")):
        return text
    return "\n".join(_UNSEEN.sub(_code_point, line) for line in text.split("\n"))


def _is_plain(text: str) -> bool:
    """Tell of most texts that nothing in them is unseen, sooner than by looking for it."""
    return text.isascii() and text.isprintable()


def script_data(document: Any) -> str:
    """Write a document as JSON for a script element of a page: no sign in it means anything to HTML.

    https://html.spec.whatwg.org/multipage/scripting.html#restrictions-for-contents-of-script-elements
    """
    text = _IN_A_LINE.sub(r"\\u0023", json.dumps(document, separators=(",", ":"), ensure_ascii=False))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e").replace("\x7f", "\\u007f")


def workflow_command(name: str, properties: Mapping[str, str], message: str) -> str:
    """Give an order to GitHub's runner in one line: the only one that a report means; nothing in it is another one.

    https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts
    """
    values = ",".join(f"{key}={_in_a_command(value, _BREAKS + ':,')}" for key, value in properties.items())
    return f"::{name} {values}::{_in_a_command(message, _BREAKS)}"


_BREAKS = "%\r\n"


def _in_a_command(text: str, special: str) -> str:
    shown = "\n".join(one_line(line) for line in text.split("\n"))
    return "".join(f"%{ord(character):02X}" if character in special else character for character in shown)


def is_visible(text: str) -> bool:
    """Tell whether a text of several lines can be shown as it is."""
    return all(line == one_line(line) for line in text.split("\n"))


def flow_text(document: Any) -> str:
    """Write a document as YAML in JSON's form, with what cannot be seen as escapes, which helm reads back."""
    return terminal_text(lines_of(json.dumps(document, indent=2, ensure_ascii=False)))


def _code_point(found: re.Match[str]) -> str:
    number = ord(found[0])
    if found[0] in "\n\r":
        return {"\n": "\\n", "\r": "\\r"}[found[0]]
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


@dataclass(frozen=True)
class Markdown:
    """A piece of Markdown on one line: our own markup, and text in which nothing is markup."""

    source: str


_PUNCTUATION = re.compile(r"[\\`*_{}\[\]<>()#!~^]")
"""What means something anywhere in a line, to CommonMark or to an extension of GitHub's or GitLab's."""

_AT_A_BLOCKS_BEGIN = re.compile(r"^(?:[-+=:]|(?P<digits>[0-9]+)(?=[.)]))")
"""Lists, underlines of headings and of tables."""

# What GitHub and GitLab find in the text when Markdown is done, where a backslash no longer helps: mentions, references
# to issues and the like, links without brackets, emoji, marks of GitLab's (`[[page]]`, `{+ added +}`, `[issue:1]`).
# They do not look into code, and not across a zero-width space, which Renovate uses for the same.
# https://docs.gitlab.com/user/markdown/#gitlab-specific-references
# https://github.com/renovatebot/renovate/blob/main/lib/util/markdown.ts
_REFERENCE = re.compile(
    r"@|[#!%~&^](?=[\w\"'])|(?<=\bGH)-(?=[0-9])|\*(?=iteration:)|:(?=//|[\w+-]+:)|\bwww(?=\.)|[\[{](?=[\[+-]|\w+:)",
    re.IGNORECASE,
)
_BREAK = "\u200b"

# Where a backslash does not help, or not everywhere. GitHub takes what is between two dollars for mathematics, and
# names this way out ("Writing mathematical expressions"); a pipe ends a table's cell, in code too.
# https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting
_WRITTEN_OTHERWISE = {"$": "<span>$</span>", "|": "&#124;", "\t": "&#9;", _BREAK: "&#8203;"}


def markup(form: str, *parts: str | Markdown) -> Markdown:
    """Put parts into the places `{}` of a form: a text is escaped, Markdown is put in as it is.

    The form is all that is markup; no chart has a word in it.
    """
    escaped = [part.source if isinstance(part, Markdown) else _text(part) for part in parts]
    if not form.partition("{}")[0].rpartition("\n")[2].strip(" -"):
        escaped[0] = _AT_A_BLOCKS_BEGIN.sub(_not_a_blocks_begin, escaped[0])
    return Markdown(form.format(*escaped))


def joined(separator: str, parts: Iterable[Markdown]) -> Markdown:
    """Put Markdown together."""
    return Markdown(separator.join(part.source for part in parts))


def code(text: str) -> Markdown:
    """Give a text as a code span, whose quotes are longer than any run of backticks inside.

    https://spec.commonmark.org/0.31.2/#code-spans
    """
    line = one_line(text).replace("\t", " ") or " "
    quotes = "`" * (1 + _longest_run("`", line))
    if line.strip(" ") and (line[0] in "` " or line[-1] in "` "):
        line = f" {line} "
    return Markdown(f"{quotes}{line}{quotes}")


def code_in_table(text: str) -> Markdown:
    """Give a text as code for a table, which has no code spans with pipes that all servers read alike."""
    return markup("<code>{}</code>", text) if "|" in text else code(text)


def fenced(lines: Sequence[str], language: str, indent: str) -> list[str]:
    """Give lines as a code block, whose fence is longer than any run of backticks inside."""
    shown = [one_line(line) for line in lines]
    fence = "`" * max(3, 1 + max((_longest_run("`", line) for line in shown), default=0))
    return [f"{indent}{fence}{language}", *(f"{indent}{line}" for line in shown), f"{indent}{fence}"]


def _text(text: str) -> str:
    """Give a text in which nothing is markup: what one reads is the text, on one line."""
    plain = _REFERENCE.sub(lambda found: found[0] + _BREAK, _UNSEEN.sub(_code_point, text)) or _BREAK
    plain = _PUNCTUATION.sub(r"\\\g<0>", plain.replace("&", "&amp;"))
    inner = plain.strip()
    before, _, after = plain.partition(inner) if inner else (plain, "", "")
    plain = _blanks(before) + inner + _blanks(after)
    return "".join(_WRITTEN_OTHERWISE.get(character, character) for character in plain)


def _not_a_blocks_begin(found: re.Match[str]) -> str:
    return f"{found['digits']}\\" if found["digits"] else f"\\{found[0]}"


def _blanks(text: str) -> str:
    """Write blanks so that they stay, and are no indentation."""
    return "".join(f"&#{ord(blank)};" for blank in text)


def _longest_run(character: str, text: str) -> int:
    return max((len(list(run)) for found, run in itertools.groupby(text) if found == character), default=0)
