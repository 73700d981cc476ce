"""What policies find in a derived scenario only: as severe as where they find it themselves."""

from __future__ import annotations

from chartgate.packs.kubernetes.access_and_secrets.accounts import bindings_join_roles_and_accounts
from chartgate.packs.kubernetes.networking.calls import called_hosts_of_the_release_are_services
from chartgate.packs.kubernetes.newly import new_findings
from chartgate.packs.kubernetes.pods_and_storage.mounts import (
    HEALTHY,
    POD,
    every_mount_has_its_volume,
    volumes_are_mounted,
)
from chartgate.packs.kubernetes.pods_and_storage.variables import variables_are_there_when_they_are_asked_for
from chartgate.policy.edits import append
from chartgate.policy.proofs import literal_rendering


def test_what_a_policy_warns_of_is_a_warning_here_too() -> None:
    policies = (every_mount_has_its_volume, volumes_are_mounted)
    changes = (
        append("StatefulSet web", f"{POD}.volumes", {"name": "tls", "emptyDir": {}}),
        append("StatefulSet web", f"{POD}.containers[0].volumeMounts", {"name": "x", "mountPath": "/x"}),
    )
    found = [
        (str(check.actual), check.severity)
        for change in changes
        for check in new_findings(policies, literal_rendering(HEALTHY), change.apply(literal_rendering(HEALTHY)))
        if not check.passed
    ]
    assert found == [("tls", "warning"), ("x", "error")]


def test_what_is_wrong_before_is_not_new_where_the_names_around_it_are_others() -> None:
    manifests = (
        "---\n{apiVersion: v1, kind: Service, metadata: {name: release-name-%s}, spec: {ports: [{port: 80}]}}\n"
        "---\n{apiVersion: v1, kind: Pod, metadata: {name: release-name-%s},"
        " spec: {containers: [{name: %s, env: [{name: DB_HOST, value: release-name-%s}]}]}}\n"
    )
    policy = called_hosts_of_the_release_are_services
    before = literal_rendering(manifests % ("web", "web", "web", "pg"))
    for host, found in (("pg", 0), ("mysql", 1)):
        after = literal_rendering(manifests % ("chosen", "chosen", "chosen", host))
        checks = [check for check in new_findings([policy], before, after) if not check.passed]
        assert len(checks) == found, [(check.path, check.actual) for check in checks]


def test_a_variable_that_is_wrong_in_one_container_is_not_new_in_another() -> None:
    pod = "{apiVersion: v1, kind: Pod, metadata: {name: %s}, spec: {containers: [{name: %s, env: [%s]}]}}\n---\n"
    url, wrong = (f"{{name: {name}, value: redis://$({name}_PASSWORD)}}" for name in ("URL", "OTHER"))
    policy = variables_are_there_when_they_are_asked_for
    before = literal_rendering(pod % ("web", "web", url))
    for added, found in ((url, 0), (wrong, 1)):
        after = literal_rendering(pod % ("web", "web", url) + pod % ("cron", "cron", added))
        assert sum(not check.passed for check in new_findings([policy], before, after)) == found


def test_an_account_that_is_not_there_is_not_new_under_another_name() -> None:
    binding = (
        "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: %s}, roleRef: {apiGroup:"
        " rbac.authorization.k8s.io, kind: ClusterRole, name: view}, subjects: [%s]}\n"
    )
    gone, one_more = (f"{{kind: ServiceAccount, namespace: default, name: {name}}}" for name in ("chosen", "other"))
    before = literal_rendering(binding % ("web", gone.replace("chosen", "web")))
    for subjects, found in ((gone, 0), (f"{gone}, {one_more}", 2)):
        after = literal_rendering(binding % ("chosen", subjects))
        checks = new_findings([bindings_join_roles_and_accounts], before, after)
        assert sum(not check.passed for check in checks) == found
