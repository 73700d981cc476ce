"""How the time of a check grows with the number of objects: a chart of N and one of 2N, judged as whole processes.

    .venv/bin/python bench/many_objects.py            # 5,000 and 10,000 objects
    .venv/bin/python bench/many_objects.py 1000 --rounds=3
    .venv/bin/python bench/many_objects.py --write=FOLDER   # only writes the chart of 5,000, to judge it by hand

Each app of the chart is ten objects that refer to each other as those of real charts do: a Deployment with its
account, ConfigMap, Secret, Service, Role, RoleBinding, NetworkPolicy, PodDisruptionBudget and Ingress.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

OBJECTS_OF_AN_APP = 10
METADATA = (
    "apiVersion: v2\nname: many\nversion: 1.0.0\ndescription: Many objects, as bench/many_objects.py makes them.\n"
)
VALUES = "apps: {apps}\nimage: registry.example.com/team/app:1.4.2\nreplicas: 2\npassword: pw-Of-9the-bench\n"
TEMPLATE = """
{{- range $number := until (int .Values.apps) }}
{{- $name := printf "%s-app-%d" $.Release.Name $number }}
{{- $labels := dict "app.kubernetes.io/name" $name "app.kubernetes.io/instance" $.Release.Name
  "app.kubernetes.io/managed-by" $.Release.Service | toJson }}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: {{ $name }}, labels: {{ $labels }}}
automountServiceAccountToken: false
---
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ $name }}, labels: {{ $labels }}}
data:
  app.yaml: |
    server: {port: 8080, host: 0.0.0.0}
    upstream: http://{{ $name }}.{{ $.Release.Namespace }}.svc:80
    logging: {level: info, format: json}
---
apiVersion: v1
kind: Secret
metadata: {name: {{ $name }}, labels: {{ $labels }}}
stringData: {password: {{ $.Values.password | quote }}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: {{ $name }}, labels: {{ $labels }}}
rules:
  - {apiGroups: [""], resources: [configmaps], resourceNames: [{{ $name }}], verbs: [get]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: {{ $name }}, labels: {{ $labels }}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: {{ $name }}}
subjects:
  - {kind: ServiceAccount, name: {{ $name }}, namespace: {{ $.Release.Namespace }}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ $name }}, labels: {{ $labels }}}
spec:
  replicas: {{ $.Values.replicas }}
  selector: {matchLabels: {app.kubernetes.io/name: {{ $name }}, app.kubernetes.io/instance: {{ $.Release.Name }}}}
  template:
    metadata:
      labels: {app.kubernetes.io/name: {{ $name }}, app.kubernetes.io/instance: {{ $.Release.Name }}}
    spec:
      serviceAccountName: {{ $name }}
      automountServiceAccountToken: false
      securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
      containers:
        - name: app
          image: {{ $.Values.image }}
          ports: [{name: http, containerPort: 8080}]
          env:
            - {name: PASSWORD, valueFrom: {secretKeyRef: {name: {{ $name }}, key: password}}}
          livenessProbe: {httpGet: {path: /live, port: http}}
          readinessProbe: {httpGet: {path: /ready, port: http}}
          resources: {requests: {cpu: 50m, memory: 64Mi}, limits: {memory: 128Mi}}
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: {drop: [ALL]}
          volumeMounts: [{name: config, mountPath: /etc/app, readOnly: true}]
      volumes: [{name: config, configMap: {name: {{ $name }}}}]
---
apiVersion: v1
kind: Service
metadata: {name: {{ $name }}, labels: {{ $labels }}}
spec:
  selector: {app.kubernetes.io/name: {{ $name }}, app.kubernetes.io/instance: {{ $.Release.Name }}}
  ports: [{name: http, port: 80, targetPort: http}]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: {{ $name }}, labels: {{ $labels }}}
spec:
  maxUnavailable: 1
  selector: {matchLabels: {app.kubernetes.io/name: {{ $name }}, app.kubernetes.io/instance: {{ $.Release.Name }}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: {{ $name }}, labels: {{ $labels }}}
spec:
  podSelector: {matchLabels: {app.kubernetes.io/name: {{ $name }}, app.kubernetes.io/instance: {{ $.Release.Name }}}}
  policyTypes: [Ingress]
  ingress: [{ports: [{port: http}]}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: {{ $name }}, labels: {{ $labels }}}
spec:
  rules:
    - host: {{ $name }}.example.com
      http:
        paths: [{path: /, pathType: Prefix, backend: {service: {name: {{ $name }}, port: {name: http}}}}]
{{- end }}
"""


class Run(NamedTuple):
    """What one check of a chart took."""

    seconds: float
    cpu: float
    """Of the check and of helm, on all processors."""
    findings: int


def write_chart(folder: Path, objects: int) -> None:
    """Write the chart of that many objects."""
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text(METADATA)
    (folder / "values.yaml").write_text(VALUES.format(apps=objects // OBJECTS_OF_AN_APP))
    (folder / "templates" / "apps.yaml").write_text(TEMPLATE)


def judged(folder: Path) -> Run:
    """Judge a chart by the pack, in a process of its own."""
    program = str(Path(sys.executable).with_name("chartgate"))
    command = [program, "check", "--no-cache", f"--chart={folder}", "--format=json"]
    before, start = _cpu(), time.perf_counter()
    done = subprocess.run([*command, "--policies=kubernetes"], capture_output=True, check=False, cwd=folder.parent)
    seconds = time.perf_counter() - start
    if done.returncode not in (0, 1):
        raise SystemExit(done.stderr.decode())
    return Run(seconds, _cpu() - before, len(json.loads(done.stdout)["findings"]))


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Print the medians of a chart of N objects and of one of 2N, and how the second compares to the first."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("objects", nargs="?", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", type=Path, metavar="FOLDER", help="only write the chart of N objects")
    given = parser.parse_args()
    if given.write:
        return write_chart(given.write, given.objects)
    sizes = (given.objects, 2 * given.objects)
    with tempfile.TemporaryDirectory() as scratch:
        folders = [Path(scratch) / str(size) for size in sizes]
        for folder, size in zip(folders, sizes, strict=True):
            write_chart(folder, size)
        rounds = [[judged(folder) for folder in folders] for _ in range(given.rounds)]
    medians = []
    for size, runs in zip(sizes, zip(*rounds, strict=True), strict=True):
        seconds, cpu = (statistics.median(values) for values in list(zip(*runs, strict=True))[:2])
        print(f"{size:6} objects  {seconds:6.1f} s  {cpu:6.1f} s of CPU  {runs[0].findings} findings")  # noqa: T201
        medians.append((seconds, cpu))
    (small, small_cpu), (large, large_cpu) = medians
    print(f"twice as many: {large / small:.2f} x the time, {large_cpu / small_cpu:.2f} x the CPU")  # noqa: T201
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(f"largest process: {peak} MB, {os.cpu_count()} processors")  # noqa: T201
    return None


if __name__ == "__main__":
    main()
