"""Reach: what a container names by host or by path is what it can reach from where it is."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.kubernetes.links.service_calls import called_hosts
from chartgate.kubernetes.pods.named_paths import named_files
from chartgate.kubernetes.pods.workloads import workloads
from chartgate.kubernetes.programs.carried_scripts import runs_in
from chartgate.model import Check, Rendering
from chartgate.policy.checks import states, with_cause
from chartgate.policy.edits import added, gone, put
from chartgate.policy.policy import policy

HEALTHY = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        - name: web
          args: ["--config=/etc/web/web.yaml", --rules, /etc/web/rules/all.yaml, "--cache=http://cache:6379/0"]
          env: [{name: DATABASE_HOST, value: data.database}, {name: KEY, value: /secrets/key}]
          volumeMounts:
            - {name: config, mountPath: /etc/web}
            - {name: rules, mountPath: /etc/web/rules}
            - {name: key, mountPath: /secrets/key, subPath: key}
      volumes:
        - {name: config, configMap: {name: web}}
        - {name: rules, configMap: {name: web, items: [{key: rules.yaml, path: all.yaml}]}}
        - {name: key, secret: {secretName: web}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {web.yaml: "listen: 80", rules.yaml: "[]"}}
---
{apiVersion: v1, kind: Secret, metadata: {name: web}, stringData: {key: k}}
---
{apiVersion: v1, kind: Service, metadata: {name: cache}, spec: {ports: [{port: 6379}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: data, namespace: database}, spec: {ports: [{port: 5432}]}}
"""
_WEB = "spec.template.spec.containers[web]"
_JOB = """
apiVersion: batch/v1
kind: Job
metadata: {name: dump}
spec: {template: {spec: {containers: [{name: dump, env: [{name: KEY_FILE, value: /secrets/key}]}]}}}
"""


@policy(severity="error", remediation="Name the namespace, too: NAME.NAMESPACE.svc, or NAME.NAMESPACE.")
def short_host_names_are_of_the_namespace(rendering: Rendering) -> Iterator[Check]:
    """A host without a dot is a Service of the caller's own namespace, where the release has one of that name at all.

    A short name is looked up in the namespace of the pod alone, and the release makes that Service in another one.
    Source: https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#namespaces-of-services
    """
    for resources in rendering.stages:
        for workload in workloads(resources):
            for call in called_hosts(workload, resources):
                there = resources.named("Service", call.host)
                if there and "." not in call.host:
                    passed = any(service.namespace == workload.namespace for service in there)
                    expected = f"a Service of {workload.namespace}"
                    actual = f"{call.host} is {', '.join(service.identity.label for service in there)}"
                    yield states(call.place, passed, expected=expected, actual=actual)


short_host_names_are_of_the_namespace.breaks(
    manifests=HEALTHY,
    the_database_is_called_as_if_it_were_here=put("Deployment web", f"{_WEB}.env[DATABASE_HOST].value", "data"),
    the_cache_is_somewhere_else=put("Deployment web", f"{_WEB}.args[3]", "redis://data:6379"),
)


@policy(
    severity="error",
    remediation="Name the file as it is mounted: the mountPath, then the key (or the path of the item); or mount it.",
)
def named_files_are_mounted(rendering: Rendering) -> Iterator[Check]:
    """A file that an argument or a variable names is there, where it would come from a ConfigMap or Secret.

    In the mount of one, there is no other file than its keys. Outside of any mount, a path that ends in the name of a
    key that a volume of the pod has means this key, unless the container names it where it is; and one that another pod
    names in such a mount is not there without one. Programs are judged by `files_that_are_named_are_mounted`. Sources:
    https://kubernetes.io/docs/concepts/storage/volumes/#configmap https://github.com/bitnami/charts/issues/32959
    """
    for resources in rendering.stages:
        programs = {
            (use.place.owner.identity, use.place.address)
            for _, runs in resources.indexed(runs_in)
            for use in runs.uses
            if use.is_run and not use.line
        }
        checks = (
            states(file.place, not file.problem, expected=f"{file.path} is mounted", actual=file.problem or "it is")
            for workload in workloads(resources)
            for file in named_files(workload, resources)
            if (file.place.owner.identity, file.place.address) not in programs
        )
        yield from (with_cause(check, f"{check.expected}: {check.actual}") for check in checks)


named_files_are_mounted.breaks(
    manifests=HEALTHY,
    the_file_has_another_name=put("Deployment web", f"{_WEB}.args[0]", "--config=/etc/web/config.yaml"),
    the_file_is_in_another_folder=put("Deployment web", f"{_WEB}.args[0]", "--config=/etc/shop/web.yaml"),
    the_folder_is_the_file_itself=put("Deployment web", f"{_WEB}.env[KEY].value", "/secrets/key/key"),
    the_item_has_the_name_of_its_key=put("Deployment web", f"{_WEB}.args[2]", "/etc/web/rules/rules.yaml"),
    the_volume_is_not_mounted=(
        gone("Deployment web", f"{_WEB}.volumeMounts[1]"),
        gone("Deployment web", f"{_WEB}.volumeMounts[0]"),
    ),
    only_another_pod_has_it=added(_JOB),
)
