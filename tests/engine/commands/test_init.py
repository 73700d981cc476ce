"""`chartgate init`: the files that it writes beside the matrix, and that all of it works as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from chartgate.commands.main import main
from chartgate.documents.yaml_texts import go_yaml
from chartgate.starting.project_files import hook_text
from tests.engine.started import EVERYTHING, NEEDY, chart, files, matrix
from tests.engine.toys import CONFIG, TOY

Shown = pytest.CaptureFixture[str]
ROOT = Path(__file__).parents[3]

POLICY_OF_THE_TOY = '''\
"""What the switches of toy bring, and nothing of it while they are off."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.model import Check, Rendering
from chartgate.policy.checks import template_renders
from chartgate.policy.edits import added, gone
from chartgate.policy.policy import policy

TEMPLATES = ["secret.yaml"]


@policy(
    severity="error",
    remediation="Guard the whole template with `.Values.secret.enabled`.",
)
def secret_follows_its_switch(rendering: Rendering) -> Iterator[Check]:
    """These templates render something exactly while secret.enabled is true.

    What is left over of a feature that is off costs something that nobody asked for; what is missing
    of one that is on breaks those who rely on it.
    """
    wanted = rendering.scenario.value("secret.enabled")
    for template in TEMPLATES:
        yield template_renders(rendering, template, wanted=wanted)


# A policy is proved by what it must notice: a small change to what a scenario renders.
secret_follows_its_switch.breaks(
    "off",
    something_is_left_over=added(
        "{apiVersion: v1, kind: Secret, metadata: {name: left-over}}",
        "toy/templates/secret.yaml",
    ),
)
secret_follows_its_switch.breaks(
    "all_on",
    something_is_missing=gone("Secret toy-secret"),
)
'''


def test_the_first_policy_is_of_the_chart(here: Path) -> None:
    chart(here, TOY)
    assert main(["init"]) == 0
    assert (here / "policies" / "toy" / "switches.py").read_text() == POLICY_OF_THE_TOY
    assert files(here)[0] == "chartgate.toml"
    assert (here / "chartgate.toml").read_text() == (
        "# What chartgate and pytest use here.\n"
        'matrix = "tests/matrix.yaml"\n'
        'policies = ["kubernetes", "policies"]\n'
        '# A finding of a lower severity is told, and is not red: "warning" makes these red, too.\n'
        'fail_on = "error"\n'
    )


@pytest.mark.parametrize(
    ("given", "first"),
    [
        (EVERYTHING, "autoscaling_follows_its_switch"),
        (TOY, "secret_follows_its_switch"),
        ({"values.yaml": "mode: plain\n", "templates/config.yaml": CONFIG}, "configmap_is_always_there"),
        (NEEDY | {"ci/a-values.yaml": "mode: loud\n"}, "secret_follows_its_switch"),
    ],
    ids=["everything", "toy", "plain", "needy"],
)
def test_what_is_written_works_as_it_is(here: Path, given: Mapping[str, str], first: str, capsys: Shown) -> None:
    """The new policy is judged everywhere, holds, and is proved; nothing of the project is unusable."""
    chart(here, given)
    assert main(["init", "toy"]) == 0
    assert main(["check", first, "--proofs"]) == 0
    assert ": nothing is wrong" in capsys.readouterr().out
    assert main(["check"]) in (0, 1)
    assert "does not render" not in capsys.readouterr().out


def test_files_on_request(here: Path, capsys: Shown) -> None:
    chart(here, TOY)
    address = "chartgate @ git+https://example.com/chartgate@0123abc"
    assert main(["init", "toy", "--github", f"--install-from={address}", "--pre-commit"]) == 0
    steps = go_yaml.load((here / ".github/workflows/chartgate.yaml").read_text(), "workflow")["jobs"]["gate"]["steps"]
    assert [step["run"] for step in steps if "run" in step] == [
        f"pip install '{address}'\n",
        "chartgate provision",
        "chartgate check --proofs",
    ]
    assert [
        re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", step["uses"]) is None for step in steps if "uses" in step
    ] == [
        False,
        False,
    ]
    hooks = go_yaml.load((here / ".pre-commit-config.yaml").read_text(), "hooks")
    offered = {hook["id"]: hook for hook in go_yaml.load((ROOT / ".pre-commit-hooks.yaml").read_text(), "offered")}
    [hook] = [hook for repo in hooks["repos"] for hook in repo["hooks"]]
    same = ("id", "entry", "files", "pass_filenames", "require_serial")
    assert {key: hook[key] for key in same} == {key: offered["chartgate-check"][key] for key in same}
    assert "\n.github/workflows/chartgate.yaml\n.pre-commit-config.yaml\nchartgate.toml\n" in capsys.readouterr().out


def test_hooks_that_are_there_are_left_alone(here: Path, capsys: Shown) -> None:
    chart(here, TOY)
    (here / ".pre-commit-config.yaml").write_text("repos: []\n")
    assert main(["init", "toy", "--pre-commit"]) == 0
    assert (here / ".pre-commit-config.yaml").read_text() == "repos: []\n"
    said, _, added = capsys.readouterr().out.partition(
        "\n.pre-commit-config.yaml is there already, and is left alone: add to its `repos`\n"
    )
    assert f"repos:\n{added}" == hook_text()
    assert "\n.pre-commit-config.yaml\n" not in said


def test_in_the_folder_of_the_chart_it_says_what_helm_would_pack(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Shown
) -> None:
    chart(here, TOY | {".helmignore": "/tests/\n"})
    monkeypatch.chdir(here / "toy")
    assert main(["init"]) == 0
    assert capsys.readouterr().out.endswith(
        "These files are in the chart's own folder: for helm to leave them out of its package, add to .helmignore\n"
        "  /policies/\n  /chartgate.toml\n"
    )
    assert matrix(here / "toy")["chart"] == ".."
