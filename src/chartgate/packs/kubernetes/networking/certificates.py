"""Certificates: an Ingress asks for one for the hosts that it serves, and gets it."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.documents.places import Place
from chartgate.documents.words import listed
from chartgate.model import Check, Rendering, Resource, Resources
from chartgate.policy.checks import states
from chartgate.policy.edits import put
from chartgate.policy.policy import policy
from chartgate.policy.subjects import each

HEALTHY = """
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  tls: [{hosts: [shop.example.com, "*.example.org"], secretName: web-tls}, {secretName: any-tls}]
  rules: [{host: shop.example.com}, {host: a.example.org}, {host: plain.example.com}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: other}
spec:
  tls: [{hosts: [shop.example.com, "*.example.org"], secretName: other-tls}]
  rules: [{host: shop.example.com}, {host: a.example.org}, {}]
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: other}
spec: {secretName: other-tls, commonName: shop.example.com, dnsNames: ["*.example.org"]}
"""
_MOST = 5


@policy(
    judges=each("Ingress"),
    severity="warning",
    remediation="Make the hosts under `tls` from the same values as those of the rules.",
)
def certificates_are_for_hosts_that_are_served(ingress: Resource) -> Iterator[Check]:
    """Every host under `tls` of an Ingress is one of its rules, or covers one with its `*`.

    A certificate is used for the hosts that its entry names: with another one there, the host of the rules is served
    with the controller's own certificate, which no browser takes. Source:
    https://kubernetes.io/docs/concepts/services-networking/ingress/#tls
    """
    rules = (ingress / "spec" / "rules").maps()
    served = [host for rule in rules if isinstance(host := rule.map.get("host"), str) and host]
    entries = [entry for entry in (ingress / "spec" / "tls").maps() if served]
    for host in (host for entry in entries for host in (entry / "hosts").texts()):
        passed = any(_is_for(host.text, other) for other in served)
        yield states(host, passed, expected=f"one of {listed(served, _MOST)}")


def _is_for(host: str, served: str) -> bool:
    return host == served or ("*" in (host[:1], served[:1]) and host.partition(".")[2] == served.partition(".")[2])


certificates_are_for_hosts_that_are_served.breaks(
    manifests=HEALTHY,
    another_host=put("Ingress web", "spec.tls[0].hosts[0]", "www.example.com"),
    another_domain=put("Ingress web", "spec.tls[0].hosts[1]", "*.example.net"),
)


@policy(
    judges=each("Ingress"),
    severity="warning",
    remediation="Name the host under `tls` as well: make both lists from the same values.",
)
def served_hosts_have_a_certificate(ingress: Resource) -> Iterator[Check]:
    """Every host of an Ingress that names certificates is in one of the entries under `tls`.

    The others are served with the controller's own certificate, which no browser takes. An entry without hosts is for
    all of them. Source: https://kubernetes.io/docs/concepts/services-networking/ingress/#tls
    """
    entries = [[host.text for host in (entry / "hosts").texts()] for entry in (ingress / "spec" / "tls").maps()]
    covered = [host for hosts in entries for host in hosts]
    if not all(entries):
        return
    for host in (rule / "host" for rule in (ingress / "spec" / "rules").maps() if covered):
        if host.text:
            passed = any(_covers(other, host.text) for other in covered)
            yield states(host, passed, expected=f"a host of an entry under tls: {listed(covered, _MOST)}")


def _covers(name: str, host: str) -> bool:
    return name == host or (name.startswith("*.") and name.partition(".")[2] == host.partition(".")[2])


served_hosts_have_a_certificate.breaks(
    manifests=HEALTHY,
    one_more_host=put("Ingress other", "spec.rules[2].host", "www.example.com"),
    a_host_two_levels_down=put("Ingress other", "spec.rules[1].host", "a.b.example.org"),
)


@policy(
    severity="warning",
    remediation="Give the Certificate all hosts that the Ingress or the Gateway names for its Secret.",
)
def certificates_name_the_hosts_they_are_for(rendering: Rendering) -> Iterator[Check]:
    """A Certificate whose Secret an Ingress serves hosts with is for each of them.

    Source: https://cert-manager.io/docs/usage/certificate/
    """
    for resources in rendering.stages:
        served = _hosts_by_secret(resources)
        for made in resources.of_kind("Certificate"):
            names = [name.text for name in (made / "spec" / "dnsNames").texts()]
            names += [common] if (common := (made / "spec" / "commonName").text) else []
            for host in served.get((made.namespace, (made / "spec" / "secretName").text), ()) if names else ():
                passed = any(_covers(name, host.text) for name in names)
                yield states(host, passed, expected=f"a name of {made.identity.label}: {listed(names, _MOST)}")


def _hosts_by_secret(resources: Resources) -> dict[tuple[str, str], list[Place[Resource]]]:
    """Give the hosts that Ingresses serve, by the namespace and the name of the Secret with their certificate."""
    found: dict[tuple[str, str], list[Place[Resource]]] = {}
    for ingress in resources.of_kind("Ingress"):
        for entry in (ingress / "spec" / "tls").maps():
            if secret := (entry / "secretName").text:
                found.setdefault((ingress.namespace, secret), []).extend((entry / "hosts").texts())
    return found


certificates_name_the_hosts_they_are_for.breaks(
    manifests=HEALTHY,
    another_host=put("Ingress other", "spec.tls[0].hosts[0]", "www.example.com"),
    another_domain=put("Ingress other", "spec.tls[0].hosts[1]", "*.example.net"),
)
