"""Whether policies depend on nothing but what they are given, as far as their text tells.

They start no process and read no file, clock or variable: what they say of a case is then the same whenever they are
asked. Packs keep to it, and a project's own policies that do are remembered from one run to the next.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

_PURE = frozenset(
    """
    chartgate.documents chartgate.errors chartgate.kubernetes chartgate.model chartgate.packs chartgate.policy
    chartgate.charts.chart_values chartgate.charts.metadata chartgate.charts.template_texts chartgate.matrix.derivations
    __future__ base64 binascii collections copy dataclasses difflib enum fnmatch functools hashlib ipaddress itertools
    json math operator posixpath re shlex string textwrap typing urllib.parse pathlib.PurePosixPath jsonschema yaml
    """.split()  # noqa: SIM905 - a list to read
)
"""What manifests, charts and matrices mean as data, how to state checks, and the parts of Python that only compute."""
_CALLS = frozenset(["open", "eval", "exec", "compile", "__import__", "input", "print", "breakpoint"])


def impurities(text: str, own: str) -> list[str]:
    """Name what a module of policies imports or calls by which its answer may be another one each time.

    Args:
        text: of the module.
        own: the name of the package that it is in, from the top.

    Raises:
        SyntaxError: it is no Python.
        ValueError: it has a NUL.
    """
    tree = ast.parse(text)
    known = _PURE | {own}
    imported = [name for name in _imports(tree) if known.isdisjoint(_with_above(name))]
    return [*imported, *(node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in _CALLS)]


def _imports(tree: ast.AST) -> Iterator[str]:
    """Give what a module imports, `a.b` for `from a import b`; what it imports by dots is of its own package."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _with_above(name: str) -> Iterator[str]:
    """Give a name and those of the packages that it is in."""
    while name:
        yield name
        name = name.rpartition(".")[0]
