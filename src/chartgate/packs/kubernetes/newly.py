"""What policies find in a derived scenario that they do not find in the one it is derived from."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from chartgate.documents.addresses import join, lookup, steps
from chartgate.documents.shapes import map_of
from chartgate.documents.very_objects import once_for
from chartgate.documents.walking import strings
from chartgate.model import Check, Rendering
from chartgate.policy.checks import as_asked
from chartgate.policy.policy import Policy

_ITEM = re.compile(r"\[[^\[\]]*+\]")
_NEAR = "; there is "
"""Before what is there instead, which has another name, too."""


def new_findings(policies: Sequence[Policy], before: Rendering, after: Rendering) -> Iterator[Check]:
    """Give the checks of these policies on the second rendering, without what they find in the first as well.

    A place is told by its template and address, since other values may give an object another name; and the same words
    may be said of another item of the same list, which got another name. So may what is missing there: nothing is new
    where as many are missing of its kind. What a policy only warns of is a warning here, too.
    """
    if after.error:
        return
    for policy in policies:
        checks = tuple(policy.checks([after]))
        failed = [check for check in checks if not check.passed]
        if not failed:  # mostly; then what is found before need not be looked for
            yield from checks
            continue
        were = _failed(policy, before)
        known = {place for check in were for place in (_place(check), _kind_of_place(check), _variable(check))}
        missing = Counter(map(_missing, were))
        known |= {kind for kind, number in Counter(map(_missing, failed)).items() if number <= missing[kind]}
        for check in checks:
            if check.passed:
                yield check
            elif known.isdisjoint((_place(check), _kind_of_place(check), _variable(check), _missing(check))):
                severity = check.severity or policy.severity
                yield dataclasses.replace(check, expected=as_asked(check.expected, policy.name), severity=severity)


@once_for(128)
def _failed(policy: Policy, rendering: Rendering) -> tuple[Check, ...]:
    """Give what a policy finds in what many others are derived from."""
    return tuple(check for check in policy.checks([rendering]) if not check.passed)


def of_the_chart(check: Check, given: object) -> bool:
    """Tell whether what is not there is the chart's own to make: no text that is given has its name, or is it."""
    named = check.asked.name if check.asked else None
    return not any(text == check.actual or (named and named in text) for _, text in strings(given))


def has_an_empty_text_beside(keys: Iterable[str], rendering: Rendering) -> bool:
    """Tell whether a text beside one of these keys is empty: whoever gives the one gives the other as well."""
    sections = (map_of(lookup(rendering.scenario.values, join(*steps(key)[:-1]))) for key in keys)
    return any("" in section.values() for section in sections)


def _place(check: Check) -> tuple[str, ...]:
    return check.template, check.path


def _variable(check: Check) -> tuple[str, ...]:
    """Give what is wrong with a variable, in whatever container: one named template writes those of several."""
    _, found, name = check.path.partition(".env[")
    return (name, str(check.actual)) if found else _place(check)


def _kind_of_place(check: Check) -> tuple[str, ...]:
    return check.template, _ITEM.sub("[]", check.path), str(check.expected), str(check.actual).partition(_NEAR)[0]


def _missing(check: Check) -> tuple[str, ...]:
    """Give the kind of what is missing, and where it is named, whatever the items around it are called."""
    return (check.template, _ITEM.sub("[]", check.path), check.asked.kind) if check.asked else _place(check)
