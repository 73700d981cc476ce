"""What makes a change worse than it looks: how much less time, how many pods at once, who had a right anyway."""

from __future__ import annotations

import pytest

from chartgate.review.contract.changed_keys import KeyChange
from chartgate.review.risks.risk_classes import OF_VALUES
from tests.review.object_pairs import paired, risks_of, shown

CONTAINER = "spec.template.spec.containers[a]"


def _probed(probe: str, kind: str = "livenessProbe", beside: str = "") -> str:
    spec = f"{{template: {{spec: {{containers: [{{name: a, {kind}: {{exec: {{command: [a]}}{probe}}}}}]}}}}{beside}}}"
    return f"{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: web}}, spec: {spec}}}"


def _rolled(pods: str, strategy: str) -> str:
    return _probed("", beside=f", replicas: {pods}, strategy: {{rollingUpdate: {strategy}}}")


def _listening(ports: str, beside: str = "") -> str:
    return _probed("").replace("{name: a, ", f"{{name: a, ports: {ports}, {beside}")


def _asking(webhook: str) -> str:
    kind = "apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingWebhookConfiguration, metadata: {name: web}"
    return f"{{{kind}, webhooks: [{{name: a.example.com, {webhook}}}]}}"


def _quota(hard: str) -> str:
    return f"{{apiVersion: v1, kind: ResourceQuota, metadata: {{name: web}}, spec: {{hard: {{{hard}}}}}}}"


def _leading(spec: str) -> str:
    return f"{{apiVersion: v1, kind: Service, metadata: {{name: web}}, spec: {{{spec}}}}}"


def _mounting(volume: str, mount: str = "") -> str:
    pod = f"{{containers: [{{name: a, volumeMounts: [{{name: v, mountPath: /data{mount}}}]}}], "
    pod += f"volumes: [{{name: v, {volume}}}]}}"
    return f"{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: web}}, spec: {{template: {{spec: {pod}}}}}}}"


def _budget(spec: str) -> str:
    return f"{{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {{name: web}}, spec: {{{spec}}}}}"


def _asked(port: str) -> str:
    probe = f"livenessProbe: {{httpGet: {{path: /, port: {port}}}}}, "
    return _listening("[{name: http, containerPort: 8080}]", probe).replace(
        ", livenessProbe: {exec: {command: [a]}}", ""
    )


def _monitor(spec: str) -> str:
    return f"{{apiVersion: monitoring.coreos.com/v1, kind: ServiceMonitor, metadata: {{name: web}}, spec: {spec}}}"


def _account(annotations: str, kind: str = "ServiceAccount") -> str:
    return f"{{apiVersion: v1, kind: {kind}, metadata: {{name: web, annotations: {annotations}}}}}"


@pytest.mark.parametrize(
    ("before", "after", "reasons"),
    [
        (_probed(", timeoutSeconds: 5"), _probed(""), ["livenessProbe: it has to answer within 1 s, not 5"]),
        (_probed(", failureThreshold: 30", "startupProbe"), _probed("", "startupProbe"),
         ["startupProbe: it is given up after 30 s, not 300"]),
        (_probed(", periodSeconds: 30"), _probed(", periodSeconds: 10"),
         ["livenessProbe: it is given up after 30 s, not 90"]),
        (_probed(", initialDelaySeconds: 120"), _probed(""), ["livenessProbe: it is given up after 30 s, not 150"]),
        (_rolled("1", "{}"), _rolled("1", "{maxSurge: 0}"), ["no pod answers while it is rolled out"]),
        (_rolled("2", "{maxUnavailable: 1}"), _rolled("2", "{maxUnavailable: '100%'}"),
         ["no pod answers while it is rolled out"]),
        (_rolled("4", "{maxUnavailable: 1}"), _rolled("4", "{maxUnavailable: 2}"),
         ["more pods may be missing at a time"]),
        (_quota("pods: '20', cpu: '4'"), _quota("pods: '5', cpu: 4000m"), ["no more than 5 of pods fits now"]),
        (_quota("pods: '20'"), _quota("pods: '20', requests.cpu: 2"), ["no more than 2 of requests.cpu fits now"]),
        (_mounting("emptyDir: {}"), _mounting("emptyDir: {}", ", readOnly: true"), ["it may no longer write to /data"]),
        (_mounting("persistentVolumeClaim: {claimName: a}"),
         _mounting("persistentVolumeClaim: {claimName: a}", ", readOnly: true"), ["it may no longer write to /data"]),
        (_leading("publishNotReadyAddresses: true"), _leading("type: ClusterIP"),
         ["it no longer leads to pods that are not ready yet"]),
        (_asking("failurePolicy: Ignore"), _asking("failurePolicy: Ignore, timeoutSeconds: 30"),
         ["requests wait up to 30 s for it, not 10"]),
        (_budget("minAvailable: 1"), _budget("maxUnavailable: 100%"),
         ["a minimum of running pods is no longer guaranteed"]),
        (_budget("minAvailable: 2"), _budget("minAvailable: 0"), ["a minimum of running pods is no longer guaranteed"]),
        (_budget("minAvailable: 2"), _budget("minAvailable: 1"), ["more pods may be missing at a time"]),
        (_listening("[{name: http, containerPort: 80}]"), _listening("[{name: http, containerPort: 8080}]"),
         ["it is port 8080 now, where the image has to listen"]),
        (_asked("8080"), _asked("80"), ["livenessProbe: the container is probed in another way"]),
        (_monitor("{jobLabel: app}"), _monitor("{}"), ["its metrics are of a job of another name now"]),
        (_monitor("{}"), _monitor("{jobLabel: app}"), ["its metrics are of a job of another name now"]),
        (_monitor("{targetLabels: [a, b]}"), _monitor("{targetLabels: [b]}"),
         ["its metrics no longer have the label a"]),
        (_account("{a: b}"), _account("{helm.sh/hook: 'pre-install, pre-upgrade'}"),
         ["it runs at another moment, or is deleted at another",
          "it is a hook now, which is no part of the release: Helm deletes it once the hook has run"]),
        (_account("{ingressclass.kubernetes.io/is-default-class: 'true'}", "IngressClass"),
         _account("{ingressclass.kubernetes.io/is-default-class: 'false'}", "IngressClass"),
         ["it no longer serves Ingresses without a class"]),
        (_account("{ingressclass.kubernetes.io/is-default-class: 'true'}", "IngressClass"),
         _account("{}", "IngressClass"),
         ["it no longer serves Ingresses without a class"]),
    ],
)  # fmt: skip
def test_what_is_a_caution(before: str, after: str, reasons: list[str]) -> None:
    found = [(risk.level, risk.reason) for risk, _ in risks_of(paired(before, after))]
    assert found == [("caution", reason) for reason in reasons]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (_probed(""), _probed(", timeoutSeconds: 5, failureThreshold: 9")),
        (_probed(", periodSeconds: 10"), _probed(", periodSeconds: 5, failureThreshold: 6")),
        (_probed(", initialDelaySeconds: 120", "readinessProbe"), _probed("", "readinessProbe")),
        (_quota("pods: '5', requests.cpu: 4"), _quota("pods: '6', requests.cpu: 4000m")),
        (_mounting("configMap: {name: a}"), _mounting("configMap: {name: a}", ", readOnly: true")),
        (_mounting("emptyDir: {}", ", readOnly: true"), _mounting("emptyDir: {}")),
        (_leading("publishNotReadyAddresses: false"), _leading("publishNotReadyAddresses: true")),
        (_budget("minAvailable: 1"), _budget("maxUnavailable: 1")),
        (_budget("maxUnavailable: 100%"), _budget("minAvailable: 0")),
        (_asked("8080"), _asked("http")),
        (_asked("http"), _asked("8080")),
        (_probed(", periodSeconds: ten"), _probed(", periodSeconds: 10")),
        (_rolled("1", "{}"), _rolled("1", "{maxSurge: 1, maxUnavailable: 0}")),
        (_rolled("1", "{maxSurge: 0}"), _rolled("1", "{maxSurge: 0, maxUnavailable: 1}")),
        (_rolled("1", "{}"), _rolled("1", "{maxSurge: all, maxUnavailable: {a: b}}")),
        (_listening("[{name: http, containerPort: 80}]", "args: [--port=80], "),
         _listening("[{name: http, containerPort: 8080}]", "args: [--port=8080], ")),
        (_monitor("{targetLabels: [a, b]}"), _monitor("{targetLabels: [b, a]}")),
        (_monitor("{jobLabel: ''}"), _monitor("{}")),
        (_account("{helm.sh/hook: 'pre-install,pre-upgrade'}"), _account("{helm.sh/hook: 'pre-upgrade, pre-install'}")),
        (_account("{argocd.argoproj.io/sync-options: 'Replace=true,Force=true'}"),
         _account("{argocd.argoproj.io/sync-options: 'Force=true,Replace=true'}")),
    ],
)  # fmt: skip
def test_what_is_at_most_a_note(before: str, after: str) -> None:
    assert {level for level, _ in shown(paired(before, after)).values()} <= {"note"}


@pytest.mark.parametrize(
    ("webhook", "classes"),
    [
        ("failurePolicy: Fail", {"webhook_hardened": ("danger", ""), "resource_added": ("note", "")}),
        ("timeoutSeconds: 5", {"webhook_hardened": ("danger", ""), "resource_added": ("note", "")}),
        ("failurePolicy: Ignore", {"resource_added": ("note", "")}),
    ],
)
def test_a_webhook_that_is_new(webhook: str, classes: dict[str, tuple[str, str]]) -> None:
    assert shown(paired("", _asking(webhook))) == classes


@pytest.mark.parametrize(
    ("before", "after", "level"),
    [
        ("60", 60, "note"),
        (1.5, "1.5", "note"),
        ("1.10", 1.1, "danger"),
        ("true", True, "danger"),
        ("100m", 0.1, "note"),
        (1, "1000m", "note"),
        ("8Gi", 8, "danger"),  # the template may write the unit now
        ("60s", 60, "danger"),
        (60, [60], "danger"),
    ],
)
def test_how_bad_another_type_is(before: object, after: object, level: str) -> None:
    change = KeyChange("a", before, after)
    found = [rule.because(hit) for rule in OF_VALUES for hit in rule(change) if rule.name == "values_retyped"]
    assert [risk.level for risk in found] == [level]


def _role(kind: str, name: str, verbs: str = "get, list", scope: str = "pods") -> str:
    rules = f"[{{apiGroups: [''], resources: [{scope}], verbs: [{verbs}]}}]"
    return f"{{apiVersion: rbac.authorization.k8s.io/v1, kind: {kind}, metadata: {{name: {name}}}, rules: {rules}}}"


def _binding(kind: str, role: str, account: str = "web", namespace: str = "shop", name: str = "") -> str:
    given, _, of = role.partition(" ")
    subject = f"{{kind: ServiceAccount, name: {account}, namespace: {namespace}}}"
    return (
        f"{{apiVersion: rbac.authorization.k8s.io/v1, kind: {kind}, metadata: {{name: {name or of}}}, "
        f"roleRef: {{kind: {given}, name: {of}}}, subjects: [{subject}]}}"
    )


def _all(*objects: str) -> str:
    return "\n---\n".join(objects)


WIDE = _all(_role("ClusterRole", "web"), _binding("ClusterRoleBinding", "ClusterRole web"))
NEAR = _all(_role("Role", "near"), _binding("RoleBinding", "Role near"))


@pytest.mark.parametrize(
    ("before", "after", "classes"),
    [
        (WIDE, NEAR, {"rbac_narrowed"}),
        (NEAR, WIDE, {"rbac_widened"}),
        (WIDE, _all(WIDE, NEAR), set()),
        (_all(WIDE, NEAR), WIDE, set()),
        (WIDE, _all(_role("ClusterRole", "web", "get"), _binding("ClusterRoleBinding", "ClusterRole web"),
                    _role("ClusterRole", "more", "list"), _binding("ClusterRoleBinding", "ClusterRole more")), set()),
        (WIDE, _all(WIDE, _role("Role", "near", "get, delete"), _binding("RoleBinding", "Role near")),
         {"rbac_widened"}),
        (WIDE, _all(WIDE, _role("Role", "near"), _binding("RoleBinding", "Role near", "other")), {"rbac_widened"}),
        (WIDE, _all(WIDE, _role("Role", "near"), _binding("RoleBinding", "Role near", namespace="else")),
         {"rbac_widened"}),
        (WIDE, _all(WIDE, _role("Role", "near")), {"rbac_widened"}),
        (_all(WIDE, _role("ClusterRole", "extra", "delete")),
         _all(WIDE, _role("ClusterRole", "extra", "delete"), _binding("ClusterRoleBinding", "ClusterRole extra")),
         {"rbac_widened"}),
    ],
)  # fmt: skip
def test_who_may_do_more_by_all_roles(before: str, after: str, classes: set[str]) -> None:
    found = {*shown(paired(before, after))}
    assert {name for name in found if name.startswith("rbac_")} == classes


@pytest.mark.parametrize(
    ("annotations", "reason"),
    [
        (
            "{helm.sh/resource-policy: keep}",
            "shop/web-data goes: it stays in the cluster, as its annotation says, and nothing finds what is in it",
        ),
        ("{a: b}", "shop/web-data goes: its volume is deleted with it, unless the volume is retained"),
    ],
)
def test_a_claim_of_another_name(annotations: str, reason: str) -> None:
    spec = "{accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}"
    head = "apiVersion: v1, kind: PersistentVolumeClaim"
    claims = [
        f"{{{head}, metadata: {{name: {name}, annotations: {annotations}}}, spec: {spec}}}"
        for name in ("web-data", "web-files")
    ]
    assert [risk.reason for risk, _ in risks_of(paired(*claims)) if risk.name == "data_loss"] == [reason]
