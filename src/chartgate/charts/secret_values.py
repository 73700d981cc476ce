"""Which values of a chart are secret."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from chartgate.documents.addresses import join, lookup, steps
from chartgate.documents.walking import leaves, scalars
from chartgate.model import Chart, Values

# Without a schema that marks its secrets, a chart's keys are known by their names.
_SECRET_NAME = re.compile(r"(password|passphrase|token|secret|api_?key|private_?key|credentials?)$", re.IGNORECASE)


# By custom (`existingSecret`, `imagePullSecret`), such a key names an object that holds the secret.
_OBJECT_NAME = re.compile(r"(existing[\w-]*|pull[_-]?)secret$", re.IGNORECASE)


def secret_keys(schema: Mapping[str, Any], values: Values, subcharts: tuple[Chart, ...]) -> tuple[str, ...]:
    """Give the addresses of secret values: `writeOnly: true` in a schema, or by name where none marks any."""
    marked = set(_write_only(schema)) or {
        address
        for address, value in leaves(values)
        for key in [steps(address)[-1]]
        if _SECRET_NAME.search(key) and not _OBJECT_NAME.search(key) and not isinstance(value, bool | list | Mapping)
    }
    below = (join(subchart.name, *steps(key)) for subchart in subcharts for key in subchart.secret_keys)
    return tuple(sorted(marked.union(below)))


def marked_keys(chart: Chart) -> set[str]:
    """Give the addresses of those secret values that a schema marks; the others are only called like secrets."""
    below = (join(subchart.name, *steps(key)) for subchart in chart.subcharts for key in marked_keys(subchart))
    return {*_write_only(chart.schema), *below}


def _write_only(schema: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[str]:
    properties = schema.get("properties")
    for key, rule in properties.items() if isinstance(properties, Mapping) else ():
        if isinstance(rule, Mapping):
            if rule.get("writeOnly") is True:
                yield join(*above, key)
            yield from _write_only(rule, (*above, key))


def secret_values(chart: Chart, values: Values) -> tuple[str, ...]:
    """Give every secret value of a scenario, longest first: what no report may show."""
    found = {text for key in chart.secret_keys for text in scalars(lookup(values, key)) if text.strip()}
    return tuple(sorted(found, key=lambda secret: (-len(secret), secret)))
