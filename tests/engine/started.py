"""Charts that `chartgate init` is started on, in an empty folder, and what is there afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from chartgate.documents.yaml_texts import go_yaml
from tests.engine.toys import CHART, CONFIG, GUARDED, write

NEEDY = {
    "values.yaml": "mode: ''\nsecret: {enabled: false, token: x}\n",
    "templates/config.yaml": CONFIG.replace(".Values.mode", '(required "mode is needed" .Values.mode)'),
    "templates/secret.yaml": GUARDED,
}


def chart(here: Path, files: Mapping[str, str]) -> None:
    write(here / "toy", {"Chart.yaml": CHART} | dict(files))


def files(here: Path) -> list[str]:
    return sorted(path.relative_to(here).as_posix() for path in here.rglob("*") if path.is_file())


def matrix(here: Path) -> dict[str, object]:
    found = go_yaml.load((here / "tests" / "matrix.yaml").read_text(), "matrix")
    assert isinstance(found, dict)
    return found
