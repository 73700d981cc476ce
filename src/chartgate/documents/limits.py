"""How large a document may be: what is larger ends in one line, before anything can run out of stack or memory."""

from __future__ import annotations

DEEPEST = 100
"""Levels of maps and lists. Go reads 10,000, but nobody writes them, and all that goes through a document here goes
down by calls, of which Python allows 1,000; a validator of JSON schemas takes half a dozen a level."""

LONGEST = 64 * 2**20
"""Characters of a text, and of all the scalars of a document once its aliases are written out. Helm stops at 5 MiB a
file of a chart; what it renders may be longer."""

TOO_DEEP = f"nested deeper than {DEEPEST} levels"
TOO_LONG = f"longer than {LONGEST // 2**20} MiB"
TOO_MANY_ALIASES = "its aliases make too much of it: document contains excessive aliasing, as helm says"


def allowed_aliasing(nodes: int) -> float:
    """Give which share of the nodes of a document may come from aliases: 99 % of a small one, 10 % of a large one.

    Source: https://github.com/kubernetes-sigs/yaml/blob/v1.4.0/goyaml.v2/decode.go
    """
    low, high = 400_000, 4_000_000
    return 0.99 - 0.89 * (min(max(nodes, low), high) - low) / (high - low)
