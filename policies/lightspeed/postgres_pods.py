"""The pods in the database's namespace: what they may, and how Kubernetes learns that the server is well."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.kubernetes.pods.workloads import container, containers, pod_spec
from chartgate.model import Check, Rendering
from chartgate.policy.checks import equals, missing
from chartgate.policy.policy import policy

from .postgres import database_namespace
from .spec.switches import postgres_on

HEALTH_CHECK = "/usr/libexec/check-container"  # of Red Hat's postgresql-16
WORKLOADS = (("Deployment", "lightspeed-postgres"), ("Job", "lightspeed-postgres-init"))
OF_CONTAINERS = {
    "allowPrivilegeEscalation": False,
    "capabilities.drop": ["ALL"],
    "runAsNonRoot": True,
    "seccompProfile.type": "RuntimeDefault",
}
IDS = ("runAsUser", "runAsGroup", "fsGroup", "supplementalGroups")


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
    deployment = rendering.resources.one("Deployment", "lightspeed-postgres", namespace)
    server = container(deployment, "postgresql")
    for probe, command in (("readinessProbe", [HEALTH_CHECK]), ("livenessProbe", [HEALTH_CHECK, "--live"])):
        yield equals(deployment, f"{server.address}.{probe}.exec.command", command)


@postgres_is_asked_how_it_is.counterexample("lightspeed+postgres")
def the_server_is_never_asked(rendering: Rendering) -> Rendering:
    server = container(rendering.resources.one("Deployment", "lightspeed-postgres"), "postgresql")
    del server.manifest["readinessProbe"]
    return rendering


@postgres_is_asked_how_it_is.counterexample("lightspeed+postgres")
def a_starting_server_is_killed(rendering: Rendering) -> Rendering:
    server = container(rendering.resources.one("Deployment", "lightspeed-postgres"), "postgresql")
    server.at("livenessProbe.exec.command").remove("--live")
    return rendering


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
        pod = pod_spec(workload)[0]
        yield equals(workload, f"{pod}.automountServiceAccountToken", False)
        yield equals(workload, f"{pod}.securityContext.runAsNonRoot", True)
        yield equals(workload, f"{pod}.securityContext.seccompProfile.type", "RuntimeDefault")
        for key in IDS:
            yield missing(workload, f"{pod}.securityContext.{key}")
        for part in containers(workload):
            for key, value in OF_CONTAINERS.items():
                yield equals(workload, f"{part.address}.securityContext.{key}", value)
            for key in IDS[:2]:
                yield missing(workload, f"{part.address}.securityContext.{key}")


@postgres_runs_as_any_user.counterexample("lightspeed+postgres")
def the_server_is_user_26(rendering: Rendering) -> Rendering:
    pod_spec(rendering.resources.one("Deployment", "lightspeed-postgres"))[1]["securityContext"]["fsGroup"] = 26
    return rendering


@postgres_runs_as_any_user.counterexample("lightspeed+postgres")
def the_job_keeps_its_capabilities(rendering: Rendering) -> Rendering:
    job = rendering.resources.one("Job", "lightspeed-postgres-init")
    del container(job, "init").manifest["securityContext"]["capabilities"]
    return rendering


@postgres_runs_as_any_user.counterexample("lightspeed+postgres")
def the_server_has_a_token_of_the_api(rendering: Rendering) -> Rendering:
    del pod_spec(rendering.resources.one("Deployment", "lightspeed-postgres"))[1]["automountServiceAccountToken"]
    return rendering
