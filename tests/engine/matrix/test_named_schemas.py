"""The JSON schemas that a matrix names."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartgate.errors import InputError
from chartgate.matrix.choice import Choice, copy_for_run, read_inputs
from tests.engine.toys import MATRIX, TOY, write


def test_the_matrix_names_schemas(tmp_path: Path) -> None:
    schemas = "schemas:\n  kinds: {example.com/v1 Widget: widget.json}\n  keys: {web.yaml: web.json}\n"
    write(tmp_path / "toy", TOY)
    write(tmp_path / "tests", {"matrix.yaml": MATRIX + schemas, "widget.json": "{}", "web.json": "true"})
    choice = Choice(matrix=str(tmp_path / "tests" / "matrix.yaml"))
    _, matrix = read_inputs(choice, copy_for_run(choice, tmp_path / "run"))
    for scenario in matrix.scenarios.values():
        assert scenario.declared.schemas.kinds == {"example.com/v1 Widget": "{}"}
        assert scenario.declared.schemas.keys == {"web.yaml": "true"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "line 1, column 2: Expecting"),
        ('{"type": "text"}', "is not a JSON schema: 'text' is not"),
        ('{"patternProperties": {"a(?!b)": {}}}', "a(?!b)"),
        ('{"items": {"pattern": "a(?!b)"}}', "is not a JSON schema: 'a(?!b)' is not a 'regex'"),
    ],
)
def test_a_schema_that_is_not_one(content: str, words: str, tmp_path: Path) -> None:
    write(tmp_path / "toy", TOY)
    write(tmp_path / "tests", {"matrix.yaml": f"{MATRIX}schemas: {{keys: {{a.yaml: a.json}}}}\n", "a.json": content})
    choice = Choice(matrix=str(tmp_path / "tests" / "matrix.yaml"))
    with pytest.raises(InputError, match=r"schemas\.keys\.a\.yaml: ") as error:
        read_inputs(choice, copy_for_run(choice, tmp_path / "run"))
    assert words in str(error.value)
