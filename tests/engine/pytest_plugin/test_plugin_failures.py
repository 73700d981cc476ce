"""A failure says everything that is needed to understand and repeat it, and nothing that is secret."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine.conftest import GENERIC, Project
from tests.engine.toys import MATRIX, TOY, Start

BROKEN = {"toy/templates/secret.yaml": TOY["templates/secret.yaml"].replace("| quote }}", "| trunc 4 }}")}


def _shell(command: str, project: Project) -> bytes:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path}
    done = subprocess.run(["/bin/sh", "-c", command], cwd=project.root, capture_output=True, env=environment)
    return done.stdout


def _commands(text: str) -> list[str]:
    """Give the first block of commands that a failure ends with."""
    after = text.partition("see it again:\n")[2]
    return [line.strip() for line in after.partition("\n_")[0].splitlines() if line.startswith("  ")][:2]


def test_a_failure_in_full(project: Project) -> None:
    project.write(BROKEN)
    result = project.run("-k", "test_policy and token_arrives-secret")
    result.assert_outcomes(failed=1, deselected=16)
    helm = project.helm.path
    result.stdout.fnmatch_lines(
        [
            "*_ test_policy[[]token_arrives-secret] _*",
            "token_arrives on secret: 1 finding (warning)",
            "The Secret holds the token of the values.",
            "",
            "  Secret shop/demo-secret (v1) from toy/templates/secret.yaml (scenario secret)",
            "    stringData.token",
            "      expected: <secret>",
            "      actual:   t0p-",
            "",
            "what to do: Copy the token as it is.",
            "",
            "see it again:",
            f"  pytest 'tests/matrix.yaml::test_policy[[]token_arrives-secret]' --helm={helm}",
            f"  chartgate scenarios secret --render --chart=toy --matrix=tests/matrix.yaml --helm={helm}",
        ],
        consecutive=True,
    )


def _of_the_chart(project: Project) -> list[Start]:
    """Give the renderings of the chart itself: a copy of it among the runs tells which line wrote what."""
    return [start for start in project.helm.starts("template") if "/runs/" not in start.arguments[2]]


@pytest.mark.parametrize(
    ("options", "item"),
    [
        ([], "test_policy[token_arrives-secret]"),
        (["--kube-version=1.35.0"], "test_renders[loud]"),
        (["--chart=fork of toy", "--matrix=tests/matrix.yaml"], "test_policy[token_arrives-all_on]"),
        (["--chart=plain", "--policies=generic"], "test_renders[defaults]"),
    ],
    ids=["a policy", "a Kubernetes version", "another chart", "a chart without matrix"],
)
def test_the_commands_show_the_same_again(options: list[str], item: str, project: Project) -> None:
    broken = {**TOY, **{name.removeprefix("toy/"): content for name, content in BROKEN.items()}}
    if "renders" in item:
        broken["templates/config.yaml"] = "# Only a comment.\n"
    for folder in ("toy", "fork of toy", "plain"):
        project.write({f"{folder}/{name}": content for name, content in broken.items()})
    project.write({"plain/Chart.yaml": "apiVersion: v2\nname: plain\nversion: 1.0.0\n"})
    project.write({"generic/__init__.py": GENERIC})
    result = project.run("--tb=short", *options, f"tests/matrix.yaml::{item}")
    result.assert_outcomes(failed=1)
    again, rendered = _commands(result.stdout.str())
    [first] = _of_the_chart(project)
    project.helm.forget()
    assert _shell(rendered, project) == first.stdout
    [second] = _of_the_chart(project)
    assert (second.stdin, second.arguments[3:]) == (first.stdin, first.arguments[3:])
    assert b"1 failed" in _shell(again, project)


REFUSED = {"tests/matrix.yaml": MATRIX.replace("stderr: [mode]", "stderr: [mode, password]")}
UNREFUSED = {"tests/matrix.yaml": MATRIX.replace("mode: [1]", "mode: x")}


@pytest.mark.parametrize(
    ("files", "lines"),
    [
        (
            REFUSED,
            [
                "scenario no_text must be refused in the words of the matrix, but it is not:",
                "",
                "helm does not say 'password'; it says:",
                "Error: values don't meet the specifications of the schema(s) *",
                "*at '/mode': got array, want string",
            ],
        ),
        (
            UNREFUSED,
            [
                "scenario no_text must be refused in the words of the matrix, but it is not:",
                "",
                "helm does not say 'mode'; it says:",
                "nothing: it rendered 1 resources",
            ],
        ),
    ],
)
def test_a_refusal_that_is_not_as_expected(files: dict[str, str], lines: list[str], project: Project) -> None:
    project.write(files)
    result = project.run_plainly("-k", "test_refused")
    result.assert_outcomes(failed=1, deselected=16)
    result.stdout.fnmatch_lines(lines)


LEAKS = '''
import base64
import sys

from chartgate.policy.checks import contains, equals, states
from chartgate.policy.policy import policy


@policy(severity="error", remediation="Do not.")
def token_leaks(rendering):
    """Everything is said about the token."""
    token = rendering.scenario.value("secret.token")
    config = rendering.resources.one("ConfigMap", "demo-config")
    yield equals(config.place("data"), {"token": token, "in": f"text {token}", "list": [token]})
    yield contains(config.place("data"), token)
    encoded = base64.b64encode(token.encode()).decode()
    yield states(config.place(f"data[{token}]"), False, expected=encoded, actual=repr(token))
    yield from rendering.resources.one("Secret", f"gone-{token}")


@token_leaks.counterexample("off")
def prints(rendering):
    print(rendering.scenario.value("secret.token"), file=sys.stderr)
    return rendering
'''

SPILLS = """
import logging

def test_compares(rendering):
    print("captured", rendering.scenario.value("secret.token"))
    logging.getLogger().warning("logged %s", rendering.scenario.value("secret.token"))
    assert rendering.scenario.values["secret"] == {"enabled": False}

def test_raises(rendering):
    raise ValueError(rendering.scenario.value("secret.token"))
"""

TOKENS = ["t0p-s3cret", "w'o\\\"rd: 1 #"]


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["plain", "two workers"])
def test_no_output_shows_a_secret(workers: list[str], project: Project) -> None:
    """Neither the chart's example nor one of a scenario with everything that YAML and Python quote."""
    named = f'scenarios:\n  quoted: {{values: {{secret: {{token: "{TOKENS[1]}"}}}}}}\n'
    project.write(
        {
            "rules/shop/leaks.py": LEAKS,
            "tests/test_spills.py": SPILLS,
            "tests/matrix.yaml": MATRIX.replace("scenarios:\n", named),
        }
    )
    result = project.run("--tb=long", "--showlocals", "-vv", "-rA", *workers, "-k", "leaks or spills")
    text = result.stdout.str() + result.stderr.str()
    assert "token_leaks on quoted: 3 findings (error)" in text
    for leak in ("t0p-s3cret", "dDBwLXMzY3JldA", "w'o", "w''o", "w\\'o", "rd: 1"):
        assert leak not in text
    for kept in ("captured <secret>", "logged <secret>", "ValueError: <secret>", "  - <secret>", "in: text <secret>"):
        assert kept in text
