"""Which lines have a part in what a line wrote: what it reads, what it is under; the likely ones first, few of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from chartgate.charts.reading.chart_paths import ChartPaths
from chartgate.charts.template_texts.stamps import TemplateLine
from chartgate.charts.template_texts.template_sources import TemplateLines, merged

MOST_PARTS = 4
"""More would be no help."""
_SHORT = 40
"""Lines of a block of which it is of use to know what they read."""
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
        first = [] if not (is_whole and is_presence) else self._nearest_condition(told[-1])
        return [*first, *(lines for lines in merged(new, self._texts) if not lines.cover(told[0]))][:MOST_PARTS]

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
