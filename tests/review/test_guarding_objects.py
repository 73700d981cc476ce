"""Objects of meshes, of networks and of admission that keep others out: what a change of them lets in, or no longer."""

from __future__ import annotations

import pytest

from tests.review.object_pairs import risks_told

KYVERNO, ISTIO = "kyverno.io/v1", "security.istio.io/v1"
GATEKEEPER = "constraints.gatekeeper.sh/v1beta1"


def _of(kind: str, version: str, spec: str) -> str:
    return f"{{apiVersion: {version}, kind: {kind}, metadata: {{name: web}}, spec: {{{spec}}}}}"


def _mesh(mode: str) -> str:
    return _of("PeerAuthentication", ISTIO, f"mtls: {{mode: {mode}}}")


def _allowed(rules: str, action: str = "") -> str:
    return _of("AuthorizationPolicy", ISTIO, f"rules: [{rules}]{action}")


def _policy(spec: str, kind: str = "ClusterPolicy", version: str = KYVERNO) -> str:
    return _of(kind, version, spec)


def _told(before: str, after: str) -> list[str]:
    return [one for one in risks_told(before, after) if not one.startswith(("resource_removed", "resource_added"))]


SHOP, OPS = "{from: [{source: {namespaces: [shop]}}]}", "{from: [{source: {namespaces: [shop, ops]}}]}"
DENY = ", action: DENY"
MORE, FEWER = "security_loosened danger more requests get in", "network_narrowed caution fewer requests get in"
REFUSED = "webhook_hardened danger what its policy does not allow is refused now"
REPORTED = "security_loosened danger what it refused is only reported now"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (_mesh("STRICT"), _mesh("PERMISSIVE"), "security_loosened danger what is not encrypted gets in"),
        (_mesh("PERMISSIVE"), _mesh("DISABLE"), "security_loosened danger what is not encrypted gets in"),
        (_mesh("PERMISSIVE"), _mesh("STRICT"), "network_narrowed caution what is not encrypted is refused now"),
        (_mesh("STRICT"), "", "security_loosened danger what is not encrypted gets in"),
        ("", _mesh("STRICT"), "network_narrowed caution what is not encrypted may be refused now"),
        (_allowed(SHOP), _allowed("{}"), MORE),
        (_allowed(SHOP), _allowed(f"{SHOP}, {{to: [{{operation: {{paths: [/a]}}}}]}}"), MORE),
        (_allowed(SHOP), _allowed(OPS), MORE),
        (_allowed(OPS), _allowed(SHOP), FEWER),
        (_allowed("{}"), _allowed(SHOP), FEWER),
        (_allowed(SHOP, DENY), _allowed(OPS, DENY), FEWER),
        (_allowed(OPS, DENY), _allowed(SHOP, DENY), MORE),
        (_allowed(SHOP), "", "security_loosened danger whom it kept out gets in"),
        ("", _allowed(SHOP), "network_narrowed caution whom it does not let in is kept out now"),
        (
            _policy("endpointSelector: {}", "CiliumNetworkPolicy", "cilium.io/v2"),
            "",
            "security_loosened danger what it kept out of its pods, or in them, is free",
        ),
        (_policy("validationFailureAction: Enforce"), _policy("validationFailureAction: Audit"), REPORTED),
        (_policy("validationFailureAction: Audit"), _policy("validationFailureAction: Enforce"), REFUSED),
        (_policy("rules: []"), _policy("rules: [], validationFailureAction: enforce"), REFUSED),
        (
            _policy("rules: [{name: a, validate: {failureAction: Audit}}]"),
            _policy("rules: [{name: a, validate: {failureAction: Enforce}}]"),
            REFUSED,
        ),
        (_policy("validationFailureAction: Enforce"), "", "security_loosened danger what it refused is admitted"),
        (
            "",
            _policy("validationFailureAction: Enforce"),
            "webhook_hardened danger what it does not allow is refused",
        ),
        (
            _of("DestinationRule", "networking.istio.io/v1", "trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}"),
            _of("DestinationRule", "networking.istio.io/v1", "trafficPolicy: {tls: {mode: DISABLE}}"),
            "security_loosened danger traffic is no longer encrypted",
        ),
        (
            _of("APIService", "apiregistration.k8s.io/v1", "caBundle: Zm9v"),
            _of("APIService", "apiregistration.k8s.io/v1", "caBundle: Zm9v, insecureSkipTLSVerify: true"),
            "security_loosened danger the API server takes whoever answers for it",
        ),
        (
            _of("Middleware", "traefik.io/v1alpha1", "basicAuth: {secret: a}"),
            "",
            "security_loosened danger whom it kept out gets in",
        ),
        (
            _policy("match: {}", "NoRoot", GATEKEEPER),
            _policy("match: {}, enforcementAction: dryrun", "NoRoot", GATEKEEPER),
            REPORTED,
        ),
        (_allowed(SHOP), _of("AuthorizationPolicy", "policy.linkerd.io/v1alpha1", "rules: [{}]"),
         "api_version_changed caution the cluster has to serve policy.linkerd.io/v1alpha1 before the upgrade,"
         " or refuses it"),
    ],
)  # fmt: skip
def test_who_is_let_in(before: str, after: str, told: str) -> None:
    assert _told(before, after) == [told]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (_allowed(SHOP), _allowed(SHOP, ", action: ALLOW")),
        (_policy("rules: []"), _policy("rules: [], validationFailureAction: Audit")),
        (_policy("match: {}", "NoRoot", GATEKEEPER),
         _policy("match: {}, enforcementAction: deny", "NoRoot", GATEKEEPER)),
        (_policy("daemonsets: {}", version="nvidia.com/v1"), ""),
        (_of("Middleware", "traefik.io/v1alpha1", "stripPrefix: {}"), ""),
        ("", _policy("validationFailureAction: Audit")),
    ],
)  # fmt: skip
def test_what_lets_in_as_many(before: str, after: str) -> None:
    assert _told(before, after) == []


WALL = _of("NetworkPolicy", "networking.k8s.io/v1", "podSelector: {matchLabels: {app: db}}")
DATABASE = _of("Deployment", "apps/v1", "template: {metadata: {labels: {app: db}}, spec: {containers: [{name: db}]}}")


@pytest.mark.parametrize(
    ("before", "after", "is_told"),
    [(f"{WALL}---{DATABASE}", DATABASE, True), (f"{WALL}---{DATABASE}", "", False), (WALL, "", True)],
)
def test_a_policy_of_a_network_that_goes_with_its_pods(before: str, after: str, is_told: bool) -> None:
    told = "security_loosened danger what it kept out of its pods, or in them, is free"
    assert (told in _told(before, after)) == is_told
