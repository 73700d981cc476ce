"""The review of a bump of our chart says what a reviewer must know, and in which scenarios."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from chartgate.gate.gate import Gate
from chartgate.matrix.choice import Choice
from chartgate.rendering.in_process import installed_version
from chartgate.reports.review_json import json_report
from chartgate.reports.review_markdown import markdown_report
from chartgate.reports.review_terminal import terminal_report
from chartgate.review.comparison import compare
from chartgate.review.means import Means
from chartgate.review.plan import plan_review
from chartgate.review.review import Entry, Review
from chartgate.review.sides import open_side

EDITS = {
    "Chart.yaml": [("version: 1.10.0\n", "version: 1.10.1\n")],
    "values.yaml": [
        # One plugin is on by default now.
        (
            "red-hat-developer-hub-backstage-plugin-lightspeed\n          disabled: true",
            "red-hat-developer-hub-backstage-plugin-lightspeed\n          disabled: false",
        )
    ],
    # A sidecar listens elsewhere, in the patch that only the Job applies.
    "templates/_sidecars-patch.tpl": [
        ("name: location\n              containerPort: 9090", "name: list\n              containerPort: 9091")
    ],
    # The database is scaled to nothing.
    "templates/lightspeed-postgres.yaml": [("  replicas: 1\n", "  replicas: 0\n")],
    # A key of the secret in both namespaces has another name.
    "templates/lightspeed-postgres-info-secret.yaml": [("  db-name:", "  database:")],
}


@pytest.fixture(scope="module")
def review(gate: Gate, tmp_path_factory: pytest.TempPathFactory) -> Review:
    """Review a broken copy of the chart against the chart, over the project's matrix."""
    root = tmp_path_factory.mktemp("review")
    folder = Path(shutil.copytree(gate.chart.folder, root / "chart"))
    for name, changes in EDITS.items():
        for old, new in changes:
            text = (folder / name).read_text()
            assert text.count(old) >= 1, f"{name}: {old!r}"
            (folder / name).write_text(text.replace(old, new))
    choice = Choice(default_matrix=gate.matrix.source)
    base, head = (
        open_side(str(path), choice, root / name) for path, name in ((gate.chart.folder, "old"), (folder, "new"))
    )
    # By a faster helm, where there is one: it renders the same.
    tools = dataclasses.replace(gate.renderings.tools, is_in_process=installed_version() is not None)
    return compare(base, head, plan_review(base, head, (), gate.today), Means(tools, root))


def _entries(review: Review, risk: str) -> list[Entry]:
    return [entry for entry in review.entries if any(found.name == risk for found in entry.risks)]


def test_a_plugin_that_is_on_by_default(review: Review) -> None:
    (entry,) = _entries(review, "default_toggled")
    assert entry.address.endswith("backstage-plugin-lightspeed].disabled")
    assert (entry.before, entry.after, entry.level) == (True, False, "danger")


def test_a_port_that_a_sidecar_lost(review: Review) -> None:
    places = {
        subject.partition(" ")[0]: entry.condition
        for entry in _entries(review, "port_removed")
        for subject in entry.subjects
    }
    assert places == dict.fromkeys(("ConfigMap", "Deployment"), "all with lightspeed and sidecars")


def test_a_database_that_is_stopped(review: Review) -> None:
    (entry,) = _entries(review, "downtime")
    assert entry.subjects == (
        "Deployment lightspeed-postgres/lightspeed-postgres",
        "Deployment assistant-db/lightspeed-postgres",
    )
    assert entry.condition == "all with lightspeed and postgres"


def test_a_key_of_a_secret_that_is_gone(review: Review) -> None:
    lost = _entries(review, "secret_key_removed")
    assert {subject.rpartition("/")[2] for entry in lost for subject in entry.subjects} == {"lightspeed-postgres-info"}
    assert all((entry.before, entry.after) == ("<secret>", entry.after) for entry in lost)
    assert {entry.condition for entry in lost} == {"all with lightspeed"}


def test_the_version_is_too_low(review: Review) -> None:
    assert (review.versions.actual, review.versions.required) == ("patch", "major")
    assert _entries(review, "version_too_low")


def test_nothing_else_is_dangerous(review: Review) -> None:
    known = {"default_toggled", "secret_key_removed"}
    assert {risk.name for entry in review.entries if entry.level == "danger" for risk in entry.unwaived} == known


def test_the_entry_that_the_readme_shows(review: Review) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    shown = re.search(r"```text\n(  Deployment .+?)```", readme, re.DOTALL)
    assert shown is not None
    assert shown[1] in terminal_report(review)


@pytest.mark.parametrize("report", [terminal_report, markdown_report, json_report])
def test_no_report_shows_a_secret(report: Callable[[Review], str], review: Review, gate: Gate) -> None:
    text = report(review)
    assert "lightspeed-postgres-info" in text
    assert gate.masker.text(text) == text


def test_the_json_report_has_its_documented_form(review: Review) -> None:
    schema = json.loads((Path(__file__).parents[2] / "docs" / "review.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(json_report(review)), schema, jsonschema.Draft202012Validator)


def test_the_markdown_report_fits_a_comment(review: Review) -> None:
    assert len(markdown_report(review)) < 65_536
