"""What the Backstage pod may read of the cluster."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.kubernetes.permissions import role_reference, service_account
from chartgate.kubernetes.pods.workloads import pod_spec
from chartgate.model import Check, Rendering
from chartgate.policy.checks import equals
from chartgate.policy.edits import put
from chartgate.policy.policy import policy

from .spec.backstage import after_hooks, cluster_name, hub_account
from .spec.switches import reader_on

BINDING = "ClusterRoleBinding cluster-config-rhdh-helm.backstage.cluster-reader"


@policy(
    where=reader_on,
    severity="error",
    remediation="Bind the account of the Backstage pod alone, under a name that has release and namespace in it.",
    spec="Core Templates",
)
def cluster_reader_binding(rendering: Rendering) -> Iterator[Check]:
    """The account of the Backstage pod, and no other, is bound to OpenShift's role cluster-reader.

    The name carries release and namespace, so that a second release does not take the binding over.
    """
    scenario = rendering.scenario
    binding = rendering.resources.one("ClusterRoleBinding", cluster_name(scenario, "cluster-reader"))
    account = hub_account(scenario)
    yield equals(binding / "roleRef", role_reference("ClusterRole", "cluster-reader"))
    yield equals(binding / "subjects", [service_account(account, scenario.namespace)])
    yield equals(pod_spec(after_hooks(rendering)) / "serviceAccountName", account)


cluster_reader_binding.breaks(
    "lightspeed+reader",
    everyone_in_the_namespace_reads=put(
        BINDING,
        "subjects",
        [{"kind": "Group", "name": "system:serviceaccounts:backstage", "apiGroup": "rbac.authorization.k8s.io"}],
    ),
    it_may_do_anything=put(BINDING, "roleRef.name", "cluster-admin"),
)
cluster_reader_binding.breaks("hub_account", the_default_account_reads=put(BINDING, "subjects[0].name", "default"))
cluster_reader_binding.breaks(
    "all_on", two_releases_share_the_name=put(BINDING, "metadata.name", "cluster-reader-binding")
)
