"""The configuration of lightspeed-core: in the form that its image reads, and pointing at what is really there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from chartgate.documents.addresses import ABSENT, join, lookup
from chartgate.documents.shapes import maps_in
from chartgate.documents.walking import strings
from chartgate.kubernetes.contents import yaml_inside
from chartgate.kubernetes.pods.volume_mounts import config_file, mount_at
from chartgate.kubernetes.pods.workloads import container
from chartgate.model import Check, Rendering, Resource
from chartgate.policy.checks import compares, states
from chartgate.policy.policy import policy
from chartgate.policy.reference_checks import source_checks

from .spec.backstage import BACKSTAGE, LOCAL_HOSTS, PORTS, after_hooks
from .spec.switches import master_on, sidecars_on

FILE = "data[lightspeed-stack.yaml]"
READ_AT = "/app-root/lightspeed-stack.yaml"
MCP_PATH = "/api/mcp-actions/v1"


def _keys(names: str) -> dict[str, Any]:
    return dict.fromkeys(names.split())


_SQLITE = _keys("db_path")
_POSTGRES = _keys("host port db user password namespace ssl_mode gss_encmode ca_cert_path")
_ROLE_RULES = [_keys("jsonpath operator negate value roles")]
_JWT = {**_keys("user_id_claim username_claim"), "role_rules": _ROLE_RULES}
# What lightspeed-stack dev-20251021-ee9f08f reads; each of its models forbids any other key, and it does not start.
# Source: https://github.com/lightspeed-core/lightspeed-stack/blob/ee9f08f/src/models/config.py
KNOWN = {
    "name": None,
    "service": {
        **_keys("host port auth_enabled workers color_log access_log"),
        "tls_config": _keys("tls_certificate_path tls_key_path tls_key_password"),
        "cors": _keys("allow_origins allow_credentials allow_methods allow_headers"),
    },
    "llama_stack": _keys("url api_key use_as_library_client library_client_config_path"),
    "user_data_collection": _keys("feedback_enabled feedback_storage transcripts_enabled transcripts_storage"),
    "database": {"sqlite": _SQLITE, "postgres": _POSTGRES},
    "mcp_servers": [_keys("name provider_id url")],
    "authentication": {
        **_keys("module skip_tls_verification k8s_cluster_api k8s_ca_cert_path"),
        "jwk_config": {"url": None, "jwt_configuration": _JWT},
    },
    "authorization": {"access_rules": [_keys("role actions")]},
    "customization": _keys("profile_path disable_query_system_prompt system_prompt_path system_prompt"),
    "inference": _keys("default_model default_provider"),
    "conversation_cache": {
        "type": None,
        "memory": _keys("max_entries"),
        "sqlite": _SQLITE,
        "postgres": _POSTGRES,
    },
    "byok_rag": [_keys("rag_id rag_type embedding_model embedding_dimension vector_db_id db_path")],
    "quota_handlers": {
        "sqlite": _SQLITE,
        "postgres": _POSTGRES,
        "limiters": [_keys("type name initial_quota quota_increase period")],
        "scheduler": _keys("period"),
        "enable_token_history": None,
    },
}
REQUIRED = ("name", "service", "llama_stack", "user_data_collection")


def stack_config(rendering: Rendering) -> Resource:
    """Give the ConfigMap with lightspeed-core's configuration.

    Raises:
        Missing: it is not rendered.
    """
    return rendering.resources.one("ConfigMap", "lightspeed-stack", rendering.scenario.namespace)


@policy(
    where=master_on,
    severity="error",
    remediation="Keep lightspeed-stack.yaml to the keys of the tag in sidecars.lightspeedCoreImage.",
    spec="2. Sidecar Containers",
)
def stack_config_fits_its_image(rendering: Rendering) -> Iterator[Check]:
    """The file lightspeed-stack.yaml has the keys that the pinned lightspeed-core asks for, and none that it refuses.

    It forbids unknown keys: one copied from the documentation of a newer release keeps it from starting.
    """
    source = stack_config(rendering)
    config = yaml_inside(source, FILE)
    for address in REQUIRED:
        actual = lookup(config, address)
        yield states(source, f"{FILE} {address}", actual is not ABSENT, expected="any value", actual=actual)
    for address, known in _known(config, KNOWN, ""):
        expected = "a key that lightspeed-stack dev-20251021-ee9f08f knows"
        yield states(source, f"{FILE} {address}", known, expected=expected, actual=lookup(config, address))
    cache = lookup(config, "conversation_cache")
    if isinstance(cache, dict):
        expected_blocks = sorted({str(cache.get("type"))} - {"None", "noop"})
        yield compares(source, f"{FILE} conversation_cache", sorted(set(cache) - {"type"}), expected_blocks)


@stack_config_fits_its_image.counterexample("all_on")
def a_key_of_a_newer_release(rendering: Rendering) -> Rendering:
    server = "provider_id: model-context-protocol\n"
    return _in_config(rendering, server, f"{server}    authorization_headers: {{}}\n")


@stack_config_fits_its_image.counterexample("lightspeed")
def feedback_is_not_configured(rendering: Rendering) -> Rendering:
    return _in_config(rendering, "user_data_collection:\n", "transcripts:\n")


@stack_config_fits_its_image.counterexample("lightspeed")
def the_cache_is_configured_for_another_type(rendering: Rendering) -> Rendering:
    return _in_config(rendering, "  type: sqlite\n", "  type: postgres\n")


@policy(
    where=master_on,
    severity="error",
    remediation="Write the port at which the neighbour listens, and a host name that leads to it.",
    spec="Architecture",
)
def stack_config_points_at_its_neighbours(rendering: Rendering) -> Iterator[Check]:
    """The configuration calls llama-stack and Backstage where they listen, and listens where the plugin calls.

    The containers of a pod reach each other as localhost; the plugin calls the port 8080 unless it is told another.
    """
    source = stack_config(rendering)
    config = yaml_inside(source, FILE)
    llama = lookup(config, "llama_stack.url")
    expected = f"http://localhost:{PORTS['llama-stack']}"
    passed = _endpoint(llama) in {(host, PORTS["llama-stack"], "") for host in LOCAL_HOSTS}
    yield states(source, f"{FILE} llama_stack.url", passed, expected=expected, actual=llama)
    library = lookup(config, "llama_stack.use_as_library_client") or False
    yield compares(source, f"{FILE} llama_stack.use_as_library_client", library, False)

    service = f"{BACKSTAGE}.{rendering.scenario.namespace}.svc"
    hosts = (*LOCAL_HOSTS, service, f"{service}.cluster.local")
    for index, server in enumerate(maps_in(lookup(config, "mcp_servers")) or [{}]):
        url = lookup(server, "url")
        passed = _endpoint(url) in {(host, PORTS[BACKSTAGE], MCP_PATH) for host in hosts}
        expected = f"http://localhost:{PORTS[BACKSTAGE]}{MCP_PATH}"
        yield states(source, f"{FILE} mcp_servers[{index}].url", passed, expected=expected, actual=url)
    port = lookup(config, "service.port")
    yield compares(source, f"{FILE} service.port", port or PORTS["lightspeed-core"], PORTS["lightspeed-core"])


@stack_config_points_at_its_neighbours.counterexample("all_on")
def llama_stack_is_sought_elsewhere(rendering: Rendering) -> Rendering:
    return _in_config(rendering, "localhost:8321", "localhost:8080")


@stack_config_points_at_its_neighbours.counterexample("all_on")
def llama_stack_has_no_host_of_its_own(rendering: Rendering) -> Rendering:
    return _in_config(rendering, "localhost:8321", "llama-stack:8321")


@stack_config_points_at_its_neighbours.counterexample("lightspeed")
def the_mcp_server_is_the_plugin_of_another_port(rendering: Rendering) -> Rendering:
    return _in_config(rendering, "localhost:7007", "localhost:3000")


@stack_config_points_at_its_neighbours.counterexample("mix_02")
def the_mcp_server_is_in_another_namespace(rendering: Rendering) -> Rendering:
    return _in_config(rendering, "localhost:7007", "backstage-backend.backstage.svc:7007")


@stack_config_points_at_its_neighbours.counterexample("all_on")
def it_listens_where_nobody_calls(rendering: Rendering) -> Rendering:
    return _in_config(rendering, "port: 8080", "port: 8090")


@policy(
    where=master_on,
    severity="error",
    remediation="Set service.host to 127.0.0.1, or authentication.module to one that authenticates.",
    spec="Architecture",
)
def lightspeed_core_is_open_to_its_pod_only(rendering: Rendering) -> Iterator[Check]:
    """Unless it authenticates its callers, lightspeed-core listens on the loopback address only.

    Its plugin calls from the same pod; on any other address the whole cluster could ask the LLM.
    """
    source = stack_config(rendering)
    config = yaml_inside(source, FILE)
    if lookup(config, "authentication.module") in (ABSENT, "noop", "noop-with-token"):
        host = lookup(config, "service.host")
        passed = host in (ABSENT, *LOCAL_HOSTS)
        yield states(source, f"{FILE} service.host", passed, expected="127.0.0.1 or localhost", actual=host)


@lightspeed_core_is_open_to_its_pod_only.counterexample("lightspeed")
def it_listens_everywhere(rendering: Rendering) -> Rendering:
    return _in_config(rendering, "host: 127.0.0.1", "host: 0.0.0.0")


@policy(
    where=sidecars_on,
    severity="error",
    remediation=f"Mount the key lightspeed-stack.yaml of the ConfigMap lightspeed-stack at {READ_AT}.",
    spec="2. Sidecar Containers",
)
def stack_config_is_where_it_is_read(rendering: Rendering) -> Iterator[Check]:
    """The container lightspeed-core finds its configuration at the path where its image reads it."""
    core = container(after_hooks(rendering), "lightspeed-core")
    yield states(
        core.resource,
        f"{core.address}.volumeMounts",
        config_file(core, READ_AT) == "lightspeed-stack.yaml of lightspeed-stack",
        expected=f"the key lightspeed-stack.yaml of the ConfigMap lightspeed-stack at {READ_AT}",
        actual=config_file(core, READ_AT) or str(mount_at(core, READ_AT) or "what the image has there"),
    )


@stack_config_is_where_it_is_read.counterexample("all_on")
def it_lies_in_another_folder(rendering: Rendering) -> Rendering:
    core = container(after_hooks(rendering), "lightspeed-core")
    core.at("volumeMounts[lightspeed-stack]")["mountPath"] = "/app/lightspeed-stack.yaml"
    return rendering


@stack_config_is_where_it_is_read.counterexample("all_on")
def it_is_another_config_map(rendering: Rendering) -> Rendering:
    after_hooks(rendering).at("spec.template.spec.volumes[lightspeed-stack]")["configMap"] = {"name": "lightspeed"}
    return rendering


@policy(
    where=sidecars_on,
    severity="error",
    remediation="Set the variable on the container lightspeed-core, or give it a default: ${env.NAME:=default}.",
    spec="2. Sidecar Containers",
)
def stack_config_resolves(rendering: Rendering) -> Iterator[Check]:
    """Every `${env.NAME}` in lightspeed-stack.yaml has a default, or a source on lightspeed-core that is rendered.

    lightspeed-core does not start when it reads a variable that is not set, or that is empty.
    """
    source = stack_config(rendering)
    core = container(after_hooks(rendering), "lightspeed-core")
    for keys, value in strings(yaml_inside(source, FILE)):
        for variable, default in re.findall(r"\$\{env\.(\w+)(:[=+][^}]*)?\}", value):
            if not default:
                yield from source_checks(rendering, core, variable, source, f"{FILE} {join(*keys)}")


@stack_config_resolves.counterexample("lightspeed+postgres+sidecars")
def a_variable_that_nobody_sets(rendering: Rendering) -> Rendering:
    return _in_config(rendering, "${env.PGDATABASE}", "${env.PGDATABASE_NAME}")


@stack_config_resolves.counterexample("lightspeed+postgres+sidecars")
def its_secret_is_not_rendered(rendering: Rendering) -> Rendering:
    namespace = rendering.scenario.namespace
    rendering.resources.remove(rendering.resources.one("Secret", "lightspeed-postgres-info", namespace))
    return rendering


def _known(value: Any, known: Any, above: str) -> Iterator[tuple[str, bool]]:
    """Give the address of every key, and whether it is one of the known ones."""
    if isinstance(value, list) and isinstance(known, list):
        for index, item in enumerate(value):
            yield from _known(item, known[0], f"{above}[{index}]")
    elif isinstance(value, dict) and isinstance(known, dict):
        for key, child in value.items():
            address = f"{above}.{key}" if above else str(key)
            yield address, key in known
            yield from _known(child, known.get(key), address)


def _endpoint(url: Any) -> tuple[str | None, int | None, str]:
    """Give host, port and path of a http URL."""
    try:
        parts = urlsplit(str(url))
        return (parts.hostname, parts.port, parts.path.rstrip("/")) if parts.scheme == "http" else (None, None, "")
    except ValueError:
        return None, None, ""


def _in_config(rendering: Rendering, old: str, new: str) -> Rendering:
    data = stack_config(rendering).at("data")
    assert old in data["lightspeed-stack.yaml"], f"the configuration has no {old!r}"
    data["lightspeed-stack.yaml"] = data["lightspeed-stack.yaml"].replace(old, new)
    return rendering
