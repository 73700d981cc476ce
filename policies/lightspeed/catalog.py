"""The model catalog: the account that reads the cluster for it, and who acts as that account."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.kubernetes.permissions import (
    bindings_of,
    covered,
    granted_by,
    on,
    role_reference,
    service_account,
    without_repetition,
)
from chartgate.kubernetes.pods.workloads import containers, pod_spec
from chartgate.model import Check, Rendering, Resource, Scenario
from chartgate.policy.checks import equals, rendered, states
from chartgate.policy.edits import added, append, gone, put
from chartgate.policy.policy import policy

from .spec.backstage import (
    BRIDGE,
    EVERYBODY,
    HUB,
    LLAMA_STACK,
    LOCATION,
    NORMALIZER,
    POD,
    after_hooks,
    cluster_name,
    hub_account,
)
from .spec.switches import catalog_on, database_namespace, master_on, sidecars_on

ACCOUNT = "rhdh-rhoai-bridge"
TOKEN = "rhdh-rhoai-bridge-token"  # noqa: S105 - a name
REGISTRY_ROLE = "registry-user-modelregistry-public"
STORE = "bac-import-model"
SPEC = "Core Templates"
TOKEN_OF = "metadata.annotations[kubernetes.io/service-account.name]"  # noqa: S105 - an address

CLUSTER_NAME = f"cluster-config-rhdh-helm.backstage.{ACCOUNT}"
"""How what is outside of the release's namespace is called in most scenarios."""
CLUSTER_ROLE, CLUSTER_BINDING = f"ClusterRole {CLUSTER_NAME}", f"ClusterRoleBinding {CLUSTER_NAME}"
REGISTRY_BINDING = f"RoleBinding rhoai-model-registries/{CLUSTER_NAME}"

# What the programs of the bridge ask for. Source: https://github.com/redhat-ai-dev/model-catalog-bridge,
# pkg/cmd/server (NewControllerManager, setupKFMR, GetBackstageURL, ConfigMapBridgeStorage).
CLUSTER_NEEDS = [
    *on("apiextensions.k8s.io", "customresourcedefinitions", "get", "inferenceservices.serving.kserve.io"),
    *on("serving.kserve.io", "inferenceservices", "get list watch"),
    *on("route.openshift.io", "routes", "get list"),
]
STORE_NEEDS = [*on("", "configmaps", "create"), *on("", "configmaps", "get update", STORE)]
# The most that the bridge's own project grants it.
CLUSTER_MOST = [
    *on("apiextensions.k8s.io", "customresourcedefinitions", "get"),
    *on("serving.kserve.io", "inferenceservices", "get list watch"),
    *on("route.openshift.io", "routes", "get list watch"),
    *on("", "serviceaccounts", "get list watch"),
    *on("", "services", "get list watch"),
]
STORE_MOST = on("", "configmaps", "get list watch create update patch")


def bridge_runs(scenario: Scenario) -> bool:
    """The sidecars of the model catalog are injected, and have their account."""
    return catalog_on(scenario) and sidecars_on(scenario)


@policy(
    where=catalog_on,
    severity="error",
    remediation="Grant the account rhdh-rhoai-bridge what the bridge asks for: cluster-wide only to read, and"
    " ConfigMaps in the release's namespace.",
    spec=SPEC,
)
def model_catalog_rbac(rendering: Rendering) -> Iterator[Check]:
    """The model catalog's account may do in the cluster and in its namespace what the bridge does there, and no more.

    It is a token in the environment of three containers: whoever gets into one of them may do the same.
    """
    namespace = rendering.scenario.namespace
    yield rendered(rendering, "ServiceAccount", ACCOUNT, namespace)
    token = rendering.resources.one("Secret", TOKEN, namespace)
    yield equals(token / "type", "kubernetes.io/service-account-token")
    yield equals(token.place(TOKEN_OF), ACCOUNT)
    for kind, needed, most in (
        ("ClusterRole", CLUSTER_NEEDS, CLUSTER_MOST),
        ("Role", STORE_NEEDS, STORE_MOST),
    ):
        role = _role_of(rendering, kind)
        granted = granted_by(role)
        for permission in needed:
            actual = "; ".join(map(str, granted)) or "nothing"
            yield states(role / "rules", covered(permission, granted), expected=str(permission), actual=actual)
        for permission in without_repetition(granted):
            allowed = covered(permission, most)
            expected = str(permission) if allowed else "nothing that the bridge does not ask for"
            yield states(role / "rules", allowed, expected=expected, actual=str(permission))
        binding = rendering.resources.one(f"{kind}Binding", role.name, role.namespace)
        yield equals(binding / "roleRef", role_reference(kind, role.name))
        accounts = [ACCOUNT] if kind == "ClusterRole" else list(dict.fromkeys([ACCOUNT, _writer(rendering.scenario)]))
        yield equals(binding / "subjects", [service_account(account, namespace) for account in accounts])


model_catalog_rbac.breaks(
    "lightspeed+catalog",
    its_account_is_not_made=gone(f"ServiceAccount {ACCOUNT}"),
    its_token_is_another_accounts=put(f"Secret {TOKEN}", TOKEN_OF, "default"),
)
model_catalog_rbac.breaks(
    "all_on",
    it_may_patch_deployments_everywhere=append(
        CLUSTER_ROLE,
        "rules",
        {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get", "list", "watch", "patch"]},
    ),
    it_may_not_list_models=gone(CLUSTER_ROLE, "rules[1]"),  # on inferenceservices
    it_may_not_create_its_store=gone(f"Role {ACCOUNT}", "rules[0]"),  # create
    everybody_may_do_the_same=append(CLUSTER_BINDING, "subjects", EVERYBODY),
)


@policy(
    where=bridge_runs,
    severity="error",
    remediation="Give rhdh-rhoai-bridge-token as envFrom, without a prefix, to the three sidecars of the bridge only.",
    spec=SPEC,
)
def bridge_containers_have_the_token(rendering: Rendering) -> Iterator[Check]:
    """The three sidecars of the model catalog, and no other container, get the token of its account.

    They read variables that are literally named `token` and `ca.crt`, which are the keys of such a Secret.
    """
    for found in containers(after_hooks(rendering)):
        sources = found / "envFrom"
        tokens = [source for source in sources.maps() if source.at("secretRef.name") == TOKEN]
        wanted = found.name in BRIDGE
        passed = [bool(source.map.get("prefix")) for source in tokens] == [False] * wanted
        expected = f"{TOKEN}, without a prefix" if wanted else f"anything but {TOKEN}"
        yield states(sources, passed, expected=expected)


bridge_containers_have_the_token.breaks(
    "all_on",
    the_normalizer_has_none=gone(HUB, f"{NORMALIZER}.envFrom"),
    its_variables_have_a_prefix=put(HUB, f"{LOCATION}.envFrom[0].prefix", "BRIDGE_"),
    llama_stack_has_it_too=append(HUB, f"{LLAMA_STACK}.envFrom", {"secretRef": {"name": TOKEN}}),
)


@policy(
    where=bridge_runs,
    severity="error",
    remediation="Mount no token into the pod, or make its account a subject of the RoleBinding rhdh-rhoai-bridge.",
    spec=SPEC,
)
def storage_rest_may_write_its_store(rendering: Rendering) -> Iterator[Check]:
    """The account that storage-rest acts as may keep the models in the ConfigMap bac-import-model.

    storage-rest prefers the token of the pod's account, where one is mounted, to the one in its environment, and only
    logs that it may not write.
    """
    pod, scenario = pod_spec(after_hooks(rendering)), rendering.scenario
    account = _writer(scenario)
    yield equals(pod / "automountServiceAccountToken", account != ACCOUNT)
    yield equals(pod / "serviceAccountName", hub_account(scenario))
    binding = rendering.resources.one("RoleBinding", ACCOUNT, scenario.namespace)
    bound = binding.identity in bindings_of(rendering.resources, account, scenario.namespace).identities()
    yield states(binding / "subjects", bound, expected=f"the account {account}")


storage_rest_may_write_its_store.breaks(
    "all_on",
    a_token_is_mounted_nevertheless=put(HUB, f"{POD}.automountServiceAccountToken", True),
)
storage_rest_may_write_its_store.breaks(
    "hub_account",
    the_account_of_the_pod_may_not=put(f"RoleBinding {ACCOUNT}", "subjects", [service_account(ACCOUNT, "backstage")]),
)


@policy(
    where=master_on,
    severity="error",
    remediation="Render the RoleBinding in modelCatalog.registryNamespace exactly when that is set.",
    spec=SPEC,
)
def registry_is_read_only_where_it_is_named(rendering: Rendering) -> Iterator[Check]:
    """The account gets the registry's Role in modelCatalog.registryNamespace, and nothing where none is named.

    A binding in a namespace that does not exist keeps the whole application from syncing.
    """
    scenario = rendering.scenario
    registry = str(scenario.value("modelCatalog.registryNamespace")) if catalog_on(scenario) else ""
    namespaces = (scenario.namespace, database_namespace(scenario), registry)
    for binding in rendering.resources.of_kind("RoleBinding"):
        place, expected = binding.place(""), "no binding in a namespace that the values do not name"
        yield states(place, binding.namespace in namespaces, expected=expected, actual=binding.namespace)
    if registry:
        binding = rendering.resources.one("RoleBinding", cluster_name(scenario, ACCOUNT), registry)
        yield equals(binding / "roleRef", role_reference("Role", REGISTRY_ROLE))
        yield equals(binding / "subjects", [service_account(ACCOUNT, scenario.namespace)])


registry_is_read_only_where_it_is_named.breaks(
    "lightspeed+catalog",
    it_is_read_by_default=added("""
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: {name: registry, namespace: rhoai-model-registries}
    """),
)
registry_is_read_only_where_it_is_named.breaks(
    "model_registry",
    it_is_read_by_nobody=gone(REGISTRY_BINDING),
    it_is_read_by_the_whole_namespace=put(
        REGISTRY_BINDING, "subjects", [{**EVERYBODY, "name": "system:serviceaccounts:backstage"}]
    ),
)


def _role_of(rendering: Rendering, kind: str) -> Resource:
    scenario = rendering.scenario
    if kind == "Role":
        return rendering.resources.one("Role", ACCOUNT, scenario.namespace)
    return rendering.resources.one("ClusterRole", cluster_name(scenario, ACCOUNT))


def _writer(scenario: Scenario) -> str:
    """Give the account that storage-rest acts as: the pod's own where its token is mounted, else the bridge's."""
    mounted = scenario.value("redhat-developer-hub.upstream.serviceAccount.automountServiceAccountToken")
    return hub_account(scenario) if mounted else ACCOUNT
