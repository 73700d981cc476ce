"""Webhooks: what the API server itself calls is a Service, at a port of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from chartgate.kubernetes.links.object_references import injected_authorities
from chartgate.kubernetes.links.service_backends import own_ports, webhook_backends
from chartgate.model import Check, Rendering
from chartgate.policy.checks import states
from chartgate.policy.edits import put
from chartgate.policy.policy import policy
from chartgate.policy.reference_checks import reference_checks

HEALTHY = """
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{name: https, port: 443, targetPort: https}]}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: web, annotations: {cert-manager.io/inject-ca-from: default/web-tls}}
webhooks: [{name: web.example.com, clientConfig: {service: {name: web, namespace: default}}}]
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: web-tls}
spec: {secretName: web-tls, issuerRef: {name: web}, dnsNames: [web.default.svc, web.default.svc.cluster.local]}
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1.web.example.com}
spec: {service: {name: web, namespace: default}}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: sites.example.com}
spec:
  conversion: {strategy: Webhook, webhook: {clientConfig: {service: {name: web, namespace: default, port: 443}}}}
"""
_ANNOTATION = "metadata.annotations[cert-manager.io/inject-ca-from]"


@policy(
    severity="error",
    remediation="Name Service, namespace (the release's own) and port, or declare the Service under `external`.",
)
def webhooks_lead_to_services(rendering: Rendering) -> Iterator[Check]:
    """Every webhook and every APIService leads to a Service, and to a port of it: 443 where it names none.

    An admission webhook that nobody answers stops all that it is asked about, mostly in the whole cluster; an
    APIService without an answer keeps namespaces from being deleted.
    https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#service-reference
    https://kubernetes.io/docs/tasks/extend-kubernetes/setup-extension-api-server/
    """
    yield from reference_checks(rendering, webhook_backends, own_ports)


webhooks_lead_to_services.breaks(
    manifests=HEALTHY,
    the_webhook_calls_another_service=put(
        "ValidatingWebhookConfiguration web", "webhooks[0].clientConfig.service.name", "web-webhook"
    ),
    the_api_lives_in_another_namespace=put("APIService v1.web.example.com", "spec.service.namespace", "kube-system"),
    the_conversion_asks_the_port_of_the_pod=put(
        "CustomResourceDefinition sites.example.com", "spec.conversion.webhook.clientConfig.service.port", 8443
    ),
)


@policy(
    severity="error",
    remediation="Ask for the authority under the condition under which the Certificate is rendered, by the same name.",
)
def injected_authorities_are_there(rendering: Rendering) -> Iterator[Check]:
    """The Certificate whose authority cert-manager is asked to inject is there.

    Without it the webhook has no `caBundle`, or loses the one that it has, and the API server trusts nobody who
    answers there. Source: https://cert-manager.io/docs/concepts/ca-injector/
    """
    yield from reference_checks(rendering, injected_authorities)


injected_authorities_are_there.breaks(
    manifests=HEALTHY,
    the_certificate_has_another_name=put("ValidatingWebhookConfiguration web", _ANNOTATION, "default/web"),
    the_certificate_is_elsewhere=put("ValidatingWebhookConfiguration web", _ANNOTATION, "other/web-tls"),
)


@policy(
    severity="error",
    remediation="Make the names of the Certificate from the template that names the Service, and from its namespace.",
)
def certificates_are_for_their_webhooks(rendering: Rendering) -> Iterator[Check]:
    """The Certificate whose authority is injected into a webhook or an APIService is for the Service that is called.

    The API server calls `NAME.NAMESPACE.svc`, and trusts nobody whose certificate is for another host: a name or a
    namespace that a template writes out is right for one release only.
    https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#service-reference
    """
    for resources in rendering.stages:
        for resource in resources:
            called = sorted({f"{b.name}.{b.namespace}.svc" for b in webhook_backends(resource)})
            for authority in injected_authorities(resource) if called else ():
                for certificate in resources.named("Certificate", authority.name, authority.namespace):
                    names = certificate / "spec" / "dnsNames"
                    known = {name.text for name in names.texts()}
                    missing = [host for host in called if host not in known and not _covers(known, host)]
                    expected = f"{' and '.join(called)}, which {resource.kind} {resource.name} calls"
                    yield states(names, not known or not missing, expected=expected, actual=", ".join(sorted(known)))


def _covers(names: Collection[str], host: str) -> bool:
    return f"*.{host.partition('.')[2]}" in names


certificates_are_for_their_webhooks.breaks(
    manifests=HEALTHY,
    the_namespace_is_a_fixed_one=put("Certificate web-tls", "spec.dnsNames[0]", "web.web-system.svc"),
    the_service_has_another_name=put("Certificate web-tls", "spec.dnsNames[0]", "shop.default.svc"),
)
