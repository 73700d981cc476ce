"""`chartgate review` as a person or a pipeline calls it: options, exit codes, and input that cannot be used."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import jsonschema
import pytest

from chartgate.commands.main import main
from chartgate.commands.review_command import FAIL_ON
from chartgate.review.review import LEVELS
from chartgate.review.risks.risk_classes import CLASSES
from tests.engine.toys import archive, write
from tests.review.repositories import cloned

PLAIN = {
    "Chart.yaml": "apiVersion: v2\nname: small\nversion: 1.0.0\n",
    "values.yaml": "mode: plain\n",
    "templates/config.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {mode: {{ .Values.mode }}}\n",
}
VALID = "chart: ../chart\nrelease: a\nnamespace: b\n"
"""A matrix."""
CLAIM = """
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: files}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: SIZE}}}
"""


@pytest.fixture(autouse=True)
def _nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in a folder without a matrix, like any user of another chart."""
    monkeypatch.chdir(tmp_path)


def _charts(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    for name, files in (("old", before), ("new", after)):
        write(Path(name), PLAIN | dict(files))
    return ["review", "old", "new", "--no-policies"]


def _sizes(before: str, after: str) -> list[str]:
    return _charts(*({"templates/claim.yaml": CLAIM.replace("SIZE", size)} for size in (before, after)))


def _refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Run what must exit with 2, one message on stderr and nothing else."""
    code = main(arguments)
    output = capsys.readouterr()
    assert (code, output.out) == (2, "")
    assert "Traceback" not in output.err
    return output.err


@pytest.mark.parametrize(
    ("before", "after", "fail_on", "code"),
    [
        ("5Gi", "4Gi", "danger", 1),
        ("5Gi", "4Gi", "note", 1),
        ("5Gi", "4Gi", "never", 0),
        ("5Gi", "6Gi", "danger", 0),
    ],
)
def test_the_exit_code(before: str, after: str, fail_on: str, code: int) -> None:
    assert main([*_sizes(before, after), f"--fail-on={fail_on}"]) == code


BROKEN = {"templates/config.yaml": '{{ fail "never" }}'}


def _told(arguments: list[str], code: int, capsys: pytest.CaptureFixture[str]) -> tuple[list[str], list[str]]:
    """Give the classes of a review, and its notes."""
    assert main([*arguments, "--format=json"]) == code
    document = json.loads(capsys.readouterr().out)
    return [risk["class"] for entry in document["entries"] for risk in entry.get("risks", [])], document["notes"]


def test_a_head_that_never_renders_is_a_result(capsys: pytest.CaptureFixture[str]) -> None:
    classes, notes = _told(_charts({}, BROKEN), 1, capsys)
    assert "values_refused" in classes
    assert notes[0].startswith("new renders in no scenario, so no objects are compared; the first error is: ")


def test_a_base_that_never_renders_is_a_note(capsys: pytest.CaptureFixture[str]) -> None:
    classes, notes = _told(_charts(BROKEN, {}), 0, capsys)
    assert classes == []
    assert notes[0].startswith("old renders in no scenario")


@pytest.mark.parametrize(
    ("schema", "values"),
    [
        ('{"required": ["licence"]}', PLAIN["values.yaml"]),
        ('{"properties": {"mode": {"enum": ["fast"]}}}', PLAIN["values.yaml"]),
    ],
)
def test_a_schema_that_refuses_the_defaults_is_a_result(
    schema: str, values: str, capsys: pytest.CaptureFixture[str]
) -> None:
    classes, _ = _told(_charts({}, {"values.schema.json": schema, "values.yaml": values}), 1, capsys)
    assert "values_refused" in classes
    assert "schema_narrowed" in classes


def test_a_renamed_chart(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = _charts({}, {"Chart.yaml": "apiVersion: v2\nname: tiny\nversion: 2.0.0\n"})
    assert _told([*arguments, "--renamed"], 0, capsys) == ([], [])


def test_folders_outside_of_git_claim_nothing_of_tags(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(_charts({}, {"values.yaml": "mode: fast\n"})) == 0
    assert "it is still 1.0.0, and there are no tags to tell whether it is released" in capsys.readouterr().out


SELECTED = {
    "templates/web.yaml": """
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: http}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "shop/web:1", ports: [{name: http, containerPort: 80}]}]}
"""
}
LOST = {
    "templates/web.yaml": SELECTED["templates/web.yaml"].replace(
        "spec: {selector: {app: web}", "spec: {selector: {app: shop}"
    )
}


def test_what_head_s_policies_find_in_head_only_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [argument for argument in _charts(SELECTED, LOST) if argument != "--no-policies"]
    assert main([*arguments, "--format=json"]) == 1
    entries = json.loads(capsys.readouterr().out)["entries"]
    found = [
        (e["subjects"], r["reason"].partition(":")[0])
        for e in entries
        for r in e.get("risks", [])
        if r["class"] == "new_finding"
    ]
    assert found == [(["Service default/web"], "service_selectors_find_pods")]


def test_a_finding_about_the_chart_as_a_whole_is_one_of_every_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    unread = {**SELECTED, "values.yaml": PLAIN["values.yaml"] + "colour: red\n"}
    assert main([argument for argument in _charts(SELECTED, unread) if argument != "--no-policies"]) == 1
    said = capsys.readouterr().out
    assert "new_finding: keys_are_named_in_templates: expected read by a template" in said
    assert "  affects: 1 change in every scenario\n" in said


def test_a_finding_has_the_words_of_yaml(capsys: pytest.CaptureFixture[str]) -> None:
    on_host = SELECTED["templates/web.yaml"].replace("spec: {containers", "spec: {hostNetwork: true, containers")
    arguments = _charts(SELECTED, {**SELECTED, "templates/other.yaml": on_host.replace("{name: web}", "{name: other}")})
    main([*(argument for argument in arguments if argument != "--no-policies"), "--format=json"])
    risks = [risk for entry in json.loads(capsys.readouterr().out)["entries"] for risk in entry.get("risks", [])]
    reasons = [risk["reason"] for risk in risks if risk["class"] == "new_finding"]
    assert [reason for reason in reasons if "security_level" in reason] == [
        "pods_fit_the_demanded_security_level: expected false or nothing, as the level baseline demands, found true"
    ]


def test_what_a_class_says_no_policy_says_again(capsys: pytest.CaptureFixture[str]) -> None:
    template = SELECTED["templates/web.yaml"]
    on_host = {"templates/web.yaml": template.replace("spec: {containers", "spec: {hostNetwork: true, containers")}
    arguments = [argument for argument in _charts(SELECTED, on_host) if argument != "--no-policies"]
    main([*arguments, "--format=json"])
    risks = [risk for entry in json.loads(capsys.readouterr().out)["entries"] for risk in entry.get("risks", [])]
    assert [risk["reason"] for risk in risks if risk["class"] == "security_loosened"] == [
        "it shares this with its node"
    ]
    assert [risk["reason"] for risk in risks if "security_level" in risk["reason"]] == []


def test_what_only_base_had_is_a_note(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [argument for argument in _charts(LOST, SELECTED) if argument != "--no-policies"]
    classes, notes = _told(arguments, 0, capsys)
    assert "new_finding" not in classes
    assert "1 finding of BASE is gone in HEAD: service_selectors_find_pods (Service default/web)." in notes


@pytest.mark.parametrize("name", ["web-1-0-0", "web-1.0.0", "web-100"])
def test_a_finding_of_an_object_that_is_called_after_the_version_is_not_new(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    chart = {"Chart.yaml": "apiVersion: v2\nname: small\nversion: 1.0.1\n"}
    sides = ({"templates/web.yaml": LOST["templates/web.yaml"].replace("name: web}", f"name: {now}}}")}
             for now in (name, name[:-1] + "1"))  # fmt: skip
    before, after = sides
    arguments = [argument for argument in _charts(before, {**chart, **after}) if argument != "--no-policies"]
    classes, notes = _told(arguments, 0, capsys)
    assert "new_finding" not in classes
    assert [note for note in notes if "gone in HEAD" in note] == []


def test_every_level_may_fail() -> None:
    assert (*LEVELS, "never") == FAIL_ON


def test_danger_is_what_fails_by_default() -> None:
    less = {"templates/config.yaml": PLAIN["templates/config.yaml"].replace("name: a", "name: b")}
    arguments = _charts({}, less)
    assert main(arguments) == 0
    assert main([*arguments, "--fail-on=caution"]) == 1
    assert main(_sizes("2Gi", "1Gi")) == 1


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ({}, "nothing changes\n"),
        ({"README.md": "a"}, "files differ, and nothing that they render: needs patch; "),
    ],
)
def test_nothing_changes(now: dict[str, str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(_charts({}, now)) == 0
    assert f"small 1.0.0 -> 1.0.0: {said}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("option", "accepted"),
    [
        ("--format=pdf", ["html", "json", "markdown", "terminal"]),
        ("--fail-on=error", ["note", "caution", "danger", "never"]),
        ("--explain=data-loss", list(CLASSES)),
    ],
)
def test_an_unknown_word_lists_the_accepted_ones(
    option: str, accepted: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    message = _refused(["review", "v1", option], capsys)
    assert option.partition("=")[2] in message
    assert [word for word in accepted if word not in message] == []


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", f"--explain={name}"]) == 0
    text = capsys.readouterr().out
    assert text.startswith(f"{name}: {CLASSES[name].title}\n")
    assert f"level:   {CLASSES[name].level}\n" in text
    assert f"source:  {CLASSES[name].source}\n" in text
    assert CLASSES[name].source.startswith("https://")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["review"], "name what to compare with: `chartgate review v1.2.3`, a chart folder or a .tgz"),
        (["review", "v1.2.3"], "name a chart with --chart=PATH, or a matrix with --matrix=PATH"),
        (
            ["review", "v1.2.3", "--chart=new"],
            "'v1.2.3' is neither a chart folder nor an archive, and as a git reference",
        ),
        (["review", "old", "other"], "old is the chart 'small' and other the chart 'other'"),
        (["review", "old", "other"], "--renamed says that they are that under two names"),
        (
            ["review", "broken", "broken"],
            "neither side renders in any scenario: give a file with the values that they need by --values=FILE;"
            " the first errors are:\n  broken: ",
        ),
        (
            ["review", "old", "new", "--policies=rules", "--no-policies"],
            "--policies and --no-policies exclude each other",
        ),
        (["review", "empty", "new"], "the folder empty has no Chart.yaml; as a git reference: "),
        (["review", "climbing.tgz", "new"], "climbing.tgz"),
        (["review", "text.tgz", "new"], "text.tgz"),
        (["review", "old", "new", "--values=none.yaml"], "--values=none.yaml cannot be read"),
        (
            ["review", "old", "new", "--values=list.yaml"],
            "--values=list.yaml: line 1, column 1: expected a map of values, found list",
        ),
        (["review", "old", "new", "--matrix=none.yaml"], "none.yaml: the matrix cannot be read"),
        (["review", "old", "new", "--kube-version=new"], "'new' is not a Kubernetes version"),
        (["review", "old", "new", "--helm=none"], "none"),
        (
            ["review", "old", "new", "--output=none/report.md"],
            "none/report.md cannot be written: there is no folder none",
        ),
    ],
)
def test_input_that_cannot_be_used(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    _charts({}, {})
    write(Path("other"), PLAIN | {"Chart.yaml": PLAIN["Chart.yaml"].replace("small", "other")})
    write(Path("broken"), PLAIN | {"templates/config.yaml": '{{ fail "never" }}'})
    write(Path(), {"empty/README.md": "", "list.yaml": "[]", "text.tgz": "no archive"})
    archive(
        Path("climbing.tgz"), {f"small/{name}": text for name, text in PLAIN.items()} | {"small/../../climbed": "out"}
    )
    assert message in _refused(arguments, capsys)
    assert not Path("climbed").exists()


def test_a_bomb_in_an_archive(capsys: pytest.CaptureFixture[str]) -> None:
    _charts({}, {})
    zeros = "\0" * (300 * 2**20)
    archive(Path("bomb.tgz"), {f"small/{name}": text for name, text in PLAIN.items()} | {"small/zeros": zeros})
    assert "bomb.tgz" in _refused(["review", "bomb.tgz", "new"], capsys)


def test_an_archive_is_a_side_like_any_other(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = _sizes("5Gi", "4Gi")
    packed = {f"small/{file.relative_to('old')}": file.read_text() for file in Path("old").rglob("*.yaml")}
    archive(Path("old.tgz"), packed)
    assert main(["review", "old.tgz", "new", "--format=json"]) == 1
    of_archive = json.loads(capsys.readouterr().out)
    assert main([*arguments, "--format=json"]) == 1
    of_folder = json.loads(capsys.readouterr().out)
    same = [entry for entry in of_archive["entries"] if entry["section"] != "version"]
    assert same == of_folder["entries"]
    # What is packaged is in use.
    assert of_archive["version"]["released"]


def test_an_output_that_cannot_be_written_leaves_nothing_behind(capsys: pytest.CaptureFixture[str]) -> None:
    Path("folder.md").mkdir()
    there = {path.name for path in Path().iterdir()} | {"old", "new"}
    assert "folder.md cannot be written: it is a folder" in _refused([*_charts({}, {}), "--output=folder.md"], capsys)
    assert {path.name for path in Path().iterdir()} == there


def test_an_output_beside_what_the_terminal_shows(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*_sizes("5Gi", "4Gi"), "--format=markdown", "--output=review.md"]) == 1
    assert Path("review.md").read_text("utf-8").startswith("<!-- chartgate review -->\n## small 1.0.0 → 1.0.0\n")
    assert capsys.readouterr().out.startswith("small 1.0.0 -> 1.0.0: ")


def test_the_matrix_of_a_commit_is_called_as_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clone = cloned(tmp_path / "repository")
    chart = {f"chart/{name}": text for name, text in PLAIN.items()}
    clone.commit(chart | {"tests/matrix.yaml": VALID}, tag="v1.0.0")
    monkeypatch.chdir(clone.top)
    assert main(["review", "v1.0.0", "v1.0.0", "--no-policies", "--matrix=tests/matrix.yaml"]) == 0
    [over] = [line for line in capsys.readouterr().out.splitlines() if line.startswith("  over: ")]
    assert over.endswith(" of tests/matrix.yaml")
    told = {}
    for name, more in (
        ("typo", "scenario: []\n"),
        ("gone", "scenarios: {a: {toggles: [], values_files: [no.yaml]}}\n"),
    ):
        clone.commit({"tests/matrix.yaml": VALID + more, "chartgate.toml": f"{name} = 1\n"}, tag=name)
        clone.commit({"tests/matrix.yaml": VALID, "chartgate.toml": ""})
        main(["review", name, "HEAD", "--no-policies", "--matrix=tests/matrix.yaml"])
        told[name] = " ".join(capsys.readouterr())
    assert "chartgate: typo:tests/matrix.yaml:4: scenario: " in told["typo"]
    assert ": gone:tests/matrix.yaml:4: scenarios.a: values file gone:tests/no.yaml cannot be read" in told["gone"]
    assert "is not compared: gone:chartgate.toml:1: gone: " in told["gone"]


def test_sides_from_git_and_a_dirty_work_tree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clone = cloned(tmp_path / "repository")
    clone.commit({f"chart/{name}": text for name, text in PLAIN.items()}, tag="v1.0.0")
    clone.commit({"chart/templates/claim.yaml": CLAIM.replace("SIZE", "5Gi")}, tag="other")
    write(clone.top, {"chart/templates/claim.yaml": CLAIM.replace("SIZE", "4Gi")})
    monkeypatch.chdir(clone.top)
    before = clone.state()

    assert main(["review", "other", "--chart=chart", "--format=json", "--no-policies"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert {risk["class"] for entry in report["entries"] for risk in entry["risks"]} == {
        "storage",
        "version_not_raised",
    }
    assert main(["review", "v1.0.0", "other", "--chart=chart", "--format=json", "--no-policies"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["base"]["label"].startswith("v1.0.0 (")
    assert [entry["subjects"] for entry in report["entries"] if entry["section"] == "resources"] == [
        ["PersistentVolumeClaim default/files"]
    ]
    assert clone.state() == before


def _many(objects: int, keys: int, value: str) -> str:
    """Write ConfigMaps whose values all differ from each other."""
    return "---\n".join(
        f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: many-{number}}}\ndata:\n"
        + "".join(f"  key{key}: {value}-{number}-{key}\n" for key in range(keys))
        for number in range(objects)
    )


@pytest.mark.parametrize(
    ("objects", "keys", "said"),
    [
        (1, 10_000, "9995 other changes, which --format=json lists"),
        (400, 25, "20 other changes, which --format=json lists"),
    ],
)
def test_ten_thousand_changes(objects: int, keys: int, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = _charts(*({"templates/many.yaml": _many(objects, keys, value)} for value in ("one", "two")))
    cut = objects > 1
    if not cut:
        assert main([*arguments, "--format=json"]) == 0
        assert len(json.loads(capsys.readouterr().out)["entries"]) == 10_000
    assert main([*arguments, "--format=markdown", "--output=review.md"]) == 0
    shown = {"terminal": capsys.readouterr().out, "markdown": Path("review.md").read_text("utf-8")}
    for text in shown.values():
        assert "10000 other changes" in text
        assert said in text.replace("`", "")
        assert len(text) < 65_536
    assert ("did not fit: `chartgate review --format=json` lists all of them" in shown["markdown"]) == cut
    assert ("more: --format=json lists all of them" in shown["terminal"]) == cut


def test_json_has_the_documented_form(capsys: pytest.CaptureFixture[str]) -> None:
    schema = json.loads((Path(__file__).parents[2] / "docs/review.schema.json").read_text("utf-8"))
    assert main([*_sizes("5Gi", "4Gi"), "--format=json"]) == 1
    jsonschema.Draft202012Validator(schema).validate(json.loads(capsys.readouterr().out))
