"""A release whose parts find each other: what the counterexamples of policies on links start from."""

from __future__ import annotations

HEALTHY = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web, tier: front, release: one}}
    spec:
      containers:
        - name: web
          env: [{name: DATABASE, value: "postgresql://data.database.svc.cluster.local:5432/"}]
          args: [--standby=data-0.data.database.svc]
          ports: [{name: http, containerPort: 8080}]
---
apiVersion: batch/v1
kind: Job
metadata: {name: migrate}
spec: {template: {metadata: {labels: {app: migrate, release: one}}, spec: {containers: [{name: migrate}]}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: web}
data: {web.conf: "upstream: web.default.svc:80 # not example.default.svc"}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: http}]}
---
apiVersion: route.openshift.io/v1
kind: Route
metadata: {name: web}
spec: {to: {kind: Service, name: web}, port: {targetPort: http}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec: {rules: [{http: {paths: [{path: /, backend: {service: {name: web, port: {number: 80}}}}]}}]}
---
{apiVersion: v1, kind: Namespace, metadata: {name: database}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: data, namespace: database}
spec:
  serviceName: data
  selector: {matchLabels: {app: data}, matchExpressions: [{key: app, operator: Exists}]}
  template:
    metadata: {labels: {app: data}}
    spec: {containers: [{name: data, ports: [{containerPort: 5432}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: data, namespace: database}
spec: {clusterIP: None, selector: {app: data}, ports: [{name: sql, port: 5432, targetPort: 5432}]}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {selector: {matchLabels: {app: web}, matchExpressions: [{key: tier, operator: In, values: [front]}]}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector: {matchLabels: {app: web}}
  ingress:
    - from:
        - podSelector: {matchLabels: {tier: front}}
        - {podSelector: {matchLabels: {app: proxy}}, namespaceSelector: {matchLabels: {team: edge}}}
        - ipBlock: {cidr: 10.0.0.0/8}
  egress:
    - to:
        - podSelector: {matchLabels: {app: data}}
          namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: database}}
    - to: [{podSelector: {}, namespaceSelector: {}}]
"""
"""A web server with a database in a namespace of the release, a Job, and all that leads to them or protects them."""

WEB = "spec.template.spec.containers[web]"
"""Where in the Deployment its container is."""
