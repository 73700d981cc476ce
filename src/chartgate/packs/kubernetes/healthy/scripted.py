"""A Job and a server that run scripts: what the counterexamples of policies on scripts start from."""

from __future__ import annotations

HEALTHY = """
apiVersion: batch/v1
kind: Job
metadata: {name: migrate}
spec:
  template:
    spec:
      restartPolicy: Never
      initContainers:
        - name: wait
          image: example.com/tools:1
          command: [sh, -ec, "until nc -z $DB_HOST 5432; do sleep 1; done; date > /tmp/waited"]
          env: [{name: DB_HOST, value: db}]
          securityContext: {readOnlyRootFilesystem: true}
          volumeMounts: [{name: scratch, mountPath: /tmp}]
      containers:
        - name: migrate
          image: example.com/tools:1
          command: [/scripts/migrate.sh, --verbose]
          env: [{name: DB_HOST, value: db}, {name: DB_NAME, value: shop}]
          securityContext: {readOnlyRootFilesystem: true}
          volumeMounts:
            - {name: scripts, mountPath: /scripts}
            - {name: scratch, mountPath: /tmp}
        - name: report
          image: example.com/tools:1
          command: [bash, /scripts/report.sh]
          volumeMounts: [{name: scripts, mountPath: /scripts}]
      volumes:
        - {name: scripts, configMap: {name: scripts, defaultMode: 0555}}
        - {name: scratch, emptyDir: {}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: scripts}
data:
  migrate.sh: |
    #!/bin/sh
    set -eu
    . /scripts/lib.sh
    for step in 1 2; do
      apply "$step" > /tmp/migrate.log
    done
    psql -h "$DB_HOST" -d "$DB_NAME" -f /scripts/tables.sql
    echo done
  lib.sh: |
    apply() {
      psql -h "$DB_HOST" -c "call step($1)"
    }
  report.sh: |
    set -euo pipefail
    printf '%s\\n' "${SUBJECT:-done}"
    query_all | gzip > /var/report.gz
    curl --data @/var/report.gz https://reports.example.com
  tables.sql: create table orders (id int);
  unused.sh: |
    #!/bin/bash
    echo "nobody runs this"
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        - name: web
          image: example.com/web:1
          command: [sh, -c, "prepare; exec web --config=/etc/web/web.yaml"]
          livenessProbe: {exec: {command: [/etc/web/alive.sh]}}
          env: [{name: CACHE_SIZE, value: "1"}]
          volumeMounts: [{name: config, mountPath: /etc/web}]
      volumes: [{name: config, projected: {defaultMode: 0755, sources: [{configMap: {name: web}}]}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: web}
data:
  web.yaml: "size: 1"
  alive.sh: |
    #!/bin/sh
    pgrep web || exit 1
"""
SCRIPTS = "ConfigMap scripts"
MIGRATE, REPORT = "data[migrate.sh]", "data[report.sh]"
POD = "spec.template.spec"
"""In the Job."""
