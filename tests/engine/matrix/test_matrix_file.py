"""A wrong matrix is refused with file, line and the accepted form."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chartgate.documents.yaml_texts import go_yaml
from chartgate.errors import InputError
from chartgate.matrix.choice import Choice, copy_for_run, read_inputs
from chartgate.matrix.file import read_matrix_file
from chartgate.matrix.form import is_of_the_form
from chartgate.matrix.form_errors import worst_error
from tests.engine.toys import MATRIX, TOY, write

WRONG: dict[str, dict[str, Any]] = go_yaml.load(
    (Path(__file__).parent / "wrong_matrices.yaml").read_text("utf-8"), "wrong_matrices.yaml"
)


@pytest.mark.parametrize("name", WRONG)
def test_wrong_matrices(name: str, tmp_path: Path) -> None:
    wrong = WRONG[name]
    assert wrong.get("replace", "") in MATRIX
    text = MATRIX.replace(wrong["replace"], wrong["by"], 1) if "replace" in wrong else f"{MATRIX}{wrong['by']}\n"
    text += wrong.get("and", "")
    write(tmp_path / "toy", TOY | {"values.yaml": TOY["values.yaml"] + "hosts: [{name: web}]\n"})
    write(tmp_path / "tests", {"matrix.yaml": text, "list.yaml": "- {chart: other}"})
    (tmp_path / "tests" / "binary.yaml").write_bytes(b"a: \xff")
    choice = Choice(matrix=str(tmp_path / "tests" / "matrix.yaml"))
    with pytest.raises(InputError) as error:
        read_inputs(choice, copy_for_run(choice, tmp_path / "run"))
    message = str(error.value)
    assert message.startswith(f"{choice.matrix}:{wrong['error'][0]}")
    assert wrong["error"][-1] in message
    assert "\n" not in message


@pytest.mark.parametrize("text", ["", "- a", "text", "# nothing"])
def test_what_is_no_map(text: str, tmp_path: Path) -> None:
    write(tmp_path, {"matrix.yaml": text})
    with pytest.raises(
        InputError, match=r"/matrix\.yaml:1: a matrix is a map with the keys chart, release, namespace,"
    ):
        read_matrix_file(tmp_path / "matrix.yaml")


@pytest.mark.parametrize(("content", "message"), [(None, "No such file"), (b"\xff", "line 1 is not UTF-8 (byte 0xff)")])
def test_what_cannot_be_read(content: bytes | None, message: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "matrix.yaml").write_bytes(content)
    with pytest.raises(InputError, match=r"/matrix\.yaml: the matrix cannot be read: ") as error:
        read_matrix_file(tmp_path / "matrix.yaml")
    assert message in str(error.value)


def test_files_are_relative_to_the_matrix(tmp_path: Path) -> None:
    write(tmp_path / "deep", {"matrix.yaml": MATRIX})
    file = read_matrix_file(tmp_path / "deep" / "matrix.yaml")
    assert file.relative("../toy") == tmp_path / "toy"
    assert file.relative("/elsewhere/toy") == Path("/elsewhere/toy")
    assert file.content.release == "demo"


def test_an_error_points_as_far_as_its_place_leads(tmp_path: Path) -> None:
    path = write(tmp_path, {"matrix.yaml": MATRIX}) / "matrix.yaml"
    file = read_matrix_file(path)
    for place, line in (([], 2), (["scenarios"], 7), (["scenarios", "loud", "values", "mode"], 8), (["gone", "x"], 2)):
        where = ".".join(place)
        assert str(file.error(place, "wrong")) == f"{path}:{line}: {where + ': ' if where else ''}wrong"


WAIVER = {"policy": "a", "resource": "ConfigMap x", "reason": "later", "owner": "we", "expires": "2026-12-31"}
FULL: dict[str, Any] = {
    "chart": "../toy",
    "release": "demo",
    "namespace": "shop",
    "kube_version": "1.31",
    "api_versions": ["a.com/v1"],
    "toggles": {"web": "web.enabled", "db": {"db.enabled": True}},
    "axes": {"size": {"small": {"values": {"a": 1}}, "large": {"items": {"hosts": {"a": {"b": 1}}}}}},
    "exclude": [{"together": {"size": "small", "mode": "loud"}, "reason": "later"}],
    "pairwise": {"all_on": {"row-1": {"size": "small"}}},
    "keyed_lists": {"hosts": {"key": "name", "name": "^(.*)$"}},
    "ci_files": ["a*"],
    "scenarios": {"on": {"toggles": "all", "values_files": ["a.yaml"]}, "off": {"toggles": ["web"]}},
    "refusals": {"odd": {"stderr": ["no"], "release": "r"}},
    "waivers": [WAIVER],
    "snapshots": {"in_full": {"on": None, "off": "on"}, "after_hooks": ["on"]},
    "external": [{"kind": "Secret", "name": "s", "keys": ["a"], "labels": {"a": "b"}, "reason": "theirs"}],
    "one_per": {"scope": "cluster", "reason": "ports"},
    "schemas": {"kinds": {"a.com/v1 A": "a.json"}, "unjudged": {"a.com/v1 B": "later"}, "keys": {"a.json": "a.json"}},
}


def _changed(value: Any) -> Iterator[Any]:
    """Give a value with each part of it gone, replaced by something odd, or with something beside it."""
    yield from (None, True, 1, "", "A b\n", "20261231", "2026-13-01", "(", [], {}, ["a"], {"a": "b"})
    if isinstance(value, dict):
        yield {**value, "odd key": "odd"}
        for key in value:
            yield {other: below for other, below in value.items() if other != key}
            yield from ({**value, key: below} for below in _changed(value[key]))
    elif isinstance(value, list):
        yield [*value, *value]
        yield from (
            [*value[:place], below, *value[place + 1 :]]
            for place in range(len(value))
            for below in _changed(value[place])
        )


@pytest.mark.parametrize("key", FULL)
def test_what_has_the_form_at_a_glance_has_it_by_its_schema(key: str) -> None:
    base = {name: FULL[name] for name in ("chart", "release", "namespace")}
    assert is_of_the_form(base | {key: FULL[key]})
    for document in (base | {key: value} for value in _changed(FULL[key])):
        assert is_of_the_form(document) is (worst_error(document, None) is None), document
