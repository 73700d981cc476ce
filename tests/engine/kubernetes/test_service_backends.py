"""What leads to a Service, and where a Service leads."""

from __future__ import annotations

import pytest

from chartgate.kubernetes.links.service_backends import (
    endpoint_ports,
    governing_services,
    host_names,
    ingress_backends,
    own_ports,
    route_backends,
    webhook_backends,
)
from chartgate.model import Resources
from tests.engine.toys import resource

POD = """
kind: StatefulSet
apiVersion: apps/v1
metadata: {{name: web, namespace: shop}}
spec: {{serviceName: web, template: {{metadata: {{labels: {{app: web}}}}, spec: {{{spec}}}}}}}
"""
SERVICE = """
kind: Service
apiVersion: v1
metadata: {{name: web, namespace: shop}}
spec: {{selector: {{app: web}}, {spec} ports: [{{name: http, port: 80, targetPort: web}}, {{port: 90}}]}}
"""
OPEN = "containers: [{name: web, ports: [{name: web, containerPort: 8080}, {containerPort: 7000}]}]"


@pytest.mark.parametrize(
    ("spec", "own", "endpoint"),
    [
        ("", {"http", "80", "90"}, {"http", "8080", "90"}),
        ("clusterIP: None,", {"http", "80", "90", "8080", "7000"}, {"http", "8080", "90"}),
    ],
)
def test_ports_of_a_service(spec: str, own: set[str], endpoint: set[str]) -> None:
    there = Resources([resource(SERVICE.format(spec=spec)), resource(POD.format(spec=OPEN))])
    service = there.one("Service", "web")
    assert own_ports(service, there) == own
    assert endpoint_ports(service, there) == endpoint


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://web.shop.svc.cluster.local:80/x", ["80 of Service shop/web"]),
        ("web.shop.svc, db-0.db.data.svc:5432", ["Service shop/web", "5432 of Service data/db"]),
        ("--host=$(POD).web.shop.svc", ["Service shop/web"]),
        ("${HOST}.shop.svc *.shop.svc .svc web.${NS}.svc <name>.<namespace>.svc", []),
        ("localhost:80 # or web.shop.svc\n// web.shop.svc", []),
        ("a.b.svcs web.shop.svc-x", []),
    ],
)
def test_host_names(text: str, expected: list[str]) -> None:
    configmap = resource("{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {k: x}}")
    configmap.manifest["data"]["k"] = text
    assert [str(found) for found in host_names(configmap)] == expected
    pod = resource(POD.format(spec="containers: [{name: a, env: [{name: X, value: x}], args: [x], command: null}]"))
    container = pod.at("spec.template.spec.containers")[0]
    container["env"][0]["value"] = container["args"][0] = text
    assert [str(found) for found in host_names(pod)] == expected * 2


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        (
            "{kind: Route, apiVersion: route.openshift.io/v1, spec: {to: {name: a}, port: {targetPort: http},"
            " alternateBackends: [{name: b}]}}",
            ["http of Service shop/a", "http of Service shop/b"],
        ),
        ("{kind: Route, apiVersion: serving.knative.dev/v1, spec: {}}", []),
        (
            "{kind: Ingress, apiVersion: networking.k8s.io/v1, spec: {defaultBackend: {service: {name: a, port:"
            " {name: http}}}, rules: [{http: {paths: [{backend: {service: {name: b, port: {number: 80}}}}]}}]}}",
            ["http of Service shop/a", "80 of Service shop/b"],
        ),
        ("{kind: Ingress, apiVersion: networking.k8s.io/v1, spec: {rules: [{http: null}, null]}}", []),
        (
            "{kind: HTTPRoute, apiVersion: gateway.networking.k8s.io/v1, spec: {rules: [{backendRefs:"
            " [{name: a, namespace: other, port: 80}, {kind: Bucket, name: b}]}]}}",
            ["80 of Service other/a"],
        ),
        ("{kind: StatefulSet, apiVersion: apps/v1, spec: {serviceName: a}}", ["Service shop/a"]),
        (
            "{kind: ValidatingWebhookConfiguration, apiVersion: admissionregistration.k8s.io/v1, webhooks:"
            " [{clientConfig: {service: {name: a, namespace: other, port: 8443}}}, {clientConfig: {url: a}}, null]}",
            ["8443 of Service other/a"],
        ),
        (
            "{kind: MutatingWebhookConfiguration, apiVersion: admissionregistration.k8s.io/v1, webhooks:"
            " [{clientConfig: {service: {name: a, namespace: other}}}]}",
            ["443 of Service other/a"],
        ),
        (
            "{kind: APIService, apiVersion: v1, spec: {service: {name: a, namespace: other}}}",
            ["443 of Service other/a"],
        ),
        ("{kind: APIService, apiVersion: v1, spec: {service: null}}", []),
        (
            "{kind: CustomResourceDefinition, apiVersion: v1, spec: {conversion: {webhook: {clientConfig: {service:"
            " {name: a, namespace: other}}}}}}",
            ["443 of Service other/a"],
        ),
        ("{kind: StatefulSet, apiVersion: apps/v1, spec: {serviceName: ''}}", []),
    ],
)
def test_what_leads_to_a_service(manifest: str, expected: list[str]) -> None:
    found = resource(manifest.replace("{kind", "{metadata: {name: x, namespace: shop}, kind", 1))
    of = (route_backends, ingress_backends, webhook_backends, governing_services)
    leads = [reference for each in of for reference in each(found)]
    assert [str(reference) for reference in leads] == expected
