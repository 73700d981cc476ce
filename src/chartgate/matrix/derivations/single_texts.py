"""Scenarios in which a text or a number is given that values.yaml leaves empty and a template asks about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from chartgate.charts.chart_values.filled_values import FILLED
from chartgate.charts.chart_values.samples import Rules
from chartgate.charts.chart_values.shown_examples import shown_keys
from chartgate.charts.template_texts.compared_texts import words_around
from chartgate.charts.template_texts.key_readers import printed_lines
from chartgate.charts.template_texts.template_actions import actions
from chartgate.charts.template_texts.template_reads import Path, Use, uses
from chartgate.documents.addresses import ABSENT, join, lookup, steps
from chartgate.documents.very_objects import once_for
from chartgate.documents.walking import nodes
from chartgate.matrix.derivations.derived import accepted, chart_of, fullest, is_set, with_values
from chartgate.matrix.derivations.switch_turns import bases_of, with_all_above
from chartgate.model import Chart, Scenario

ALL_GIVEN = "all-given"
_MOST = 10
"""Texts that are given; each is one more start of helm."""
_OF_A_FORM = re.compile(
    r"\b(?:toYaml|fromYaml|fromJson|tpl|n?indent|split\w*|int(?:64)?|atoi|range|eq|ne|lookup|kindIs)\b"
)
"""What templates do with a text that is more than a word: YAML, a template, a number, one of a few."""
_ASKS_FOR_IT = re.compile(r'\b(?:eq|ne)\s++(?:""\s++\$?[\w.]++|\$?[\w.]++\s++"")')
"""Asks whether there is a text at all."""
_NUMBER, _NODE_PORT = 60, 30080
_OF_A_NODE = ("nodePort: ", "- nodePort: ")
_BINDS = re.compile(r"\bwith\b|:=")
"""A condition that makes a key the dot, or a variable; below `if`, a template has to name it."""
_DECIDING = ("if", "with", "else")
_OF_USERS = re.compile(
    r"existing|secretname|claim|account|registry|repository|image|class|(?:(?<!user)name|(?<!config)override|namespace|ip"
    r"|type|policy|digest|tag|version)\Z",
    re.IGNORECASE,
)
"""Texts that name what users have, or choose one of a few."""
_BLOCK = re.compile(r":\s*+[|>][-+]?\s*+$")
"""The line above a text that is printed as it is, in a block of YAML."""


def given_texts(scenarios: Sequence[Scenario]) -> Iterator[tuple[Scenario, Scenario]]:
    """Pair a scenario with ones in which one text is given that is empty, by which a template decides what it prints.

    Or a number in place of 0. Texts of a form of their own are left alone, and so is what a file in ci/ sets.
    """
    base = fullest(scenarios)
    if base is None or not base.declared.is_conventional:
        return
    chart, left = chart_of(base), _MOST
    rules, asked, plain, of_nodes = Rules(chart), _asked(chart), plain_texts(chart), _node_ports(chart)
    # Helm drops keys whose default is null.
    known = dict.fromkeys((*sorted(of_nodes), *_unset_texts(chart)))
    unset = [(k, None) for k in known if lookup(base.values, join(*k)) in (ABSENT, None)]
    for keys, value in (*nodes(base.values, lists=False), *unset):
        address = join(*keys)
        is_zero = value == 0 and isinstance(value, int) and not isinstance(value, bool) and keys in asked
        is_of_a_node = keys in of_nodes and value in ("", None)
        is_empty = is_zero or is_of_a_node or (value in ("", None) and keys in plain)
        before = with_all_above(keys, base, scenarios) if is_empty else None
        if before is None or is_set(address, (before, *scenarios)):
            continue
        words = words_around([keys], chart)
        if keys in of_nodes:  # whoever gives a port of the nodes says so by the type beside it
            above = [keys[:depth] for depth in range(1, len(keys))]
            words |= {join(*path, name): "NodePort" for path in above for name in ("type", "serviceType")}
        if words := {k: w for k, w in words.items() if lookup(before.values, k) not in (w, ABSENT)}:
            before = with_values(before, "worded", words)
        number = _NODE_PORT if keys in of_nodes else _NUMBER
        after = with_values(before, f"given.{address}", {address: number if is_zero or is_of_a_node else FILLED})
        if left and rules.accept(after.values):
            left -= 1
            yield before, after


def all_texts_given(scenarios: Sequence[Scenario]) -> Iterator[tuple[Scenario, Scenario]]:
    """Pair the fullest scenario, and that with every switch on, with ones in which all such texts are given at once.

    But for those that name what users have.
    """
    for base in bases_of(scenarios) if any(s.declared.is_conventional for s in scenarios) else ():
        plain = sorted(plain_texts(chart_of(base)))
        empty = [join(*keys) for keys in plain if not any(_OF_USERS.search(key) for key in keys)]
        empty = [key for key in empty if lookup(base.values, key) == ""]
        if given := accepted(base, dict.fromkeys(empty, FILLED)):
            yield base, with_values(base, ALL_GIVEN, given)


@once_for(4)
def plain_texts(chart: Chart) -> frozenset[Path]:
    """Give the keys that templates of the chart ask about, and print as they are or between quotes."""
    asked = _asked(chart)
    formed = {use.path for use in uses(chart) if _is_formed(use.action.text) and not _is_in_a_block(use, chart)}
    formed |= {path for path in asked if any(_takes_its_form(text, path) for text in chart.templates.values())}
    return frozenset(asked - formed)


def _is_formed(action: str) -> bool:
    return _OF_A_FORM.search(_ASKS_FOR_IT.sub("", action)) is not None


def _node_ports(chart: Chart) -> set[Path]:
    """Give the keys that templates print as ports of the nodes."""
    return {one.path for one in printed_lines(chart) if one.line.startswith(_OF_A_NODE)}


def _unset_texts(chart: Chart) -> list[Path]:
    """Give such keys whose default is null, or that are printed and have none, which no comment shows.

    And of which no template reads a part: those are no sections.
    """
    shown = {tuple(steps(key)) for key in shown_keys(chart, plain_texts(chart))}
    above = {use.path[:depth] for use in uses(chart) for depth in range(1, len(use.path))}
    printed = {use.path for use in uses(chart) if not use.action.word} - shown
    plain = sorted(plain_texts(chart) - above)
    return [path for path in plain if path in printed or lookup(chart.own_values, join(*path)) is None]


def _is_in_a_block(use: Use, chart: Chart) -> bool:
    above = chart.templates.get(use.template, "").splitlines()[: use.action.line - 1]
    return bool(above) and _BLOCK.search(above[-1]) is not None


def _asked(chart: Chart) -> set[Path]:
    found = (use for use in uses(chart) if use.action.word in _DECIDING)
    return {use.path for use in found if not use.template.endswith("NOTES.txt")}


def _takes_its_form(template: str, path: Path) -> bool:
    """Tell whether something below the condition that a key is takes the dot, or a variable, for more than a word."""
    name = f".Values.{'.'.join(path)}"
    return name in template and any(
        action.conditions
        and name in action.conditions[-1]
        and _BINDS.search(action.conditions[-1])
        and _is_formed(action.text)
        for action in actions(template)
    )
