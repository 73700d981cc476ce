"""What webhooks are asked about, and whom the API server trusts when it asks."""

from __future__ import annotations

import base64
import re
from collections.abc import Collection, Iterator, Set

from chartgate.documents.misspellings import nearly
from chartgate.documents.places import Place
from chartgate.documents.shapes import texts_in
from chartgate.kubernetes.builtin_resources import BUILTIN_RESOURCES
from chartgate.kubernetes.contents import decoded
from chartgate.kubernetes.links.service_backends import pods_of, webhook_backends
from chartgate.model import Check, Rendering, Resource, Resources
from chartgate.policy.checks import states
from chartgate.policy.edits import put
from chartgate.policy.policy import policy

_WEBHOOKS = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
_ASKED = (*_WEBHOOKS, "Role", "ClusterRole")
_ANY = ("*", "*/*")
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]++)-----END CERTIFICATE-----")
# A certificate of its own, `CN=web.default.svc`: names of hosts are plain ASCII in it.
_DER = b"0\x82\x01\x00web.default.svc"
_ENCODED = base64.b64encode(
    f"-----BEGIN CERTIFICATE-----\n{base64.b64encode(_DER).decode()}\n-----END CERTIFICATE-----\n".encode()
).decode()

HEALTHY = f"""
apiVersion: v1
kind: Service
metadata: {{name: web}}
spec: {{selector: {{app: web}}, ports: [{{port: 443}}]}}
---
apiVersion: v1
kind: Secret
type: kubernetes.io/tls
metadata: {{name: web-tls}}
data: {{tls.crt: {_ENCODED}, tls.key: YQ==, ca.crt: Yg==}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      containers: [{{name: web, volumeMounts: [{{name: tls, mountPath: /tls}}]}}]
      volumes: [{{name: tls, secret: {{secretName: web-tls}}}}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {{name: web}}
webhooks:
  - name: web.example.com
    clientConfig: {{service: {{name: web, namespace: default}}, caBundle: Yg==}}
    namespaceSelector: {{matchExpressions: [{{key: own, operator: DoesNotExist}}]}}
    rules: [{{apiGroups: ["", sites.example.com], apiVersions: [v1], operations: [CREATE], resources: [pods, sites]}}]
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: sites.sites.example.com}}
spec: {{group: sites.example.com, names: {{kind: Site, plural: sites, singular: site}}}}
"""
_WEB = "ValidatingWebhookConfiguration web"
_RULE = "webhooks[0].rules[0]"


@policy(
    severity="error",
    remediation="Leave the release's own namespace out by namespaceSelector, name fewer resources, or Ignore failures.",
)
def webhooks_leave_their_own_pods_alone(rendering: Rendering) -> Iterator[Check]:
    """No webhook that stops what it cannot judge is asked about the pods that answer it.

    With `failurePolicy: Fail`, rules that cover pods and no selector, nothing starts once all of its pods are gone:
    not even they. A selector or a condition of any kind is taken as one that leaves them out. Source:
    https://kubernetes.io/docs/concepts/cluster-administration/admission-webhooks-good-practices/#avoid-self-mutations
    """
    for resources in rendering.stages:
        for webhook in _webhooks(resources):
            service = resources.named(
                "Service",
                str(webhook.at("clientConfig.service.name")),
                str(webhook.at("clientConfig.service.namespace")),
            )
            own = [pod for found in service for pod in pods_of(found, resources)]
            stops = webhook.at("failurePolicy") != "Ignore" and any(map(_is_about_new_pods, (webhook / "rules").maps()))
            is_narrow = any(webhook.at(key) for key in ("namespaceSelector", "objectSelector", "matchConditions"))
            if own:
                actual = f"every pod, those of {own[0].identity.label} too, which answers it"
                passed = not stops or is_narrow
                yield states(webhook / "rules", passed, expected="not the pods that answer it", actual=actual)


def _webhooks(resources: Resources) -> Iterator[Place[Resource]]:
    for configuration in resources.of_kind(*_WEBHOOKS):
        yield from (configuration / "webhooks").maps()


def _is_about_new_pods(rule: Place[Resource]) -> bool:
    groups, kinds, verbs = (texts_in(rule.at(key)) for key in ("apiGroups", "resources", "operations"))
    return (
        any(group in ("", "*") for group in groups)
        and any(kind in ("pods", *_ANY) for kind in kinds)
        and any(verb in ("CREATE", "*") for verb in verbs)
        and rule.at("scope") != "Cluster"
    )


webhooks_leave_their_own_pods_alone.breaks(
    manifests=HEALTHY,
    no_namespace_is_left_out=put(_WEB, "webhooks[0].namespaceSelector", {}),
)


@policy(severity="error", remediation="Write the plural of the CustomResourceDefinition, in lower case.")
def defined_resources_are_named_by_their_plural(rendering: Rendering) -> Iterator[Check]:
    """A rule of a role or a webhook names what the chart defines by its plural, as it does with Kubernetes' own.

    The API server takes any word: the webhook is never asked, and the account is refused. So it does with any group:
    one with the same first word as the one that the chart defines the resource in, while nothing here names that one,
    is another's. Of Kubernetes' own resources in roles, `roles_name_what_there_is` tells. Source:
    https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-rules
    """
    for resources in rendering.stages:
        defined = _defined(resources)
        for asked in resources.of_kind(*_ASKED):
            is_webhook = asked.kind in _WEBHOOKS
            rules = (
                [rule for webhook in (asked / "webhooks").maps() for rule in (webhook / "rules").maps()]
                if is_webhook
                else list((asked / "rules").maps())
            )
            known = _merged(BUILTIN_RESOURCES, defined) if is_webhook else defined
            named = {(group, name) for rule in rules for group, name in _asked_for(rule)}
            for rule in rules:
                for group in (rule / "apiGroups").texts() if defined else ():
                    meant = _other_group(group.text, rule, defined, named)
                    actual = f"{group.text}; there is {meant}"
                    yield states(group, not meant, expected="the group of what is defined", actual=actual)
                groups = texts_in(rule.at("apiGroups"))
                names = [name for group in groups for name in known.get(group, ())]
                beside = [name.partition("/")[0] for name in texts_in(rule.at("resources"))]
                for place in (rule / "resources").texts() if groups and all(group in known for group in groups) else ():
                    meant = _meant(place.text.partition("/")[0], names, beside, defined, groups)
                    actual = f"{place.text}, which is no plural; there is {meant}"
                    yield states(place, not meant, expected="the plural of a resource", actual=actual)


_Names = dict[str, tuple[str, ...]]


def _asked_for(rule: Place[Resource]) -> Iterator[tuple[str, str]]:
    """Give each resource that a rule is about, with its group."""
    for group in texts_in(rule.at("apiGroups")):
        yield from ((group, name) for name in texts_in(rule.at("resources")))


def _other_group(group: str, rule: Place[Resource], defined: _Names, named: Set[tuple[str, str]]) -> str:
    """Give the group that an unknown one means: all of its resources are there, which nothing else asks for."""
    names = texts_in(rule.at("resources"))
    resources = {name.partition("/")[0] for name in names}
    if group in defined or group in BUILTIN_RESOURCES or not resources:
        return ""
    first = group.partition(".")[0]
    alike = (other for other in defined if other.partition(".")[0] == first or nearly(group, [other]))
    named_there = {other: any((other, name) in named for name in names) for other in defined}
    return next((other for other in alike if resources <= {*defined[other]} and not named_there[other]), "")


def _defined(resources: Resources) -> _Names:
    """Give the plurals of what the chart defines, by group."""
    found: dict[str, list[str]] = {}
    for definition in resources.of_kind("CustomResourceDefinition"):
        found.setdefault(str(definition.at("spec.group")), []).append(str(definition.at("spec.names.plural")))
    return {group: tuple(names) for group, names in found.items()}


def _merged(one: _Names, other: _Names) -> _Names:
    return {group: (*one.get(group, ()), *other.get(group, ())) for group in {**one, **other}}


def _meant(name: str, names: list[str], beside: Collection[str], defined: _Names, groups: list[str]) -> str:
    """Give the plural that a name that is none means: of its singular or kind, or by a slip where all are known."""
    if not name or "*" in name or name in names:
        return ""
    lower = name.lower()
    plurals = [plural for plural in names if plural in (lower, f"{lower}s", f"{lower}es", f"{lower[:-1]}ies")]
    is_own = any(group in defined for group in groups)
    # Whoever asks for both means both: `httproutes`, `tcproutes`.
    slips = [other for other in nearly(name, names) if other not in beside] if is_own else []
    return next(iter([*plurals, *slips]), "")


defined_resources_are_named_by_their_plural.breaks(
    manifests=HEALTHY,
    the_singular=put(_WEB, f"{_RULE}.resources[1]", "site"),
    the_kind_of_kubernetes=put(_WEB, f"{_RULE}.resources[0]", "Pod"),
    a_letter_is_wrong=put(_WEB, f"{_RULE}.resources[1]", "sitess"),
    the_group_ends_otherwise=put(
        _WEB,
        _RULE,
        {"apiGroups": ["sites.example.org"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["sites"]},
    ),
)


@policy(
    severity="error",
    remediation="Make the certificate for NAME.NAMESPACE.svc of the Service, and print the authority it is signed by.",
)
def signed_certificates_fit_their_webhooks(rendering: Rendering) -> Iterator[Check]:
    """The certificate that the chart makes for a webhook names its Service, and `caBundle` is what signed it.

    The API server calls `NAME.NAMESPACE.svc`, and trusts what `caBundle` has signed, nobody else. An
    APIService has one, too. Judged is the Secret with `tls.crt` that the pods behind the Service mount, if it is the
    only one. Source: https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#service-reference
    """
    resources = rendering.resources
    for caller in resources.of_kind(*_WEBHOOKS, "APIService"):
        bundles = [webhook / "clientConfig" / "caBundle" for webhook in (caller / "webhooks").maps()]
        for bundle in bundles if caller.kind in _WEBHOOKS else [caller / "spec" / "caBundle"]:
            above = bundle.address.removesuffix("caBundle")
            for backend in webhook_backends(caller) if bundle.text else ():
                if backend.place.address.startswith(above):
                    yield from _fits(bundle, backend.name, backend.namespace, resources)


def _fits(bundle: Place[Resource], name: str, namespace: str, resources: Resources) -> Iterator[Check]:
    services = resources.named("Service", name, namespace)
    pods = [pod for service in services for pod in pods_of(service, resources)]
    mounted = {
        str(volume.at("secret.secretName"))
        for pod in pods
        for volume in pod.place("spec.template.spec.volumes").maps()
        if volume.at("secret.secretName")
    }
    secrets = [
        secret for secret in resources.of_kind("Secret") if secret.name in mounted and secret.namespace == namespace
    ]
    served = [secret for secret in secrets if secret.at("data[tls.crt]")]
    if len(served) != 1:
        return
    certificate = served[0] / "data" / "tls.crt"
    authority = served[0] / "data" / "ca.crt"
    host = f"{name}.{namespace}.svc"
    is_key = "PRIVATE KEY-----" in _decoded(bundle.text)
    yield states(bundle, not is_key, expected="the certificate of an authority", actual="a private key")
    names = _names_in(certificate.text)
    if names is not None:
        passed = host.encode() in names or f"*.{namespace}.svc".encode() in names
        yield states(certificate, passed, expected=f"a certificate for {host}", actual="one for other names")
    if authority.text and authority.text != certificate.text:
        passed = bundle.text != certificate.text
        yield states(bundle, passed, expected="the authority", actual="the certificate that is signed by it")


def _decoded(encoded: str) -> str:
    try:
        return decoded(encoded).decode("ascii")
    except ValueError:
        return ""


def _names_in(encoded: str) -> bytes | None:
    """Give the bytes of the first certificate of a PEM file in base64: names of hosts are plain in it."""
    try:
        found = _PEM.search(_decoded(encoded))
        return base64.b64decode("".join(found[1].split()), validate=True) if found else None
    except ValueError:
        return None


signed_certificates_fit_their_webhooks.breaks(
    manifests=HEALTHY,
    the_certificate_is_for_another=put(
        "Secret web-tls",
        "data[tls.crt]",
        base64.b64encode(
            b"-----BEGIN CERTIFICATE-----\n" + base64.b64encode(b"shop.default.svc") + b"\n-----END CERTIFICATE-----"
        ).decode(),
    ),
    the_certificate_is_trusted_itself=put(_WEB, "webhooks[0].clientConfig.caBundle", _ENCODED),
)
