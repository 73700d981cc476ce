"""What the Backstage pod may read of the cluster."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chartgate.kubernetes.permissions import role_reference, service_account
from chartgate.model import Check, Rendering
from chartgate.policy.checks import equals
from chartgate.policy.policy import policy

from .spec.backstage import POD, after_hooks, cluster_name, hub_account
from .spec.switches import reader_on


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
    yield equals(binding, "roleRef", role_reference("ClusterRole", "cluster-reader"))
    yield equals(binding, "subjects", [service_account(account, scenario.namespace)])
    yield equals(after_hooks(rendering), f"{POD}.serviceAccountName", account)


@cluster_reader_binding.counterexample("lightspeed+reader")
def everyone_in_the_namespace_reads(rendering: Rendering) -> Rendering:
    group = {"kind": "Group", "name": "system:serviceaccounts:backstage", "apiGroup": "rbac.authorization.k8s.io"}
    _reader(rendering)["subjects"] = [group]
    return rendering


@cluster_reader_binding.counterexample("lightspeed+reader")
def it_may_do_anything(rendering: Rendering) -> Rendering:
    _reader(rendering)["roleRef"]["name"] = "cluster-admin"
    return rendering


@cluster_reader_binding.counterexample("hub_account")
def the_default_account_reads(rendering: Rendering) -> Rendering:
    _reader(rendering)["subjects"][0]["name"] = "default"
    return rendering


@cluster_reader_binding.counterexample("all_on")
def two_releases_share_the_name(rendering: Rendering) -> Rendering:
    _reader(rendering)["metadata"]["name"] = "cluster-reader-binding"
    return rendering


def _reader(rendering: Rendering) -> dict[str, Any]:
    name = cluster_name(rendering.scenario, "cluster-reader")
    return rendering.resources.one("ClusterRoleBinding", name).manifest
