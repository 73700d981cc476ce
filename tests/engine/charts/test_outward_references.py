"""What a schema refers to outside of itself is fetched by nobody; all else of it is judged as before."""

from __future__ import annotations

import gzip
import http.server
import io
import json
import subprocess
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from chartgate.charts.chart_values.samples import Rules
from chartgate.charts.reading.outward_references import references_taken_out, without_outward_references
from chartgate.charts.reading.read import copy_chart, notes_on, read_chart
from chartgate.model import Chart
from chartgate.system.toolchain import OLDEST, PINNED, Release
from tests.engine.toys import CHART, write


@dataclass
class Server:
    """A web server on this machine, which writes down what it is asked for."""

    url: str
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def server() -> Iterator[Server]:
    """Serve schemas that refuse everything."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"false")

        def log_message(self, *_: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        made = Server(f"http://127.0.0.1:{listening.server_port}")
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield made
        listening.shutdown()
        thread.join()


OUTWARD: dict[str, str] = {
    "remote": '{"properties": {"a": {"$ref": "URL/x.json"}}}',
    "remote, in capitals": '{"properties": {"a": {"$ref": "HTTP://HOST/x.json"}}}',
    "remote, with a pointer": '{"properties": {"a": {"$ref": "URL/x.json#/definitions/a"}}}',
    "at the top": '{"$ref": "URL/x.json"}',
    "a dynamic one": '{"$dynamicRef": "URL/x.json"}',
    "relative to a remote name": '{"$id": "URL/root.json", "properties": {"a": {"$ref": "x.json"}}}',
    "relative to a name below": '{"properties": {"a": {"$id": "URL/sub/", "allOf": [{"$ref": "x.json"}]}}}',
    "by a name that is a value": '{"properties": {"a": {"$ref": "URL/x.json"}}, "default": {"$id": "URL/x.json"}}',
    "by a name of old": '{"$schema": "DRAFT", "allOf": [{"$ref": "URL/x.json"}], "$defs": {"s": {"id": "URL/x.json"}}}',
    "by a definition's name of old": (
        '{"$schema": "http://json-schema.org/draft-04/schema#", "properties": {"a": {"$ref": "URL/x.json"}},'
        ' "definitions": {"x": {"$id": "URL/x.json"}}}'
    ),
    "by a definition's name beside a reference": (
        '{"properties": {"a": {"$ref": "URL/x.json"}},'
        ' "definitions": {"x": {"$id": "URL/x.json", "$ref": "#"}}}'
    ),
    "relative to a definition's name": (
        '{"properties": {"a": {"$ref": "#/definitions/y"}},'
        ' "definitions": {"x": {"$id": "x.json"}, "y": {"$id": "URL/sub/", "allOf": [{"$ref": "x.json"}]}}}'
    ),
    "beside a name": '{"properties": {"a": {"$ref": "URL/x.json", "$id": "URL/x.json"}}}',
    "through a default": '{"properties": {"a": {"$ref": "#/default"}}, "default": {"$ref": "URL/x.json"}}',
    "through an unknown key": '{"properties": {"a": {"$ref": "#/more/x"}}, "more": {"x": {"$ref": "URL/x.json"}}}',
    "in a definition that nothing uses": '{"definitions": {"b": {"$ref": "URL/x.json"}}}',
    "another draft": '{"$schema": "URL/meta.json"}',
    "another draft below": '{"allOf": [{"$ref": "m"}], "$defs": {"m": {"$id": "m", "$schema": "URL/meta.json"}}}',
    "a file": '{"properties": {"a": {"$ref": "file://FILE"}}}',
    "a relative file": '{"properties": {"a": {"$ref": "../../../..FILE"}}}',
    "an absolute file": '{"properties": {"a": {"$ref": "FILE"}}}',
    "another host": '{"properties": {"a": {"$ref": "//HOST/x.json"}}}',
    "a key twice": '{"properties": {"a": {"$ref": "#", "$ref": "URL/x.json"}}}',
    "in a list": '{"allOf": [{"anyOf": [true, {"$ref": "URL/x.json"}]}]}',
    "many": '{"properties": {"a": {"$ref": "URL/x.json"}, "b": {"$ref": "file://FILE"}}}',
}  # fmt: skip


STAYING: dict[str, str] = {
    "by the URL of a definition": (
        '{"properties": {"a": {"$ref": "URL/x.json#/definitions/n"}},'
        ' "definitions": {"x": {"$id": "URL/x.json", "definitions": {"n": {"type": "string"}}}}}'
    ),
    "by the name of a definition": (
        '{"properties": {"a": {"$ref": "x.json#/definitions/n"}},'
        ' "definitions": {"x": {"$id": "x.json", "definitions": {"n": {"type": "string"}}}}}'
    ),
    "by the name of a definition below a root's": (
        '{"$id": "URL/r.json", "properties": {"a": {"$ref": "x.json"}},'
        ' "definitions": {"x": {"$id": "x.json", "type": "string"}}}'
    ),
}  # fmt: skip


def _files(schema: str, place: str) -> dict[str, str | bytes]:
    """Give a chart with this schema, or one whose subchart, a folder or packed, has it."""
    top: dict[str, str | bytes] = {"Chart.yaml": CHART, "values.yaml": "a: 1\nsub: {a: 1}\n", "templates/x.yaml": "{}"}
    if place == "chart":
        return top | {"values.schema.json": schema}
    sub = {"Chart.yaml": "name: sub\nversion: 1.0.0\n", "values.schema.json": schema}
    if place == "folder":
        return top | {f"charts/sub/{name}": text for name, text in sub.items()}
    return top | {"charts/sub-1.0.0.tgz": _tgz({f"sub/{name}": text for name, text in sub.items()})}


def _tgz(files: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, text in files.items():
            content = text if isinstance(text, bytes) else text.encode()
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return gzip.compress(buffer.getvalue())


def _read(files: dict[str, str | bytes], folder: Path, *, is_packed: bool) -> Chart:
    source = folder / ("toy.tgz" if is_packed else "toy")
    if is_packed:
        source.write_bytes(_tgz({f"toy/{name}": text for name, text in files.items()}))
    else:
        for name, text in files.items():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_chart(copy_chart(source, folder / "run"), "toy")


def _helm(release: Release, chart: Path, *more: str) -> tuple[int, str]:
    if not release.tool("helm").is_file():
        pytest.skip(f"helm {release.helm} is not provisioned: chartgate provision --all")
    command = [str(release.tool("helm")), "template", "toy", str(chart), *more]
    done = subprocess.run(command, capture_output=True, check=False, timeout=60)
    return done.returncode, done.stderr.decode()


@pytest.mark.parametrize("name", OUTWARD)
def test_nothing_is_fetched(name: str, server: Server, tmp_path: Path) -> None:
    outside = write(tmp_path, {"outside.json": "false"}) / "outside.json"
    schema = OUTWARD[name].replace("URL", server.url).replace("FILE", str(outside))
    schema = schema.replace("HOST", server.url.removeprefix("http://")).replace(
        "DRAFT", "http://json-schema.org/draft-07/schema#"
    )
    chart = _read(_files(schema, "chart"), tmp_path, is_packed=False)
    assert Rules(chart).accept(chart.defaults)
    assert [_helm(release, chart.folder) for release in (PINNED, OLDEST)] == [(0, ""), (0, "")]
    assert server.asked == []
    assert chart.not_fetched
    assert [note for note in notes_on(chart) if "toy/values.schema.json refers to" not in note] == []


@pytest.mark.parametrize("name", STAYING)
def test_what_stays_in_the_file_is_judged(name: str, server: Server, tmp_path: Path) -> None:
    chart = _read(_files(STAYING[name].replace("URL", server.url), "chart"), tmp_path, is_packed=False)
    assert chart.not_fetched == ()
    assert [_helm(release, chart.folder)[0] for release in (PINNED, OLDEST)] == [1, 1]  # 1 is not a string
    assert server.asked == []


@pytest.mark.parametrize("is_packed", [False, True])
@pytest.mark.parametrize("place", ["chart", "folder", "packed"])
def test_wherever_the_schema_is(place: str, is_packed: bool, server: Server, tmp_path: Path) -> None:
    schema = json.dumps({"properties": {"a": {"allOf": [{"$ref": f"{server.url}/x.json"}, {"type": "integer"}]}}})
    chart = _read(_files(schema, place), tmp_path, is_packed=is_packed)
    values = "a=text" if place == "chart" else "sub.a=text"
    assert _helm(PINNED, chart.folder) == (0, "")
    assert "got string, want integer" in _helm(PINNED, chart.folder, "--set", values)[1]
    assert server.asked == []
    called = {"chart": "toy", "folder": "toy/charts/sub", "packed": "toy/charts/sub-1.0.0.tgz"}[place]
    told = f"{called}/values.schema.json refers to {server.url}/x.json, which is not fetched"
    assert list(notes_on(chart)) == [f"{told}: values are not held against it."]


def test_many_are_told_in_one_line(tmp_path: Path) -> None:
    references = ", ".join(f'"{key}": {{"$ref": "http://127.0.0.1:9/{key}.json"}}' for key in "abcd")
    chart = _read(_files(f'{{"properties": {{{references}}}}}', "chart"), tmp_path, is_packed=False)
    named = ", ".join(f"http://127.0.0.1:9/{key}.json" for key in "ab")
    told = f"toy/values.schema.json refers to {named} and 2 more, which are not fetched"
    assert list(notes_on(chart)) == [f"{told}: values are not held against them."]


def test_helm_would_fetch_it(server: Server, tmp_path: Path) -> None:
    """The server works: without the copy, it is asked."""
    schema = OUTWARD["remote"].replace("URL", server.url)
    write(tmp_path, {"Chart.yaml": CHART, "values.yaml": "a: 1", "values.schema.json": schema})
    assert _helm(PINNED, tmp_path)[0] == 1
    assert server.asked == ["/x.json"]


INWARD = [
    '{"properties": {"a": {"$ref": "#/definitions/s"}}, "definitions": {"s": {"type": "string"}}}',
    '{"properties": {"a": {"$ref": "#s"}}, "definitions": {"s": {"$anchor": "s", "type": "string"}}}',
    '{"$id": "http://x/root.json", "properties": {"a": {"$ref": "http://x/root.json#/$defs/s"}}, "$defs": {"s": {}}}',
    '{"$schema": "http://json-schema.org/draft-07/schema#", "properties": {"a": {"$ref": "#"}}}',
    '{"$schema": "https://json-schema.org/draft/2020-12/schema", "properties": {"$ref": {"type": "string"}}}',
    '{"properties": {"a": {"$ref": "http://json-schema.org/draft-07/schema#"}}}',
    '{"properties": {"a": {"$ref": "urn:x:y"}}}',
    '{"properties": {"a": {"default": {"$schema": "http://x/y"}}}}',
    '{"$ref": 5}',
    "true",
    "[",
    "\ufeff{}",
]


@pytest.mark.parametrize("schema", INWARD)
def test_what_stays_as_it_is(schema: str) -> None:
    files = {"values.schema.json": schema.encode(), "charts/sub.tgz": b"junk", "more/values.schema.json": b"{}"}
    assert without_outward_references(files) == files


def test_what_was_taken_out_is_told_once() -> None:
    schema = {"a": {"$comment": "not fetched: x"}, "b": [{"$comment": "not fetched: x"}, {"$comment": "a remark"}]}
    assert references_taken_out(schema) == ["x"]
