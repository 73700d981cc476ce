"""Feedback: written by lightspeed-core, picked up by feedback-harvester, stored in PostgreSQL while there is one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chartgate.documents.addresses import lookup
from chartgate.documents.shapes import maps_in
from chartgate.kubernetes.contents import yaml_inside
from chartgate.kubernetes.pods.volume_mounts import is_writable, mount_at
from chartgate.kubernetes.pods.workloads import container
from chartgate.model import Check, Rendering, Scenario
from chartgate.policy.checks import compares, equals, rendered, satisfies, states
from chartgate.policy.policy import policy

from .spec.backstage import POD, after_hooks
from .spec.switches import postgres_on, sidecars_on
from .stack import FILE, stack_config

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
    source, backstage = stack_config(rendering), after_hooks(rendering)
    config = yaml_inside(source, FILE)
    enabled, storage = (lookup(config, f"user_data_collection.feedback_{key}") for key in ("enabled", "storage"))
    yield compares(source, f"{FILE} user_data_collection.feedback_enabled", enabled, True)
    yield compares(source, f"{FILE} user_data_collection.feedback_storage", storage, FOLDER)
    writer, reader = (container(backstage, name) for name in ("lightspeed-core", "feedback-harvester"))
    yield equals(backstage, f"{reader.address}.env[FEEDBACK_DIRECTORY].value", FOLDER)
    for found in (writer, reader):
        place, actual = f"{found.address}.volumeMounts", str(mount_at(found, FOLDER) or "the image")
        passed = is_writable(found, FOLDER)
        yield states(backstage, place, passed, expected=f"a writable volume at {FOLDER}", actual=actual)
    one, other = (str(mount_at(found, FOLDER)) for found in (writer, reader))
    yield states(backstage, f"{POD}.volumes", one == other, expected="the same volume in both", actual=[one, other])


@feedback_reaches_the_harvester.counterexample("lightspeed+sidecars")
def nobody_collects_feedback(rendering: Rendering) -> Rendering:
    data = stack_config(rendering).at("data")
    data["lightspeed-stack.yaml"] = data["lightspeed-stack.yaml"].replace("_enabled: true", "_enabled: false")
    return rendering


@feedback_reaches_the_harvester.counterexample("all_on")
def it_is_written_to_another_folder(rendering: Rendering) -> Rendering:
    data = stack_config(rendering).at("data")
    data["lightspeed-stack.yaml"] = data["lightspeed-stack.yaml"].replace(FOLDER, "/tmp/feedback")  # noqa: S108
    return rendering


@feedback_reaches_the_harvester.counterexample("all_on")
def it_is_sought_in_another_folder(rendering: Rendering) -> Rendering:
    env = {entry["name"]: entry for entry in _harvester(rendering)["env"]}
    env["FEEDBACK_DIRECTORY"]["value"] = "/feedback"
    return rendering


@feedback_reaches_the_harvester.counterexample("all_on")
def each_has_a_volume_of_its_own(rendering: Rendering) -> Rendering:
    after_hooks(rendering).at(f"{POD}.volumes").append({"name": "harvest", "emptyDir": {}})
    _harvester(rendering)["volumeMounts"] = [{"name": "harvest", "mountPath": FOLDER}]
    return rendering


@feedback_reaches_the_harvester.counterexample("all_on")
def the_harvester_cannot_clear_away(rendering: Rendering) -> Rendering:
    _harvester(rendering)["volumeMounts"][0]["readOnly"] = True
    return rendering


@policy(
    where=sidecars_with_postgres,
    severity="error",
    remediation="Set PGHOST to lightspeed-postgres.<namespace>.svc and PGPORT to the port of that Service.",
    spec=SPEC,
)
def harvester_knows_the_database(rendering: Rendering) -> Iterator[Check]:
    """With PostgreSQL, feedback-harvester runs its image's command and knows host and port of the rendered Service."""
    backstage, scenario = after_hooks(rendering), rendering.scenario
    namespace = scenario.value("lightspeed.postgres.namespace")
    host = f"lightspeed-postgres.{namespace}.svc"
    address = container(backstage, "feedback-harvester").address
    yield satisfies(
        backstage,
        f"{address}.env[PGHOST].value",
        lambda value: value in (host, f"{host}.cluster.local"),
        f"{host}, the host name of the Service",
    )
    yield equals(backstage, f"{address}.env[PGPORT].value", "5432")
    yield compares(backstage, f"{address}.command", backstage.at(f"{address}.command") or [], [])
    yield rendered(rendering, "Service", "lightspeed-postgres", namespace)
    service = rendering.resources.one("Service", "lightspeed-postgres", namespace)
    ports = [entry.get("port") for entry in maps_in(service.at("spec.ports"))]
    yield states(service, "spec.ports", 5432 in ports, expected=5432, actual=ports)


@harvester_knows_the_database.counterexample("mix_02")
def it_looks_in_the_default_namespace(rendering: Rendering) -> Rendering:
    env = {entry["name"]: entry for entry in _harvester(rendering)["env"]}
    env["PGHOST"]["value"] = "lightspeed-postgres.lightspeed-postgres.svc"
    return rendering


@harvester_knows_the_database.counterexample("all_on")
def the_service_has_another_port(rendering: Rendering) -> Rendering:
    service = rendering.resources.one("Service", "lightspeed-postgres")
    service.at("spec.ports")[0]["port"] = 15432
    return rendering


@harvester_knows_the_database.counterexample("all_on")
def it_idles_all_the_same(rendering: Rendering) -> Rendering:
    _harvester(rendering)["command"] = ["sleep", "infinity"]
    return rendering


def _harvester(rendering: Rendering) -> dict[str, Any]:
    return container(after_hooks(rendering), "feedback-harvester").manifest
