"""Keys of values.yaml that only have another name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chartgate.documents.addresses import ABSENT, join, lookup, steps
from chartgate.documents.json_documents.equality import canonical
from chartgate.documents.shapes import map_of
from chartgate.documents.walking import nodes
from chartgate.kubernetes.changes.differences import Difference, differences

_WORD = re.compile(r"[A-Z]?[a-z]++|[A-Z]++(?![a-z])")
_EMPTY: tuple[Any, ...] = (None, "", False, True, {}, [])


def renamed_keys(found: Sequence[Difference]) -> dict[str, str]:
    """Give the new name of each key that was only renamed: exactly one removed and one added key match.

    Keys inside of what was added are candidates, too. A key that was added in several places is no new name.
    """
    removed = [(difference.address, difference.before) for difference in found if difference.after is ABSENT]
    roots = [(difference.address, difference.after) for difference in found if difference.before is ABSENT]
    added = [
        (join(*keys), default)
        for address, value in roots
        for keys, default in nodes(value, tuple(steps(address)), lists=False)
    ]
    fits = {old: [new for new, default in added if _is_same_key(old, value, new, default)] for old, value in removed}
    names = {old: same[0] for old, same in fits.items() if len(same) == 1}
    return {old: new for old, new in names.items() if list(names.values()).count(new) == 1}


def renamed_addresses(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Give the old and the new address of each key that has another name, by itself or with the section it is in."""
    found = [difference for difference in differences(was, now) if not difference.in_list]
    for old, new in renamed_keys(found).items():
        for keys, _ in nodes(lookup(now, new), tuple(steps(new)), lists=False):
            yield join(*steps(old), *keys[len(steps(new)) :]), join(*keys)


def _is_same_key(old: str, before: Any, new: str, after: Any) -> bool:
    """Tell whether one key is the other under another name: the same default and a name or a place in common.

    A default such as `true` or `""` has many keys: the last name must be the same, or a word of it in the same place.
    """
    one, two = steps(old), steps(new)
    if canonical(before) != canonical(after):
        return _is_same_section(before, after) and one[-1] == two[-1]
    is_said = before not in _EMPTY
    if one[-1] == two[-1] or (one[:-1] == two[:-1] and (is_said or _words(one[-1]) & _words(two[-1]))):
        return True
    return is_said and not isinstance(before, int)


def _words(key: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(key)}


def name_now(difference: Difference, renamed: Mapping[str, str], now: Mapping[str, Any]) -> str:
    """Give the new name of a key; of a section that has other keys as well, in words."""
    name = renamed.get(difference.address, "")
    is_whole = not name or canonical(difference.before) == canonical(lookup(now, name))
    return name if is_whole else f"{name}, with other keys,"


def _is_same_section(before: Any, after: Any) -> bool:
    """Tell whether two sections have most of their keys in common, and two with what they hold."""
    was, now = map_of(before), map_of(after)
    common = [key for key in was if key in now]
    return len(common) > len({*was} ^ {*now}) and sum(was[key] == now[key] not in _EMPTY for key in common) > 1
