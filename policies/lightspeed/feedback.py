"""Feedback: written by lightspeed-core, picked up by feedback-harvester, stored in PostgreSQL while there is one."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.kubernetes.pods.volume_mounts import is_writable, mount_at
from chartgate.model import Check, Rendering, Scenario
from chartgate.policy.checks import compares, equals, rendered, satisfies, states
from chartgate.policy.edits import put, reworded
from chartgate.policy.policy import policy

from .postgres import PORT, SERVICE
from .spec.backstage import HARVESTER, HUB, hub_container
from .spec.switches import database_namespace, postgres_on, sidecars_on
from .stack import FILE, STACK, stack_file

SPEC = "Issue: Feedback Not Saving"
FOLDER = "/tmp/data/feedback"  # noqa: S108 - a path in the containers


def sidecars_with_postgres(scenario: Scenario) -> bool:
    """The sidecars are injected, and the database is deployed."""
    return sidecars_on(scenario) and postgres_on(scenario)


@policy(
    where=sidecars_on,
    severity="error",
    remediation=f"Write feedback to {FOLDER}, read it there, and mount one writable volume there in both containers.",
    spec=SPEC,
)
def feedback_reaches_the_harvester(rendering: Rendering) -> Iterator[Check]:
    """What lightspeed-core writes as feedback lies where feedback-harvester looks for it: in a volume of both."""
    collection = stack_file(rendering) / "user_data_collection"
    yield equals(collection / "feedback_enabled", True)
    yield equals(collection / "feedback_storage", FOLDER)
    writer, reader = (hub_container(rendering, name) for name in ("lightspeed-core", "feedback-harvester"))
    yield equals(reader.place("env[FEEDBACK_DIRECTORY].value"), FOLDER)
    for found in (writer, reader):
        expected, actual = f"a writable volume at {FOLDER}", str(mount_at(found, FOLDER) or "the image")
        yield states(found / "volumeMounts", is_writable(found, FOLDER), expected=expected, actual=actual)
    one, other = (str(mount_at(found, FOLDER)) for found in (writer, reader))
    # The one that mounts nothing just there is the one to look at.
    of = [(found, mount_at(found, FOLDER)) for found in (writer, reader)]
    strange = next((found for found, mount in of if mount is None or str(mount.path) != FOLDER), reader)
    yield states(strange / "volumeMounts", one == other, expected="the same volume in both", actual=[one, other])


feedback_reaches_the_harvester.breaks(
    "lightspeed+sidecars",
    nobody_collects_feedback=reworded(STACK, FILE, "feedback_enabled: true", "feedback_enabled: false"),
)
feedback_reaches_the_harvester.breaks(
    "all_on",
    it_is_written_to_another_folder=reworded(STACK, FILE, FOLDER, "/tmp/feedback"),  # noqa: S108
    it_is_sought_in_another_folder=put(HUB, f"{HARVESTER}.env[FEEDBACK_DIRECTORY].value", "/feedback"),
    each_has_a_volume_of_its_own=put(
        HUB, f"{HARVESTER}.volumeMounts", [{"name": "lightspeed-tmp", "mountPath": FOLDER}]
    ),
    the_harvester_cannot_clear_away=put(HUB, f"{HARVESTER}.volumeMounts[lightspeed-feedback].readOnly", True),
)


@policy(
    where=sidecars_with_postgres,
    severity="error",
    remediation="Set PGHOST to lightspeed-postgres.<namespace>.svc and PGPORT to the port of that Service.",
    spec=SPEC,
)
def harvester_knows_the_database(rendering: Rendering) -> Iterator[Check]:
    """With PostgreSQL, feedback-harvester runs its image's command and knows host and port of the rendered Service."""
    harvester = hub_container(rendering, "feedback-harvester")
    namespace = database_namespace(rendering.scenario)
    host = f"lightspeed-postgres.{namespace}.svc"
    yield satisfies(
        harvester.place("env[PGHOST].value"),
        lambda value: value in (host, f"{host}.cluster.local"),
        f"{host}, the host name of the Service",
    )
    yield equals(harvester.place("env[PGPORT].value"), str(PORT))
    command = harvester / "command"
    yield compares(command, command.value or [], [])
    yield rendered(rendering, "Service", "lightspeed-postgres", namespace)
    ports = rendering.resources.one("Service", "lightspeed-postgres", namespace).place("spec.ports")
    there = [port.at("port") for port in ports]
    yield states(ports, PORT in there, expected=PORT, actual=there)


harvester_knows_the_database.breaks(
    "mix_02",  # where the database is in another namespace
    it_looks_in_the_default_namespace=put(
        HUB, f"{HARVESTER}.env[PGHOST].value", "lightspeed-postgres.lightspeed-postgres.svc"
    ),
)
harvester_knows_the_database.breaks(
    "all_on",
    the_service_has_another_port=put(SERVICE, "spec.ports[0].port", 15432),
    it_idles_all_the_same=put(HUB, f"{HARVESTER}.command", ["sleep", "infinity"]),
)
