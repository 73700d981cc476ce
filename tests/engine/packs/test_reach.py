"""Hosts and files that containers name, and what templates ask: where it is, and where it only looks wrong."""

from __future__ import annotations

import dataclasses

import pytest
import yaml

from chartgate.charts.template_texts.cluster_reads import cluster_reads
from chartgate.model import Values
from chartgate.packs.kubernetes.access_and_secrets import grants
from chartgate.packs.kubernetes.healthy.release import HEALTHY
from chartgate.packs.kubernetes.networking import namespace_labels, network_access, reach, selectors
from chartgate.policy.edits import Edit, added, gone, put
from chartgate.policy.policy import Policy
from chartgate.policy.proofs import NO_CHART, literal_rendering
from chartgate.policy.verdicts import checks_of
from tests.engine.packs.literal_charts import failed

WEB = "spec.template.spec.containers[web]"
JOB = """
apiVersion: batch/v1
kind: Job
metadata: {name: job}
spec:
  template:
    spec:
      containers: [{name: job, args: [/etc/job/a], volumeMounts: [{name: job, mountPath: /etc/job}]}]
      volumes: [{name: job, secret: {secretName: job}}]
"""
FILES, HOSTS = reach.named_files_are_mounted, reach.short_host_names_are_of_the_namespace
LIMITS = network_access.network_rules_limit_something


def findings(policy: Policy, manifests: str, *edits: Edit, version: str = "0.0.0") -> list[tuple[str, str]]:
    rendering = literal_rendering(manifests, dataclasses.replace(NO_CHART, version=version))
    for edit in edits:
        rendering = edit.apply(rendering)
    return [(check.path, str(check.actual)) for check in checks_of(policy, [rendering]) if not check.passed]


def argument(text: str) -> Edit:
    return put("Deployment web", f"{WEB}.args[0]", text)


@pytest.mark.parametrize(
    ("edits", "found"),
    [
        (
            [argument("--config=/etc/web/conf.yaml")],
            "ConfigMap default/web shows rules.yaml, web.yaml there, not conf.yaml",
        ),
        ([argument("-config.file=/opt/web.yaml")], "web.yaml of ConfigMap default/web is at /etc/web/web.yaml"),
        ([argument("--config=/etc/web/..data/web.yaml")], ""),
        ([argument("--folder=/etc/web")], ""),
        # Its own of that name, since it reads the other where it is.
        ([put("Deployment web", f"{WEB}.args", ["cp", "/etc/web/web.yaml", "/srv/web.yaml"])], ""),
        ([argument("--config=/etc/other.yaml"), argument("https://example.com/web.yaml")], ""),
        ([argument("--key=/secrets/key")], ""),
        # Another pod that names it has it of its own, and one that does not name it says nothing of others.
        ([added(JOB), argument("/etc/job/a")], "nothing is mounted there; Job default/job has it of Secret job"),
        ([added(JOB), argument("/etc/job/b")], ""),
        ([added(JOB.replace("secretName: job", "secretName: job, optional: true")), argument("/etc/job/a")], ""),
        ([added(JOB.replace("secret: {secretName: job}", "emptyDir: {}")), argument("/etc/job/a")], ""),
        # A program writes it, or nobody knows what is in it.
        ([argument("--config=/etc/web/conf.yaml"), gone("ConfigMap web", "data")], ""),
        ([argument("--config=/etc/web/conf.yaml"), gone("ConfigMap web")], ""),
        (
            [
                argument("--config=/etc/web/conf.yaml"),
                put("ConfigMap web", "metadata.labels", {"config.openshift.io/inject-trusted-cabundle": "true"}),
            ],
            "",
        ),
        (
            [
                argument("--config=/etc/web/conf.yaml"),
                put("Deployment web", "spec.template.spec.volumes[config]", {"name": "config", "emptyDir": {}}),
            ],
            "",
        ),
        (
            [
                argument("--config=/etc/web/conf.yaml"),
                put("Deployment web", "spec.template.spec.volumes[config].configMap.optional", True),
            ],
            "",
        ),
    ],
)
def test_files_are_where_they_are_named(edits: list[Edit], found: str) -> None:
    told = findings(FILES, reach.HEALTHY, *edits)
    assert told == ([(f"{WEB}.args[0]", found)] if found else [])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("--db=postgres://me:secret@data/shop", "data is Service database/data"),
        ("data:5432", "data is Service database/data"),
        ("--peers=cache:6379,data:5432", "data is Service database/data"),
        ("--db=postgres://data.database/shop", ""),
        ("--db=postgres://data.database.svc.cluster.local/shop", ""),
        ("--name=data", ""),
        ("data", ""),
        ("http://elsewhere:80", ""),
        ("http://$(HOST):80/data:1", ""),
    ],
)
def test_short_host_names(text: str, found: str) -> None:
    told = findings(HOSTS, reach.HEALTHY, argument(text))
    assert told == ([(f"{WEB}.args[0]", found)] if found else [])


@pytest.mark.parametrize(
    ("version", "value", "passed"),
    [
        ("1.2.3", "web-1.2.3", False),
        ("1.2.3", "v1.2.3", False),
        ("1.2.3", "web-1.2.3-canary", False),
        ("1.2.3", "web-11.2.3", True),
        ("1.2.3", "web-1.2.30", True),
        ("1.2.3", "web-1.2.3.4", True),
        ("1.2.3", "web-0.1.2.3", True),
        ("1.2.3", "web-1", True),
    ],
)
def test_a_version_inside_of_a_selectors_value(version: str, value: str, passed: bool) -> None:
    edit = put("Service web", "spec.selector.track", value)
    told = findings(selectors.selectors_carry_no_version, HEALTHY, edit, version=version)
    assert told == ([] if passed else [("spec.selector.track", value)])


@pytest.mark.parametrize(
    ("values", "passed"),
    [
        ({"from": [{"namespaceSelector": {"matchLabels": {"name": "monitoring"}}}]}, True),
        ({"match": {"key": "name", "operator": "In", "values": ["monitoring"]}}, True),
        ({"namespaces": ["monitoring"]}, False),
        ({"monitoring": {"namespace": "monitoring"}}, False),
    ],
)
def test_whose_label_the_name_of_a_namespace_is(values: Values, passed: bool) -> None:
    labels = {"matchLabels": {"name": "monitoring"}}
    edit = put("NetworkPolicy web", "spec.ingress[0].from[0].namespaceSelector", labels)
    rendering = edit.apply(literal_rendering(namespace_labels.HEALTHY))
    rendering = dataclasses.replace(rendering, scenario=dataclasses.replace(rendering.scenario, overrides=values))
    checks = checks_of(namespace_labels.namespaces_are_selected_by_labels_that_they_have, [rendering])
    assert [check.actual for check in checks if not check.passed] == ([] if passed else ["name"])


@pytest.mark.parametrize(("image", "passed"), [("shop/web:2.7.1", False), ("shop/web:v2", True), ("shop/web", True)])
def test_the_tag_of_an_image_in_a_selectors_value(image: str, passed: bool) -> None:
    edits = [
        put("Deployment web", "spec.selector.matchLabels.track", "web-2.7.1"),
        put("Deployment web", f"{WEB}.image", image),
    ]
    told = findings(selectors.selectors_carry_no_version, HEALTHY, *edits)
    assert told == ([] if passed else [("spec.selector.matchLabels.track", "web-2.7.1")])


@pytest.mark.parametrize(
    "edit",
    [
        # One that admits everything says so.
        put("NetworkPolicy data", "spec.ingress", [{}]),
        put("NetworkPolicy data", "spec.ingress", [{"ports": [{"port": 80}]}, {"from": [{"podSelector": {}}]}]),
        put("NetworkPolicy data", "spec.ingress", []),
        put("NetworkPolicy data", "spec.ingress[0].from", None),
        put("NetworkPolicy data", "spec.ingress[0].from", [{"podSelector": {}}]),
        put(
            "NetworkPolicy data",
            "spec.ingress[0].from",
            [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["169.254.169.254/32"]}}],
        ),
        # DNS, wherever it is.
        put("NetworkPolicy web", "spec.egress[0].to", [{"namespaceSelector": {}}]),
    ],
)
def test_rules_that_limit(edit: Edit) -> None:
    assert findings(LIMITS, network_access.HEALTHY, edit) == []


def test_a_role_for_the_accounts_of_one_namespace_is_nobody_elses() -> None:
    group = put("RoleBinding worker", "subjects[1].name", "system:serviceaccounts:other")
    assert findings(grants.no_right_is_everybodys, grants.HEALTHY, group) == []


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ('{{- $a := lookup "v1" "Secret" "a" "b" }}', ["lookup"]),
        ('{{ (lookup "v1" "Secret" "a" "b").data }}{{ .Release.Revision }}', ["lookup", ".Release.Revision"]),
        ("{{ if $.Release.IsInstall }}{{ end }}", [".Release.IsInstall"]),
        ('{{- /* lookup "v1" "Secret" */ -}} a: b', []),
        ('path: /* {{ lookup "v1" "Secret" "a" "b" }} */', ["lookup"]),
        ("{{ .Values.lookup }} {{ .Release.Name }} lookup: (a)", []),
        ("{{/* never ends", []),
    ],
)
def test_what_a_template_asks_a_cluster(text: str, asks: list[str]) -> None:
    chart = dataclasses.replace(
        NO_CHART, templates={"templates/a.yaml": text, "templates/NOTES.txt": ".Release.IsInstall"}
    )
    assert [*cluster_reads(chart)] == [("literal/templates/a.yaml", what, 1) for what in asks]


@pytest.mark.parametrize(
    ("of_the_service", "severity"), [("targetPort: http", "warning"), ("targetPort: 8080", None), ("port: 80", None)]
)
def test_a_job_that_is_no_endpoint_yet_is_a_warning(of_the_service: str, severity: str | None) -> None:
    port = {"name": "http", "port": 80} | yaml.safe_load(of_the_service)
    wide = (put("Service web", "spec.selector", {"release": "one"}), put("Service web", "spec.ports", [port]))
    rendering = literal_rendering(HEALTHY)
    for edit in wide:
        rendering = edit.apply(rendering)
    found = failed(checks_of(selectors.services_leave_jobs_out, [rendering]))
    assert [check.severity for check in found] == [severity]
    late = put("Job migrate", "metadata.annotations", {"helm.sh/hook": "post-delete"})
    assert not failed(checks_of(selectors.services_leave_jobs_out, [late.apply(rendering)]))
