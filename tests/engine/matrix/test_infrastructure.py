"""The entry of a chart in an Argo-style file."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartgate.errors import InputError
from chartgate.matrix.application import Application, read_application
from tests.engine.toys import write

ENTRY = "{chart: toy, targetRevision: 1.2.3, namespace: prod, values: {mode: <path:a#b>}}"


@pytest.mark.parametrize("text", [f"- {ENTRY}\n- {{chart: other}}", f"other: text\ncharts:\n- a\n- {ENTRY}"])
def test_the_entry(text: str, tmp_path: Path) -> None:
    file = write(tmp_path, {"infrastructure.yaml": text}) / "infrastructure.yaml"
    assert read_application(file, "toy") == Application("toy", "1.2.3", "prod", {"mode": "<path:a#b>"})


def test_values_may_be_missing(tmp_path: Path) -> None:
    file = write(tmp_path, {"infrastructure.yaml": "- {chart: toy, namespace: prod}"}) / "infrastructure.yaml"
    assert read_application(file, "toy") == Application("toy", "", "prod", {})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"[]", "expected one entry `- chart: toy`, found 0; its charts: none"),
        (b"", "expected one entry `- chart: toy`, found 0; its charts: none"),
        (b"text", "expected one entry `- chart: toy`, found 0; its charts: none"),
        (b"- {chart: other}\n- {name: x}", "expected one entry `- chart: toy`, found 0; its charts: other, None"),
        (b"- {chart: toy}\n- {chart: toy}", "expected one entry `- chart: toy`, found 2; its charts: toy, toy"),
        (b"- {chart: toy}", "the entry of toy needs a `namespace` and a map of `values`"),
        (b"- {chart: toy, namespace: x, values: [a]}", "the entry of toy needs a `namespace` and a map of `values`"),
        (
            b"- {chart: toy, namespace: x, targetRevision: 1.10}",
            "targetRevision 1.1 of toy is not text to YAML: write it in quotes",
        ),
        (b"- {chart: toy, namespace: 5}", "the entry of toy needs a `namespace` and a map of `values`"),
        (b"- {", "line 2, column 1: did not find expected node content"),
        (b"\xff", "the infrastructure file cannot be read: line 1 is not UTF-8"),
        (None, "the infrastructure file cannot be read: No such file"),
    ],
)
def test_what_is_no_entry(text: bytes | None, message: str, tmp_path: Path) -> None:
    file = tmp_path / "infrastructure.yaml"
    if text is not None:
        file.write_bytes(text)
    with pytest.raises(InputError) as error:
        read_application(file, "toy")
    assert str(error.value).startswith(f"{file}: {message}")
