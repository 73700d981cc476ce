"""No regular expression of the engine or of a policy takes longer than its input is long, times a constant.

Every pattern in the source is found in its syntax tree, whether it has a name or stands in a call, and gets the texts
of `attacks` by the methods that it is used with.
"""

from __future__ import annotations

import ast
import functools
import importlib
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from chartgate.documents.walking import nodes
from tests.engine.attacks import slow_text

ROOT = Path(__file__).parents[3]
SOURCES = [*sorted((ROOT / "src").rglob("*.py")), *sorted((ROOT / "policies").rglob("*.py"))]
METHODS = ("match", "fullmatch", "search", "sub", "split", "findall", "finditer")

MADE_OF_DATA = {
    # Names of releases and namespaces, escaped; then one of a variable, and one of a field, each in single lines.
    "chartgate.gate.telling.causes:_merged",
    "chartgate.gate.telling.helm_errors:_variable_line",
    "chartgate.gate.telling.line_parts:put_by",
    "chartgate.gate.telling.said_lines:_literals",
    # A word as it is, escaped, behind a fixed beginning.
    "chartgate.gate.telling.said_values:writers_of_values",
    # The name of a namespace, escaped; it begins and ends at a character that is not of a name.
    "chartgate.review.folding:_anonymous",
    # The name of a ConfigMap or a Secret, likewise.
    "chartgate.kubernetes.links.object_references:is_read_by_pods",
    # Addresses of values, escaped, as they are.
    "chartgate.packs.kubernetes.chart_files.template_variables:_asks",
    # One form of one secret, matched only where its beginning was found.
    "chartgate.documents.secret_texts.text_search:whole",
    # The number of a process.
    "chartgate.system.files:_descriptor",
    # Names are compared up to the length that Kubernetes takes only.
    "chartgate.kubernetes.validity.name_rules:_matches",
    # The rules are in RULES below.
    "policies.lightspeed.records:_script_checks",
    # `grep` of the runbook, whose patterns are in the runbook.
    "policies.lightspeed.scripts.oc_answers:_grep",
    # A few names of hosts in front of a number.
    "policies.lightspeed.network:_probe_checks",
    "policies.lightspeed.scripts.oc_calls:_call",
}
"""Functions with a pattern that is put together when they run, each with why that is linear."""


class Used(NamedTuple):
    """A pattern and a method that it is used with."""

    where: str
    pattern: re.Pattern[Any]
    method: str


def _module(file: Path) -> str:
    base = ROOT / "src" if file.is_relative_to(ROOT / "src") else ROOT
    return ".".join(file.relative_to(base).with_suffix("").parts).removesuffix(".__init__")


@functools.cache
def _trees() -> dict[str, ast.Module]:
    """Give the modules that make patterns, or use those of others."""
    texts = {_module(file): file.read_text("utf-8") for file in SOURCES}
    makes = {module for module, text in texts.items() if re.search(r"^ *import re$", text, re.MULTILINE)}
    names = [name for module in sorted(makes) for name in _patterns_of(module) if not name.startswith("_")]
    used = re.compile(rf"\b(?:{'|'.join(map(re.escape, names))})\b")
    return {module: ast.parse(text) for module, text in texts.items() if module in makes or used.search(text)}


@functools.cache
def _patterns_of(module: str) -> dict[str, re.Pattern[Any]]:
    members = vars(importlib.import_module(module)).items()
    return {name: value for name, value in members if isinstance(value, re.Pattern)}


def _called(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Give the name of everything whose method is asked for, and that of the method."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in METHODS:
            yield from ((name.id, node.attr) for name in ast.walk(node.value) if isinstance(name, ast.Name))


def _named() -> Iterator[Used]:
    """Give the patterns that have a name in their module, by the methods that are used: of a private one, there."""
    everywhere, of = defaultdict[str, set[str]](set), defaultdict[tuple[str, str], set[str]](set)
    for module, tree in _trees().items():
        for name, method in _called(tree):
            everywhere[name].add(method)
            of[module, name].add(method)
    for module in _trees():
        for name, value in _patterns_of(module).items():
            if _is_made_in(module, name):
                methods = of[module, name] if name.startswith("_") else everywhere[name]
                yield from (Used(f"{module}.{name}", value, method) for method in sorted(methods or {"search"}))


def _is_made_in(module: str, name: str) -> bool:
    assigned = (target for node in _trees()[module].body if isinstance(node, ast.Assign) for target in node.targets)
    return any(isinstance(target, ast.Name) and target.id == name for target in assigned)


@functools.cache
def _in_functions() -> tuple[tuple[str, str, ast.Call], ...]:
    """Give the calls of functions of `re` that take a pattern: the function that they stand in, and their own."""
    return tuple(
        (f"{module}:{function.name}", node.func.attr, node)
        for module, tree in _trees().items()
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if isinstance(node.func.value, ast.Name) and node.func.value.id == "re"
        if node.func.attr in (*METHODS, "compile")
    )


def _unnamed() -> Iterator[Used]:
    for where, method, call in _in_functions():
        if isinstance(call.args[0], ast.Constant):
            yield Used(f"{where}:{call.lineno}", re.compile(str(call.args[0].value)), method)


def _rules() -> Iterator[Used]:
    records: Any = importlib.import_module("policies.lightspeed.records")
    for name, pattern in [*records.SCRIPT_RULES.items(), ("connection", records.NAMES_A_CONNECTION)]:
        yield Used(f"policies.lightspeed.records:{name}", re.compile(pattern), "search")
    form = json.loads((ROOT / "src" / "chartgate" / "matrix" / "schema.json").read_text("utf-8"))
    for keys, node in nodes(form):
        if keys[-1:] == ("pattern",) and isinstance(node, str):
            yield Used(f"matrix/schema.json:{'.'.join(keys)}", re.compile(node), "search")


@functools.cache
def _used() -> dict[tuple[re.Pattern[Any], str], str]:
    """Give where each pattern is used, by how it is looked for: what finds all of it searches as well."""
    every = [*_named(), *_unnamed(), *_rules()]
    methods = dict.fromkeys(("sub", "split", "findall", "finditer"), "search")
    return {(used.pattern, methods.get(used.method, used.method)): used.where for used in every}


def test_patterns_are_linear() -> None:
    slow = {where: slow_text(pattern, method) for (pattern, method), where in _used().items()}
    assert len(slow) > 500
    assert {where: text for where, text in slow.items() if text} == {}


def test_patterns_are_written_down() -> None:
    """One that is made when a function runs cannot be judged here."""
    made = {where for where, _, call in _in_functions() if not isinstance(call.args[0], ast.Constant)}
    assert made == MADE_OF_DATA


@pytest.mark.parametrize(
    ("pattern", "method"),
    [
        (r"[\w.$(){}%<>*-]+\.svc", "search"),
        (r"([^=!\s()]+)\s*==?\s*([^=!\s()]*)", "search"),
        (r"(\d+)\.(\d+)\.(\d+)", "search"),
        (r"v?(\d+)(-[0-9A-Za-z.-]+)?\s+-\s+(\d+)", "search"),
        (r"([A-Za-z_]\w*)=(.*)", "search"),
        (r"\{\{-?\s*/\*.*?\*/\s*-?\}\}", "search"),
        (r'\{\{((?:"(?:\\.|[^"])*"|[^}])*)\}\}', "match"),
        (r"(a+)+$", "match"),
        (r"a*a*a*b", "match"),
        (r"\s*(.*?)\s*-?$", "match"),
    ],
)
def test_what_is_not_linear_is_noticed(pattern: str, method: str) -> None:
    assert slow_text(re.compile(pattern, re.DOTALL), method) != ""
