"""The database: what it is made of, that it can be reached, and that it keeps its data."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.documents.addresses import lookup
from chartgate.kubernetes.links.label_selectors import pod_labels, port_of, selects
from chartgate.kubernetes.pods.volume_mounts import is_writable, mount_at, volumes
from chartgate.kubernetes.pods.workloads import container, pod_spec, workloads
from chartgate.model import Check, Identity, Rendering, Resource, Scenario
from chartgate.policy.checks import equals, same_identities, states
from chartgate.policy.policy import policy

from .spec.switches import master_on, postgres_on

# Red Hat's postgresql-16: its data folder and port.
DATA_FOLDER = "/var/lib/pgsql/data"
PORT = 5432


def database_namespace(scenario: Scenario) -> str:
    """Give the namespace that the database has to itself."""
    return str(scenario.value("lightspeed.postgres.namespace"))


def database_resources(scenario: Scenario) -> list[Identity]:
    """Everything that stands in the database's namespace in this scenario."""
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


@postgres_resources.counterexample("lightspeed+postgres")
def the_claim_is_missing(rendering: Rendering) -> Rendering:
    rendering.resources.remove(rendering.resources.of_kind("PersistentVolumeClaim")[0])
    return rendering


@postgres_resources.counterexample("all_on")
def the_service_is_in_the_releases_namespace(rendering: Rendering) -> Rendering:
    service = rendering.resources.one("Service", "lightspeed-postgres")
    service.manifest["metadata"]["namespace"] = "backstage"
    return rendering


@policy(
    severity="error",
    remediation="Render the Namespace when lightspeed.enabled and lightspeed.postgres.createNamespace are both true.",
    spec="Secrets Created (when enabled)",
)
def postgres_namespace_comes_with_its_secret(rendering: Rendering) -> Iterator[Check]:
    """The database's namespace is created whenever Lightspeed is on, unless somebody else creates it, and no other is.

    Its secret stands there even while the database is off; Argo CD creates only the namespace of the release.
    """
    scenario = rendering.scenario
    created = master_on(scenario) and scenario.value("lightspeed.postgres.createNamespace") is True
    expected = [Identity("v1", "Namespace", "", database_namespace(scenario))] if created else []
    yield from same_identities(expected, rendering.resources.of_kind("Namespace"))


@postgres_namespace_comes_with_its_secret.counterexample("lightspeed")
def nobody_creates_the_namespace(rendering: Rendering) -> Rendering:
    rendering.resources.remove(rendering.resources.of_kind("Namespace")[0])
    return rendering


@postgres_namespace_comes_with_its_secret.counterexample("no_create_namespace")
def it_is_created_all_the_same(rendering: Rendering) -> Rendering:
    return _with_namespace(rendering, "lightspeed-postgres")


@postgres_namespace_comes_with_its_secret.counterexample("off")
def it_survives(rendering: Rendering) -> Rendering:
    return _with_namespace(rendering, "lightspeed-postgres")


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
    for resource, address in ((service, "spec.selector"), (deployment, "spec.selector.matchLabels")):
        selector = resource.at(address)
        for workload in workloads(rendering.resources):
            if workload.namespace != namespace:
                continue
            selected = selects(selector, pod_labels(workload))
            wanted = workload.identity == deployment.identity
            verb = "selects" if wanted else "does not select"
            expected = f"{verb} the pod of {workload.kind} {workload.name}"
            yield states(resource, address, selected == wanted, expected=expected, actual=selector)
    yield equals(service, "spec.ports[0].port", PORT)
    target = service.at("spec.ports[0].targetPort")
    expected = f"{PORT}, or the name of that port in the pod"
    leads = port_of(container(deployment, "postgresql"), target) == PORT
    yield states(service, "spec.ports[0].targetPort", leads, expected=expected, actual=target)


@postgres_service_finds_its_pod.counterexample("lightspeed+postgres")
def the_service_selects_the_job_too(rendering: Rendering) -> Rendering:
    service = rendering.resources.one("Service", "lightspeed-postgres")
    service.manifest["spec"]["selector"] = {"app.kubernetes.io/instance": rendering.scenario.release}
    return rendering


@postgres_service_finds_its_pod.counterexample("lightspeed+postgres")
def the_deployment_does_not_know_its_pod(rendering: Rendering) -> Rendering:
    deployment = rendering.resources.one("Deployment", "lightspeed-postgres")
    deployment.at("spec.selector.matchLabels")["app.kubernetes.io/name"] = "postgres"
    return rendering


@postgres_service_finds_its_pod.counterexample("lightspeed+postgres")
def the_service_leads_to_no_port(rendering: Rendering) -> Rendering:
    rendering.resources.one("Service", "lightspeed-postgres").at("spec.ports[0]")["targetPort"] = "postgres"
    return rendering


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
    yield equals(deployment, "spec.replicas", 1)
    yield equals(deployment, "spec.strategy", {"type": "Recreate"})
    yield equals(claim, "spec.accessModes", ["ReadWriteOnce"])
    server = container(deployment, "postgresql")
    mount = mount_at(server, DATA_FOLDER)
    volume = volumes(deployment).get(mount.volume, {}) if mount else {}
    passed = mount is not None and mount.path == DATA_FOLDER and not mount.part and is_writable(server, DATA_FOLDER)
    claimed = lookup(volume, "persistentVolumeClaim.claimName") == claim.name
    expected = f"writable at {DATA_FOLDER}, from the claim {claim.name}"
    actual = f"{mount} at {mount.path}: {volume}" if mount else "the image's own file system"
    yield states(deployment, f"{server.address}.volumeMounts", passed and claimed, expected=expected, actual=actual)


@postgres_keeps_its_data.counterexample("lightspeed+postgres")
def two_servers_on_one_volume(rendering: Rendering) -> Rendering:
    rendering.resources.one("Deployment", "lightspeed-postgres").manifest["spec"]["replicas"] = 2
    return rendering


@postgres_keeps_its_data.counterexample("lightspeed+postgres")
def the_update_rolls(rendering: Rendering) -> Rendering:
    del rendering.resources.one("Deployment", "lightspeed-postgres").manifest["spec"]["strategy"]
    return rendering


@postgres_keeps_its_data.counterexample("lightspeed+postgres")
def the_data_folder_is_upstreams(rendering: Rendering) -> Rendering:
    server = container(rendering.resources.one("Deployment", "lightspeed-postgres"), "postgresql")
    server.at("volumeMounts[data]")["mountPath"] = "/var/lib/postgresql/data"
    return rendering


@postgres_keeps_its_data.counterexample("lightspeed+postgres")
def the_data_die_with_the_pod(rendering: Rendering) -> Rendering:
    spec = pod_spec(rendering.resources.one("Deployment", "lightspeed-postgres"))[1]
    spec["volumes"] = [{"name": "data", "emptyDir": {}}]
    return rendering


@policy(
    where=postgres_on,
    severity="error",
    remediation="Take image and size of the volume from lightspeed.postgres.image and lightspeed.postgres.storageSize.",
    spec="values.yaml Structure",
)
def postgres_storage_and_image(rendering: Rendering) -> Iterator[Check]:
    """The volume has the size, and both the server and the Job that makes the table have the image, of the values.

    A Job with an image of its own would need a client of the server's version, and a second entry in a mirror.
    """
    scenario = rendering.scenario
    namespace = database_namespace(scenario)
    claim = rendering.resources.one("PersistentVolumeClaim", "lightspeed-postgres", namespace)
    yield equals(claim, "spec.resources.requests.storage", scenario.value("lightspeed.postgres.storageSize"))
    for kind, name, runs in (
        ("Deployment", "lightspeed-postgres", "postgresql"),
        ("Job", "lightspeed-postgres-init", "init"),
    ):
        workload = rendering.resources.one(kind, name, namespace)
        address = f"{container(workload, runs).address}.image"
        yield equals(workload, address, scenario.value("lightspeed.postgres.image"))


@postgres_storage_and_image.counterexample("mix_04")
def the_size_is_the_default(rendering: Rendering) -> Rendering:
    claim = rendering.resources.of_kind("PersistentVolumeClaim")[0]
    claim.at("spec.resources.requests")["storage"] = "5Gi"
    return rendering


@postgres_storage_and_image.counterexample("mix_02")
def the_server_is_not_the_mirrors(rendering: Rendering) -> Rendering:
    server = container(rendering.resources.one("Deployment", "lightspeed-postgres"), "postgresql")
    server.manifest["image"] = "registry.redhat.io/rhel9/postgresql-16:latest"
    return rendering


@postgres_storage_and_image.counterexample("all_on")
def the_job_has_a_client_of_its_own(rendering: Rendering) -> Rendering:
    job = rendering.resources.one("Job", "lightspeed-postgres-init")
    container(job, "init").manifest["image"] = "docker.io/library/postgres:15"
    return rendering


def _with_namespace(rendering: Rendering, name: str) -> Rendering:
    manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    template = "rhdh-helm/templates/lightspeed-postgres-info-secret.yaml"
    rendering.resources.append(Resource(manifest, template, ""))
    return rendering
