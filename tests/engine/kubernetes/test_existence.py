"""Whether what a resource refers to will be there, and the checks that say so."""

from __future__ import annotations

import dataclasses

import pytest

from chartgate.kubernetes.links.existence import resolves
from chartgate.kubernetes.links.object_references import Reference, accounts
from chartgate.model import Chart, Declarations, External, Resources
from chartgate.policy.reference_checks import reference_checks
from tests.engine.toys import rendering_of, resource, scenario

POD = """
kind: StatefulSet
apiVersion: apps/v1
metadata: {{name: web, namespace: shop}}
spec: {{template: {{spec: {{serviceAccountName: {account}}}}}}}
"""


def resources_of(*manifests: str) -> Resources:
    return Resources(map(resource, manifests))


@pytest.mark.parametrize(
    ("kind", "namespace", "name", "key", "expected"),
    [
        ("Secret", "shop", "s", "a", True),
        ("Secret", "shop", "s", "b", False),
        ("Secret", "other", "s", "a", False),
        ("Secret", "shop", "gone", "", False),
        ("Secret", "shop", "tls", "tls.crt", True),
        ("Secret", "shop", "certificate", "", False),
        ("Secret", "shop", "synced", "any", True),
        ("Secret", "shop", "serving", "tls.key", True),
        ("Secret", "shop", "given", "one", True),
        ("Secret", "shop", "given", "two", False),
        ("Secret", "other", "given", "one", False),
        ("Secret", "shop", "db-app", "username", True),
        ("Service", "shop", "db-rw", "5432", True),
        ("Secret", "shop", "db-owned", "username", False),
        ("Secret", "shop", "monitor-app", "", False),
        ("Secret", "other", "db-app", "", False),
        ("ConfigMap", "shop", "bundle", "service-ca.crt", True),
        ("ConfigMap", "shop", "bundle", "ca-bundle.crt", False),
        ("ConfigMap", "shop", "bundle", "added", True),
        ("Namespace", "", "elsewhere", "", True),
        ("Namespace", "", "nowhere", "", False),
        ("ServiceAccount", "shop", "default", "", True),
        ("ClusterRole", "", "system:auth-delegator", "", True),
        ("ClusterRole", "", "view", "", True),
        ("ClusterRole", "", "cluster-reader", "", False),
        ("ConfigMap", "shop", "kube-root-ca.crt", "ca.crt", True),
        ("ConfigMap", "shop", "istio-ca-root-cert", "", True),
        ("Secret", "shop", "db-logins", "", False),  # nearly the name of another one
        ("PersistentVolumeClaim", "shop", "db-data", "", False),
        ("Secret", "shop", "web-login", "", False),
        ("Service", "default", "kubernetes", "443", True),
        ("Service", "shop", "kubernetes", "", False),
        ("Service", "kube-system", "kube-dns", "53", True),
        ("Service", "kube-system", "metrics", "", False),
    ],
)
def test_what_resolves(kind: str, namespace: str, name: str, key: str, expected: bool) -> None:
    there = resources_of(
        "{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {a: x}}",
        "{apiVersion: v1, kind: Secret, metadata: {name: db-owner}, stringData: {username: x}}",
        "{apiVersion: postgresql.cnpg.io/v1, kind: Cluster, metadata: {name: db}}",
        "{apiVersion: monitoring.coreos.com/v1, kind: ServiceMonitor, metadata: {name: monitor}}",
        "{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: certificate}, spec: {secretName: tls}}",
        "{apiVersion: monitoring.coreos.com/v1, kind: ServiceMonitor, metadata: {name: web}}",
        "{apiVersion: v1, kind: Secret, metadata: {name: db-login}}",
        "{apiVersion: external-secrets.io/v1, kind: ExternalSecret, metadata: {name: synced}}",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bundle,"
        " annotations: {service.beta.openshift.io/inject-cabundle: 'true'}}",
        "apiVersion: v1\nkind: Service\nmetadata: {name: x,"
        " annotations: {service.beta.openshift.io/serving-cert-secret-name: serving}}",
    )
    external = (
        External("Secret", "given", "by hand", keys=("one",)),
        External("Namespace", "elsewhere", "another team's"),
        External("ConfigMap", "bundle", "whoever deploys adds a key", keys=("added",)),
    )
    asked = Reference(resource(POD.format(account="a")).place(), kind, name, namespace, key)
    given = dataclasses.replace(scenario(), declared=Declarations(external=external))
    assert resolves(asked, there, given) is expected


def test_hooks_are_examined_too(toy: Chart) -> None:
    before = rendering_of(toy, POD.format(account="default"))
    assert before.stages == (before.resources,)
    after = dataclasses.replace(before, after_hooks=resources_of(POD.format(account="gone")))
    checks = list(reference_checks(after, accounts))
    assert [(check.passed, check.expected) for check in checks] == [
        (True, "ServiceAccount shop/default is rendered, or declared external"),
        (False, "ServiceAccount shop/gone is rendered, or declared external"),
    ]


@pytest.mark.parametrize(
    ("name", "namespace", "own", "expected"),
    [
        ("reader", ".Values.meshNamespace", ".Release.Namespace", True),
        ("writer", ".Values.meshNamespace", ".Release.Namespace", False),
        ("reader", ".Values.meshNamespace", ".Values.meshNamespace", False),  # whose account is called web
        ("reader", ".Release.Namespace", ".Release.Namespace", False),
    ],
)
def test_an_account_in_the_namespace_of_a_value(
    toy: Chart, name: str, namespace: str, own: str, expected: bool
) -> None:
    subject = f"- kind: ServiceAccount\n  name: reader\n  namespace: {{{{ {namespace} }}}}\n"
    account = f"apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: web\n  namespace: {{{{ {own} }}}}\n"
    chart = dataclasses.replace(toy, templates={"templates/binding.yaml": subject, "templates/account.yaml": account})
    given = dataclasses.replace(scenario(), chart=chart, declared=Declarations(is_conventional=True))
    place = resource("{apiVersion: v1, kind: Pod, metadata: {name: a}}").place()
    assert resolves(Reference(place, "ServiceAccount", name, "mesh"), Resources(), given) is expected


@pytest.mark.parametrize(
    ("name", "changes", "expected"),
    [
        ("web-login", {}, True),
        ("other", {}, False),
        ("a-chosen-login", {"nameOverride": "chosen"}, True),
        ("a-chosen-other", {"nameOverride": "chosen"}, False),
    ],
)
def test_a_secret_that_a_comment_names_is_the_users(
    toy: Chart, name: str, changes: dict[str, str], expected: bool
) -> None:
    """By its end, where a name is overridden."""
    written = b"# Make a Secret web-login first.\na: 1\n"
    chart = dataclasses.replace(toy, files={"values.yaml": written})
    declared = Declarations(is_conventional=True)
    given = dataclasses.replace(scenario(), chart=chart, declared=declared, changes=changes)
    place = resource("{apiVersion: v1, kind: Pod, metadata: {name: a}}").place()
    assert resolves(Reference(place, "Secret", name, "prod"), Resources(), given) is expected
    made = resources_of(
        f"{{apiVersion: v1, kind: Secret, metadata: {{name: {name}, namespace: prod}}, data: {{a: b}}}}"
    )
    assert resolves(Reference(place, "Secret", name, "prod", "key"), made, given) is False  # where it is not rendered
