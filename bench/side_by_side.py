"""What other tools find of the bugs in tests/field/bugs, beside what the pack finds: the table of docs/field.md.

    PYTHONPATH=. .venv/bin/python bench/side_by_side.py [--tools=FOLDER]... [BUG]...

A bug is caught by a tool that says something of the faulty chart which it does not say of the mended one; what it says
of both, it would say of any chart. Tools that read manifests get what helm renders: of the defaults, or of each file
in ci/. A tool that is neither on PATH nor in a FOLDER is left out, and said so. The strict schemas are those of the
newest Kubernetes in the package kubernetes-validate.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from chartgate.kubernetes.validity.bundled_schemas import bundled_versions, is_known, misfits
from chartgate.system.toolchain import find
from tests.field.reported import Bug, reported_bugs

SECONDS = 300
"""What one tool may take for one chart."""
Said = set[str]


@dataclass(frozen=True)
class Trial:
    """A chart of a bug, and what helm renders of it."""

    chart: Path
    helm: str
    manifests: Path
    """A folder with one file for each ci file that renders."""


@dataclass(frozen=True)
class Tool:
    """A tool, and what it says of each of many charts."""

    name: str
    says: Callable[[list[Trial]], list[Said]]
    program: str = ""
    """What must be there; empty for what this repository brings."""


def each(says: Callable[[Trial], Said]) -> Callable[[list[Trial]], list[Said]]:
    """Ask about one chart at a time."""
    return lambda trials: [says(trial) for trial in trials]


def output_of(*command: str | Path) -> str:
    """Run a command; give what it printed, whatever its exit code."""
    ran = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    return ran.stdout + ran.stderr


def values_files(chart: Path) -> list[list[str]]:
    """Give helm's options for each file in ci/, or for the defaults."""
    return [[f"--values={file}"] for file in sorted(chart.glob("ci/*-values.yaml"))] or [[]]


def trial_of(bug: Bug, folder: Path, helm: str, *, is_mended: bool) -> Trial:
    """Write and render one of a bug's two charts."""
    chart, manifests = (
        bug.write(folder / "chart", is_mended=is_mended, with_matrix=bool(bug.matrix)),
        folder / "manifests",
    )
    manifests.mkdir()
    for number, options in enumerate(values_files(chart)):
        ran = subprocess.run(
            [helm, "template", "release-name", chart, *options], capture_output=True, text=True, check=False
        )
        if ran.returncode == 0:
            (manifests / f"{number}.yaml").write_text(ran.stdout, "utf-8")
    return Trial(chart, helm, manifests)


def by_helm_lint(trial: Trial) -> Said:
    """Give the errors and warnings of `helm lint --strict`."""
    lines = (
        line
        for options in values_files(trial.chart)
        for line in output_of(trial.helm, "lint", "--strict", trial.chart, *options).splitlines()
    )
    return {line.replace(str(trial.chart), "") for line in lines if line.startswith(("[ERROR]", "[WARNING]"))}


def by_strict_schemas(trial: Trial) -> Said:
    """Give what the strict schemas of Kubernetes refuse."""
    version = bundled_versions()[-1]
    return {
        f"{manifest['kind']} {error.address} {error.problem}"
        for file in trial.manifests.iterdir()
        for manifest in yaml.safe_load_all(file.read_text("utf-8"))
        if manifest and is_known(manifest["apiVersion"], manifest["kind"], version)
        for error in misfits(manifest, version)
    }


def by_kube_linter(trial: Trial) -> Said:
    """Give the reports of kube-linter's default checks."""
    printed = output_of("kube-linter", "lint", "--format=json", trial.manifests)
    report = json.loads(printed[printed.index("{") : printed.rindex("}") + 1]) if "{" in printed else {}
    return {
        f"{one['Check']} {one['Object']['K8sObject']['Name']} {one['Diagnostic']['Message']}"
        for one in report.get("Reports") or []
    }


def by_kube_score(trial: Trial) -> Said:
    """Give the criticals and warnings of kube-score."""
    lines = (line for file in trial.manifests.iterdir() for line in output_of(*_KUBE_SCORE, file).splitlines())
    return {line for line in lines if line.startswith(("[CRITICAL]", "[WARNING]"))}


_KUBE_SCORE = ("kube-score", "score", "--output-format=ci")


def by_checkov(trials: list[Trial]) -> list[Said]:
    """Give the failed checks of checkov's framework for Kubernetes; it starts slowly, and is asked once."""
    above = Path(os.path.commonpath([trial.manifests for trial in trials]))
    printed = output_of("checkov", "--framework=kubernetes", "--compact", "--quiet", "-o=json", f"-d={above}")
    found = json.loads(printed[printed.index("{") : printed.rindex("}") + 1]) if "{" in printed else {}
    failed = found.get("results", {}).get("failed_checks", [])
    return [
        {
            f"{check['check_id']} {check['resource']}"
            for check in failed
            if (above / check["file_path"].lstrip("/")).is_relative_to(trial.manifests)
        }
        for trial in trials
    ]


def by_chartgate(trial: Trial) -> Said:
    """Give the findings of the pack, errors and warnings, and what does not render; with the matrix, if any."""
    with tempfile.TemporaryDirectory() as empty:
        ran = subprocess.run(
            [Path(sys.executable).with_name("chartgate"), "check", f"--chart={trial.chart}", *_PACK],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
            cwd=empty,
        )
    report = json.loads(ran.stdout)
    problems = {problem["message"] for problem in report["problems"] if problem["kind"] != "examines"}
    return problems | {f"{f['policy']} {f['resource']} {f['path']} {f['actual']}" for f in report["findings"]}


_PACK = ("--policies=pack:kubernetes", "--format=json")
TOOLS = (
    Tool("helm lint --strict", each(by_helm_lint)),
    Tool("strict schemas", each(by_strict_schemas)),
    Tool("kube-linter", each(by_kube_linter), "kube-linter"),
    Tool("kube-score", each(by_kube_score), "kube-score"),
    Tool("checkov", by_checkov, "checkov"),
    Tool("chartgate", each(by_chartgate)),
)


def caught(bugs: list[Bug], tools: list[Tool], helm: str) -> dict[str, dict[str, bool]]:
    """Tell, for each bug, which tools say something of the faulty chart that they do not say of the mended one."""
    found: dict[str, dict[str, bool]] = {bug.name: {} for bug in bugs}
    with tempfile.TemporaryDirectory() as scratch:
        pairs = [Path(scratch, bug.name) for bug in bugs]
        faulty = [trial_of(bug, at / "faulty", helm, is_mended=False) for bug, at in zip(bugs, pairs, strict=True)]
        mended = [trial_of(bug, at / "mended", helm, is_mended=True) for bug, at in zip(bugs, pairs, strict=True)]
        for tool in tools:
            sys.stderr.write(f"{tool.name} ...\n")
            said = tool.says([*faulty, *mended])
            for bug, of_faulty, of_mended in zip(bugs, said[: len(bugs)], said[len(bugs) :], strict=True):
                found[bug.name][tool.name] = bool(of_faulty - of_mended)
    return found


def table(found: dict[str, dict[str, bool]], tools: list[Tool]) -> Iterator[str]:
    """Give the lines of the table: what another tool catches as well, and how many each one caught of all."""
    yield "| | " + " | ".join(tool.name for tool in tools) + " |"
    yield "|---" * (len(tools) + 1) + "|"
    for name, by_tool in found.items():
        if sum(by_tool.values()) > by_tool["chartgate"]:
            yield f"| {name} | " + " | ".join("yes" if by_tool[tool.name] else "" for tool in tools) + " |"
    counts = (sum(by_tool[tool.name] for by_tool in found.values()) for tool in tools)
    yield f"| **all {len(found)}** | " + " | ".join(f"**{count}**" for count in counts) + " |"


def version_of(tool: Tool, helm: str) -> str:
    """Give what a tool says of its own version."""
    if tool.name == "chartgate":
        return "this one"
    if tool.name == "strict schemas":
        return f"Kubernetes {bundled_versions()[-1]}"
    asked = [helm, "version", "--short"] if not tool.program else [tool.program, _VERSION.get(tool.program, "version")]
    found = re.search(r"v?\d+\.\d+\.\d+", output_of(*asked))
    return found[0] if found else "unknown"


_VERSION = {"checkov": "--version"}


def main() -> None:
    """Print the table, the versions, and which tools are not there."""
    parser = argparse.ArgumentParser()
    parser.add_argument("bugs", nargs="*", metavar="BUG")
    parser.add_argument("--tools", action="append", default=[], metavar="FOLDER", help="where programs are, too")
    given = parser.parse_args()
    os.environ["PATH"] = os.pathsep.join([*map(os.path.abspath, given.tools), os.environ["PATH"]])
    helm = str(find().helm)
    tools = [tool for tool in TOOLS if not tool.program or shutil.which(tool.program)]
    bugs = [bug for bug in reported_bugs() if bug.name in (given.bugs or [bug.name])]
    found = caught(bugs, tools, helm)
    versions = ", ".join(f"{tool.name} {version_of(tool, helm)}" for tool in tools)
    left_out = (f"{tool.name} is not there, and was left out." for tool in TOOLS if tool not in tools)
    sys.stdout.write("\n".join([*table(found, tools), "", f"{versions}.", *left_out, ""]))


if __name__ == "__main__":
    main()
