"""What helm itself makes of a chart, to compare with."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from chartgate.documents.yaml_texts import go_yaml
from chartgate.system.toolchain import Tools

DUMP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: dump}\ndata: {values: {{ .Values | toJson | quote }}}\n"
"""A template for `templates/dump.yaml`."""


def helm_values(tools: Tools, chart: Path) -> dict[str, Any] | None:
    """Give the values that `templates/dump.yaml` of a chart writes as JSON, less nulls; None where helm refuses it."""
    command = [str(tools.helm), "template", "toy", str(chart)]
    done = subprocess.run(command, capture_output=True, check=False, timeout=60)
    if done.returncode:
        return None
    dumps = [d for d in go_yaml.load_all(done.stdout.decode(), "helm") if d and d["metadata"]["name"] == "dump"]
    values: dict[str, Any] = without_nulls(json.loads(dumps[-1]["data"]["values"]))
    return values


def without_nulls(value: Any) -> Any:
    """Give values without the keys that are null."""
    return {k: without_nulls(v) for k, v in value.items() if v is not None} if isinstance(value, dict) else value
