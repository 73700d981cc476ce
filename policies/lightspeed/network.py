"""The containers of the Backstage pod share one network: who listens where, and who asks whom."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.documents.places import Place
from chartgate.documents.shapes import texts_in
from chartgate.kubernetes.links.service_backends import port_of
from chartgate.kubernetes.pods.workloads import Container, container, containers
from chartgate.model import Check, Rendering, Resource
from chartgate.policy.checks import compares, equals, missing, states
from chartgate.policy.edits import gone, put, reworded
from chartgate.policy.policy import policy

from .spec.backstage import (
    BACKSTAGE,
    BRIDGE,
    CORE,
    HUB,
    LLAMA_STACK,
    LOCAL_HOSTS,
    LOCATION,
    NORMALIZER,
    PORTS,
    PROBES,
    STORAGE_REST,
    after_hooks,
)
from .spec.plugin_list import (
    CHAT_BACKEND,
    ENTRY,
    INSTALLED,
    MODEL_CATALOG,
    TECHDOC_READER,
    installed_plugins,
    listed_once,
)
from .spec.switches import master_on, sidecars_on

SPEC = "2. Sidecar Containers"
# What each program answers. storage-rest and location have no health endpoint; rhoai-normalizer serves metrics only.
ANSWERS = {
    BACKSTAGE: ("/.backstage/health/v1/liveness", "/.backstage/health/v1/readiness"),
    "location": ("/list",),
    "storage-rest": ("/list",),
    "rhoai-normalizer": ("/metrics",),
    "lightspeed-core": ("/liveness", "/readiness"),
    "llama-stack": ("/v1/health",),
}
METRICS = re.compile(r"--?metrics-address=[^:]*:(\d+)")
METRICS_DEFAULT = 8080


@policy(
    where=sidecars_on,
    severity="error",
    remediation="Declare the port at which the image listens, and tell rhoai-normalizer -metrics-address=:8888.",
    spec=SPEC,
)
def sidecars_listen_where_they_are_called(rendering: Rendering) -> Iterator[Check]:
    """Each container of the pod declares the port at which the others, the plugins and the probes call it."""
    backstage = after_hooks(rendering)
    for name, port in PORTS.items():
        ports = container(backstage, name) / "ports"
        yield compares(ports, [entry.at("containerPort") for entry in ports.maps()], [port])
    arguments = container(backstage, "rhoai-normalizer") / "args"
    metrics = f"-metrics-address=:{PORTS['rhoai-normalizer']}"
    yield states(arguments, metrics in texts_in(arguments.value), expected=metrics)


sidecars_listen_where_they_are_called.breaks(
    "all_on",
    llama_stack_declares_another_port=put(HUB, f"{LLAMA_STACK}.ports[llama-stack].containerPort", 8322),
)
sidecars_listen_where_they_are_called.breaks(
    "lightspeed+sidecars",
    the_metrics_move=put(HUB, f"{NORMALIZER}.args", ["-metrics-address=:9999"]),
)


@policy(
    where=sidecars_on,
    severity="error",
    remediation="Give one of the two another port; without -metrics-address, rhoai-normalizer takes 8080.",
    spec=SPEC,
)
def no_two_containers_share_a_port(rendering: Rendering) -> Iterator[Check]:
    """No two containers of the pod listen at the same port: the second one would not start."""
    listening = [(found, *each) for found in containers(after_hooks(rendering)) for each in _ports(found).items()]
    for found, port, place in listening:
        others = [other.name for other, its, _ in listening if its == port and other.name != found.name]
        actual = f"{port}, as {', '.join(others)}" if others else port
        yield states(place, not others, expected=f"a port of {found.name} alone", actual=actual)


no_two_containers_share_a_port.breaks(
    "lightspeed+sidecars",
    the_metrics_take_the_port_of_lightspeed_core=gone(HUB, f"{NORMALIZER}.args"),
)
no_two_containers_share_a_port.breaks(
    "all_on",
    location_takes_the_port_of_storage=put(HUB, f"{LOCATION}.ports[location].containerPort", 7070),
)


@policy(
    where=sidecars_on,
    severity="error",
    remediation="Probe the container's own port, at a path that it serves, and a program on 127.0.0.1 by a command.",
    spec=SPEC,
)
def probes_reach_their_container(rendering: Rendering) -> Iterator[Check]:
    """Each probe asks its own container, at a port where it listens and a path that it answers.

    A probe that asks a neighbour, or nobody, restarts a healthy container until the rollout fails. The kubelet calls
    from outside of the pod: lightspeed-core, which listens on 127.0.0.1, can only be asked by a command.
    """
    for found in containers(after_hooks(rendering), init=False):
        for probe in PROBES:
            if (found / probe).is_there:
                yield from _probe_checks(found, found / probe)


probes_reach_their_container.breaks(
    "all_on",
    location_is_asked_at_the_port_of_backstage=put(HUB, f"{LOCATION}.livenessProbe.httpGet.port", 7007),
    llama_stack_is_asked_at_an_old_path=put(HUB, f"{LLAMA_STACK}.startupProbe.httpGet.path", "/health"),
    the_command_asks_a_neighbour=reworded(HUB, f"{STORAGE_REST}.livenessProbe.exec.command[-1]", "7070", "9090"),
)
probes_reach_their_container.breaks(
    "lightspeed+sidecars",
    lightspeed_core_is_asked_from_outside=put(
        HUB, f"{CORE}.livenessProbe", {"httpGet": {"path": "/liveness", "port": 8080}}
    ),
)


@policy(
    where=sidecars_on,
    severity="error",
    remediation="Take POD_IP and POD_NAMESPACE from the pod's fields, and leave out STORAGE_URL and BRIDGE_URL.",
    spec=SPEC,
)
def bridge_containers_find_each_other(rendering: Rendering) -> Iterator[Check]:
    """The three sidecars of the model catalog reach each other in the pod, and speak the same format.

    Without a URL they call `http://$POD_IP:7070` and `:9090`; normalizer and location must agree on the format.
    """
    backstage = after_hooks(rendering)
    for name in BRIDGE:
        env = container(backstage, name) / "env"
        yield equals(env.place("POD_IP.valueFrom.fieldRef.fieldPath"), "status.podIP")
        yield equals(env.place("POD_NAMESPACE.valueFrom.fieldRef.fieldPath"), "metadata.namespace")
        yield equals(env.place("NORMALIZER_FORMAT.value"), "JsonArrayFormat")
        yield missing(env / "STORAGE_URL")
        yield missing(env / "BRIDGE_URL")
    yield equals(container(backstage, "storage-rest").place("env[STORAGE_TYPE].value"), "ConfigMap")


bridge_containers_find_each_other.breaks(
    "all_on",
    the_normalizer_does_not_know_its_pod=gone(HUB, f"{NORMALIZER}.env[POD_IP]"),
    the_normalizer_writes_another_format=put(
        HUB, f"{NORMALIZER}.env[NORMALIZER_FORMAT].value", "CatalogInfoYamlFormat"
    ),
)


@policy(
    where=master_on,
    severity="error",
    remediation="Write the ports of the sidecars into the plugins' pluginConfig in values.yaml.",
    spec="Plugin Configuration",
)
def plugins_point_at_the_sidecars(rendering: Rendering) -> Iterator[Check]:
    """The plugins call the sidecars at the ports where these listen.

    The model catalog reads from location, its documentation from all three, and the chat from lightspeed-core.
    """
    there = installed_plugins(rendering)
    catalog = listed_once(there, MODEL_CATALOG).place("pluginConfig.catalog.providers.modelCatalog.development.baseUrl")
    wanted = [f"http://{host}:{PORTS['location']}" for host in LOCAL_HOSTS]
    yield states(catalog, catalog.value in wanted, expected=wanted[0])

    allowed = listed_once(there, TECHDOC_READER).place("pluginConfig.backend.reading.allow")
    hosts = [entry.at("host") for entry in allowed.maps()]
    for name in BRIDGE:
        host = f"localhost:{PORTS[name]}"
        yield states(allowed, host in hosts, expected=f"{host}, which is {name}", actual=hosts)

    port = listed_once(there, CHAT_BACKEND).place("pluginConfig.lightspeed.servicePort")
    yield compares(port, port.value or PORTS["lightspeed-core"], PORTS["lightspeed-core"])


plugins_point_at_the_sidecars.breaks(
    "lightspeed",
    the_catalog_asks_storage_for_models=put(
        INSTALLED,
        f"{ENTRY[MODEL_CATALOG]}.pluginConfig.catalog.providers.modelCatalog.development.baseUrl",
        "http://localhost:7070",
    ),
)
plugins_point_at_the_sidecars.breaks(
    "all_on",
    the_chat_calls_another_port=put(INSTALLED, f"{ENTRY[CHAT_BACKEND]}.pluginConfig.lightspeed.servicePort", 8090),
)
plugins_point_at_the_sidecars.breaks(
    "mix_01",  # of the release `a`
    the_documentation_of_models_may_not_be_read=put(
        "ConfigMap a-dynamic-plugins",
        f"{ENTRY[TECHDOC_READER]}.pluginConfig.backend.reading.allow",
        [{"host": "localhost:9090"}, {"host": "localhost:8888"}],
    ),
)


def _ports(found: Container) -> dict[int, Place[Resource]]:
    """Give where a container listens, and what says so: what it declares, and the arguments of rhoai-normalizer."""
    declared = [entry.at("containerPort") for entry in (found / "ports").maps()]
    ports = {port: found / "ports" for port in declared if isinstance(port, int)}
    if found.name == "rhoai-normalizer":
        given = [METRICS.fullmatch(argument) for argument in texts_in(found.at("args"))]
        metrics = [int(match[1]) for match in given if match] or [METRICS_DEFAULT]
        ports = dict.fromkeys(metrics, found / "args") | ports
    return dict(sorted(ports.items()))


def _probe_checks(found: Container, probe: Place[Resource]) -> Iterator[Check]:
    own = PORTS.get(found.name)
    for kind in ("httpGet", "tcpSocket", "grpc"):
        asked = probe / kind
        if asked.is_there:
            port = asked / "port"
            yield compares(port, port_of(found, port.value), own)
            from_outside = found.name != "lightspeed-core"
            yield states(probe, from_outside, expected="a command, in the container", actual=kind)
    path = probe.place("httpGet.path")
    if path.is_there:
        answers = ANSWERS.get(found.name, ())
        yield states(path, path.value in answers, expected=" or ".join(answers))
    command = probe.place("exec.command")
    for port in re.findall(rf"(?:{'|'.join(LOCAL_HOSTS)})[:/](\d+)", " ".join(texts_in(command.value))):
        yield compares(command, int(port), own)
