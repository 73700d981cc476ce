"""What the files of policies say, read and not run: which policies there are, how severe, and by what they are proved.

For code that nobody has looked at yet: a review compares the policies of a pull request with those before it.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chartgate.system.files import read_text

_DEFAULT_SEVERITY = "error"
_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class PolicyOutline:
    """One policy, as far as its source shows it."""

    name: str
    file: str
    """From the folder that was read."""
    line: int
    severity: str
    """Empty where it is no literal."""
    where: str
    """The condition on scenarios, as it is written; empty for everywhere."""
    yields: int
    """At how many places it yields checks that are reached, the functions of its module that it calls included."""
    counterexamples: frozenset[str]
    body: str
    """What its function does, as a hash: the same policy under another name has the same."""


@dataclass(frozen=True)
class PolicyFolder:
    """What a folder of policies holds."""

    policies: Mapping[str, PolicyOutline]
    digests: Mapping[str, str]
    """The content of each Python file, as a hash, by its path from the folder."""


def read_outlines(folder: Path) -> PolicyFolder:
    """Read every module of a folder of policies; a module that is not Python has none.

    Raises:
        InputError: a file cannot be read.
    """
    files = [file for file in sorted(folder.rglob("*.py")) if file.is_file()]
    texts = {file.relative_to(folder).as_posix(): read_text(file) for file in files}
    trees = {name: tree for name, text in texts.items() if (tree := _parsed(text)) is not None}
    proofs: dict[str, set[str]] = {}
    for tree in trees.values():
        for policy, example in _counterexamples(tree):
            proofs.setdefault(policy, set()).add(example)
    found = [outline for name, tree in trees.items() for outline in _outlines(tree, name, proofs)]
    digests = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}
    return PolicyFolder({outline.name: outline for outline in found}, digests)


def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):  # the loader says what is wrong with it
        return None


def _outlines(tree: ast.Module, file: str, proofs: Mapping[str, set[str]]) -> Iterator[PolicyOutline]:
    functions = {node.name: node for node in tree.body if isinstance(node, _Function)}
    for function in functions.values():
        options = next((given for d in function.decorator_list if (given := _policy_options(d)) is not None), None)
        if options is None:
            continue
        severity = options.get("severity", ast.Constant(_DEFAULT_SEVERITY))
        yield PolicyOutline(
            name=function.name,
            file=file,
            line=function.lineno,
            severity=str(severity.value) if isinstance(severity, ast.Constant) else "",
            where=ast.unparse(options["where"]) if "where" in options else "",
            yields=_yields(function, functions),
            counterexamples=frozenset(proofs.get(function.name, ())),
            body=_body(function),
        )


def _policy_options(decorator: ast.expr) -> dict[str, ast.expr] | None:
    """Give the keywords of `@policy(...)`; None for another decorator."""
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    name = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
    if name != "policy":
        return None
    given = decorator.keywords if isinstance(decorator, ast.Call) else []
    return {keyword.arg: keyword.value for keyword in given if keyword.arg}


def _counterexamples(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Give policy and name: of functions below `@POLICY.counterexample`, of the keywords of `POLICY.breaks(...)`."""
    for node in ast.walk(tree):
        if isinstance(node, _Function):
            for decorator in node.decorator_list:
                if policy := _method_of(decorator, "counterexample"):
                    yield policy, node.name
        elif isinstance(node, ast.Call) and (policy := _method_of(node, "breaks")):
            yield from (
                (policy, str(keyword.arg)) for keyword in node.keywords if keyword.arg not in (None, "manifests")
            )


def _method_of(node: ast.expr, method: str) -> str:
    """Give the name of what this method is called on; empty where it is another."""
    called = node.func if isinstance(node, ast.Call) else node
    if isinstance(called, ast.Attribute) and called.attr == method and isinstance(called.value, ast.Name):
        return called.value.id
    return ""


def _yields(function: _Function, functions: Mapping[str, _Function]) -> int:
    """Count the places that yield, in a function and in those of its module that it leads to."""
    pending, reached = [function.name], set[str]()
    number = 0
    while pending:
        name = pending.pop()
        if name in reached:
            continue
        reached.add(name)
        for node in (node for statement in _reached(functions[name].body) for node in ast.walk(statement)):
            number += isinstance(node, ast.Yield) or (
                isinstance(node, ast.YieldFrom) and not _leads_to(node, functions)
            )
            if isinstance(node, ast.Name) and node.id in functions:
                pending.append(node.id)
    return number


def _reached(statements: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Give the statements that are ever run: nothing behind a `return`, nor what `if False:` keeps away."""
    for statement in statements:
        chosen: Sequence[ast.stmt] = [statement]
        if isinstance(statement, ast.If) and isinstance(statement.test, ast.Constant):
            chosen = list(_reached(statement.body if statement.test.value else statement.orelse))
        yield from chosen
        if any(isinstance(one, ast.Return | ast.Raise) for one in chosen):
            return


def _leads_to(node: ast.YieldFrom, functions: Mapping[str, _Function]) -> bool:
    """Tell whether it only passes on what a function of the module yields, which is counted there."""
    called = node.value.func if isinstance(node.value, ast.Call) else node.value
    return isinstance(called, ast.Name) and called.id in functions


def _body(function: _Function) -> str:
    has_documentation = ast.get_docstring(function, clean=False) is not None
    content = "\n".join(ast.dump(node) for node in function.body[has_documentation:])
    return hashlib.sha256(content.encode()).hexdigest()
