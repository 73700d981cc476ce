"""The namespace that a chart is to be installed in by its own values: `global.systemNamespace: system`."""

from __future__ import annotations

import re

from chartgate.documents.addresses import join
from chartgate.documents.walking import nodes
from chartgate.model import Chart

_ACCOUNT = re.compile(r"^kind: ServiceAccount[ \t]*+$", re.MULTILINE)
_NAMESPACE = re.compile(
    r"^  namespace: \{\{-?\s*+\.Values\.(global\.\w*+(?<=amespace))\s*+(?:\|\s*+quote\s*+)?+-?\}\}", re.MULTILINE
)


def meant_namespace(chart: Chart) -> str:
    """Give the namespace in which a system expects itself; empty where it may be in any.

    All of its accounts are in the one that `global` names, and pods run as them in the namespace of the release.
    """
    for text in chart.templates.values():
        found = _NAMESPACE.search(text) if _ACCOUNT.search(text) else None
        for keys, named in nodes(chart.defaults, lists=False) if found else ():  # some charts keep defaults deeper down
            if found and join(*keys[-2:]) == found[1] and isinstance(named, str) and named:
                return named
    return ""
