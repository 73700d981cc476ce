"""More of where helm stops than it says: the call of `fail` or `required` by its words, and who set a variable."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence

from chartgate.charts.reading.chart_paths import ChartPaths
from chartgate.charts.template_texts.template_actions import actions
from chartgate.charts.template_texts.template_pieces import pieces
from chartgate.charts.template_texts.template_sources import TemplateLines
from chartgate.charts.template_texts.unclosed import MOST_LINES, broken_lines
from chartgate.documents.words import near

_REFUSED = re.compile(
    r"^Error: execution error at \([^()\n]++\): (?P<words>.*?)(?:\n\nUse --debug flag|\Z)", re.DOTALL | re.MULTILINE
)
_REFUSES = re.compile(r"(?:^|[\s(])(?:fail|required|(?P<list>append))\s")
"""What is appended to a list of refusals is told by the template that has the list."""
_TEXT = re.compile(r""" "((?:\\.|[^"\\\n])*+)" | `([^`]*+)` """, re.VERBOSE)
_VERB = re.compile(r"%[-+# 0-9.]*+[a-zA-Z]|\\.|\s++")
_SHORTEST = 12
"""Characters that words have in common by more than chance."""
_UNKNOWN = re.compile(r'no template "([^"\n]{1,200}+)" associated')
_LIKE = 0.85
"""How alike a name is that was meant: a letter or two are wrong."""
_VARIABLE = re.compile(r"\$\w++")
_MOST = 3


class StoppedLines:
    """Finds it in the texts of a chart's templates."""

    def __init__(self, paths: ChartPaths) -> None:
        self._texts, self._sources = paths.templates, paths.sources

    def refusing(self, message: str, named: TemplateLines) -> list[TemplateLines]:
        """Give the line that refuses in the words of a message, or the few that may.

        Words count as far as a template has them as a text. Without enough of them, it is what refuses in the named
        templates that are printed.

        Args:
            message: that refuses.
            named: the line that helm names: it knows the file alone that is printed.
        """
        refused = _REFUSED.search(message)
        if not refused:
            return []
        said = " ".join(refused["words"].split())
        lengths = {one: length for one, texts in self._refusals if (length := _said(texts, said)) is not None}
        found = [one for one, length in lengths.items() if length >= _SHORTEST]
        if not found:
            told = [(said.find(words), lines) for words, lines in self._words.items() if words in said]
            found = [lines[0] for _, lines in sorted(told)[:1] if len(lines) == 1]
        if len(found) != 1:
            within = [named, *self._sources.read_by(*named)]
            near_ = [one for one in lengths if any(there.cover(one) for there in within)]
            found = [one for one in near_ if lengths[one] == max(map(lengths.__getitem__, near_))]
        return found[:_MOST]

    @functools.cached_property
    def _words(self) -> dict[str, list[TemplateLines]]:
        """The lines of text in named templates, which may be what is refused with."""
        found: dict[str, list[TemplateLines]] = {}
        for file, text in self._texts.items():
            for piece in pieces(text):
                for number, line in enumerate(piece.text.split("\n") if piece.kind == "text" else (), piece.line):
                    words = " ".join(line.split())
                    if len(words) >= _SHORTEST and self._sources.definition(file, number):
                        found.setdefault(words, []).append(TemplateLines(file, number, number))
        return found

    @functools.cached_property
    def _refusals(self) -> list[tuple[TemplateLines, tuple[str, ...]]]:
        """The lines that refuse, with the words of each; what is appended to a list has some."""
        return [
            (TemplateLines(file, action.line, action.line + action.text.count("\n")), words)
            for file, text in self._texts.items()
            for action in actions(text)
            if (refuses := _REFUSES.search(action.text))
            and ((words := tuple(_pieces(action.text))) or not refuses["list"])
        ]

    def unparsed(self, message: str, named: TemplateLines) -> list[TemplateLines]:
        """Give the line to mend in a template that Go cannot parse, and others that it may be; empty for all else.

        Where too many may be, all from the first of them to the last.
        """
        is_unparsed = "parse error at (" in message
        numbers = broken_lines(self._texts[named.file], named.first, message) if is_unparsed else []
        if len(numbers) > MOST_LINES:
            return [TemplateLines(named.file, min(numbers), max(numbers))]
        return [TemplateLines(named.file, number, number) for number in numbers]

    def setting(self, message: str, told: Sequence[TemplateLines]) -> list[TemplateLines]:
        """Give the lines that set the variables in the expression at which helm stops, near ones first.

        Args:
            message: that says so.
            told: the line that it names, and those that led there.
        """
        expression = message.rpartition("at <")[2].partition(">:")[0]
        names = set(_VARIABLE.findall(_TEXT.sub("", expression)))
        found = self._sources.read_by(*told[0], with_called=False) if names and told else []
        return [one for one in found if one not in told and self._sets(one, names)][:_MOST]

    def _sets(self, lines: TemplateLines, names: set[str]) -> bool:
        is_definition = self._sources.definition(lines.file, lines.first) == lines
        return not (is_definition or names.isdisjoint(self._sources.set_in(*lines)))

    def meant(self, message: str) -> list[TemplateLines]:
        """Give the line of a named template that is nearly called as one that is missing, and that nothing calls.

        Or the comment without an end of its own that the missing one is in.
        """
        unknown = _UNKNOWN.search(message)
        uncalled = self._sources.uncalled() if unknown else {}
        alike = near(unknown[1], list(uncalled), 1, _LIKE) if unknown else []
        swallowed = [
            TemplateLines(file, piece.line, piece.line)
            for file, text in (self._texts.items() if unknown else ())
            for piece in pieces(text)
            if unknown and piece.kind == "comment" and f'define "{unknown[1]}"' in piece.text
        ]
        return [*swallowed, *(uncalled[name]._replace(last=uncalled[name].first) for name in alike)]

    def conditions(self, lines: TemplateLines) -> list[TemplateLines]:
        """Give the conditions that a line is under."""
        return self._sources.conditions(lines.file, lines.first)[:_MOST]

    def refusing_under(self, lines: TemplateLines) -> list[TemplateLines]:
        """Give the conditions under which a line refuses, and who set what the nearest one reads.

        Of words alone, they are those under which the words are asked for.
        """
        asked = [] if self.conditions(lines) else self._sources.calling(lines)[:1]
        near_, *others = [one for line in asked or [lines] for one in (*asked, *self.conditions(line))] or [lines]
        setting = self._sources.read_by(*near_, with_called=False)
        return [one for one in dict.fromkeys([near_, *setting[:_MOST], *others]) if one != lines][: _MOST + 1]


def _said(pieces: Sequence[str], said: str) -> int | None:
    """Give how many characters the texts of an action have in some words, in their order; None where one is not there.

    What `printf` puts in comes behind its words in the action.
    """
    position = length = 0
    for piece in pieces:
        if piece not in said:
            return None
        if (found := said.find(piece, position)) >= 0:
            position, length = found + len(piece), length + len(piece)
    return length


def _pieces(action: str) -> Iterator[str]:
    """Give the words of the texts in an action, between what `printf` puts in and what is escaped."""
    for plain, raw in _TEXT.findall(action):
        yield from (piece.replace("%%", "%") for piece in _VERB.split(plain or raw) if piece)
