"""Which lines have a part in what a line wrote: what it reads, what it is under; the likely ones first, few of them."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Sequence

from chartgate.charts.reading.chart_paths import ChartPaths
from chartgate.charts.template_texts.stamps import TemplateLine
from chartgate.charts.template_texts.template_sources import TemplateLines, merged
from chartgate.documents.addresses import is_address, steps
from chartgate.gate.results.outcome import Finding
from chartgate.gate.results.written import SourceLine, Written

MOST_PARTS = 4
"""More would be no help."""
_MOST_ENDS = 2
_SHORT = 40
"""Lines of a block of which it is of use to know what they read."""
_SHOWN = re.compile(r"no ([\w.\[\]-]++)")
"""As policies say which key of the values a text must not have."""
_DEFINES = re.compile(r"\s*+\{\{-?\s*+(?:define|block)\b")
_KEY = re.compile(r"[\s-]*+(\w++):")
_WORDS = re.compile(r"\W++")


class LineParts:
    """Finds them in the texts of a chart's templates."""

    def __init__(self, paths: ChartPaths) -> None:
        """Take the texts of the templates, subcharts' too."""
        self._texts, self._sources = paths.templates, paths.sources

    def of(
        self, told: Sequence[TemplateLines], parts: Sequence[TemplateLine], *, is_whole: bool, is_presence: bool
    ) -> list[TemplateLines]:
        """Give these lines.

        Args:
            told: what is told already: who wrote it, and who called that.
            parts: the lines that wrote something of it, where it is a block.
            is_whole: whether it is a whole object, which only conditions can let be there or not.
            is_presence: whether it is about being there or not, and not about what is in it.
        """
        wrote = [] if is_whole and is_presence else list(self._parts(parts))
        # Of a named template that is read, the lines that printed something are enough.
        read = () if is_whole else (one for one in self._read(told) if not any(one.cover(part) for part in wrote))
        conditions = list(self._conditions(told, is_whole=is_whole, is_presence=is_presence))
        found = [*read, *conditions, *wrote]
        new = [lines for lines in dict.fromkeys(found) if not any(other.cover(lines) for other in told)]
        near = self._nearest_condition(told[-1]) if is_whole else conditions[:1]
        first = near if is_presence else []
        rest = (lines for lines in merged(new, self._texts) if not lines.cover(told[0]))
        return list(dict.fromkeys([*first, *rest]))[:MOST_PARTS]

    def left_out(self, lines: TemplateLines, wrote: Sequence[TemplateLine], names: str) -> list[TemplateLines]:
        """Give the conditions inside of a block that left out a key of it which is called like one of these."""
        text = self._texts[lines.file].split("\n")
        printed = {line.line for line in wrote if line.file == lines.file}
        keys = [
            number
            for number in range(lines.first, lines.last + 1)
            if number not in printed and (key := _KEY.match(text[number - 1])) and key[1] in _WORDS.split(names)
        ]
        found = (one for number in keys[:1] for one in self._sources.conditions(lines.file, number))
        return [one for one in found if lines.cover(one)]

    def read_by(self, lines: TemplateLines) -> list[TemplateLines]:
        """Give some lines, those that set what they read, and the named templates among that."""
        return [lines, *self._sources.read_by(*lines)]

    def outer(self, lines: TemplateLines) -> list[TemplateLines]:
        """Give the condition that lets all around some lines be there."""
        return [one for one in self._sources.conditions(lines.file, lines.first)[-1:] if not lines.cover(one)]

    def narrowed(self, told: Sequence[TemplateLines], looked_for: Iterable[re.Pattern[str]]) -> list[TemplateLines]:
        """Give the one line that put something into what some lines print, by way of a variable or not; else these.

        Of what only the second pattern finds, or a later one, with all that makes the variable: something is missing.

        Args:
            told: who wrote it, and who called that.
            looked_for: in that line; the first that any line has decides.
        """
        first, *calls = told
        read: dict[TemplateLines, TemplateLines] = {}
        for number in range(first.first, min(first.last, first.first + _SHORT) + 1):
            here = TemplateLines(first.file, number, number)
            for one in self.read_by(here):
                read.setdefault(one, here)
        texts = {one: "\n".join(self._texts[one.file].split("\n")[one.first - 1 : one.last]) for one in read}
        for number, pattern in enumerate(looked_for):
            found = [one for one, text in texts.items() if pattern.search(text) and not _DEFINES.match(text)]
            if found:
                [one, *others] = found
                behind = (text for each, text in texts.items() if each.file == one.file and each.first > one.last)
                if others or any("merge" in text for text in behind):
                    break
                names = self._sources.set_in(*one) if number else frozenset()
                also = [each for each in read if each.file == one.file and names & self._sources.set_in(*each)]
                whole = next(each for each in merged([one, *also], self._texts) if each.cover(one))
                return [*dict.fromkeys([whole, read[one]]), *calls]
        return [first, *calls]

    def _conditions(
        self, told: Sequence[TemplateLines], *, is_whole: bool, is_presence: bool
    ) -> Iterator[TemplateLines]:
        if not (is_whole or is_presence):
            yield from self._sources.choice(told[0].file, told[0].first)
        frames = told[-1:] if is_whole else told if is_presence else ()
        for frame in frames:
            for condition in self._sources.conditions(frame.file, frame.last if is_whole else frame.first):
                yield condition
                if is_whole and is_presence:
                    line = self._texts[condition.file].split("\n")[condition.first - 1]
                    yield from self._sources.called_in(line)

    def _nearest_condition(self, lines: TemplateLines) -> list[TemplateLines]:
        """Give the inner one of several conditions that a whole object begins with: the likeliest one."""
        text = self._texts[lines.file].split("\n")
        inside = range(lines.first, lines.last + 1)
        begin = next((number for number in inside if not text[number - 1].lstrip().startswith("{{")), lines.first)
        return [one for one in self._sources.conditions(lines.file, begin)[:1] if lines.first < one.first]

    def _parts(self, parts: Sequence[TemplateLine]) -> Iterator[TemplateLines]:
        """Give the lines of each named template, or file, that wrote a part."""
        together: dict[tuple[str, TemplateLines | None], list[int]] = {}
        for part in parts:
            around = self._sources.definition(part.file, part.line)
            together.setdefault((part.file, around), []).append(part.line)
        for (file, _), lines in together.items():
            yield TemplateLines(file, min(lines), max(lines))

    def _read(self, told: Sequence[TemplateLines]) -> Iterator[TemplateLines]:
        first, *calls = told
        if first.last - first.first < _SHORT:
            yield from self._sources.read_by(*first)
        for call in calls:
            yield from self._sources.read_by(*call, with_called=False)


def put_by(finding: Finding, place: Sequence[str], file: str) -> Iterator[re.Pattern[str]]:
    """Give what a line has that puts into a text the key of the values which must not be there, or else sets a place.

    Args:
        finding: which says `no shop.token`.
        place: the steps to the place.
        file: the template, which may be a subchart's.
    """
    shown = _SHOWN.match(str(finding.expected))
    key = steps(shown[1]) if shown and is_address(shown[1]) else []
    key = key[1:] if key and file.startswith(f"charts/{key[0]}/") else key
    for end in range(len(key), 0, -1):
        yield re.compile(rf"\.Values\.{re.escape('.'.join(key[:end]))}(?![\w.])")
    if place:
        yield re.compile(rf'\bset\s+\(?\$[\w.]+\)?\s+"{re.escape(place[-1])}"')


def with_others(
    written: Written, ends: Sequence[SourceLine], more: Sequence[SourceLine], others: Sequence[SourceLine]
) -> Written:
    """Give who wrote something with the other places that have to do with it, each once.

    Args:
        written: who wrote it, and their parts.
        ends: what only together with it means something.
        more: what else is to look at.
        others: who wrote other objects that are named.
    """
    by, is_around = written.by, written.is_around
    if ends and by.line and not is_around and ends[0] in (by.moved(1), by.moved(-1)):
        by, ends = by.through(ends[0]), ends[1:]
    # One line of what is around something is more than all of that.
    told = [one for one in (by, *written.calls) if not (is_around and one == by)]
    new = (one for one in dict.fromkeys([*ends, *more]) if one != by and not any(each.covers(one) for each in told))
    first = list(new)
    known = (by, *written.parts, *first)
    rest = [one for one in dict.fromkeys(others) if not any(one.covers(line) for line in known)]
    parts = [one for one in written.parts if one not in first][: max(0, MOST_PARTS - len(first) - len(rest))]
    compared = [one for one in (*first, *rest) if by.line and one not in more][:_MOST_ENDS]
    also = dict.fromkeys(one for one in (*first, *rest) if one not in compared)
    return dataclasses.replace(written, by=by, parts=tuple(parts), compared=tuple(compared), also=tuple(also))
