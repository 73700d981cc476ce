"""More of where helm stops than it says: the call of `fail` or `required` by its words, and who set a variable."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence

from chartgate.charts.reading.chart_paths import ChartPaths
from chartgate.charts.template_texts.template_actions import actions
from chartgate.charts.template_texts.template_pieces import pieces
from chartgate.charts.template_texts.template_sources import TemplateLines
from chartgate.documents.words import near

_REFUSED = re.compile(r"^Error: execution error at \([^()\n]++\): (?P<words>.++)", re.DOTALL | re.MULTILINE)
_REFUSES = re.compile(r"(?:^|[\s(])(?:fail|required|append)\s")
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

    def refusing(self, message: str) -> TemplateLines | None:
        """Give the one line that refuses in the words of a message, of which helm names the file alone that is printed.

        Its words count as far as the template has them as a text; None where no line has, or several have.
        """
        refused = _REFUSED.search(message)
        said = " ".join(refused["words"].split()) if refused else ""
        found = {lines for lines, texts in (self._refusals if said else ()) if _says(texts, said)}
        if not found and said:
            told = [(said.find(words), lines) for words, lines in self._words.items() if words in said]
            found = {lines[0] for _, lines in sorted(told)[:1] if len(lines) == 1}
        return found.pop() if len(found) == 1 else None

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
        """The lines that refuse, with the words of each."""
        return [
            (TemplateLines(file, action.line, action.line + action.text.count("\n")), tuple(_pieces(action.text)))
            for file, text in self._texts.items()
            for action in actions(text)
            if _REFUSES.search(action.text)
        ]

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
        """Give the line of a named template that nothing calls, and that is nearly called as one that is missing."""
        unknown = _UNKNOWN.search(message)
        uncalled = self._sources.uncalled() if unknown else {}
        alike = near(unknown[1], list(uncalled), 1, _LIKE) if unknown else []
        return [uncalled[name]._replace(last=uncalled[name].first) for name in alike]

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


def _says(pieces: Sequence[str], said: str) -> bool:
    """Tell whether the texts of an action are in some words, in their order, and are enough of them."""
    position = length = 0
    for piece in pieces:
        found = said.find(piece, position)
        if found < 0:
            return False
        position, length = found + len(piece), length + len(piece)
    return length >= _SHORTEST


def _pieces(action: str) -> Iterator[str]:
    """Give the words of the texts in an action, between what `printf` puts in and what is escaped."""
    for plain, raw in _TEXT.findall(action):
        yield from (piece.replace("%%", "%") for piece in _VERB.split(plain or raw) if piece)
