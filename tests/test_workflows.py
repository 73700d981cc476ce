"""What the CI files run is what there is: bash runs each command of theirs here, with stand-ins for what CI gives."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chartgate.documents.yaml_texts import go_yaml

ROOT = Path(__file__).parents[1]
WORKFLOW, ACTION, GITLAB = ".github/workflows/gate.yaml", "action.yml", "gitlab.yaml"
CHART = {
    "Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "values.yaml": "colour: red\n",
    "templates/config.yaml": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}}\ndata: {colour: {{ .Values.colour }}}\n"
    ),
}


def _content(file: str) -> dict[str, Any]:
    content = go_yaml.load((ROOT / file).read_text(), file)
    assert isinstance(content, dict)
    return content


STEPS = {step.get("name", step.get("uses")): step for step in _content(ACTION)["runs"]["steps"]}
REFUSES, INSTALLS, PROVIDES, JUDGES, REVIEWS, POSTS = (name for name, step in STEPS.items() if "run" in step)
JOB = _content(GITLAB)[".chartgate"]
GITLAB_CHECK = "\n".join(_content(GITLAB)["chartgate-check"]["script"])
GITLAB_REVIEW = "\n".join(_content(GITLAB)["chartgate-review"]["script"])
GITLAB_POST = "\n".join(_content(GITLAB)["chartgate-review"]["after_script"])


def _git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", folder, *who, *arguments], check=True, capture_output=True)


def _program(file: Path, script: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/bash\n{script}\n")
    file.chmod(0o755)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Make a repository with a commit, and beside it the runner's folder, where chartgate is ours."""
    clone = tmp_path / "clone"
    for name, text in CHART.items():
        file = clone / "chart" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (clone / "tests").mkdir()
    (clone / "tests" / "matrix.yaml").write_text(
        "chart: ../chart\nrelease: one\nnamespace: two\nscenarios: {plain: {}}\n"
    )
    _git(clone, "init", "--quiet", "--initial-branch=main")
    _git(clone, "add", ".")
    _git(clone, "commit", "--quiet", "--message=one")
    commands = tmp_path / "runner" / "chartgate" / "bin"
    commands.mkdir(parents=True)
    (commands / "chartgate").symlink_to(Path(sys.executable).with_name("chartgate"))
    return clone


def _run(script: str, clone: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a step as GitHub does (`shell: bash`), which is no laxer than how GitLab does."""
    runner = clone.parent / "runner"
    environment = os.environ | {
        "RUNNER_TEMP": str(runner),
        "GITHUB_STEP_SUMMARY": str(runner / "summary.md"),
        "GITHUB_OUTPUT": str(runner / "output"),
        "GITHUB_ACTION_PATH": str(ROOT),
        "GITHUB_REPOSITORY": "acme/shop",
        "CHARTGATE_VENV": str(runner / "chartgate"),
    }
    step = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script]
    return subprocess.run(
        step, cwd=clone, env=environment | variables, capture_output=True, text=True, check=False, timeout=300
    )


def _review(clone: Path, base: str, kind: str) -> tuple[subprocess.CompletedProcess[str], Path]:
    if kind == "gitlab":
        return _run(GITLAB_REVIEW, clone, CI_MERGE_REQUEST_DIFF_BASE_SHA=base), clone / "review.md"
    inputs = {"CHART": "chart", "MATRIX": "", "ARGS": "", "BASE": base}
    return _run(STEPS[REVIEWS]["run"], clone, **inputs), clone.parent / "runner" / "review.md"


@pytest.mark.parametrize("kind", ["github", "gitlab"])
def test_the_review_step(kind: str, clone: Path) -> None:
    (clone / "chart" / "values.yaml").write_text("colour: blue\n")
    harmless, review = _review(clone, "main", kind)
    assert harmless.returncode == 0, harmless.stderr
    assert "`red` → `blue`" in review.read_text()
    (clone / "chart" / "values.yaml").write_text("color: blue\n")
    (clone / "chart" / "templates" / "config.yaml").write_text(
        CHART["templates/config.yaml"].replace("colour }", "color }")
    )
    dangerous, review = _review(clone, "main", kind)
    assert dangerous.returncode == 1, dangerous.stderr
    assert "values_key_removed" in review.read_text()


def test_the_summary_and_the_output_have_the_review_also_when_it_is_dangerous(clone: Path) -> None:
    (clone / "chart" / "values.yaml").write_text("{colour: true}\n")
    done, review = _review(clone, "main", "github")
    assert done.returncode == 1
    assert "values_retyped" in (clone.parent / "runner" / "summary.md").read_text()
    assert (clone.parent / "runner" / "output").read_text() == f"file={review}\n"


def test_without_a_base_the_step_says_what_to_do(clone: Path) -> None:
    unknown, _ = _review(clone, "origin/main", "github")
    assert unknown.returncode == 2
    assert "no commit of" in unknown.stderr
    assert not (clone.parent / "runner" / "summary.md").exists()


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({}, ["check"]),
        ({"CHART": "my chart", "MATRIX": "m.yaml"}, ["check", "--chart=my chart", "--matrix=m.yaml"]),
        (
            {"POLICIES": "kubernetes\npolicies\n", "ARGS": "--fail-on=warning\n\n--exclude=no_dead_values"},
            ["check", "--policies=kubernetes", "--policies=policies", "--fail-on=warning", "--exclude=no_dead_values"],
        ),
        ({"ARGS": "$(touch made) `touch made`; touch made"}, ["check", "$(touch made) `touch made`; touch made"]),
    ],
    ids=["nothing", "spaces", "lines", "not-a-command"],
)
def test_inputs_of_the_action_are_options_and_nothing_else(
    inputs: dict[str, str], expected: list[str], clone: Path
) -> None:
    command = clone.parent / "runner" / "chartgate" / "bin" / "chartgate"
    command.unlink()
    _program(command, 'printf "%s\\n" "$@"')
    done = _run(STEPS[JUDGES]["run"], clone, **(dict.fromkeys(("CHART", "MATRIX", "POLICIES", "ARGS"), "") | inputs))
    given = [line for line in done.stdout.splitlines() if not line.startswith("--report=")]
    assert (done.returncode, given, done.stderr) == (0, expected, "")
    assert not (clone / "made").exists()


@pytest.mark.parametrize("kind", ["github", "gitlab"])
def test_the_step_that_judges(kind: str, clone: Path) -> None:
    script = GITLAB_CHECK if kind == "gitlab" else STEPS[JUDGES]["run"]
    inputs = {
        "CHART": "chart",
        "MATRIX": "",
        "POLICIES": "kubernetes",
        "ARGS": "",
        "CHARTGATE_OPTIONS": "--chart=chart",
    }
    green = _run(script, clone, **inputs)
    assert green.returncode == 0, green.stdout + green.stderr
    (clone / "chart" / "templates" / "config.yaml").write_text("{{ fail .Values.colour }}")
    red = _run(script, clone, **inputs)
    assert red.returncode == 1
    runner = clone.parent / "runner"
    if kind == "gitlab":
        artifacts = _content(GITLAB)["chartgate-check"]["artifacts"]
        files = [*artifacts["paths"], *artifacts["reports"].values()]
        found = [json.loads((clone / artifacts["reports"]["codequality"]).read_text())[0]["location"]["path"]]
    else:
        files = [line.partition("=")[2] for line in (runner / "output").read_text().splitlines()]
        found = re.findall(r"^::error file=([^,]+),line=1,", red.stdout, re.MULTILINE)
        assert (runner / "summary.md").read_text().count("## 🟢") == 1
        assert "## 🔴" in (runner / "summary.md").read_text()
        [run] = json.loads((runner / "chartgate-report" / "chartgate.sarif").read_text())["runs"]
        assert [result["ruleId"] for result in run["results"]] == ["renders"]
    assert found == ["chart/templates/config.yaml"]
    assert [file for file in files if not (clone / file).is_file()] == []


def test_what_cannot_be_judged_leaves_no_report_of_before(clone: Path) -> None:
    runner = clone.parent / "runner"
    inputs = {"MATRIX": "", "POLICIES": "kubernetes", "ARGS": ""}
    assert _run(STEPS[JUDGES]["run"], clone, CHART="chart", **inputs).returncode == 0
    (runner / "output").unlink()
    assert _run(STEPS[JUDGES]["run"], clone, CHART="nowhere", **inputs).returncode == 2
    assert not (runner / "output").exists()
    assert list((runner / "chartgate-report").iterdir()) == []


def test_the_action_installs_its_own_commit_by_hash(clone: Path) -> None:
    runner = clone.parent / "runner"
    shutil.rmtree(runner / "chartgate")
    _program(runner / "tool", 'echo "$(basename "$0") $*" >> "$RUNNER_TEMP/started"')
    python = runner / "python"
    _program(
        python,
        f'[ "$1" = -m ] || exec {sys.executable} "$@"; mkdir -p "$3/bin"; cp "$RUNNER_TEMP/tool" "$3/bin/pip"\n'
        'cp "$RUNNER_TEMP/tool" "$3/bin/chartgate"',
    )
    done = _run(STEPS[INSTALLS]["run"], clone, PYTHON=str(python))
    assert done.returncode == 0, done.stderr
    pip = "pip install --quiet --disable-pip-version-check"
    assert (runner / "started").read_text().splitlines() == [
        f"{pip} --require-hashes --requirement {ROOT}/requirements.lock",
        f"{pip} --no-build-isolation --no-deps {ROOT}",
        "chartgate --version",
    ]
    tools = hashlib.sha256((ROOT / "src/chartgate/system/toolchain.py").read_bytes()).hexdigest()
    assert (runner / "output").read_text() == f"tools={tools}\n"
    assert _run(STEPS[PROVIDES]["run"], clone).returncode == 0
    assert (runner / "started").read_text().endswith("chartgate provision\n")


@pytest.mark.parametrize(("there", "asked"), [("", "POST repos/acme/shop/issues/7/comments"),
                                               ("11\n12\n", "PATCH repos/acme/shop/issues/comments/11")])  # fmt: skip
def test_the_review_is_one_comment_that_is_renewed(there: str, asked: str, clone: Path) -> None:
    runner = clone.parent / "runner"
    (runner / "review.md").write_text("what changed\n")
    listing = 'if [ "$2" = --paginate ]; then printf "$THERE"; exit; fi'
    _program(
        runner / "bin" / "gh",
        f'{listing}\necho "$3 $4" > "$RUNNER_TEMP/asked"; cat "${{6#body=@}}" >> "$RUNNER_TEMP/asked"',
    )
    path = f"{runner / 'bin'}:{os.environ['PATH']}"
    done = _run(STEPS[POSTS]["run"], clone, PATH=path, THERE=there, PULL="7", REVIEW=str(runner / "review.md"))
    assert done.returncode == 0, done.stderr
    assert (runner / "asked").read_text() == f"{asked}\nwhat changed\n"


def test_nothing_of_a_fork_runs_with_a_token(clone: Path) -> None:
    refused = _run(STEPS[REFUSES]["run"], clone, EVENT="pull_request_target")
    assert refused.returncode == 2
    assert "use `on: pull_request`, not pull_request_target" in refused.stdout
    assert [name for name, step in STEPS.items() if "comment-token" in str(step.get("env"))] == [POSTS]
    assert "github.event.pull_request.head.repo.full_name == github.repository" in STEPS[POSTS]["if"]
    assert next(iter(STEPS)) == REFUSES
    assert re.findall(r"github\.event_name == '(\w+)'", STEPS[REFUSES]["if"]) == ["pull_request_target", "workflow_run"]
    assert _content(WORKFLOW)["permissions"] == {"contents": "read"}
    assert all("permissions" not in job for job in _content(WORKFLOW)["jobs"].values())


def test_every_python_that_is_supported_runs_all_tests() -> None:
    test = _content(WORKFLOW)["jobs"]["test"]
    assert test["strategy"]["matrix"] == {"python": ["3.11", "3.12", "3.13", "3.14"]}
    [setup] = [step for step in test["steps"] if "setup-python" in step.get("uses", "")]
    assert setup["with"]["python-version"] == "${{ matrix.python }}"
    assert "make test" in [step.get("run") for step in test["steps"]]
    oldest = re.search(r'^requires-python = ">=([\d.]+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert oldest is not None
    assert oldest[1] == test["strategy"]["matrix"]["python"][0]


@pytest.mark.parametrize(("project", "posts"), [("5", True), ("6", False)], ids=["own", "fork"])
def test_the_note_on_gitlab(project: str, posts: bool, clone: Path) -> None:
    runner = clone.parent / "runner"
    (clone / "review.md").write_text("what changed\n")
    _program(runner / "bin" / "curl", 'printf "%s\\n" "$@" > "$RUNNER_TEMP/asked"')
    known = {
        "REVIEW_TOKEN": "word",
        "CI_PROJECT_ID": "5",
        "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": project,
        "CI_MERGE_REQUEST_IID": "7",
    }
    path = f"{runner / 'bin'}:{os.environ['PATH']}"
    done = _run(GITLAB_POST, clone, PATH=path, CI_API_V4_URL="https://git.example.com/v4", **known)
    assert done.returncode == 0, done.stderr
    asked = (runner / "asked").read_text().splitlines() if (runner / "asked").exists() else []
    assert asked[-1:] == (["https://git.example.com/v4/projects/5/merge_requests/7/notes"] if posts else [])


def test_gitlab_installs_what_is_named_and_no_name_from_an_index(clone: Path) -> None:
    runner = clone.parent / "runner"
    _program(runner / "chartgate" / "bin" / "pip", 'echo "$@"')
    make, install, provide = JOB["before_script"]
    assert _run(install, clone, CHARTGATE="a wheel.whl").stdout == "install --quiet a wheel.whl\n"
    unset = _run(install, clone, CHARTGATE="")
    assert unset.returncode != 0
    assert "CHARTGATE: set it to what pip shall install" in unset.stderr
    assert make == 'python -m venv "$CHARTGATE_VENV"'
    assert _run(provide, clone).returncode == 0


USES = sorted({use for file in (WORKFLOW, ACTION) for use in re.findall(r"uses: (.+)", (ROOT / file).read_text())})


@pytest.mark.parametrize("use", USES, ids=[use.partition("@")[0] for use in USES])  # of one action, one pin
def test_actions_are_pinned_by_commit(use: str) -> None:
    assert use == "./" or re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use)


def test_no_input_or_event_is_pasted_into_a_script() -> None:
    """Source: https://docs.github.com/en/actions/concepts/security/script-injections."""
    scripts = [step["run"] for step in STEPS.values() if "run" in step]
    scripts += [s["run"] for job in _content(WORKFLOW)["jobs"].values() for s in job["steps"] if "run" in s]
    assert [script for script in scripts if "${{" in script] == []


def test_no_checkout_leaves_the_token_to_the_policies() -> None:
    steps = [step for job in _content(WORKFLOW)["jobs"].values() for step in job["steps"]]
    checkouts = [step for step in steps if step.get("uses", "").startswith("actions/checkout@")]
    assert {step["with"]["persist-credentials"] for step in checkouts} == {False}


def test_every_input_of_the_action_is_used_and_no_other() -> None:
    text = (ROOT / ACTION).read_text()
    assert set(re.findall(r"inputs\.([\w-]+)", text)) == set(_content(ACTION)["inputs"])


def test_every_make_target_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z]+)", (ROOT / WORKFLOW).read_text()))
    assert named
    assert named <= targets
