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
_CHANGING = frozenset(
    """
    add append appendleft clear discard extend insert pop popitem popleft remove reverse setdefault sort update
    __setitem__ __setattr__ difference_update intersection_update symmetric_difference_update
    """.split()  # noqa: SIM905 - a list to read
)
"""Methods that change what they are called on."""
_TAKING = ("next",)
"""Functions that change what they are given."""
_REMEMBERING = ("cache", "lru_cache", "cached_property")
"""Of functools."""
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


def keeps_something(text: str) -> bool:
    """Tell whether what a module's functions were asked before may be in what they answer.

    As far as its text tells: they change what is above them, remember by a decorator, or have a default that changes.

    Raises:
        SyntaxError, ValueError: as for `impurities`.
    """
    tree = ast.parse(text)
    above = {name for statement in tree.body for name in _bound(statement)}
    classes = [statement for statement in tree.body if isinstance(statement, ast.ClassDef)]
    return any(_keeps(node, above) for node in ast.walk(tree)) or any(
        _changes_itself(found) and not _is_only_used_inside(found, tree) for found in classes
    )


def _bound(statement: ast.stmt) -> Iterator[str]:
    """Give the names that a statement of a module gives to something."""
    if isinstance(statement, ast.ClassDef | ast.FunctionDef):
        yield statement.name
        return
    for node in ast.walk(statement):
        if isinstance(node, ast.alias):
            yield (node.asname or node.name).partition(".")[0]
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def _is_only_used_inside(found: ast.ClassDef, module: ast.Module) -> bool:
    """Tell whether a class is private, and what is made of it is made when a function runs."""
    outside = (s for s in module.body if not isinstance(s, ast.ClassDef | ast.FunctionDef))
    names = (n.id for statement in outside for n in ast.walk(statement) if isinstance(n, ast.Name))
    return found.name.startswith("_") and found.name not in names


def _changes_itself(found: ast.ClassDef) -> bool:
    later = (s for s in found.body if not (isinstance(s, ast.FunctionDef) and s.name in ("__init__", "__post_init__")))
    return any(_keeps(node, {"self", "cls"}) for statement in later for node in ast.walk(statement))


def _keeps(node: ast.AST, above: set[str]) -> bool:
    if isinstance(node, ast.Global | ast.Nonlocal):
        return True
    if isinstance(node, ast.ImportFrom):
        return node.module == "functools" and any(alias.name in (*_REMEMBERING, "*") for alias in node.names)
    if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
        return _root(node) in above
    if isinstance(node, ast.Attribute):
        return node.attr == "__dict__" or (node.attr in _REMEMBERING and _root(node) == "functools")
    if isinstance(node, ast.Call):
        function = node.func
        if isinstance(function, ast.Name) and function.id in _TAKING:
            return any(_root(given) in above for given in node.args)
        is_method = isinstance(function, ast.Attribute) and function.attr in _CHANGING
        return _root(function) in (above if is_method else ("setattr", "vars", "globals"))
    defaults = [*node.defaults, *filter(None, node.kw_defaults)] if isinstance(node, ast.arguments) else []
    return any(isinstance(below, ast.Dict | ast.List | ast.Set | ast.Call) for below in defaults)


def _root(node: ast.AST) -> str:
    """Give the name that a chain of attributes and indexes begins with, empty where it begins with something else."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


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
