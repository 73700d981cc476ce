"""What has to do with an object that a finding says is not there: one nearly called so, and who would write it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from chartgate.charts.reading.chart_paths import ChartPaths
from chartgate.charts.template_texts.stamps import StampedText
from chartgate.charts.template_texts.template_sources import named_in
from chartgate.documents.addresses import ABSENT, lookup
from chartgate.gate.results.outcome import Finding
from chartgate.gate.results.written import SourceLine, Written
from chartgate.gate.telling.named_objects import NamedObjects
from chartgate.gate.telling.printed_places import printed_place
from chartgate.gate.telling.said_lines import SaidLines
from chartgate.model import Resource, Scenario

_HOST = re.compile(r"[\w.-]++")
_KEY_REFS = ("secretKeyRef", "configMapKeyRef")
_MOST_OF_A_KIND = 2
"""Places that write an object of the kind of a missing one."""


class MissingObjects:
    """Finds it in the renderings and the templates of a chart."""

    def __init__(self, named: NamedObjects, said: SaidLines, paths: ChartPaths) -> None:
        """Take the objects by their names, and the lines of the chart's files."""
        self._named = named
        self._said = said
        self._paths = paths

    def others(self, finding: Finding, scenario: Scenario | None) -> list[Resource]:
        """Give what is nearly called like a missing object, or else the other objects that a finding names.

        None where a template has the very name of the missing one, and prints none of its kind.
        """
        if scenario is None or self._naming(finding, scenario):
            return []
        return (
            self._nearly_asked(finding, scenario)
            or self._nearly_itself(finding, scenario)
            or self._named.others(finding, scenario)
        )

    def of_kind(self, finding: Finding, scenario: Scenario) -> Written | None:
        """Give the lines of templates that write an object of the kind of a missing one, and printed none.

        With them come the values that their conditions ask for, as far as these are off by default.
        """
        kind, _, name = finding.subject.partition(" ")
        if not (self.is_missing(finding) and name):
            return None
        every = self._naming(finding, scenario) or self._said.of_kind(kind, self._named.kinds(scenario))
        lines = every[:_MOST_OF_A_KIND]
        if not lines:
            return None
        values = [value for line in lines for value in self._asked_for(line, scenario, is_on=False)]
        return Written(SourceLine(lines[0].file), also=tuple(dict.fromkeys([*lines, *values])))

    def _naming(self, finding: Finding, scenario: Scenario) -> list[SourceLine]:
        """Give the lines of templates that write an object of the kind and name of a missing one, and print none."""
        kind, _, called = finding.subject.partition(" (")[0].partition(" ")
        name = called.rpartition("/")[2]
        is_lost = self.is_missing(finding) and name and not self._named.elsewhere(finding)
        return self._said.of_kind(kind, self._named.kinds(scenario), [name]) if is_lost else []

    def switched_on(self, finding: Finding, written: Written, scenario: Scenario) -> Iterator[SourceLine]:
        """Give where the values say on what lets an object be there that must not be, or off what leaves out a key."""
        if (str(finding.expected), finding.actual, finding.path) == (str(ABSENT), "rendered", "") and written.by.line:
            for lines in (written.by, *written.parts):
                yield from self._asked_for(lines, scenario, is_on=True)
        elif finding.actual is ABSENT and written.is_around and written.parts:
            yield from self._asked_for(written.parts[0], scenario, is_on=False)

    def _asked_for(self, lines: SourceLine, scenario: Scenario, *, is_on: bool) -> Iterator[SourceLine]:
        """Give where the values say on, or off, what the conditions ask for that begin some lines of a template."""
        path = next((path for path in self._paths.contents if self._paths.shown(path) == lines.file), "")
        text = self._paths.text(path).split("\n") if path else []
        number = lines.line
        while number <= len(text) and text[number - 1].lstrip().startswith("{{"):
            number += 1
        for address, own in self._said.asked_in(path, lines.line, number):
            is_given = lookup(scenario.overrides, address) is not ABSENT
            if not is_given and bool(lookup(scenario.values, address)) == is_on:
                yield own.by

    def lines(
        self, finding: Finding, written: Written, scenario: Scenario, printed: Mapping[str, StampedText]
    ) -> Iterator[SourceLine]:
        """Give who named what is nearly called like an object that a reference asks for, and who may write that.

        The latter are the templates that write one of its kind under that name, where they print none.

        Args:
            finding: of the reference.
            written: who wrote it.
            scenario: of the finding.
            printed: what templates printed in it.
        """
        for resource in self._nearly_asked(finding, scenario):
            if place := printed_place(resource, "metadata.name", printed):
                line = place.first.line
                yield SourceLine(self._paths.shown(line.file), line.line, line.line)
        asked = finding.asked
        if asked and written.by.line and not self._named.called(asked.kind, asked.name, scenario):
            texts = map(self._text, (written.by, *written.calls))
            naming = [asked.name, *(f'"{name}"' for text in texts for name in named_in(text))]
            found = self._said.of_kind(asked.kind, self._named.kinds(scenario), naming)
            yield from found if len(found) <= _MOST_OF_A_KIND else ()

    def _text(self, lines: SourceLine) -> str:
        """Give some lines of a template."""
        path = next((path for path in self._paths.contents if self._paths.shown(path) == lines.file), "")
        text = self._paths.text(path).split("\n") if path else []
        return "\n".join(text[lines.line - 1 : max(lines.line, lines.last)])

    def wrong_half(self, finding: Finding, address: str, resource: Resource, scenario: Scenario) -> str:
        """Give the namespace beside a name where that alone leads nowhere: the object is in another one.

        Of a key of a ConfigMap or Secret, the key where that is there, else its name.

        Args:
            finding: of a reference.
            address: of the name.
            resource: that refers to it.
            scenario: of the finding.
        """
        asked = finding.asked
        before, _, last = address.rpartition(".")
        if asked and last in _KEY_REFS:
            half = f"{address}.{'key' if self._named.called(asked.kind, asked.name, scenario) else 'name'}"
            return half if isinstance(lookup(resource.manifest, half), str) else address
        if not asked or last != "name" or not isinstance(lookup(resource.manifest, f"{before}.namespace"), str):
            return address
        return f"{before}.namespace" if self._named.called(asked.kind, asked.name, scenario) else address

    @staticmethod
    def line_in(finding: Finding, text: str) -> int:
        """Give the number of the first line of a text that has the name of a missing object with its namespace.

        0 for none: a name alone may be any word.
        """
        asked = finding.asked
        name = f"{asked.name}.{asked.namespace}" if asked and asked.namespace else ""
        for number, line in enumerate(text.split("\n") if name else (), 1):
            if any(f"{word}.".startswith(f"{name}.") for word in _HOST.findall(line)):
                return number
        return 0

    def _nearly_asked(self, finding: Finding, scenario: Scenario) -> list[Resource]:
        asked = finding.asked
        nearly = self._named.nearly(f"{asked.kind} {asked.name}", scenario) if asked else None
        return [nearly] if nearly else []

    @staticmethod
    def is_missing(finding: Finding) -> bool:
        """Tell whether a finding is about a whole object that no template printed."""
        return not (finding.template or finding.path)

    def _nearly_itself(self, finding: Finding, scenario: Scenario) -> list[Resource]:
        """Give what is nearly called like the object that a finding is about, where that is missing everywhere."""
        if not self.is_missing(finding) or self._named.elsewhere(finding):
            return []
        nearly = self._named.nearly(finding.subject.partition(" (")[0], scenario)
        return [nearly] if nearly else []
