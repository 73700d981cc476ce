"""The contract with whoever writes values: which keys there are, and with which defaults."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chartgate.charts.chart_values.coalescing import overlay
from chartgate.charts.metadata.dependencies import condition_paths
from chartgate.charts.template_texts.key_readers import all_uses
from chartgate.charts.template_texts.template_actions import Action
from chartgate.charts.template_texts.template_calls import actions_by_definition
from chartgate.charts.template_texts.template_reads import Use, words_of
from chartgate.documents.addresses import ABSENT, join, lookup, steps
from chartgate.documents.shapes import is_number, maps_in
from chartgate.kubernetes.changes.differences import Difference, differences
from chartgate.model import Chart
from chartgate.review.contract.printed_below import printed_elsewhere
from chartgate.review.contract.renamed_keys import name_now, renamed_keys
from chartgate.review.contract.taken_types import takes_both
from chartgate.review.contract.templated_keys import untemplated_keys

_PATH = re.compile(r"\.[\w.-]++")
_WORD = re.compile(r"[A-Z]?[a-z]++|[A-Z]++(?![a-z])")
_FIRST = re.compile(r"\b(?P<word>and|or)\s++\$?\.Values\.(?P<path>[\w.]++)")
_INCLUDED = re.compile(r"""\b(?:include|template)\s++["`]([^"`]++)["`]""")
_OFF = frozenset(["disable", "disabled", "skip", "without", "no", "not", "omit", "exclude", "suppress"])


@dataclass(frozen=True)
class KeyChange:
    """One key of values.yaml that is not as before; ABSENT on the side that does not have it."""

    address: str
    before: Any
    after: Any
    in_list: bool = False
    """Whether it is an item of a list, or inside of one: then it is part of a default, and not a key itself."""
    renamed_to: str = ""
    subchart: str = ""
    """The subchart whose own values.yaml has it."""
    is_still_read: bool = False
    """Whether it is gone from values.yaml, and templates still read it."""
    is_read_of_no_item: bool = False
    """Whether it is gone from an item of a list, and no template of the newer side reads a key of this name."""
    is_ignored: bool = False
    """Whether both sides have it with the same default, and only the older one's templates read it."""
    printed: str = ""
    """How else templates print it now, of both sides."""
    takes_both: bool = False
    """Whether the new schema takes the old default as well as the new one, of another type."""
    is_needed: bool = False
    """Whether it is a new section below which templates read keys as if it were always there."""
    is_printed: bool = False
    """Whether it is empty on both sides, and templates only print it as it is."""


def key_changes(before: Chart, after: Chart) -> list[KeyChange]:
    """Compare the defaults of two charts, their subcharts' included; a key that only has another name is one change."""
    was, now = written_defaults(before), written_defaults(after)
    found = differences(was, now)
    only_before = _words_of_all(before) - _words_of_all(after) if any(d.in_list for d in found) else frozenset[str]()
    uses = all_uses(after) if any(_depends_on_uses(difference) for difference in found) else ()
    read = ReadKeys.of(uses)
    names = renamed_keys([difference for difference in found if not difference.in_list]).items()
    # A section that is printed whole still takes the old key: that another one has the same number is chance.
    renamed = {old: new for old, new in names if not (is_number(lookup(was, old)) and read.has(old))}
    gone = set(renamed.values())
    return [
        KeyChange(
            address=difference.address,
            before=difference.before,
            after=difference.after,
            in_list=difference.in_list,
            renamed_to=name_now(difference, renamed, now),
            subchart=_subchart(difference.address, before, after),
            is_still_read=difference.after is ABSENT
            and not difference.in_list
            and (read.has(difference.address) or _is_handed_on(difference, uses, after)),
            is_read_of_no_item=difference.in_list
            and difference.after is ABSENT
            and steps(difference.address)[-1] in only_before,
            takes_both=takes_both(after, difference),
            is_needed=_is_new_section(difference) and _is_needed(difference.address, uses, _always_called(after), now),
            is_printed=_are_empty(difference) and _is_printed_as_it_is(difference.address, uses),
        )
        for difference in found
        if difference.address not in gone
    ]


def ignored_keys(before: Chart, after: Chart) -> list[KeyChange]:
    """Give the keys that templates read and no longer read: the topmost of what is unread.

    Those of both values.yaml, and those that neither has, such as an older name of another key. A key counts as read
    where its name is anywhere in an action of a template, or all above it is written out.
    """
    was, now = written_defaults(before), written_defaults(after)
    uses = all_uses(before)
    old, new = ReadKeys.of(uses), ReadKeys.of(all_uses(after))
    words = _words_of_all(after)
    written = _ignored((), was, now, old, new, words, (before, after))
    unwritten = _ignored_and_unwritten((was, now), uses, new, words, (before, after))
    return [*written, *unwritten]


def keys_printed_otherwise(before: Chart, after: Chart) -> Iterator[KeyChange]:
    """Give the keys in whose texts users could write templates, and no longer can, or that come out elsewhere."""
    for path in untemplated_keys(before, after):
        words = "it is no longer a template (`tpl`): what is in {{ }} is printed as it is"
        yield KeyChange(join(*path), ABSENT, ABSENT, subchart=_subchart(join(*path), before, after), printed=words)
    for path, was, now in printed_elsewhere(before, after):
        words = f"it is printed below {now} now, and was below {was}"
        yield KeyChange(join(*path), ABSENT, ABSENT, subchart=_subchart(join(*path), before, after), printed=words)


def _ignored_and_unwritten(
    defaults: tuple[Mapping[str, Any], Mapping[str, Any]],
    old: Sequence[Use],
    new: ReadKeys,
    words: frozenset[str],
    sides: tuple[Chart, Chart],
) -> Iterator[KeyChange]:
    for keys in dict.fromkeys(use.path for use in old):
        above, address = join(*keys[:-1]), join(*keys)
        is_known = any(lookup(side, address) is not ABSENT for side in defaults) or keys[-1] in words
        is_section = len(keys) > 1 and all(isinstance(lookup(side, above), Mapping) for side in defaults)
        if not is_known and is_section and not new.has(address):
            yield KeyChange(address, ABSENT, ABSENT, subchart=_subchart(address, *sides), is_ignored=True)


def _ignored(
    above: tuple[str, ...],
    was: Mapping[str, Any],
    now: Mapping[str, Any],
    old: ReadKeys,
    new: ReadKeys,
    words: frozenset[str],
    sides: tuple[Chart, Chart],
) -> Iterator[KeyChange]:
    for key, value in now.items():
        keys = (*above, str(key))
        if key not in was or key == "global":
            continue
        address = join(*keys)
        if keys in old.keys and not new.has(address) and str(key) not in words:
            yield KeyChange(address, was[key], value, subchart=_subchart(address, *sides), is_ignored=True)
        elif isinstance(value, Mapping) and isinstance(was[key], Mapping):
            yield from _ignored(keys, was[key], value, old, new, words, sides)


def _words_of_all(chart: Chart) -> frozenset[str]:
    parts = [words_of(chart), *(_words_of_all(subchart) for subchart in chart.subcharts)]
    switches = (path for entry in maps_in(chart.metadata.get("dependencies")) for path in condition_paths(entry))
    named = (word for path in switches for word in path.split("."))
    return frozenset(named).union(*parts)


def written_defaults(chart: Chart) -> dict[str, Any]:
    """Give the defaults of a chart, with the keys whose default is null, and those of subcharts that are off."""
    return _written(chart.own_values, _every_default(chart, chart.defaults))


def _every_default(chart: Chart, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Add the defaults of the subcharts that are off: whoever turns one on meets them."""
    found = dict(defaults)
    for subchart in chart.subcharts:
        own = found.get(subchart.name, {})
        if isinstance(own, Mapping) and "global" not in own:  # helm hands these down to each that is on
            own = {**overlay(subchart.own_values, own), "global": {}}
        if isinstance(own, Mapping):
            found[subchart.name] = _every_default(subchart, own)
    return found


def _written(own: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Give the defaults, and the keys whose default is null: no template sees these, but users may set them."""
    written = dict(defaults)
    for key, value in own.items():
        if isinstance(value, Mapping) and isinstance(defaults.get(key), Mapping):
            written[key] = _written(value, defaults[key])
        elif value is None:
            written.setdefault(key, None)
    return written


@dataclass(frozen=True)
class ReadKeys:
    """What templates read."""

    keys: frozenset[tuple[str, ...]]
    """The keys, with all that is above them."""
    whole: frozenset[tuple[str, ...]]
    """Those of them below which all is written out."""

    @staticmethod
    def of(uses: Iterable[Use]) -> ReadKeys:
        """Take the places where templates read a value."""
        found = {use.path: use.is_whole for use in sorted(uses, key=lambda use: use.is_whole)}
        above = (path[:depth] for path in found for depth in range(len(path) + 1))
        return ReadKeys(frozenset(above), frozenset(path for path, is_whole in found.items() if is_whole))

    def has(self, address: str) -> bool:
        """Tell whether templates read a key, something below it, or write out all of what is above it."""
        key = tuple(steps(address))
        return key in self.keys or any(key[:depth] in self.whole for depth in range(len(key)))


def _is_handed_on(difference: Difference, uses: Sequence[Use], after: Chart) -> bool:
    """Tell whether a key without a default is one that a named template may read, which gets all of its section."""
    *above, key = steps(difference.address)
    handed = any(use.path == tuple(above) and use.action.word not in ("if", "with", "range") for use in uses)
    return difference.before in (None, "") and handed and key in _words_of_all(after)


def _depends_on_uses(difference: Difference) -> bool:
    is_gone = difference.after is ABSENT and not difference.in_list
    return is_gone or _are_empty(difference) or _is_new_section(difference)


def _is_new_section(difference: Difference) -> bool:
    return difference.before is ABSENT and bool(difference.after) and isinstance(difference.after, Mapping)


def _is_needed(address: str, uses: Sequence[Use], called: frozenset[Action], defaults: Mapping[str, Any]) -> bool:
    """Tell whether something outside of conditions reads below a section, and asks nowhere whether there is one."""
    key = tuple(steps(address))
    return any(
        use.path[: len(key)] == key
        and f".{key[-1]}.{'.'.join(use.path[len(key) : len(key) + 1])}" in use.action.text
        and not use.action.conditions
        and (not use.action.definition or use.action in called)
        and not _is_left_out(use.action.text, f".{key[-1]}.", defaults)
        and not any(path.endswith(f".{key[-1]}") for path in _PATH.findall(use.action.text))
        for use in uses
        if len(use.path) > len(key)
    )


def _is_left_out(text: str, name: str, defaults: Mapping[str, Any]) -> bool:
    """Tell whether the first operand of an `and`, or an `or`, decides by default: helm reads no other one then."""
    found = _FIRST.search(text)
    if not found or name in found[0]:
        return False
    return bool(lookup(defaults, found["path"])) is (found["word"] == "or")


def _always_called(chart: Chart) -> frozenset[Action]:
    """Give what is outside of conditions in the named templates that are included outside of conditions."""
    named: dict[str, list[Action]] = {}
    for text in chart.every_template():
        for definition, action in actions_by_definition(text):
            if not action.conditions:
                named.setdefault(definition, []).append(action)
    found = [""]
    for name in found:
        called = (name for action in named.get(name, ()) for name in _INCLUDED.findall(action.text))
        found += [name for name in dict.fromkeys(called) if name not in found]
    return frozenset(action for name in found for action in named.get(name, ()))


def _are_empty(difference: Difference) -> bool:
    """Tell whether an empty map becomes an empty list, or the reverse."""
    return difference.before in ({}, []) and difference.after in ({}, [])


def _is_printed_as_it_is(address: str, uses: Sequence[Use]) -> bool:
    """Tell whether templates only print a key as it is: then its place says of which type it is, not its default."""
    key = tuple(steps(address))
    own = [use for use in uses if use.path[: len(key)] == key]
    return any(use.is_whole for use in own) and all(use.path == key and use.action.word != "range" for use in own)


def says_off(key: str) -> bool:
    """Tell whether a switch of this name turns something off: `disabled`, `metricsDisabled`, `skipCrds`."""
    words = {word.lower() for word in _WORD.findall(key)}
    return bool(words & _OFF)


def _subchart(address: str, *sides: Chart) -> str:
    """Give the subchart that a key belongs to; empty for one that a chart's own values.yaml sets."""
    name = steps(address)[0]
    of_subchart = any(subchart.name == name for chart in sides for subchart in chart.subcharts)
    is_own = any(lookup(chart.own_values, address) is not ABSENT for chart in sides)
    return name if of_subchart and not is_own else ""
