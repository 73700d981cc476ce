"""Releases of one container that runs scripts, and what a policy tells of them."""

from __future__ import annotations

import textwrap
from typing import Any

from chartgate.documents.yaml_texts import go_yaml
from chartgate.policy.policy import Policy
from chartgate.policy.proofs import literal_rendering
from chartgate.policy.verdicts import checks_of

RUN = "#!/bin/sh\nset -e\necho run\n"


def release(
    container: str, *, pod: str = "", volume: str = "configMap: {name: files}", kind: str = "Job", **data: str
) -> str:
    """Write a workload of one container, which mounts a ConfigMap of these keys (`run_sh` for `run.sh`) at /files."""
    config: dict[str, Any] = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "files"}}
    config["data"] = {key.replace("__", "-").replace("_", "."): text for key, text in data.items()}
    return f"""
apiVersion: batch/v1
kind: {kind}
metadata: {{name: work}}
spec:
  template:
    spec:
      {pod or "restartPolicy: Never"}
      containers:
        - name: work
          volumeMounts: [{{name: files, mountPath: /files}}, {{name: data, mountPath: /data}}]
{textwrap.indent(textwrap.dedent(container).strip(), " " * 10)}
      volumes: [{{name: files, {volume}}}, {{name: data, emptyDir: {{}}}}]
---
{go_yaml.dump(config)}
"""


def told(policy: Policy, manifests: str) -> list[str]:
    findings = (check for check in checks_of(policy, [literal_rendering(manifests)]) if not check.passed)
    return [f"{check.subject.partition(' (')[0]} {check.path}: {check.expected}: {check.actual}" for check in findings]
