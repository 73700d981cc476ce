"""The pods in the database's namespace: what they may, and how Kubernetes learns that the server is well."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.documents.addresses import ABSENT
from chartgate.kubernetes.pods.workloads import container, containers, pod_spec
from chartgate.model import Check, Rendering
from chartgate.policy.checks import equals
from chartgate.policy.edits import gone, put
from chartgate.policy.policy import policy

from .postgres import DATABASE, INIT, INIT_JOB, SERVER
from .spec.backstage import POD
from .spec.switches import database_namespace, postgres_on

HEALTH_CHECK = "/usr/libexec/check-container"  # of Red Hat's postgresql-16
WORKLOADS = (("Deployment", "lightspeed-postgres"), ("Job", "lightspeed-postgres-init"))
# What the securityContext says, and what it must leave to OpenShift.
OF_BOTH = {
    "runAsNonRoot": True,
    "seccompProfile.type": "RuntimeDefault",
    "runAsUser": ABSENT,
    "runAsGroup": ABSENT,
}
OF_PODS = {**OF_BOTH, "fsGroup": ABSENT, "supplementalGroups": ABSENT}
OF_CONTAINERS = {**OF_BOTH, "allowPrivilegeEscalation": False, "capabilities.drop": ["ALL"]}


@policy(
    where=postgres_on,
    severity="error",
    remediation="Give readiness and liveness the image's own check-container, the latter with --live.",
    spec="Issue: PostgreSQL Pod Not Starting",
)
def postgres_is_asked_how_it_is(rendering: Rendering) -> Iterator[Check]:
    """The server is ready, and alive, when the image's own health check says so.

    The check knows the image's data folder and socket. With `--live` it accepts a server that is still starting:
    recovery after a crash takes its time, and to kill it then starts it anew.
    """
    namespace = database_namespace(rendering.scenario)
    server = container(rendering.resources.one("Deployment", "lightspeed-postgres", namespace), "postgresql")
    yield equals(server.place("readinessProbe.exec.command"), [HEALTH_CHECK])
    yield equals(server.place("livenessProbe.exec.command"), [HEALTH_CHECK, "--live"])


postgres_is_asked_how_it_is.breaks(
    "lightspeed+postgres",
    the_server_is_never_asked=gone(DATABASE, f"{SERVER}.readinessProbe"),
    a_starting_server_is_killed=gone(DATABASE, f"{SERVER}.livenessProbe.exec.command[1]"),
)


@policy(
    where=postgres_on,
    severity="error",
    remediation="Fill in what the restricted standard asks for, and leave user and group to OpenShift.",
    spec="1. PostgreSQL Database",
)
def postgres_runs_as_any_user(rendering: Rendering) -> Iterator[Check]:
    """Server and Job run under the restricted security standard, as the user that OpenShift chooses.

    The image runs as any user. One that is fixed, the image's own 26 included, lies outside of the range of the
    namespace, and restricted-v2 refuses the pod. Neither pod has anything to ask the API.
    """
    for kind, name in WORKLOADS:
        workload = rendering.resources.one(kind, name, database_namespace(rendering.scenario))
        pod = pod_spec(workload)
        yield equals(pod / "automountServiceAccountToken", False)
        for address, value in OF_PODS.items():
            yield equals(pod.place(f"securityContext.{address}"), value)
        for part in containers(workload):
            for address, value in OF_CONTAINERS.items():
                yield equals(part.place(f"securityContext.{address}"), value)


postgres_runs_as_any_user.breaks(
    "lightspeed+postgres",
    the_server_is_user_26=put(DATABASE, f"{POD}.securityContext.fsGroup", 26),
    the_job_keeps_its_capabilities=gone(INIT_JOB, f"{INIT}.securityContext.capabilities"),
    the_server_has_a_token_of_the_api=gone(DATABASE, f"{POD}.automountServiceAccountToken"),
)
