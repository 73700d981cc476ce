"""The database: what it is made of, that it can be reached, and that it keeps its data."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.documents.addresses import lookup
from chartgate.kubernetes.links.label_selectors import matches_labels, template_labels
from chartgate.kubernetes.links.service_backends import port_of
from chartgate.kubernetes.pods.volume_mounts import is_writable, mount_at, volumes
from chartgate.kubernetes.pods.workloads import container, workloads
from chartgate.model import Check, Identity, Rendering, Scenario
from chartgate.policy.checks import equals, same_identities, states
from chartgate.policy.edits import added, gone, put
from chartgate.policy.policy import policy

from .spec.backstage import CONTAINERS, POD
from .spec.switches import database_namespace, master_on, postgres_on

# Red Hat's postgresql-16: its data folder and port.
DATA_FOLDER = "/var/lib/pgsql/data"
PORT = 5432

DATABASE = "Deployment lightspeed-postgres"
"""What it is made of, as edits name it, and where the containers are."""
SERVICE = "Service lightspeed-postgres"
CLAIM = "PersistentVolumeClaim lightspeed-postgres"
INIT_JOB = "Job lightspeed-postgres-init"
SERVER, INIT = f"{CONTAINERS}[postgresql]", f"{CONTAINERS}[init]"
NAMESPACE = "{apiVersion: v1, kind: Namespace, metadata: {name: lightspeed-postgres}}"


def database_resources(scenario: Scenario) -> list[Identity]:
    """Everything that is in the database's namespace in this scenario."""
    namespace = database_namespace(scenario)
    secret = Identity("v1", "Secret", namespace, "lightspeed-postgres-info")
    if not postgres_on(scenario):
        return [secret]
    return [
        secret,
        Identity("apps/v1", "Deployment", namespace, "lightspeed-postgres"),
        Identity("v1", "Service", namespace, "lightspeed-postgres"),
        Identity("v1", "PersistentVolumeClaim", namespace, "lightspeed-postgres"),
        Identity("v1", "ConfigMap", namespace, "lightspeed-postgres-init"),
        Identity("batch/v1", "Job", namespace, "lightspeed-postgres-init"),
    ]


@policy(
    where=master_on,
    severity="error",
    remediation="Render the database whole, in its own namespace, exactly when lightspeed.postgres.enabled is true.",
    spec="1. PostgreSQL Database",
)
def postgres_resources(rendering: Rendering) -> Iterator[Check]:
    """The database's namespace holds its secret and, while it is enabled, the whole database and nothing else.

    Deployment, Service, volume claim and the Job that makes the table; a part that is left in the release's
    namespace does not find the rest.
    """
    namespace = database_namespace(rendering.scenario)
    there = [r for r in rendering.resources if r.namespace == namespace]
    yield from same_identities(database_resources(rendering.scenario), there)


postgres_resources.breaks(
    "lightspeed+postgres",
    the_claim_is_missing=gone(CLAIM),
)
postgres_resources.breaks(
    "all_on",
    the_service_is_in_the_releases_namespace=put(SERVICE, "metadata.namespace", "backstage"),
)


@policy(
    severity="error",
    remediation="Render the Namespace when lightspeed.enabled and lightspeed.postgres.createNamespace are both true.",
    spec="Secrets Created (when enabled)",
)
def postgres_namespace_comes_with_its_secret(rendering: Rendering) -> Iterator[Check]:
    """The database's namespace is created whenever Lightspeed is on, unless somebody else creates it, and no other is.

    Its secret is there even while the database is off; Argo CD creates only the namespace of the release.
    """
    scenario = rendering.scenario
    created = master_on(scenario) and scenario.value("lightspeed.postgres.createNamespace") is True
    expected = [Identity("v1", "Namespace", "", database_namespace(scenario))] if created else []
    yield from same_identities(expected, rendering.resources.of_kind("Namespace"))


postgres_namespace_comes_with_its_secret.breaks(
    "lightspeed",
    nobody_creates_the_namespace=gone("Namespace lightspeed-postgres"),
)
postgres_namespace_comes_with_its_secret.breaks(
    "no_create_namespace",
    it_is_created_all_the_same=added(NAMESPACE),
)
postgres_namespace_comes_with_its_secret.breaks(
    "off",
    it_survives=added(NAMESPACE),
)


@policy(
    where=postgres_on,
    severity="error",
    remediation="Let selectors, labels and ports of Service and Deployment lightspeed-postgres agree.",
    spec="1. PostgreSQL Database",
)
def postgres_service_finds_its_pod(rendering: Rendering) -> Iterator[Check]:
    """The Service leads to PostgreSQL's port in the database's pod, and to no other pod.

    A Service that also selects the pod of the Job would send every second connection nowhere.
    """
    namespace = database_namespace(rendering.scenario)
    service = rendering.resources.one("Service", "lightspeed-postgres", namespace)
    deployment = rendering.resources.one("Deployment", "lightspeed-postgres", namespace)
    beside = [workload for workload in workloads(rendering.resources) if workload.namespace == namespace]
    for selector in (service.place("spec.selector"), deployment.place("spec.selector.matchLabels")):
        for workload in beside:
            wanted = workload.identity == deployment.identity
            expected = f"{'selects' if wanted else 'does not select'} the pod of {workload.kind} {workload.name}"
            yield states(
                selector, matches_labels(selector.value, template_labels(workload)) == wanted, expected=expected
            )
    port = service.place("spec.ports[0]")
    yield equals(port / "port", PORT)
    target = port / "targetPort"
    number = port_of(container(deployment, "postgresql"), target.value)
    of_pod = f"{target.value}, which is {number} of Deployment {deployment.name}"
    actual = target.value if number == target.value else of_pod
    yield states(target, number == PORT, expected=f"{PORT}, or the name of that port in the pod", actual=actual)


postgres_service_finds_its_pod.breaks(
    "lightspeed+postgres",
    the_service_selects_the_job_too=put(
        SERVICE, "spec.selector", {"app.kubernetes.io/instance": "cluster-config-rhdh-helm"}
    ),
    the_deployment_does_not_know_its_pod=put(DATABASE, "spec.selector.matchLabels[app.kubernetes.io/name]", "postgres"),
    the_service_leads_to_no_port=put(SERVICE, "spec.ports[0].targetPort", "postgres"),
)


@policy(
    where=postgres_on,
    severity="error",
    remediation="One replica, strategy Recreate, and the claim lightspeed-postgres mounted where the image keeps data.",
    spec="1. PostgreSQL Database",
)
def postgres_keeps_its_data(rendering: Rendering) -> Iterator[Check]:
    """The data lie on the volume claim, which at no time belongs to two pods.

    A rolling update would start the new server while the old one still writes to the same files.
    """
    namespace = database_namespace(rendering.scenario)
    deployment = rendering.resources.one("Deployment", "lightspeed-postgres", namespace)
    claim = rendering.resources.one("PersistentVolumeClaim", "lightspeed-postgres", namespace)
    yield equals(deployment / "spec" / "replicas", 1)
    yield equals(deployment / "spec" / "strategy", {"type": "Recreate"})
    yield equals(claim / "spec" / "accessModes", ["ReadWriteOnce"])
    server = container(deployment, "postgresql")
    mount = mount_at(server, DATA_FOLDER)
    volume = volumes(deployment).get(mount.volume, {}) if mount else {}
    passed = mount is not None and mount.path == DATA_FOLDER and not mount.part and is_writable(server, DATA_FOLDER)
    claimed = lookup(volume, "persistentVolumeClaim.claimName") == claim.name
    expected = f"writable at {DATA_FOLDER}, from the claim {claim.name}"
    actual = f"{mount} at {mount.path}: {volume}" if mount else "the image's own file system"
    yield states(server / "volumeMounts", passed and claimed, expected=expected, actual=actual)


postgres_keeps_its_data.breaks(
    "lightspeed+postgres",
    two_servers_on_one_volume=put(DATABASE, "spec.replicas", 2),
    the_update_rolls=gone(DATABASE, "spec.strategy"),
    the_data_folder_is_upstreams=put(DATABASE, f"{SERVER}.volumeMounts[data].mountPath", "/var/lib/postgresql/data"),
    the_data_die_with_the_pod=put(DATABASE, f"{POD}.volumes", [{"name": "data", "emptyDir": {}}]),
)


@policy(
    where=postgres_on,
    severity="error",
    remediation="Take image and size of the volume from lightspeed.postgres.image and lightspeed.postgres.storageSize.",
    spec="values.yaml Structure",
)
def postgres_storage_and_image(rendering: Rendering) -> Iterator[Check]:
    """The volume has the size, and both the server and the Job that makes the table have the image, of the values.

    A Job with its own image would need a client of the server's version, and a second entry in a mirror.
    """
    scenario, resources = rendering.scenario, rendering.resources
    namespace = database_namespace(scenario)
    claim = resources.one("PersistentVolumeClaim", "lightspeed-postgres", namespace)
    yield equals(claim.place("spec.resources.requests.storage"), scenario.value("lightspeed.postgres.storageSize"))
    server = container(resources.one("Deployment", "lightspeed-postgres", namespace), "postgresql")
    init = container(resources.one("Job", "lightspeed-postgres-init", namespace), "init")
    for program in (server, init):
        yield equals(program / "image", scenario.value("lightspeed.postgres.image"))


postgres_storage_and_image.breaks(
    "mix_04",
    the_size_is_the_default=put(CLAIM, "spec.resources.requests.storage", "5Gi"),
)
postgres_storage_and_image.breaks(
    "mix_02",
    the_server_is_not_the_mirrors=put(DATABASE, f"{SERVER}.image", "registry.redhat.io/rhel9/postgresql-16:latest"),
)
postgres_storage_and_image.breaks(
    "all_on",
    the_job_has_a_client_of_its_own=put(INIT_JOB, f"{INIT}.image", "docker.io/library/postgres:15"),
)
