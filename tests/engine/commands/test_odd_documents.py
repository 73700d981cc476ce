"""What `chartgate check` says of a chart with an odd document: a verdict, or one line that names the file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from chartgate.commands.main import main
from chartgate.documents.limits import DEEPEST
from tests.engine.toys import CHART, write

CONFIG = """apiVersion: v1
kind: ConfigMap
metadata: {name: odd}
data: {mode: {{ .Values.mode | quote }}, odd: VALUE}
"""
DEFAULTS = "mode: plain\n"

LAUGHS = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{f'*a{n - 1}, ' * 10}]\n" for n in range(1, 10))


def _nested(levels: int) -> str:
    """Give values of this many levels, written as JSON."""
    document: object = {"end": 1}
    for _ in range(levels - 2):
        document = {"below": document}
    return json.dumps({"mode": "plain", "deep": document})


def _schema(levels: int) -> str:
    schema: object = {"type": "object"}
    for _ in range(levels):
        schema = {"not": {"not": schema}}
    return json.dumps({"properties": {"deep": schema}})


VERDICTS = {
    "a commit that looks like a float": {"ci/a-values.yaml": "mode: 7e10483\n"},
    "a number of 5,000 digits": {"templates/config.yaml": CONFIG.replace("VALUE", "1" * 5000)},
    "a prefix without digits": {"templates/config.yaml": CONFIG.replace("VALUE", "0x_")},
    "an address in hex": {"values.yaml": f"mode: 0x{'de' * 20}\n"},
    "a tag of one's own": {"values.yaml": "mode: !Secret plain\n"},
    "a set": {"values.yaml": "mode: plain\nset: !!set {a, b}\n"},
    "a byte order mark": {"values.yaml": "\ufeffmode: plain\n", "values.schema.json": '\ufeff{"type": "object"}'},
    "Windows' line ends": {"values.yaml": "mode: plain\r\nmore: |\r\n  a\r\n  b\r\n"},
    "several documents of values": {"ci/a-values.yaml": "mode: a\n---\nmode: b\n"},
    "a key twice in ci": {"ci/a-values.yaml": "mode: a\nmode: b\n"},
    "values as deep as allowed": {"values.yaml": _nested(DEEPEST)},
    "a schema as deep as allowed": {"values.schema.json": _schema((DEEPEST - 3) // 2)},
}

REFUSALS: dict[str, tuple[Mapping[str, str], str]] = {
    "a billion laughs": (
        {"values.yaml": LAUGHS},
        "values.yaml: line 5, column 10: its aliases make too much of it: document contains excessive aliasing",
    ),
    "a map in itself": (
        {"values.yaml": "x: &a\n  y: *a\n"},
        "values.yaml: line 2, column 6: the value of an anchor contains itself",
    ),
    "deep values": ({"values.yaml": _nested(DEEPEST + 1)}, "values.yaml: line 1, column "),
    "very deep values": (
        {"values.yaml": "a: " + "[" * 100_000},
        "values.yaml: line 1, column 103: nested deeper than 100 levels",
    ),
    "deep ci": (
        {"ci/a-values.yaml": "a:\n" + "- " * 100_000},
        "ci/a-values.yaml: line 2, column 199: nested deeper than 100 levels",
    ),
    "a deep schema": (
        {"values.schema.json": '{"a":' * 100_000},
        "values.schema.json: line 1, column 501: nested deeper than 100 levels",
    ),
    "infinity in a schema": (
        {"values.schema.json": '{"maximum": 1e999}'},
        "values.schema.json: line 1, column 13: a number is too large: at most 1.8e+308, as for Go",
    ),
    "a NaN in a schema": ({"values.schema.json": '{"maximum": NaN}'}, "values.schema.json: NaN is not JSON"),
    "infinity": (
        {"values.yaml": "a: .inf\n"},
        "values.yaml: line 1, column 4: not a number or infinite, which JSON cannot hold",
    ),
    "a list of values": (
        {"ci/a-values.yaml": "- a\n"},
        "ci/a-values.yaml: line 1, column 1: expected a map of values, found list",
    ),
    "a control character": (
        {"Chart.yaml": CHART + "a: \x07"},
        "Chart.yaml: line 4, column 4: unacceptable character #x0007",
    ),
}


def _check(files: Mapping[str, str], folder: Path) -> int:
    template = {"Chart.yaml": CHART, "values.yaml": DEFAULTS, "templates/config.yaml": CONFIG.replace("VALUE", "1")}
    write(folder / "odd", template | dict(files))
    # Which policies judge it is not the point; the whole pack would be, with all that goes through the values.
    return main(["check", f"--chart={folder / 'odd'}", "--policies=kubernetes", "--format=json"])


@pytest.mark.parametrize("name", VERDICTS)
def test_a_verdict(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = _check(VERDICTS[name], tmp_path)
    shown = capsys.readouterr()
    assert code in (0, 1), shown.err
    assert "does not render" not in shown.out
    assert shown.err == ""


@pytest.mark.parametrize("name", REFUSALS)
def test_one_line(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files, message = REFUSALS[name]
    assert _check(files, tmp_path) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(f"chartgate: {tmp_path}/odd/{message}")
    assert shown.err.count("\n") == 1
