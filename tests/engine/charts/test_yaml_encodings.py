"""Files of values and of charts in UTF-16, as both helms read or refuse them."""

from __future__ import annotations

import codecs
import json
import subprocess
from pathlib import Path

import pytest

from chartgate.charts.chart_values.samples import Rules
from chartgate.charts.reading.one_reading import check_one_reading
from chartgate.charts.reading.read import copy_chart, read_chart
from chartgate.commands.main import main
from chartgate.documents.yaml_texts import go_yaml
from chartgate.errors import InputError
from chartgate.system.toolchain import OLDEST, Tools
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
    "half a character": (
        BIG + "a: ".encode("utf-16-be") + b"\xd8\0\0x\0\n",
        "here cannot be read: line 1 is not UTF-16-BE",
    ),
    "without a mark": ("a: 1\n".encode("utf-16-be"), "here: line 1, column 1: unacceptable character #x0000"),
    "UTF-32": (codecs.BOM_UTF32_BE + TEXT.encode("utf-32-be"), "here cannot be read: line 1 is not UTF-8 (byte 0x"),
    "Latin-1": ("a: ü\n".encode("latin-1"), "here cannot be read: line 1 is not UTF-8 (byte 0x"),
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
    with pytest.raises(InputError, match=r"^toy/values.schema.json is UTF-16, which no JSON is: save it as UTF-8$"):
        read_chart(copy_chart(tmp_path / "toy", tmp_path / "copy"), "toy")


@pytest.mark.parametrize("schema", ['{"title": "ü"}', '{"properties": {"a": {"enum": ["\ufffd"]}}}', '{"const": ü}'])
def test_a_schema_of_another_encoding(schema: str, tools: Tools, tmp_path: Path) -> None:
    """In its texts, what is not UTF-8 is U+FFFD to Go; nowhere else is it JSON."""
    content = schema.replace("\ufffd", "ü").encode("latin-1")
    files = {"values.yaml": b'a: "\xef\xbf\xbd"\n', "values.schema.json": content}
    refused = {bool(_refusal(helm, files, tmp_path)) for helm in helms(tools)}
    try:
        chart = read_chart(copy_chart(tmp_path / "toy", tmp_path / "copy"), "toy")
    except InputError as error:
        assert str(error).startswith("toy/values.schema.json: line 1, column ")
        assert refused == {True}
    else:
        assert Rules(chart).accept(chart.defaults)
        assert not chart.schema.get("properties") or not Rules(chart).accept({"a": "b"})
        assert refused == {False}


DOCUMENTS = {
    "several": (b"a: 1\n---\nb: 2\n", ("a: 1", "a: 1\nb: 2")),
    "the first one is empty": (b"---\n---\nb: 2\n", ("", "b: 2")),
    "the others are empty": (b"a: 1\n---\n# nothing\n---\n", ("a: 1", "a: 1")),
    "the others say the same": (b"a: 1\n---\na: 1\n", ("a: 1", "a: 1")),
    "one": (b"---\na: 1\n...\n", ("a: 1", "a: 1")),
}


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("file", ["values.yaml", "charts/s/values.yaml"])
def test_values_that_helm_3_reads_otherwise_are_refused_with_it(
    file: str, name: str, tools: Tools, tmp_path: Path
) -> None:
    content, meant = DOCUMENTS[name]
    dump = b"data: {values: {{ .Values | toJson | quote }}}\n"
    sub = {"charts/s/Chart.yaml": b"apiVersion: v2\nname: s\nversion: 1.0.0\n"}
    path = f"{file.removesuffix('values.yaml')}templates/dump.yaml"
    made = []
    for helm in helms(tools):
        assert _refusal(helm, {file: content, path: dump, **sub}, tmp_path) == ""
        done = subprocess.run([helm, "template", tmp_path / "toy"], capture_output=True, check=True, timeout=100)
        seen = json.loads(go_yaml.load_all(done.stdout.decode(), "helm")[-1]["data"]["values"])
        made.append({key: value for key, value in seen.items() if key in ("a", "b")})
    assert made == [go_yaml.load(text, "here") or {} for text in meant]
    chart = read_chart(copy_chart(tmp_path / "toy", tmp_path / "copy"), "toy")
    check_one_reading(chart, "4.2.3")
    if meant[0] == meant[1]:
        check_one_reading(chart, "3.17.3 at /opt/helm")
    else:
        words = f"^toy/{file} has several documents: helm 3.17.3 reads the first one only, and helm 4 all of them; "
        with pytest.raises(InputError, match=words):
            check_one_reading(chart, "3.17.3 at /opt/helm")


def test_a_run_with_helm_3_refuses_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert not _refusal(OLDEST.tool("helm"), {"ci/a-values.yaml": b"a: 1\n---\nb: 2\n"}, tmp_path)
    for command in (["check", "--chart=toy"], ["review", "toy", "--chart=toy"], ["init", "toy"]):
        assert main([*command, f"--helm={OLDEST.tool('helm')}"]) == 2
        said = capsys.readouterr().err
        assert said.startswith("chartgate: toy/ci/a-values.yaml has several documents: helm 3.17.3 reads the first one")
        assert said.count("\n") == 1


def _refusal(helm: Path, files: dict[str, bytes], folder: Path) -> str:
    """Give what helm says of a chart with these files, where it refuses it."""
    chart = folder / "toy"
    for name, content in {"Chart.yaml": CHART.encode(), **files}.items():
        (chart / name).parent.mkdir(parents=True, exist_ok=True)
        (chart / name).write_bytes(content)
    done = subprocess.run([str(helm), "template", str(chart)], capture_output=True, check=False, timeout=100, text=True)
    return done.stderr if done.returncode else ""
