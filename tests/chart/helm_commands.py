"""Helm commands beside `template`, for the tests of the chart itself."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import subprocess_tee

from chartgate.documents.yaml_texts import go_yaml
from chartgate.model import Chart, Scenario
from chartgate.system.processes import start
from chartgate.system.toolchain import Tools, helm_environment


def lint(chart: Chart, scenario: Scenario, tools: Tools, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run `helm lint --strict` with the values of a scenario."""
    return lint_all([chart.folder], scenario, tools, folder)


def lint_all(
    charts: Sequence[Path], scenario: Scenario, tools: Tools, folder: Path
) -> subprocess.CompletedProcess[str]:
    """Run it on several charts: to start helm takes longer than to lint one."""
    values = folder / "values.yaml"
    values.write_text(go_yaml.dump(scenario.overrides))
    command = [str(tools.helm), "lint", "--strict", *map(str, charts), "--namespace", scenario.namespace]
    return subprocess_tee.run(
        [*command, "--values", str(values), "--kube-version", scenario.kube_version], env=helm_environment()
    )


def notes(chart: Chart, scenario: Scenario, tools: Tools) -> str:
    """Give what helm prints after an install: `helm template` never shows it, a dry run without a cluster does."""
    command: list[str | Path] = [tools.helm, "install", scenario.release, chart.folder]
    output = start(
        [*command, "--namespace", scenario.namespace, "--dry-run=client", "--hide-secret", "--values", "-"],
        stdin=go_yaml.dump(scenario.overrides).encode(),
        environment={"HOME": "/nonexistent", "KUBECONFIG": "/nonexistent/config"},
    )
    assert output.exit_code == 0, output.errors
    return output.stdout.decode().partition("\nNOTES:\n")[2]
