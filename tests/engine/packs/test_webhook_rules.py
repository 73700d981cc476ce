"""Webhooks that may stop their own pods, are never asked or not trusted, and those that are fine."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from chartgate.packs.kubernetes.networking import webhook_rules
from chartgate.packs.kubernetes.pods_and_storage import checksums
from chartgate.policy.edits import Edit, added, gone, put
from chartgate.policy.policy import Policy
from tests.engine.packs.literal_charts import findings_of

_WEBHOOK = "ValidatingWebhookConfiguration web"
_OPEN = gone(_WEBHOOK, "webhooks[0].namespaceSelector")
_RULE = "webhooks[0].rules[0]"


def found(policy: Policy, manifests: str, *edits: Edit) -> list[str]:
    return [str(check.actual) for check in findings_of(policy, manifests, *edits)]


@pytest.mark.parametrize(
    ("address", "value", "is_fine"),
    [
        ("failurePolicy", "Fail", False),
        ("rules[0].resources", ["*"], False),
        ("rules[0].apiGroups", ["*"], False),
        ("failurePolicy", "Ignore", True),
        ("objectSelector", {"matchLabels": {"a": "b"}}, True),
        ("matchConditions", [{"name": "a", "expression": "true"}], True),
        ("rules[0].resources", ["configmaps"], True),
        ("rules[0].apiGroups", ["sites.example.com"], True),
        ("rules[0].operations", ["DELETE"], True),
        ("rules[0].scope", "Cluster", True),
        ("clientConfig.service.name", "elsewhere", True),
    ],
)
def test_webhooks_that_are_asked_about_their_own_pods(address: str, value: Any, is_fine: bool) -> None:
    policy = webhook_rules.webhooks_leave_their_own_pods_alone
    actual = found(policy, webhook_rules.HEALTHY, _OPEN, put(_WEBHOOK, f"webhooks[0].{address}", value))
    assert actual == ([] if is_fine else ["every pod, those of Deployment default/web too, which answers it"])


_ROLE = (
    "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: a},"
    " rules: [{apiGroups: [%s], resources: [%s], verbs: [get]}]}"
)


@pytest.mark.parametrize(
    ("edit", "meant"),
    [
        (added(_ROLE % ("sites.example.com", "site")), "site, which is no plural; there is sites"),
        (added(_ROLE % ("sites.example.com", "Site/status")), "Site/status, which is no plural; there is sites"),
        (put(_WEBHOOK, f"{_RULE}.resources", ["pod"]), "pod, which is no plural; there is pods"),
        (added(_ROLE % ("sites.example.org", "sites/status, sites")), "sites.example.org; there is sites.example.com"),
        (added(_ROLE % ("site.example.com", "sites")), "site.example.com; there is sites.example.com"),
        (
            added(
                "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: a}, rules:"
                " [{apiGroups: [sites.example.org], resources: [sites]},"
                " {apiGroups: [sites.example.com], resources: [sites/status]}]}"
            ),
            "sites.example.org; there is sites.example.com",
        ),
        # A group of before beside the new one, one with more than is defined here, and one that is called otherwise.
        (added(_ROLE % ("sites.example.com, sites.example.org", "sites")), ""),
        (added(_ROLE % ("sites.example.org", "sites, buildings")), ""),
        (added(_ROLE % ("example.org", "sites")), ""),
        (added(_ROLE % ("sites.example.com", "sites/status")), ""),
        (added(_ROLE % ("sites.example.com", "'*'")), ""),
        # Who asks for two means two, however alike they are.
        (added(_ROLE % ("sites.example.com", "sites, suites")), ""),
        (added(_ROLE % ("sites.example.com", "sites/status, suites/status")), ""),
        (added(_ROLE % ("sites.example.com", "suites")), "suites, which is no plural; there is sites"),
        # Another chart may define it; of a group that nobody here defines, nothing is known.
        (added(_ROLE % ("sites.example.com", "buildings")), ""),
        (added(_ROLE % ("other.example.com", "site")), ""),
        (added(_ROLE % ("sites.example.com, other.example.com", "site")), ""),
        (put(_WEBHOOK, f"{_RULE}.resources", ["pods/ephemeralcontainers", "*/scale"]), ""),
    ],
)
def test_names_of_what_is_defined(edit: Edit, meant: str) -> None:
    policy = webhook_rules.defined_resources_are_named_by_their_plural
    assert found(policy, webhook_rules.HEALTHY, edit) == ([meant] if meant else [])


def _encoded(der: bytes) -> str:
    pem = b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(der) + b"-----END CERTIFICATE-----\n"
    return base64.b64encode(pem).decode()


@pytest.mark.parametrize(
    "edits",
    [
        [put("Secret web-tls", "data[tls.crt]", _encoded(b"0*.default.svc"))],
        [put("Secret web-tls", "data[tls.crt]", "bm8gY2VydGlmaWNhdGU=")],
        [put("Secret web-tls", "data[tls.crt]", "no base64")],
        # It has signed itself; it is injected; the pods mount another Secret.
        [
            put("Secret web-tls", "data[ca.crt]", _encoded(b"0web.default.svc")),
            put("Secret web-tls", "data[tls.crt]", _encoded(b"0web.default.svc")),
            put(_WEBHOOK, "webhooks[0].clientConfig.caBundle", _encoded(b"0web.default.svc")),
        ],
        [gone(_WEBHOOK, "webhooks[0].clientConfig.caBundle"), put("Secret web-tls", "data[tls.crt]", _encoded(b"0a"))],
        [gone("Deployment web", "spec.template.spec.volumes"), put("Secret web-tls", "data[tls.crt]", _encoded(b"0a"))],
    ],
)
def test_certificates_that_may_fit(edits: list[Edit]) -> None:
    assert found(webhook_rules.signed_certificates_fit_their_webhooks, webhook_rules.HEALTHY, *edits) == []


_ANNOTATIONS = "spec.template.metadata.annotations"
_OF_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize(
    ("annotations", "said"),
    [
        ({"checksum/a": "a" * 64, "checksum/b": "a" * 64}, ["the checksum of checksum/a as well"]),
        (
            {"example.com/configChecksum": "a" * 64, "checksum/b": "a" * 64},
            ["the checksum of example.com/configChecksum as well"],
        ),
        ({"checksum/a": "a" * 64, "checksum/b": "b" * 64}, []),
        ({"checksum/a": _OF_NOTHING, "checksum/b": _OF_NOTHING}, []),
        ({"checksum/a": "a" * 64, "example.com/b": "a" * 64}, []),
        ({"checksum/a": "1", "checksum/b": "1"}, []),
        ({"checksum/a": 3, "checksum/b": 3}, []),
    ],
)
def test_checksums(annotations: dict[str, Any], said: list[str]) -> None:
    edit = put("Deployment web", _ANNOTATIONS, annotations)
    assert found(checksums.checksums_are_of_different_files, checksums.HEALTHY, edit) == said
