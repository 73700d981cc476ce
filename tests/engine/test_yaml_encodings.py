"""Files of values and of charts in UTF-16, as both helms read or refuse them."""

from __future__ import annotations

import codecs
import subprocess
from pathlib import Path

import pytest

from chartgate.charts.read import copy_chart, read_chart
from chartgate.documents import go_yaml
from chartgate.errors import InputError
from chartgate.system.toolchain import Tools
from tests.engine.helm_reads import helms
from tests.engine.toys import CHART

TEXT = 'a: 1\nb: "ü😀"\n'
LITTLE, BIG = codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE

VALUES = {
    "big-endian": (BIG + TEXT.encode("utf-16-be"), {"a": 1, "b": "ü😀"}),
    "big-endian, several documents": (BIG + "a: 5\n---\nb: 6\n".encode("utf-16-be"), {"a": 5}),
    "UTF-8 with a mark": (codecs.BOM_UTF8 + TEXT.encode(), {"a": 1, "b": "ü😀"}),
    "nothing but a mark and a line": (BIG + b"\0\n", {}),
    "little-endian, with a last byte as helm wants it": (LITTLE + "a: \u0a05".encode("utf-16-le"), {"a": "\u0a05"}),
}

_BROKEN = "here is UTF-16 of which helm 4 breaks the last character: save it as UTF-8"
REFUSED = {
    "little-endian": (LITTLE + TEXT.encode("utf-16-le"), _BROKEN),
    "big-endian without a last line break": (BIG + "a: 1".encode("utf-16-be"), _BROKEN),
    "half a character": (BIG + "a: ".encode("utf-16-be") + b"\xd8\0\0x\0\n", "here cannot be read: 'utf-16-be' codec"),
    "without a mark": ("a: 1\n".encode("utf-16-be"), "here: line 1, column 1: unacceptable character #x0000"),
    "UTF-32": (codecs.BOM_UTF32_BE + TEXT.encode("utf-32-be"), "here cannot be read: 'utf-8' codec"),
    "Latin-1": ("a: ü\n".encode("latin-1"), "here cannot be read: 'utf-8' codec"),
}


@pytest.mark.parametrize("name", VALUES)
def test_values_that_are_read(name: str, tools: Tools, tmp_path: Path) -> None:
    content, values = VALUES[name]
    assert go_yaml.load_values(content, "here") == values
    assert _refusal(tools.helm, {"values.yaml": content}, tmp_path) == ""


@pytest.mark.parametrize("name", REFUSED)
def test_values_that_are_refused(name: str, tools: Tools, tmp_path: Path) -> None:
    content, refusal = REFUSED[name]
    with pytest.raises(InputError) as error:
        go_yaml.load_values(content, "here")
    assert str(error.value).startswith(refusal)
    assert _refusal(tools.helm, {"values.yaml": content}, tmp_path)


@pytest.mark.parametrize(("mark", "encoding"), [(LITTLE, "utf-16-le"), (BIG, "utf-16-be")])
def test_chart_yaml_is_read_in_either_order(mark: bytes, encoding: str, tools: Tools, tmp_path: Path) -> None:
    files = {"Chart.yaml": mark + CHART.encode(encoding)}
    for helm in helms(tools):
        assert _refusal(helm, files, tmp_path) == ""
    assert read_chart(copy_chart(tmp_path / "toy", tmp_path / "copy"), "toy").name == "toy"


def test_a_schema_is_utf_8(tools: Tools, tmp_path: Path) -> None:
    files = {"values.schema.json": BIG + "{}".encode("utf-16-be")}
    for helm in helms(tools):
        assert _refusal(helm, files, tmp_path)
    with pytest.raises(InputError, match=r"^toy/values.schema.json cannot be read: 'utf-8' codec"):
        read_chart(copy_chart(tmp_path / "toy", tmp_path / "copy"), "toy")


def _refusal(helm: Path, files: dict[str, bytes], folder: Path) -> str:
    """Give what helm says of a chart with these files, where it refuses it."""
    chart = folder / "toy"
    (chart / "templates").mkdir(parents=True, exist_ok=True)
    for name, content in {"Chart.yaml": CHART.encode(), **files}.items():
        (chart / name).write_bytes(content)
    done = subprocess.run([str(helm), "template", str(chart)], capture_output=True, check=False, timeout=100, text=True)
    return done.stderr if done.returncode else ""
