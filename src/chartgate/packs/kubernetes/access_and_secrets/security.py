"""What pods may do, and take from their node: the Pod Security Standards.

Each control is judged by the level that is demanded of the pod: by the settings, by the namespace that it is in, else
"baseline". Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterator

from chartgate.documents.addresses import steps
from chartgate.documents.places import Place
from chartgate.kubernetes.changes.lifecycle import is_test
from chartgate.kubernetes.pods.pod_security import CONTROLS, demanded_level, next_level, violates
from chartgate.kubernetes.pods.restricted_fields import Examined, examined
from chartgate.matrix.derivations.set_in_ci import gives_item, names_key
from chartgate.model import Chart, Check, Missing, Rendering, Resource
from chartgate.policy.checks import states, with_cause
from chartgate.policy.edits import append, gone, put
from chartgate.policy.policy import policy
from chartgate.policy.subjects import POD as EACH_POD

from ..healthy.pod import HEALTHY, POD, PREPARE, PRIVILEGED, RESTRICTED, RESTRICTED_CONTAINERS, WEB, admitting

_OF_NODES = (
    *("HostProcess", "Host Namespaces", "HostPath Volumes"),
    *("Host Ports", "Host Probes / Lifecycle Hooks", "Sysctls"),
)
"""Controls of what a pod takes from its node."""


@policy(
    severity="error",
    is_choice=True,
    remediation="Take out what the finding names. Where the pod needs it, demand a laxer level: by `pod_security` in"
    " the settings, or by the label pod-security.kubernetes.io/enforce of a namespace that the chart renders.",
)
def pods_fit_the_demanded_security_level(rendering: Rendering) -> Iterator[Check]:
    """Each pod keeps to the Pod Security Standard that is demanded of it.

    Demanded is what the settings say, or the label of the pod's namespace, else `baseline`: no privileges, no
    namespace, folder or port of the node. A cluster that enforces a level refuses all other pods. In a user namespace
    (`hostUsers: false`), root is nobody on the node, which Kubernetes accepts since 1.35. What a file in ci/ asks for
    by this very name is meant there. Told once a workload for what it takes from its node, for what else it may do,
    and for what only `restricted` asks.
    https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    for resource in EACH_POD.holders(rendering):
        level = demanded_level(rendering, resource.namespace)
        try:
            for pod in EACH_POD.of(resource):
                for control, field in _examined(pod, rendering.chart):
                    expected = f"{field.expected}, as the level {level} demands"
                    asked = steps(field.place.address)[-1]
                    is_wrong = violates(control, field, level) and not names_key(rendering.scenario, asked)
                    check = states(field.place, not is_wrong, expected=expected, actual=field.actual)
                    # A Deployment that by another value is a DaemonSet of the same name has the same reason.
                    yield with_cause(check, f"{resource.name}: {_reach(control, field)}")
        except Missing as missing:  # the other pods are judged all the same
            yield missing.check


def _reach(control: str, field: Examined) -> str:
    """Say how far a break of a control goes: whoever accepts one of these has not accepted another one."""
    if not violates(control, field, "baseline"):
        return "less than restricted"
    return "what its node has" if control in _OF_NODES else "what containers do not need"


def _examined(pod: Place[Resource], chart: Chart) -> Iterator[tuple[str, Examined]]:
    """Give what the standards restrict in a pod, each field with its control."""
    versions = str(chart.metadata.get("kubeVersion") or "")
    for control, fields in CONTROLS.items():
        yield from ((control, field) for field in examined(pod, fields, versions))


pods_fit_the_demanded_security_level.breaks(
    manifests=HEALTHY,
    the_init_container_is_privileged=put("Deployment web", f"{PREPARE}.securityContext.privileged", True),
    a_container_sees_all_of_it=put("Deployment web", f"{WEB}.securityContext.procMount", "Unmasked"),
    a_pod_is_on_the_network_of_its_node=put("Deployment web", f"{POD}.hostNetwork", True),
    a_volume_is_a_folder_of_the_node=append(
        "Deployment web", f"{POD}.volumes", {"name": "logs", "hostPath": {"path": "/var/log"}}
    ),
    a_container_takes_a_port=put("Deployment web", f"{WEB}.ports[http].hostPort", 80),
    a_probe_asks_the_node=put("Deployment web", f"{WEB}.livenessProbe.httpGet.host", "127.0.0.1"),
    a_container_calls_the_cloud_before_it_stops=put(
        "Deployment web", f"{WEB}.lifecycle.preStop", {"httpGet": {"host": "169.254.169.254", "port": 80}}
    ),
    a_pod_sets_a_parameter_of_its_node=put(
        "Deployment web", f"{POD}.securityContext.sysctls", [{"name": "kernel.msgmax", "value": "65536"}]
    ),
    a_pod_is_a_process_of_its_node=put(
        "Deployment web", f"{POD}.securityContext.windowsOptions", {"hostProcess": True}
    ),
    a_pod_is_unconfined=put("Deployment web", f"{POD}.securityContext.appArmorProfile", {"type": "Unconfined"}),
    an_annotation_takes_the_profile_away=put(
        "Deployment web",
        "spec.template.metadata.annotations[container.apparmor.security.beta.kubernetes.io/web]",
        "unconfined",
    ),
    a_container_has_the_type_of_the_node=put(
        "Deployment web", f"{PREPARE}.securityContext.seLinuxOptions", {"type": "spc_t"}
    ),
    a_pod_has_a_role_of_its_own=put("Deployment web", f"{POD}.securityContext.seLinuxOptions", {"role": "sysadm_r"}),
)
pods_fit_the_demanded_security_level.breaks(
    manifests=RESTRICTED,
    an_init_container_may_gain_rights=gone("Deployment web", f"{PREPARE}.securityContext.allowPrivilegeEscalation"),
    nobody_says_that_it_is_not_root=gone("Deployment web", f"{POD}.securityContext.runAsNonRoot"),
    a_container_may_be_root=put("Deployment web", f"{WEB}.securityContext.runAsNonRoot", False),
    the_pod_is_roots=put("Deployment web", f"{POD}.securityContext.runAsUser", 0),
    an_init_container_is_roots=put("Deployment web", f"{PREPARE}.securityContext.runAsUser", 0),
    nobody_names_a_profile=gone("Deployment web", f"{POD}.securityContext.seccompProfile"),
    a_container_is_unconfined=put("Deployment web", f"{WEB}.securityContext.seccompProfile", {"type": "Unconfined"}),
    a_container_keeps_its_capabilities=gone("Deployment web", f"{PREPARE}.securityContext.capabilities"),
    a_container_takes_a_capability_back=put(
        "Deployment web", f"{WEB}.securityContext.capabilities.add", ["NET_BIND_SERVICE", "SYS_ADMIN"]
    ),
)
pods_fit_the_demanded_security_level.breaks(
    manifests=RESTRICTED_CONTAINERS,
    the_pod_says_the_opposite_of_its_containers=put("Deployment web", f"{POD}.securityContext.runAsNonRoot", False),
    only_the_containers_are_confined=put("Deployment web", f"{POD}.securityContext.seccompProfile.type", "Unconfined"),
)


@pods_fit_the_demanded_security_level.counterexample(manifests=RESTRICTED)
def a_hook_adds_a_container_without_security_context(rendering: Rendering) -> Rendering:
    hooked = dataclasses.replace(rendering, after_hooks=copy.deepcopy(rendering.after_hooks))
    return append("Deployment web", f"{POD}.containers", {"name": "sidecar"}).apply(hooked)


pods_fit_the_demanded_security_level.breaks(
    manifests=RESTRICTED,
    user_namespaces_do_not_count_yet=(
        put("Deployment web", f"{POD}.hostUsers", False),
        gone("Deployment web", f"{POD}.securityContext.runAsNonRoot"),
        admitting(">=1.34.0-0"),
    ),
    root_in_a_user_namespace_of_an_older_cluster=(
        put("Deployment web", f"{POD}.hostUsers", False),
        put("Deployment web", f"{WEB}.securityContext.runAsUser", 0),
        admitting(">=1.30.0-0"),
    ),
    an_image_is_mounted_where_that_is_not_allowed_yet=(
        append("Deployment web", f"{POD}.volumes", {"name": "model", "image": {"reference": "example.com/model:1"}}),
        admitting(">=1.31.0-0"),
    ),
)


pods_fit_the_demanded_security_level.breaks(
    manifests=HEALTHY,
    an_older_kubelet_refuses_the_parameter=(
        put(
            "Deployment web",
            f"{POD}.securityContext.sysctls",
            [{"name": "net.ipv4.tcp_rmem", "value": "4096 87380 16777216"}],
        ),
        admitting(">=1.31.0-0"),
    ),
)


@policy(
    severity="warning",
    is_choice=True,
    remediation="Set what the finding names, on the pod or on its containers, or demand this level: `pod_security`.",
)
def pods_fit_the_next_security_level(rendering: Rendering) -> Iterator[Check]:
    """Each pod keeps to the Pod Security Standard that is next stricter than the demanded one.

    Where a cluster enforces `restricted`, as OpenShift does by default, it refuses all other pods. A helm test is left
    out: it runs when somebody asks for it; so is a pod that lacks what is demanded already, and a container that a file
    in ci/ adds. Told once a chart. https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    for resource in EACH_POD.holders(rendering):
        demanded = demanded_level(rendering, resource.namespace)
        level = next_level(demanded)
        if level is None or is_test(resource):
            continue
        try:
            for pod in EACH_POD.of(resource):
                wrong = [
                    found
                    for found in _examined(pod, rendering.chart)
                    if violates(*found, level) and not gives_item(rendering.scenario, found[1].place.address)
                ]
                lacking = [
                    f"{found.place.address.removeprefix(f'{pod.address}.')}: {found.actual}" for _, found in wrong
                ]
                if any(violates(control, found, demanded) for control, found in wrong):
                    lacking = []  # it is not even what is demanded, as another policy tells
                actual = "; ".join(lacking) or "it"
                check = states(pod, not lacking, expected=f"what the level {level} allows", actual=actual)
                yield with_cause(check, f"pods: {check.expected}")
        except Missing:  # a pod that cannot be read: the other policies tell of it
            continue


pods_fit_the_next_security_level.breaks(
    manifests=HEALTHY,
    the_pod_may_run_as_root=gone("Deployment web", f"{POD}.securityContext.runAsNonRoot"),
    the_init_container_may_gain_rights=gone("Deployment web", f"{PREPARE}.securityContext.allowPrivilegeEscalation"),
    a_container_keeps_a_capability=put("Deployment web", f"{WEB}.securityContext.capabilities.add", ["CHOWN"]),
)
pods_fit_the_next_security_level.breaks(
    manifests=PRIVILEGED,
    the_pod_shares_the_network_of_its_node=put("Deployment web", f"{POD}.hostNetwork", True),
)
