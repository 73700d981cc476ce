"""Switching one item of a list in the values by its exact name; helm itself can only replace the whole list."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chartgate.charts.chart_values.coalescing import nested
from chartgate.documents.addresses import lookup
from chartgate.documents.json_documents.go_patterns import first_group
from chartgate.model import Values


@dataclass(frozen=True)
class KeyedList:
    """Where the names of a list's items are: in `key`, as the first group of `name`."""

    address: str
    key: str
    name: str

    def names(self, values: Values) -> list[str]:
        """Give the names of the items, in their order; "" for an item without one."""
        items = lookup(values, self.address)
        return [self._name(item) for item in items] if isinstance(items, list) else []

    def changed(self, values: Values, changes: Mapping[str, Mapping[str, Any]]) -> Values:
        """Give the override that sets keys of the named items and repeats the rest of the list.

        Raises:
            LookupError: no item, or more than one, has that exact name.
        """
        items = copy.deepcopy(lookup(values, self.address) or [])
        names = self.names(values)
        for wanted, keys in changes.items():
            if names.count(wanted) != 1:
                raise LookupError(f"{self.address} has no single item {wanted!r}; it has {', '.join(names) or 'none'}")
            items[names.index(wanted)].update(copy.deepcopy(dict(keys)))
        return nested({self.address: items})

    def _name(self, item: Any) -> str:
        return first_group(self.name, str(item.get(self.key, ""))) if isinstance(item, dict) else ""
