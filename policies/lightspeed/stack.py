"""The configuration of lightspeed-core: in the form that its image reads, and pointing at what is really there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from chartgate.documents.addresses import ABSENT, join
from chartgate.documents.places import Place
from chartgate.documents.walking import strings
from chartgate.kubernetes.contents import yaml_inside
from chartgate.kubernetes.pods.volume_mounts import config_file, config_key, mount_at
from chartgate.model import Check, Rendering, Resource
from chartgate.policy.checks import compares, exists, states
from chartgate.policy.edits import gone, put, reworded
from chartgate.policy.policy import policy
from chartgate.policy.reference_checks import source_checks

from .spec.backstage import BACKSTAGE, CORE, HUB, LOCAL_HOSTS, POD, PORTS, hub_container
from .spec.switches import master_on, sidecars_on

STACK = "ConfigMap lightspeed-stack"
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


def stack_file(rendering: Rendering) -> Place[Resource]:
    """Give what lightspeed-stack.yaml in that ConfigMap says.

    Raises:
        Missing: it is not rendered, or it is not YAML.
    """
    return yaml_inside(stack_config(rendering).place(FILE))


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
    config = stack_file(rendering)
    for key in REQUIRED:
        yield exists(config / key)
    for place, is_known in _keys_in(config, KNOWN):
        yield states(place, is_known, expected="a key that lightspeed-stack dev-20251021-ee9f08f knows")
    cache = config / "conversation_cache"
    if cache.is_map:
        expected_blocks = sorted({str(cache.map.get("type"))} - {"None", "noop"})
        yield compares(cache, sorted(set(cache.map) - {"type"}), expected_blocks)


stack_config_fits_its_image.breaks(
    "all_on",
    a_key_of_a_newer_release=reworded(
        STACK,
        FILE,
        "provider_id: model-context-protocol\n",
        "provider_id: model-context-protocol\n    authorization_headers: {}\n",
    ),
)
stack_config_fits_its_image.breaks(
    "lightspeed",
    feedback_is_not_configured=reworded(STACK, FILE, "user_data_collection:\n", "transcripts:\n"),
    the_cache_is_configured_for_another_type=reworded(STACK, FILE, "  type: sqlite\n", "  type: postgres\n"),
)


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
    config = stack_file(rendering)
    yield _leads_to(config.place("llama_stack.url"), LOCAL_HOSTS, PORTS["llama-stack"])
    library = config.place("llama_stack.use_as_library_client")
    yield compares(library, library.value or False, False)

    service = f"{BACKSTAGE}.{rendering.scenario.namespace}.svc"
    hosts = (*LOCAL_HOSTS, service, f"{service}.cluster.local")
    servers = config / "mcp_servers"
    # One is needed: where none is listed, the first is missing.
    for server in list(servers.maps()) or [servers / "0"]:
        yield _leads_to(server / "url", hosts, PORTS[BACKSTAGE], MCP_PATH)
    port = config.place("service.port")
    yield compares(port, port.value or PORTS["lightspeed-core"], PORTS["lightspeed-core"])


stack_config_points_at_its_neighbours.breaks(
    "all_on",
    llama_stack_is_sought_elsewhere=reworded(STACK, FILE, "localhost:8321", "localhost:8080"),
    llama_stack_has_no_host_of_its_own=reworded(STACK, FILE, "localhost:8321", "llama-stack:8321"),
    it_listens_where_nobody_calls=reworded(STACK, FILE, "port: 8080", "port: 8090"),
)
stack_config_points_at_its_neighbours.breaks(
    "lightspeed",
    the_mcp_server_is_the_plugin_of_another_port=reworded(STACK, FILE, "localhost:7007", "localhost:3000"),
)
stack_config_points_at_its_neighbours.breaks(
    "mix_02",  # in the namespace developer-portal
    the_mcp_server_is_in_another_namespace=reworded(
        STACK, FILE, "localhost:7007", "backstage-backend.backstage.svc:7007"
    ),
)


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
    config = stack_file(rendering)
    if config.at("authentication.module") in (ABSENT, "noop", "noop-with-token"):
        host = config.place("service.host")
        yield states(host, host.value in (ABSENT, *LOCAL_HOSTS), expected="127.0.0.1 or localhost")


lightspeed_core_is_open_to_its_pod_only.breaks(
    "lightspeed",
    it_listens_everywhere=reworded(STACK, FILE, "host: 127.0.0.1", "host: 0.0.0.0"),
)


@policy(
    where=sidecars_on,
    severity="error",
    remediation=f"Mount the key lightspeed-stack.yaml of the ConfigMap lightspeed-stack at {READ_AT}.",
    spec="2. Sidecar Containers",
)
def stack_config_is_where_it_is_read(rendering: Rendering) -> Iterator[Check]:
    """The container lightspeed-core finds its configuration at the path where its image reads it."""
    core = hub_container(rendering, "lightspeed-core")
    yield states(
        core / "volumeMounts",
        config_key(core, READ_AT) == ("lightspeed-stack", "lightspeed-stack.yaml"),
        expected=f"the key lightspeed-stack.yaml of the ConfigMap lightspeed-stack at {READ_AT}",
        actual=config_file(core, READ_AT) or str(mount_at(core, READ_AT) or "what the image has there"),
    )


stack_config_is_where_it_is_read.breaks(
    "all_on",
    it_lies_in_another_folder=put(
        HUB, f"{CORE}.volumeMounts[lightspeed-stack].mountPath", "/app/lightspeed-stack.yaml"
    ),
    it_is_another_config_map=put(HUB, f"{POD}.volumes[lightspeed-stack].configMap", {"name": "lightspeed"}),
)


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
    config, core = stack_file(rendering), hub_container(rendering, "lightspeed-core")
    for keys, value in strings(config.value):
        for variable, default in re.findall(r"\$\{env\.(\w+)(:[=+](?:[^}$]|\$(?!\{env\.))*+)?\}", value):
            if not default:
                yield from source_checks(rendering, core, variable, config.place(join(*keys)))


stack_config_resolves.breaks(
    "lightspeed+postgres+sidecars",
    a_variable_that_nobody_sets=reworded(STACK, FILE, "${env.PGDATABASE}", "${env.PGDATABASE_NAME}"),
    its_secret_is_not_rendered=gone("Secret backstage/lightspeed-postgres-info"),
)


def _keys_in(place: Place[Resource], known: Any) -> Iterator[tuple[Place[Resource], bool]]:
    """Give the place of every key, and whether it is one of the known ones."""
    if isinstance(known, list):
        for item in place:
            yield from _keys_in(item, known[0])
    elif isinstance(known, dict):
        for key, found in place.entries():
            yield found, key in known
            yield from _keys_in(found, known.get(key))


def _leads_to(url: Place[Resource], hosts: tuple[str, ...], port: int, path: str = "") -> Check:
    """Expect an http URL that leads to one of these hosts, at this port and path."""
    try:
        parts = urlsplit(str(url.value))
        there = (parts.scheme, parts.port, parts.path.rstrip("/"))
        passed = there == ("http", port, path) and parts.hostname in hosts
    except ValueError:
        passed = False
    return states(url, passed, expected=f"http://localhost:{port}{path}")
