"""The containers of the Backstage pod share one network: who listens where, and who asks whom."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from chartgate.documents.addresses import ABSENT, lookup
from chartgate.documents.shapes import maps_in, texts_in
from chartgate.kubernetes.pods.workloads import Container, container, containers
from chartgate.model import Check, Rendering
from chartgate.policy.checks import compares, equals, missing, states
from chartgate.policy.policy import policy

from .spec.backstage import BACKSTAGE, BRIDGE, LOCAL_HOSTS, PORTS, after_hooks
from .spec.plugin_list import SEVEN, change_plugin, installed_plugins
from .spec.switches import master_on, sidecars_on

SPEC = "2. Sidecar Containers"
PROBES = ("startupProbe", "livenessProbe", "readinessProbe")
# What each program answers. storage-rest and location know no health; rhoai-normalizer serves its metrics only.
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
CHAT_BACKEND, MODEL_CATALOG, TECHDOC_READER = SEVEN[1], SEVEN[5], SEVEN[6]


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
        found = container(backstage, name)
        declared = [entry.get("containerPort") for entry in maps_in(found.at("ports"))]
        yield compares(backstage, f"{found.address}.ports", declared, [port])
    normalizer = container(backstage, "rhoai-normalizer")
    metrics = f"-metrics-address=:{PORTS['rhoai-normalizer']}"
    arguments = texts_in(normalizer.at("args"))
    yield states(backstage, f"{normalizer.address}.args", metrics in arguments, expected=metrics, actual=arguments)


@sidecars_listen_where_they_are_called.counterexample("all_on")
def llama_stack_declares_another_port(rendering: Rendering) -> Rendering:
    _container(rendering, "llama-stack")["ports"][0]["containerPort"] = 8322
    return rendering


@sidecars_listen_where_they_are_called.counterexample("lightspeed+sidecars")
def the_metrics_move(rendering: Rendering) -> Rendering:
    _container(rendering, "rhoai-normalizer")["args"] = ["-metrics-address=:9999"]
    return rendering


@policy(
    where=sidecars_on,
    severity="error",
    remediation="Give one of the two another port; without -metrics-address, rhoai-normalizer takes 8080.",
    spec=SPEC,
)
def no_two_containers_share_a_port(rendering: Rendering) -> Iterator[Check]:
    """No two containers of the pod listen at the same port: the second one would not start."""
    listening = [(found, port) for found in containers(after_hooks(rendering)) for port in _ports(found)]
    for found, port in listening:
        others = [other.name for other, its in listening if its == port and other.name != found.name]
        actual = f"{port}, as {', '.join(others)}" if others else port
        expected = f"a port of {found.name} alone"
        yield states(found.resource, f"{found.address}.ports", not others, expected=expected, actual=actual)


@no_two_containers_share_a_port.counterexample("lightspeed+sidecars")
def the_metrics_take_the_port_of_lightspeed_core(rendering: Rendering) -> Rendering:
    del _container(rendering, "rhoai-normalizer")["args"]
    return rendering


@no_two_containers_share_a_port.counterexample("all_on")
def location_takes_the_port_of_storage(rendering: Rendering) -> Rendering:
    _container(rendering, "location")["ports"][0]["containerPort"] = 7070
    return rendering


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
            if found.at(probe) is not ABSENT:
                yield from _probe_checks(found, probe)


@probes_reach_their_container.counterexample("all_on")
def location_is_asked_at_the_port_of_backstage(rendering: Rendering) -> Rendering:
    _container(rendering, "location")["livenessProbe"]["httpGet"]["port"] = 7007
    return rendering


@probes_reach_their_container.counterexample("all_on")
def llama_stack_is_asked_at_an_old_path(rendering: Rendering) -> Rendering:
    _container(rendering, "llama-stack")["startupProbe"]["httpGet"]["path"] = "/health"
    return rendering


@probes_reach_their_container.counterexample("lightspeed+sidecars")
def lightspeed_core_is_asked_from_outside(rendering: Rendering) -> Rendering:
    probe = {"httpGet": {"path": "/liveness", "port": 8080}}
    _container(rendering, "lightspeed-core")["livenessProbe"] = probe
    return rendering


@probes_reach_their_container.counterexample("all_on")
def the_command_asks_a_neighbour(rendering: Rendering) -> Rendering:
    command = _container(rendering, "storage-rest")["livenessProbe"]["exec"]["command"]
    command[-1] = command[-1].replace("7070", "9090")
    return rendering


@policy(
    where=sidecars_on,
    severity="error",
    remediation="Take POD_IP and POD_NAMESPACE from the pod's fields, and leave out STORAGE_URL and BRIDGE_URL.",
    spec=SPEC,
)
def bridge_containers_find_each_other(rendering: Rendering) -> Iterator[Check]:
    """The three sidecars of the model catalog reach each other in the pod, and speak the same format.

    Without an URL they call `http://$POD_IP:7070` and `:9090`; normalizer and location must agree on the format.
    """
    backstage = after_hooks(rendering)
    for name in BRIDGE:
        env = f"{container(backstage, name).address}.env"
        yield equals(backstage, f"{env}[POD_IP].valueFrom.fieldRef.fieldPath", "status.podIP")
        yield equals(backstage, f"{env}[POD_NAMESPACE].valueFrom.fieldRef.fieldPath", "metadata.namespace")
        yield equals(backstage, f"{env}[NORMALIZER_FORMAT].value", "JsonArrayFormat")
        for variable in ("STORAGE_URL", "BRIDGE_URL"):
            yield missing(backstage, f"{env}[{variable}]")
    storage = container(backstage, "storage-rest").address
    yield equals(backstage, f"{storage}.env[STORAGE_TYPE].value", "ConfigMap")


@bridge_containers_find_each_other.counterexample("all_on")
def the_normalizer_does_not_know_its_pod(rendering: Rendering) -> Rendering:
    env = _container(rendering, "rhoai-normalizer")["env"]
    env[:] = [entry for entry in env if entry["name"] != "POD_IP"]
    return rendering


@bridge_containers_find_each_other.counterexample("all_on")
def the_normalizer_writes_another_format(rendering: Rendering) -> Rendering:
    env = {entry["name"]: entry for entry in _container(rendering, "rhoai-normalizer")["env"]}
    env["NORMALIZER_FORMAT"]["value"] = "CatalogInfoYamlFormat"
    return rendering


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
    catalog = "pluginConfig.catalog.providers.modelCatalog.development.baseUrl"
    wanted = {f"http://{host}:{PORTS['location']}" for host in LOCAL_HOSTS}
    actual = lookup(there.one(MODEL_CATALOG).content, catalog)
    expected = f"http://localhost:{PORTS['location']}"
    yield states(
        there.resource, there.at(MODEL_CATALOG, *catalog.split(".")), actual in wanted, expected=expected, actual=actual
    )

    allowed = lookup(there.one(TECHDOC_READER).content, "pluginConfig.backend.reading.allow")
    hosts = [entry.get("host") for entry in maps_in(allowed)]
    for name in BRIDGE:
        place, host = there.at(TECHDOC_READER, "pluginConfig", "backend", "reading"), f"localhost:{PORTS[name]}"
        yield states(there.resource, place, host in hosts, expected=f"{host}, which is {name}", actual=hosts)

    port = lookup(there.one(CHAT_BACKEND).content, "pluginConfig.lightspeed.servicePort") or PORTS["lightspeed-core"]
    place = there.at(CHAT_BACKEND, "pluginConfig", "lightspeed", "servicePort")
    yield compares(there.resource, place, port, PORTS["lightspeed-core"])


@plugins_point_at_the_sidecars.counterexample("lightspeed")
def the_catalog_asks_storage_for_models(rendering: Rendering) -> Rendering:
    return _configure(rendering, MODEL_CATALOG, ("catalog", "providers", "modelCatalog", "development"), "7070")


@plugins_point_at_the_sidecars.counterexample("all_on")
def the_chat_calls_another_port(rendering: Rendering) -> Rendering:
    servers = [{"name": "mcp-integration-tools", "token": "${MCP_TOKEN:-unset}"}]
    config = {"lightspeed": {"servicePort": 8090, "mcpServers": servers}}
    return change_plugin(rendering, CHAT_BACKEND, pluginConfig=config)


@plugins_point_at_the_sidecars.counterexample("mix_01")
def the_documentation_of_models_may_not_be_read(rendering: Rendering) -> Rendering:
    config = {"backend": {"reading": {"allow": [{"host": "localhost:9090"}, {"host": "localhost:8888"}]}}}
    return change_plugin(rendering, TECHDOC_READER, pluginConfig=config)


def _ports(found: Container) -> list[int]:
    """Give where a container listens: what it declares, and the metrics of rhoai-normalizer."""
    ports = [entry.get("containerPort") for entry in maps_in(found.at("ports"))]
    if found.name == "rhoai-normalizer":
        given = [METRICS.fullmatch(argument) for argument in texts_in(found.at("args"))]
        ports += [int(match[1]) for match in given if match] or [METRICS_DEFAULT]
    return sorted({port for port in ports if isinstance(port, int)})


def _probe_checks(found: Container, probe: str) -> Iterator[Check]:
    backstage, address = found.resource, f"{found.address}.{probe}"
    own = PORTS.get(found.name)
    for kind in ("httpGet", "tcpSocket", "grpc"):
        asked = found.at(f"{probe}.{kind}")
        if asked is not ABSENT:
            named = {str(entry.get("name")): entry.get("containerPort") for entry in maps_in(found.at("ports"))}
            port = named.get(str(lookup(asked, "port")), lookup(asked, "port"))
            yield compares(backstage, f"{address}.{kind}.port", port, own)
            from_outside = found.name != "lightspeed-core"
            yield states(backstage, address, from_outside, expected="a command, in the container", actual=kind)
    path = found.at(f"{probe}.httpGet.path")
    if path is not ABSENT:
        answers = ANSWERS.get(found.name, ())
        yield states(backstage, f"{address}.httpGet.path", path in answers, expected=" or ".join(answers), actual=path)
    command = " ".join(texts_in(found.at(f"{probe}.exec.command")))
    for port in re.findall(rf"(?:{'|'.join(LOCAL_HOSTS)})[:/](\d+)", command):
        yield compares(backstage, f"{address}.exec.command", int(port), own)


def _container(rendering: Rendering, name: str) -> dict[str, Any]:
    return container(after_hooks(rendering), name).manifest


def _configure(rendering: Rendering, plugin: str, keys: tuple[str, ...], port: str) -> Rendering:
    config: dict[str, Any] = {"baseUrl": f"http://localhost:{port}"}
    for key in reversed(keys):
        config = {key: config}
    return change_plugin(rendering, plugin, pluginConfig=config)
