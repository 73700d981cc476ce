"""Lines of a chart's files that a finding leads to without rendering: by its words, or by a key of the values.

What is told as the line that wrote something is in the file that the finding is about; all else is only to look at.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from chartgate.charts.reading.chart_paths import ChartPaths
from chartgate.charts.template_texts.key_readers import all_uses
from chartgate.charts.template_texts.template_pieces import begin_of_conditions, pieces
from chartgate.charts.template_texts.template_reads import Use, paths_in
from chartgate.documents.addresses import is_address, join, lookup, steps
from chartgate.documents.shapes import maps_in
from chartgate.documents.walking import nodes, scalars
from chartgate.documents.yaml_texts.written_places import WrittenNode, nearest, written_documents
from chartgate.gate.results.outcome import Finding
from chartgate.gate.results.written import SourceLine, Written
from chartgate.model import Chart

_LINE = re.compile(r"(?<![\w./-])([\w./-]++):([0-9]{1,6}+)(?!\w)")
_LINE_IN_FILE = re.compile(r", line ([0-9]{1,6}+)$")
"""As policies say which line of a file they are about, after the key."""
_WORDS = re.compile(r"[^\w-]++")
_NEARLY = re.compile(r" reads it; (?:values\.yaml has|near:) ([^\s,]++)")
"""As a policy says which key is meant by one that a template reads."""
_NEARLY_DEFINED = re.compile(r": nothing defines it; there is (\S++)")
"""As one says which named template may be meant."""
_VALUES = re.compile(r"(?:charts/(?P<subchart>[^/]++)/)?values\.yaml")
_SHORTEST_KEY = 5
"""Of keys that are looked for by their name alone."""
_BLOCKS = ("with", "range")
_MOST_LITERALS = 2
_MOST_READERS = 6
"""Of a key of the values."""
_KIND = re.compile(r"""^kind:\s++["']?(\w++)["']?[ \t]*+$""", re.MULTILINE)


class SaidLines:
    """Finds them in the texts of a chart; a file is read once."""

    def __init__(self, chart: Chart, paths: ChartPaths) -> None:
        self.chart = chart
        self._paths = paths
        self._files: dict[str, list[WrittenNode]] = {}

    def of(self, finding: Finding, path: str, *, has_scenario: bool) -> Written | None:
        """Give what is known: a place in a file that is no template, the line that is named, or the file alone.

        Args:
            finding: what is to be found.
            path: of the file that it is about; empty where it is about none.
            has_scenario: whether it is about what a scenario prints.
        """
        words = f"{finding.expected} {finding.actual}"
        also = [*self._named(words), *self._nearly_named(words, path)]
        known, parts = None, []
        if path and "templates/" not in path:
            known = self._given(path, finding.path)
            parts = list(dict.fromkeys([*also, *self.reading(finding.path)])) if path.endswith("values.yaml") else []
        elif path and not has_scenario:
            said = [one for one in also if one.file == self._paths.shown(path)]
            known = Written(said[0]) if said else self._only_reader(path, finding.path)
        elif path and finding.subject == finding.template:
            also += self._outer_conditions(path)
        file = self._paths.shown(path) if path else also[0].file if also else ""
        if known is None and also and also[0].file == file and not has_scenario:
            known = Written(also[0])
        if known is None:
            known = Written(SourceLine(file)) if file else None
        others = tuple(one for one in dict.fromkeys(also) if known and one != known.by and one not in parts)
        return known and Written(known.by, is_around=known.is_around, parts=tuple(parts), also=others)

    def _given(self, path: str, address: str) -> Written | None:
        """Give where a file says what is at an address; of the chart's own values, where those of a subchart do."""
        if in_file := _LINE_IN_FILE.search(address):
            return Written(SourceLine(self._paths.shown(path), int(in_file[1]), int(in_file[1])))
        known = self.in_file(path, address.removesuffix(f" of {self.chart.name}"))
        if path != "values.yaml" or not is_address(address) or (known and not known.is_around):
            return known
        subchart, *key = steps(address) or [""]
        found = self.of_values(subchart, key) if key else None
        return found[1] if found else known

    def _documents(self, path: str) -> list[WrittenNode]:
        if path not in self._files:
            self._files[path] = list(written_documents(self._paths.text(path)))
        return self._files[path]

    def in_file(self, path: str, address: str) -> Written | None:
        """Give where a YAML file of the chart says what is at an address."""
        documents = self._documents(path)
        try:
            node, left = nearest(documents[0], address) if len(documents) == 1 else (None, [])
        except ValueError:
            return None
        if node is None or (left and node is documents[0]):
            return None
        line = node.line_of(node.key or node.node)
        is_block = isinstance(node.data, dict | list)
        last = node.text.count("\n", 0, node.end) + 1 if is_block else line
        return Written(SourceLine(self._paths.shown(path), line, max(line, last)), is_around=bool(left))

    def of_values(self, subchart: str, key: Sequence[str]) -> tuple[str, Written] | None:
        """Give where the values of a chart or subchart give a key, as the address in all values, and the line.

        Args:
            subchart: the folder of the one whose key it is; empty for the chart itself.
            key: its steps.
        """
        if any(
            one.get("alias") and one.get("name") == subchart for one in maps_in(self.chart.metadata.get("dependencies"))
        ):
            return None  # its values have another name
        address = join(*([subchart] if subchart else []), *key)
        files = [("values.yaml", address)]
        files += [(f"charts/{subchart}/values.yaml", join(*key))] * bool(subchart)
        for file, place in files:
            if file in self._paths.contents and (written := self.in_file(file, place)) and not written.is_around:
                return address, written
        return None

    def in_block(self, key: str, key_at: SourceLine, finding: Finding) -> SourceLine | None:
        """Give where a map or a list in the values says what was found.

        That is the one text in it that is found and not expected. Or what an item of a list has at the end of a path,
        `plugins.NAME.disabled`, where one alone has that name as a word of its texts; of what is missing, what is
        around it.

        Args:
            key: of the map or list.
            key_at: its lines.
            finding: that has more than it should.
        """
        path = steps(finding.path) if is_address(finding.path) else []
        file = next(path for path in self._paths.contents if self._paths.shown(path) == key_at.file)
        place = key if file == "values.yaml" else join(*steps(key)[1:])
        node, left = nearest(self._documents(file)[0], place)
        extra = {*scalars(finding.actual)} - {*scalars(finding.expected)}
        texts = [one for one in node.scalars() if not left and extra == {one.value}]
        if len(texts) == 1:
            return SourceLine(key_at.file, node.line_of(texts[0]), node.line_of(texts[0]))
        items = node.data if isinstance(node.data, list) and not left else []
        words = [_WORDS.split(" ".join(scalars(one))) for one in items]
        for depth, name in enumerate(path[:-1], 1):
            address = join(*path[depth:])
            named = [number for number, own in enumerate(words) if name in own and isinstance(items[number], dict)]
            same = [number for number in named if lookup(items[number], address) == finding.actual]
            if len(named) == 1 or len(same) == 1:
                [number] = same if len(same) == 1 else named
                written = self.in_file(file, f"{place}[{number}]{'.' * (address[0] != '[')}{address}")
                return written.by if written and (written.is_around or number in same) else None
        return None

    def only_key(self, name: str) -> tuple[str, Written] | None:
        """Give where the values of the chart, or of one subchart, have the only key of a name that no template has."""
        if len(name) < _SHORTEST_KEY or any(name in text for text in self._paths.templates.values()):
            return None
        found = [
            (values["subchart"] or "", keys)
            for path in self._paths.contents
            if (values := _VALUES.fullmatch(path))
            for document in self._documents(path)
            for keys, _ in nodes(document.data)
            if keys[-1:] == (name,)
        ]
        return self.of_values(*found[0]) if len(found) == 1 else None

    def of_kind(
        self, kind: str, printed: Collection[tuple[str, str]], naming: Collection[str] = ("",)
    ) -> list[SourceLine]:
        """Give where templates write objects of a kind of which none is printed, with the conditions above.

        Args:
            kind: of an object that is missing.
            printed: template and kind of all objects that there are.
            naming: of these words, the template has one: the name, or a named template that gives it.
        """
        there = {self._paths.of(template) for template, other in printed if other == kind}
        return [
            SourceLine(self._paths.shown(path), begin_of_conditions(text, self._begin(text, line)), line)
            for path, text in sorted(self._paths.templates.items(), key=lambda each: each[0].startswith("charts/"))
            if path not in there and any(word in text for word in naming)
            for line in (text.count("\n", 0, found.start()) + 1 for found in _KIND.finditer(text) if found[1] == kind)
        ]

    @staticmethod
    def _begin(text: str, line: int) -> int:
        """Give the first line of the object that a line is in, as far as its keys are those at the left."""
        lines = text.split("\n")
        while line > 1 and lines[line - 2][:1].isalpha():
            line -= 1
        return line - 1 if line > 1 and lines[line - 2].startswith("---") else line

    def _named(self, said: str) -> Iterator[SourceLine]:
        """Give the lines that words name as policies do: `charts/cache/templates/web.yaml:7`."""
        for name, number in _LINE.findall(said):
            path = "templates/" in name and (self._paths.of(name) or self._paths.of(f"{self.chart.name}/{name}"))
            if path and 0 < int(number) <= self._paths.text(path).count("\n") + 1:
                yield SourceLine(self._paths.shown(path), int(number), int(number))

    def _nearly_named(self, said: str, path: str) -> Iterator[SourceLine]:
        """Give the line of the key of the values, or of the named template, that is meant by one that is not there."""
        nearly = _NEARLY.search(said)
        folder = path.split("/")[1] if path.startswith("charts/") else ""
        if nearly and is_address(nearly[1]) and (own := self.of_values(folder, steps(nearly[1]))):
            yield own[1].by.moved(0)
        if defined := _NEARLY_DEFINED.search(said):
            for lines in self._paths.sources.called_in(f'include "{defined[1]}"'):
                yield SourceLine(self._paths.shown(lines.file), lines.first, lines.first)

    def reading(self, address: str) -> list[SourceLine]:
        """Give who reads a key of the values, or else the blocks of what is nearest above it; and who may have to."""
        try:
            key = tuple(steps(address))
        except ValueError:
            return []
        key = key[key.index("global") :] if "global" in key else key  # a subchart has it at its own top
        uses = all_uses(self.chart)
        read = [use for use in uses if use.path == key]
        above = [use for use in uses if 1 < len(use.path) < len(key) and key[: len(use.path)] == use.path]
        most = max((len(use.path) for use in above), default=0)
        read += [use for use in above if len(use.path) == most and (not read or use.action.word in _BLOCKS)]
        found = [*self._literals(key), *(line for use in read for line in self._lines_of(use))]
        return list(dict.fromkeys(found))[:_MOST_READERS]

    def asked_in(self, path: str, first: int, last: int) -> Iterator[tuple[str, Written]]:
        """Give the keys of the values that lines of a template ask for, up to the last, as `of_values` does."""
        for use in all_uses(self.chart) if path else ():
            is_there = first <= use.action.line < last and self._paths.of(f"{self.chart.name}/{use.template}") == path
            if is_there and (own := self.of_values("", use.path) or self.of_values(use.path[0], use.path[1:])):
                yield own

    def _lines_of(self, use: Use) -> Iterator[SourceLine]:
        path = self._paths.of(f"{self.chart.name}/{use.template}")
        if path:
            first = use.action.line
            last = self._paths.sources.end_of(path, first) if use.action.word in _BLOCKS else first
            yield SourceLine(self._paths.shown(path), first, last)
        # The line may give the key to the named templates that it calls.
        for lines in self._paths.sources.called_in(use.action.text):
            yield SourceLine(self._paths.shown(lines.file), lines.first, lines.last)

    def _literals(self, key: tuple[str, ...]) -> list[SourceLine]:
        """Give the lines of templates that give a field of that name a value of their own, few of its own chart's."""
        below = f"charts/{key[0]}/" if key else ""
        is_of_subchart = any(path.startswith(below) for path in self._paths.templates)
        field = re.compile(rf"^[ -]*+{re.escape(key[-1])}:[ ]++(?!\{{\{{)\S", re.MULTILINE) if key else None
        lines = [
            SourceLine(self._paths.shown(path), line, line)
            for path, text in self._paths.templates.items()
            if path.startswith(below if is_of_subchart else "templates/")
            for line in (text.count("\n", 0, found.start()) + 1 for found in (field.finditer(text) if field else ()))
        ]
        return lines if len(lines) <= _MOST_LITERALS else []

    def _outer_conditions(self, path: str) -> list[SourceLine]:
        """Give the conditions that decide whether a template prints anything."""
        return [SourceLine(self._paths.shown(path), line, line) for line in self._paths.sources.outer(path)]

    def _only_reader(self, path: str, address: str) -> Written | None:
        """Give the one line of a template that reads a key of the values, which a subchart's folder may come before."""
        try:
            key = tuple(steps(address.rpartition("/")[2]))
        except ValueError:
            return None
        acts = (piece for piece in pieces(self._paths.text(path)) if piece.kind == "action")
        lines = {piece.line for piece in acts if key in paths_in(piece.inside)}
        return Written(SourceLine(self._paths.shown(path), *lines, *lines)) if len(lines) == 1 else None
