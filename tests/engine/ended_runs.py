"""Where runs end in the tests: a chart, a policy, helms that answer at once or never, and a TMPDIR to look into."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.toys import HELM_VERSION, TOY, script, write

MAIN = "import sys; from chartgate.commands.main import main; sys.exit(main())"
RENDERED = (
    "printf -- '---\\n# Source: toy/templates/a.yaml\\napiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: a}\\n'"
)
POLICY = '''
from chartgate.policy.checks import exists
from chartgate.policy.policy import policy

@policy(severity="error", remediation="Give it data.")
def config_has_data(rendering):
    """Every ConfigMap has data."""
    for config in rendering.resources.of_kind("ConfigMap"):
        yield exists(config.place("data"))

CONFIG = "apiVersion: v1\\\\nkind: ConfigMap\\\\nmetadata: {name: a}\\\\ndata: {}\\\\n"

@config_has_data.counterexample(manifests=CONFIG)
def no_data(rendering):
    del rendering.resources[0].manifest["data"]
    return rendering
'''


def prepare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write all of it into a folder, and work there; give the folder."""
    write(tmp_path / "toy", TOY)
    write(tmp_path / "rules", {"__init__.py": "", "shop/__init__.py": "", "shop/data.py": POLICY})
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.chdir(tmp_path)
    script(tmp_path / "quick", HELM_VERSION + RENDERED)
    script(tmp_path / "many", HELM_VERSION + f"for name in b c d e f; do {RENDERED} | sed s/a}}/$name}}/; done")
    # The first is this script, the second what it has started, which keeps the pipes open.
    sleeping = f"sleep 300 & echo $$ $! > {tmp_path}/pids.new; mv {tmp_path}/pids.new {tmp_path}/pids; sleep 300"
    script(tmp_path / "slow", HELM_VERSION + sleeping)
    script(tmp_path / "slow-version", sleeping)
    return tmp_path
