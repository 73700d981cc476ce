"""The other files of a new project: its settings, a workflow for GitHub, a hook for pre-commit."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

SETTINGS = "chartgate.toml"
MATRIX = "tests/matrix.yaml"
WORKFLOW = ".github/workflows/chartgate.yaml"
PRE_COMMIT = ".pre-commit-config.yaml"
POLICIES = "policies"

# Pinned by commit, since a tag can be moved: https://docs.github.com/en/actions/reference/security/secure-use
_CHECKOUT = "actions/checkout@34e114876b0b11c390a56381ad16ebd13914f8d5 # v4.3.1"
_PYTHON = "actions/setup-python@a26af69be951a213d495a4c3e4e4022e16d87065 # v5.6.0"


def settings_text(*, has_policies: bool) -> str:
    """Write the settings."""
    policies = f', "{POLICIES}"' if has_policies else ""
    return f"""# What chartgate and pytest use here.
matrix = "{MATRIX}"
policies = ["kubernetes"{policies}]
# A finding of a lower severity is told, and is not red: "warning" makes these red, too.
fail_on = "error"
"""


def workflow_text(address: str) -> str:
    """Write a workflow that judges each pull request; nothing in it needs a token that may write.

    Args:
        address: what pip installs chartgate from.
    """
    return f"""name: chartgate

on:
  pull_request:
  push:
    branches: [main]

permissions:
  contents: read

jobs:
  gate:
    runs-on: ubuntu-24.04
    timeout-minutes: 30
    steps:
      - uses: {_CHECKOUT}
        with:
          persist-credentials: false
      - uses: {_PYTHON}
        with:
          python-version: "3.13"
      - run: |
          pip install {shlex.quote(address)}
      - run: chartgate provision
      - name: The policies over the whole matrix, and the proofs that they can fail
        run: chartgate check --proofs
"""


def files_on_request(address: str, *, has_hook: bool) -> dict[str, str]:
    """Write what a project has only where its user asks for it; it does not depend on the chart.

    Args:
        address: what the workflow installs chartgate from; empty for no workflow.
        has_hook: whether there is a hook for pre-commit.
    """
    files = {WORKFLOW: workflow_text(address)} if address else {}
    return files | ({PRE_COMMIT: hook_text()} if has_hook else {})


def hook_text() -> str:
    """Write a configuration of pre-commit with the hook; it runs the chartgate that is installed."""
    return f"repos:\n{HOOK}"


def hook_to_add() -> Iterator[str]:
    """Give the lines that say how the hook gets into a configuration of pre-commit that is there already."""
    yield ""
    yield f"{PRE_COMMIT} is there already, and is left alone: add to its `repos`"
    yield from HOOK.splitlines()


_FILES = (
    r"(^|/)(Chart\.(yaml|lock)|values[^/]*\.(yaml|json)|matrix\.yaml|chartgate(-baseline\.yaml|\.toml))$"
    r"|(^|/)(templates|charts|crds|ci)/|(^|/)policies/.+\.py$"
)
"""Those that our own hooks for other repositories are for."""
HOOK = f"""  - repo: local
    hooks:
      - id: chartgate-check
        name: chartgate check
        entry: chartgate check
        language: system
        files: {_FILES}
        pass_filenames: false
        require_serial: true
"""
