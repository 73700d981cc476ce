"""Which functions the templates of a chart call, with what they include, found in their text, not by running them."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from chartgate.charts.template_texts.template_actions import TEXT, Action, actions, without_comments
from chartgate.model import Chart, folder_of

_BEGIN = re.compile(r"^-?\s*+(?:if|range|with|block|define)\b")
_DEFINE = re.compile(r"""^-?\s*+(?:define|block)\s++(?:"([^"]++)"|`([^`]++)`)""")
_INSTALLS = re.compile(r"[-{\s]*+if\b[^}]*?(?:\.Release\.IsInstall|\bnot \$?\.Release\.IsUpgrade)\b")
_INCLUDE = re.compile(r"""\b(?:include|template)\s++(?:"([^"]++)"|`([^`]++)`|(?=[($.]))""")
_FILE = re.compile(r"""\bTemplate\.BasePath\b[^")]*+"/?([^"]++)\"""")
_VARIABLE = re.compile(r"\$\w++")
_ASSIGNS = re.compile(r"-?\s*+(\$\w++)\s*+:?=")
_KEY = re.compile(r"^[ \t-]*+([\w./-]++):", re.MULTILINE)
_LOOKUP = re.compile(r"""\blookup\s++(?:"[^"]*+"|[^\s"()]++|\([^()]*+\))\s++(?:"([^"]*+)"|`([^`]*+)`|)""")
_TIME = re.compile(r"""(?<![\w./-])([\w./-]++)["']?+:[ \t]*+["']?+\{\{[^\n{}]*?(?<![\w.$"'-])now\b""")
_PRINTED = re.compile(r"""(?<![\w./-])([\w./-]++)["']?+:[ \t]*+["']?+\{\{([^\n{}]++)\}\}""")
_NAME = re.compile(r"(?<![\w./-])name:[^\n{}]*+\{\{([^\n]*+)")
_CHANCE = re.compile(
    r"(?<![\w.$])(?:rand(?:AlphaNum|Alpha|Ascii|Numeric|Bytes|Int)|uuidv4|now|ago|shuffle|keys|values|bcrypt|htpasswd"
    r"|gen(?:CA|CAWithKey|PrivateKey|SelfSignedCert|SelfSignedCertWithKey|SignedCert|SignedCertWithKey)|encryptAES"
    r"|date\w*+|htmlDate\w*+)\b"
)


@dataclass(frozen=True)
class Calls:
    """What the templates of a chart and its subcharts call."""

    files: Mapping[str, tuple[str, ...]]
    """The actions of each template outside of its definitions, by the name that helm gives it."""
    named: Mapping[str, tuple[str, ...]]
    """The actions of each named template."""
    sources: Mapping[str, str]
    """The text of the file that a template or a named template is in."""
    times: Mapping[str, frozenset[str]]
    """The keys whose lines print what the clock says, by template and named template; those of one file together."""
    _known: dict[str, list[str]] = field(default_factory=dict, repr=False, compare=False)
    """What was reached from a template: asked for each object that it renders."""

    def behind(self, template: str) -> list[str]:
        """Give the actions of a template, and those of everything that it includes.

        Where the name of what is included is computed, every named template may be meant.
        """
        return [action for name in self._reached(template) for action in self._actions_of(name)]

    def _reached(self, template: str) -> list[str]:
        """Give the names of a template and of everything that it includes."""
        if template not in self._known:
            self._known[template] = self._reached_anew(template)
        return self._known[template]

    def _reached_anew(self, template: str) -> list[str]:
        found = [template]
        for name in found:
            for included in dict.fromkeys(name for action in self._actions_of(name) for name in self._included(action)):
                found += [other for other in self._templates_named(included) if other not in found]
        return found

    def _actions_of(self, name: str) -> tuple[str, ...]:
        return self.named[name] if name in self.named else self.files.get(name, ())

    def _included(self, action: str) -> Iterator[str]:
        for path in _FILE.findall(action):
            yield f"/{path}"
        for called in _INCLUDE.finditer(action):
            name = called[1] or called[2]
            if name:
                yield name
            elif not _FILE.search(action):
                yield from self.named

    def _templates_named(self, name: str) -> list[str]:
        if name in self.named:
            return [name]
        return [file for file in self.files if name.startswith("/") and file.endswith(name)]

    def unreached(self, roots: Iterable[str] = ()) -> frozenset[str]:
        """Give the named templates that no file includes, by whatever way, nor one of these other actions."""
        found = [name for file in self.files for name in self._reached(file)]
        for action in roots:
            found += [name for included in self._included(action) for name in self._reached(included)]
        return frozenset(self.named) - frozenset(found)

    def keys_of_time(self, template: str) -> frozenset[str]:
        """Give the keys under which a template, or what it includes, prints what the clock says.

        Two renderings within a second, or a day, may be the same for all that. A file with a `lookup` may keep it.
        """
        telling = (name for name in self._reached(template) if self.times.get(name))
        return frozenset().union(*(self.times[name] for name in telling if not _LOOKUP.search(self.sources[name])))

    def keys_of_revision(self, template: str) -> frozenset[str]:
        """Give the keys under which a template, or what it includes, prints how often the release was upgraded."""
        texts = {self.sources.get(name, "") for name in self._reached(template)}
        printed = (found for text in texts for found in _PRINTED.findall(text))
        return frozenset(key for key, action in printed if ".Release.Revision" in action)

    def is_named_by_revision(self, template: str) -> bool:
        """Tell whether what a template names has another name each time the release is upgraded."""
        printed = _NAME.findall(self.sources.get(template, ""))
        behind = (other for action in printed for name in self._included(action) for other in self.behind(name))
        return any(".Release.Revision" in action for action in (*printed, *behind))

    def sums_by_chance(self, template: str) -> frozenset[tuple[str, str]]:
        """Give the keys under which it prints the checksum of a file that may be another each time, with that file."""
        texts = {self.sources.get(name, "") for name in self._reached(template)}
        printed = {found for text in texts for found in _PRINTED.findall(text)}
        sums = ((key, path) for key, action in printed if "sum" in action for path in _FILE.findall(action))
        files = ((key, name) for key, path in sums for name in self._templates_named(f"/{path}"))
        return frozenset((key, name) for key, name in files if self.may_differ_in(name))

    def looks_up(self, template: str) -> frozenset[str]:
        """Give the kinds that a template, or what it includes, looks up in the cluster; empty for a computed kind.

        What is put into a variable that nothing reads any longer does not count.
        """
        actions = self.behind(template)
        found = (_LOOKUP.finditer(action) for place, action in enumerate(actions) if not _is_forgotten(place, actions))
        return frozenset(lookup[1] or lookup[2] or "" for each in found for lookup in each)

    def asks_whether_it_installs(self, template: str) -> bool:
        """Tell whether a template decides by `.Release.IsInstall` or `.Release.IsUpgrade`."""
        return any(".Release.Is" in action for action in self.behind(template))

    def is_for_installations(self, template: str) -> bool:
        """Tell whether a template has something where `.Release` says that it installs, which no upgrade then has."""
        return any(_INSTALLS.match(action) for action in self.files.get(template, ()))

    @property
    def asks_whether_it_upgrades(self) -> bool:
        """Whether anything decides by `.Release.IsInstall` or `.Release.IsUpgrade`."""
        groups = (self.files, self.named)
        return any(".Release.Is" in action for group in groups for each in group.values() for action in each)

    def asks_the_cluster(self, template: str) -> bool:
        """Tell whether a template, or what it includes, reads `.Capabilities`."""
        return any(".Capabilities" in action for action in self.behind(template))

    def for_some_clusters(self, template: str) -> frozenset[str]:
        """Give the keys in the lines that a template, or what it includes, writes as `.Capabilities` decides."""
        texts = {self.sources.get(name, "") for name in self._reached(template)}
        return frozenset(key for text in texts if ".Capabilities" in text for key in _keys_for_some_clusters(text))

    def may_write(self, template: str, words: Iterable[str]) -> bool:
        """Tell whether one of these words stands where a template, or something that it includes, is written."""
        texts = {self.sources.get(name, "") for name in self._reached(template)}
        return any(word in text for word in words for text in texts)

    @property
    def may_differ(self) -> bool:
        """Whether anything is called that may give another result each time: random values, the time, `keys`."""
        return _may_differ(action for group in (self.files, self.named) for each in group.values() for action in each)

    def may_differ_in(self, template: str) -> bool:
        """Tell the same of one template, and of what it includes."""
        return _may_differ(self.behind(template))


def _keys_for_some_clusters(text: str) -> Iterator[str]:
    found, lines = actions(text), without_comments(text).splitlines()
    for action, after in pairwise(found):
        conditions = (*action.conditions, action.text) if action.word == "if" else action.conditions
        if any(".Capabilities" in condition for condition in conditions):
            yield from _KEY.findall("\n".join(lines[action.line - 1 : after.line]))


def _may_differ(actions: Iterable[str]) -> bool:
    return any(_CHANCE.search(TEXT.sub('""', action)) for action in actions)


def actions_by_definition(text: str) -> Iterator[tuple[str, Action]]:
    """Give the actions of a template's text, each with the name of the definition that it is in; empty outside."""
    inside: list[tuple[str, int]] = []
    depth = 0
    for action in actions(text):
        if action.word == "end":
            depth -= 1
            if inside and inside[-1][1] == depth:
                inside.pop()
        elif _BEGIN.search(action.text):
            if definition := _DEFINE.search(action.text):
                inside.append((definition[1] or definition[2], depth))
            depth += 1
        yield (inside[-1][0] if inside else ""), action


def calls_of(chart: Chart) -> Calls:
    """Give what the templates of a chart and of its subcharts call."""
    texts = (
        (f"{chart.name}/{folder_of(names)}{path}", text)
        for names, one in chart.with_subcharts()
        for path, text in sorted(one.templates.items())
    )
    return _calls_in(tuple(texts))


@functools.lru_cache(maxsize=4)
def _calls_in(templates: tuple[tuple[str, str], ...]) -> Calls:
    """Read the texts of templates; several policies ask for those of one chart, for each scenario."""
    files: dict[str, tuple[str, ...]] = {}
    named: dict[str, tuple[str, ...]] = {}
    sources: dict[str, str] = {}
    times: dict[str, frozenset[str]] = {}
    for name, text in templates:
        keys = frozenset(_TIME.findall(without_comments(text)))
        own: list[str] = []
        for definition, action in actions_by_definition(text):
            if action.word == "end":
                continue
            if definition:
                sources[definition], times[definition] = text, keys
                named[definition] = (*named.get(definition, ()), action.text)
            else:
                own.append(action.text)
        files[name], sources[name], times[name] = tuple(own), text, keys
    return Calls(files, named, sources, times)


def _is_forgotten(place: int, actions: list[str]) -> bool:
    """Tell whether an action puts something into a variable that no later one has, before it is another variable."""
    to = _ASSIGNS.match(actions[place])
    if to is None:
        return False
    for other in actions[place + 1 :]:
        if found := _VARIABLE.findall(other).count(to[1]):
            anew = _ASSIGNS.match(other)
            return found == 1 and anew is not None and anew[1] == to[1] and anew[0].endswith(":=")
    return True
